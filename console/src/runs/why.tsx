// Why a call was decided as it was, computed again from the recorded facts.

import { useExplanation } from "@checkrein/react";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";

import { Part } from "../lists/side.tsx";
import { Badge } from "../parts/basics.tsx";
import { Failed, Reading } from "../parts/notices.tsx";
import { Sentence, Shown } from "../parts/text.tsx";
import { group, stateOf } from "../parts/words.ts";
import { lasting } from "../text/clock.ts";

/** Reasons, requirements and duties. */
export function Why({ call }: { call: string }): ReactNode {
  const why = useExplanation(call);
  if (why.isPending) return <Reading />;
  if (why.data === undefined) return <Failed error={why.error} again={() => void why.refetch()} />;
  const { decision, lines } = why.data;
  return (
    <>
      <Part title="Decision" beside={<Badge tone={stateOf(decision.verdict).tone}>{decision.verdict}, tier {decision.tier}{decision.shadow ? ", shadow" : ""}</Badge>}>
        <ul className="lines">
          {decision.reasons.map((reason, at) => (
            <li key={at}>
              <Badge tone={stateOf(reason.strength).tone}>{reason.strength}</Badge> <Sentence text={reason.text} />
              <br />
              {reason.policy == null ? <small>a rule of the house</small> : (
                <small><Link to="/policies" search={{ file: reason.policy.file }} hash={reason.policy.id}>{reason.policy.id}</Link> {reason.policy.file}:{reason.policy.line}</small>
              )}
            </li>
          ))}
        </ul>
      </Part>
      {decision.requirements.length === 0 ? null : (
        <Part title="People are asked">
          <ul className="lines">
            {decision.requirements.map((one) => <li key={one.id}>{group(one.group)} for <b>{one.id}</b>, within {lasting(one.decide_within_ms)}; an approval holds {lasting(one.execute_within_ms)}</li>)}
          </ul>
        </Part>
      )}
      {decision.duties.length === 0 ? null : (
        <Part title="People are told">
          <ul className="lines">{decision.duties.map((one) => <li key={`${one.kind} ${one.id}`}>{one.kind} for {group(one.group)}: {one.id}</li>)}</ul>
        </Part>
      )}
      <Part title="In words"><pre className="raw mono" tabIndex={0}>{lines.map((line, at) => <span key={at}><Shown text={line} />{"\n"}</span>)}</pre></Part>
      <p className="quiet">Policy version <code>{decision.policy.slice(0, 16)}</code></p>
    </>
  );
}
