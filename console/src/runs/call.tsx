// One call beside its run: how it was decided, what it changed, its plan, the way back, and every entry of it.

import { useCall } from "@checkrein/react";
import type { CallDetails, Entry } from "@checkrein/sdk";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { type ReactNode, useMemo } from "react";

import { Part, Side } from "../lists/side.tsx";
import type { RunSearch } from "../others.ts";
import { Badge, ClassBadge, Fact, Id, StateBadge } from "../parts/basics.tsx";
import { CopyCommand } from "../parts/command.tsx";
import { Choices } from "../parts/fields.tsx";
import { Json } from "../parts/json.tsx";
import { Failed, Reading } from "../parts/notices.tsx";
import { Shown } from "../parts/text.tsx";
import { Ago, Countdown } from "../parts/time.tsx";
import { group, stateOf } from "../parts/words.ts";
import { bytes, lasting, moment } from "../text/clock.ts";
import { CallEntries } from "./entries.tsx";
import { CallPlan } from "./plan.tsx";
import { Stages } from "./stage-list.tsx";
import { UndoCall } from "./undo.tsx";
import { Why } from "./why.tsx";

const PARTS = [
  { value: "call", label: "Call" },
  { value: "plan", label: "Plan" },
  { value: "why", label: "Why" },
  { value: "entries", label: "Entries" },
] as const;

interface CallSideProps {
  call: string;
  /** Entries that were read already; those of the call are taken. */
  entries: readonly Entry[];
  /** What costs are counted in. */
  currency: string | undefined;
  onClose: () => void;
}

/** The panel. */
export function CallSide({ call, entries, currency, onClose }: CallSideProps): ReactNode {
  const { part: asked }: RunSearch = useSearch({ strict: false });
  const navigate = useNavigate();
  const details = useCall(call);
  const own = useMemo(() => entries.filter((entry) => entry.call === call), [entries, call]);
  const part = PARTS.find((one) => one.value === asked)?.value ?? "call";
  const record = details.data?.call;
  const show = (next: string): void => void navigate({ to: ".", search: (before: RunSearch) => ({ ...before, part: next }), replace: true });
  return (
    <Side about={call} onClose={onClose} title={<span className="mono">{record === undefined || record.tool === "" ? "Call" : record.tool}</span>}
      beside={record === undefined ? undefined : <StateBadge state={record.state} />}
      bar={<><Choices label="Part" choices={PARTS} value={part} onChange={show} /><CopyCommand command={`checkrein calls ${part === "why" ? "explain" : "show"} ${call}`} /><Link className="button quiet" to="/incident/$of" params={{ of: call }}>Incident</Link></>}>
      {details.isPending ? <Reading /> : null}
      {details.error !== null && details.data === undefined ? <Failed error={details.error} again={() => void details.refetch()} /> : null}
      {details.data === undefined ? null : part === "plan" ? <CallPlan call={call} /> : part === "why" ? <Why call={call} /> : part === "entries" ? <CallEntries call={call} /> : <About details={details.data} entries={own} currency={currency} />}
    </Side>
  );
}

function About({ details, entries, currency }: { details: CallDetails; entries: readonly Entry[]; currency: string | undefined }): ReactNode {
  const { call, answer, approvals } = details;
  const failure = answer?.error;
  return (
    <>
      <Part title="What happened">
        <dl>
          <Fact name="Call"><Id id={call.call} /></Fact>
          <Fact name="Resource"><code><Shown text={call.resource === "" ? "none" : call.resource} /></code></Fact>
          <Fact name="Executed">{executed(call.executed ?? answer?.executed)}</Fact>
          {call.verdict == null ? null : <Fact name="Decided"><Badge tone={stateOf(call.verdict).tone}>{call.verdict}</Badge> tier {call.tier}</Fact>}
          {call.effect_class === "" ? null : <Fact name="Effect"><ClassBadge effectClass={call.effect_class} /></Fact>}
          <Fact name="Cost">{call.money}{currency === undefined ? "" : ` ${currency}`}{answer == null ? null : <span className="quiet"> · {bytes(answer.cost.read_bytes)} read · {lasting(call.wall_ms)} in the tool</span>}</Fact>
          <Fact name="Arrived"><span title={moment(call.received_ms)}><Ago ms={call.received_ms} /> ago</span></Fact>
          {call.undoes == null ? null : <Fact name="Takes back"><Id id={call.undoes} /></Fact>}
        </dl>
        {failure == null ? null : (
          <div className="said">
            <p><Badge tone="bad"><span className="mono">{failure.code}</span></Badge> <Shown text={failure.message} /></p>
            <p className="quiet">To do: <Shown text={failure.fix} /></p>
          </div>
        )}
        {answer?.warnings.map((warning) => <p key={warning} className="said"><Shown text={warning} /></p>)}
      </Part>
      <Part title="Stages"><Stages call={call} entries={entries} /></Part>
      {approvals.length === 0 ? null : (
        <Part title="People">
          <ul className="lines">
            {approvals.map((one) => (
              <li key={one.approval}>
                <StateBadge state={one.state} /> <Link to="/approvals/$approval" params={{ approval: one.approval }}>{one.requirement}</Link> of {group(one.asked_of)}
                {one.state === "pending" ? <> · <Countdown from={one.asked_ms} until={one.decide_by_ms} /></> : null}
                {one.decided_by == null ? null : <> · {one.decided_by}</>}
                {one.reason == null ? null : <><br /><small><Shown text={one.reason} /></small></>}
              </li>
            ))}
          </ul>
        </Part>
      )}
      {answer == null || answer.effects.length === 0 ? null : (
        <Part title="Effects">
          <ul className="lines">
            {answer.effects.map((effect) => (
              <li key={`${effect.kind} ${effect.resource}`}>
                <Badge tone={effect.observation === "unintended" ? "bad" : "plain"}>{effect.kind}</Badge> <code><Shown text={effect.resource} /></code>{" "}
                <small>{effect.observation.replaceAll("_", " ")}</small>
              </li>
            ))}
          </ul>
        </Part>
      )}
      {call.undo == null ? null : <Part title="The way back"><UndoCall call={call} offer={answer?.undo ?? null} /></Part>}
      {answer?.output == null ? null : <Part title="Output"><Json name="output" value={answer.output} /></Part>}
    </>
  );
}

const EXECUTED: Readonly<Record<string, string>> = { yes: "yes", partly: "partly", no: "no, nothing happened", unknown: "nobody knows yet" };

function executed(word: string | null | undefined): string {
  return word == null ? "not yet" : EXECUTED[word] ?? word;
}
