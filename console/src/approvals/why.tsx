// Why it waits and who decides: the rule that asks with its text, every other reason, who agrees so far, the clocks.

import type { ApprovalDetails } from "@checkrein/sdk";
import type { ReactNode } from "react";

import { Badge, Fact, Id } from "../parts/basics.tsx";
import { Panel } from "../parts/page.tsx";
import { Long, Sentence } from "../parts/text.tsx";
import { Ago, Countdown } from "../parts/time.tsx";
import { group, stateOf } from "../parts/words.ts";
import { lasting, moment } from "../text/clock.ts";
import { Votes } from "./head.tsx";
import type { More } from "./more.ts";
import { PARTS } from "./parts.ts";

/** The reasons. */
export function Why({ details, more }: { details: ApprovalDetails; more: More }): ReactNode {
  const { approval, answer, call } = details;
  const decision = answer?.decision;
  const asks = decision?.requirements.find((each) => each.id === approval.requirement);
  const others = decision?.reasons.filter((reason) => reason.policy?.id !== more.rule.id) ?? [];
  return (
    <Panel title="Why it waits" beside={<span className="mono quiet">{more.rule.id}</span>}>
      <div className="panel-body">
        {more.rule.reason == null ? null : <p className="rule-says"><Sentence text={more.rule.reason} /></p>}
        {more.rule.text == null ? null : (
          <div className="rule-text">
            <h3 className="quiet">The rule{more.rule.owner == null ? "" : `, by ${more.rule.owner}`}</h3>
            <pre><Long text={more.rule.text.trimEnd()} name={PARTS.rule} /></pre>
          </div>
        )}
        <dl>
          <Fact name="Asked of">{group(more.needs.group)}{more.needs.quorum > 1 ? `, ${more.needs.quorum} of them` : ""}{more.needs.assurance === "passkey" ? ", with a passkey" : ""}</Fact>
          {more.needs.quorum > 1 || more.votes.length > 0 ? <Fact name="Votes"><Votes more={more} /></Fact> : null}
          {more.excluded.length === 0 ? null : <Fact name="Not by">{more.excluded.map((each) => <div key={each.name}><b>{each.name}</b> <span className="quiet">{each.because}</span></div>)}</Fact>}
          <Fact name="Decide by">{moment(approval.decide_by_ms)} <span className="quiet">then it is denied</span></Fact>
          {more.needs.escalate == null ? null : <Fact name={more.needs.escalate.done ? "Escalated to" : "Escalates to"}>{group(more.needs.escalate.group)} {more.needs.escalate.done
            ? <><Ago ms={more.needs.escalate.at_ms} /> ago</>
            : <>in <Countdown from={approval.asked_ms} until={more.needs.escalate.at_ms} label="escalates" /> <span className="quiet">if nobody decides</span></>}</Fact>}
          {asks === undefined ? null : <Fact name="Runs within">{lasting(asks.execute_within_ms)} <span className="quiet">of the yes, or not at all</span></Fact>}
          {others.length === 0 ? null : (
            <Fact name="Also">
              <ul className="reasons">
                {others.map((reason) => {
                  const { word, tone } = stateOf(reason.strength);
                  return <li key={`${reason.strength} ${reason.text}`}><Badge tone={tone}>{word}</Badge> <Sentence text={reason.text} /> <span className="mono quiet">{reason.policy?.id}</span></li>;
                })}
              </ul>
            </Fact>
          )}
          <Fact name="Call"><Id id={approval.call} /></Fact>
          {call?.policy == null ? null : <Fact name="Policy"><Id id={call.policy} /></Fact>}
          <Fact name="Bound to"><Id id={approval.binding} /> <span className="quiet">who, contract, arguments, plan</span></Fact>
        </dl>
      </div>
    </Panel>
  );
}
