// What the journal knows beside the request: what the agent offers as evidence, what was asked, and how such calls went before.

import type { ApprovalDetails } from "@checkrein/sdk";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";

import { StateBadge } from "../parts/basics.tsx";
import { Panel } from "../parts/page.tsx";
import { Long, Shown } from "../parts/text.tsx";
import { Ago } from "../parts/time.tsx";
import { shortId } from "../parts/words.ts";
import { count } from "../text/clock.ts";
import type { More } from "./more.ts";
import { remarkName } from "./parts.ts";

/** Evidence, questions and the past. */
export function Around({ more }: { details: ApprovalDetails; more: More }): ReactNode {
  return (
    <>
      {more.evidence.length + more.questions.length === 0 ? null : (
        <Panel title="Evidence and questions">
          <ul className="panel-body said-list">
            {[...more.evidence.map((said) => ({ ...said, is: "evidence" as const })), ...more.questions.map((said) => ({ ...said, is: "question" as const }))]
              .toSorted((one, other) => one.at_ms - other.at_ms)
              .map((said) => <li key={remarkName(said.is, said)}><b>{said.by ?? "the agent"}</b> <span className="quiet">{said.is === "question" ? "asked" : "says"} <Ago ms={said.at_ms} /> ago</span><p><Long text={said.text} name={remarkName(said.is, said)} /></p></li>)}
          </ul>
        </Panel>
      )}
      <Panel title="Such calls before" beside={<span className="quiet">same tool, agent and rule</span>}>
        <div className="panel-body"><Past similar={more.similar} /></div>
      </Panel>
    </>
  );
}

function Past({ similar }: { similar: More["similar"] }): ReactNode {
  if (similar.asked === 0) return <p className="quiet">This is the first one.</p>;
  return (
    <>
      <p>
        {count(similar.asked, "request")}: {similar.approved} approved, {similar.rejected} rejected, {similar.expired} expired, {similar.superseded} superseded.
        {similar.failed > 0 ? <b className="gone"> {count(similar.failed, "approved one")} failed.</b> : null}
      </p>
      <ul className="past">
        {similar.latest.map((one) => (
          <li key={one.approval}>
            <StateBadge state={one.state} />
            <Link to="/approvals/$approval" params={{ approval: one.approval }} className="mono">{shortId(one.approval)}</Link>
            {one.outcome == null ? null : <StateBadge state={one.outcome} />}
            <span className="quiet"><Ago ms={one.asked_ms} /> ago{one.decided_by == null ? null : <>, by {one.decided_by}</>}</span>
            {one.reason == null || one.reason === "" ? null : <span><Shown text={one.reason} /></span>}
          </li>
        ))}
      </ul>
    </>
  );
}
