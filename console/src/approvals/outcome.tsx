// What became of a request: who decided, whether the call ran, what changed, how it can be taken back. Follows the call live.

import { useCall } from "@checkrein/react";
import type { ApprovalDetails, CallDetails } from "@checkrein/sdk";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";

import { Id, StateBadge } from "../parts/basics.tsx";
import { Command } from "../parts/command.tsx";
import { Icon, type IconName } from "../parts/icons.tsx";
import { Panel } from "../parts/page.tsx";
import { Sentence, Shown } from "../parts/text.tsx";
import { Ago, Countdown } from "../parts/time.tsx";
import { stateOf } from "../parts/words.ts";
import { count, lasting } from "../text/clock.ts";
import type { More } from "./more.ts";

type Step = { readonly done: "yes" | "no" | "waits"; readonly text: ReactNode };

/** The end of a request, as far as it came. */
export function Outcome({ details, more }: { details: ApprovalDetails; more: More }): ReactNode {
  const { approval } = details;
  const found = useCall(approval.call);
  const call = found.data?.call ?? details.call;
  return (
    <Panel title="What became of it" beside={<span aria-live="polite">{call == null ? null : <StateBadge state={call.state} />}</span>}>
      <ol className="steps">
        {[decided(details, more), ...ran(details, found.data)].map((step, at) => (
          <li key={at} className={`step ${step.done}`}>
            <Icon name={ICONS[step.done]} size={14} />
            <div>{step.text}</div>
          </li>
        ))}
      </ol>
    </Panel>
  );
}

const ICONS: Readonly<Record<Step["done"], IconName>> = { yes: "check", no: "cross", waits: "clock" };

function decided({ approval }: ApprovalDetails, more: More): Step {
  const said = approval.reason == null || approval.reason === "" ? null : <>: <Shown text={approval.reason} /></>;
  const who = <><b>{approval.decided_by ?? more.votes.at(-1)?.by ?? "somebody"}</b> {approval.decided_ms == null ? null : <span className="quiet"><Ago ms={approval.decided_ms} /> ago</span>}</>;
  if (approval.state === "approved" || approval.state === "used") {
    return { done: "yes", text: <>Approved by {more.votes.length > 1 ? <b>{more.votes.map((vote) => vote.by).join(", ")}</b> : who}{said}</> };
  }
  if (approval.state === "rejected") return { done: "no", text: <>Rejected by {who}{said}. Nothing was executed; the agent was told.</> };
  if (approval.state === "superseded" && more.superseded_by?.approval != null) {
    return { done: "no", text: <>Something moved. <Link to="/approvals/$approval" params={{ approval: more.superseded_by.approval }}>Another request</Link> took its place.</> };
  }
  const why: Readonly<Record<string, string>> = {
    expired: "Nobody decided in time, so it was denied. Nothing was executed.",
    withdrawn: "The agent took it back. Nothing was executed.",
    superseded: "Something that it was bound to moved, so it no longer counts. Nothing was executed.",
  };
  return { done: "no", text: why[approval.state] ?? `It is ${stateOf(approval.state).word}.` };
}

function ran({ approval }: ApprovalDetails, found: CallDetails | undefined): readonly Step[] {
  if (found === undefined || !["approved", "used"].includes(approval.state)) return [];
  const { call, answer } = found;
  if (call.state === "held") {
    if (approval.state !== "approved") return [];
    const until = approval.execute_by_ms == null ? null : <> for <Countdown from={approval.decided_ms ?? approval.asked_ms} until={approval.execute_by_ms} label="run by" /></>;
    return [{ done: "waits", text: <>Runs when its agent asks again{until}. It may also wait for other approvals.</> }];
  }
  if (answer === null || answer === undefined || answer.status === "held") return [{ done: "waits", text: "Under way…" }];
  const ok = call.state === "succeeded";
  const steps: Step[] = [{
    done: ok ? "yes" : "no",
    text: <>{stateOf(call.state).word}: executed {answer.executed}, {count(answer.effects.length, "effect")}, {lasting(call.wall_ms)}{answer.error == null ? null : <><br /><Sentence text={answer.error.message} /></>}</>,
  }];
  const unintended = answer.effects.filter((effect) => effect.observation === "unintended");
  if (unintended.length > 0) steps.push({ done: "no", text: <>{count(unintended.length, "effect")} nobody declared: <Shown text={unintended.map((effect) => effect.resource).join(", ")} /></> });
  if (call.undo === "armed" || answer.undo != null) steps.push({ done: "yes", text: <>It can be taken back: <Command command={`checkrein undo apply ${call.call}`} /></> });
  steps.push({ done: ok ? "yes" : "no", text: <>In the journal as <Id id={call.call} /></> });
  return steps;
}
