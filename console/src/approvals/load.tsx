// Load: how much people are asked, and what it does to them. It is there to ask less often, not to rank anybody: people stand
// by name, and a number that is too large is the policy's, not theirs.

import { useAttention } from "@checkrein/react";
import type { Attention } from "@checkrein/sdk";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { type ReactNode, useMemo } from "react";

import { since, SPANS } from "../lists/since.ts";
import { Badge } from "../parts/basics.tsx";
import { Choices } from "../parts/fields.tsx";
import { Icon } from "../parts/icons.tsx";
import { Measures, type Measure } from "../parts/measures.tsx";
import { Empty, Failed, Reading } from "../parts/notices.tsx";
import { Numbers, One } from "../parts/numbers.tsx";
import { Panel } from "../parts/page.tsx";
import { Sentence, Shown } from "../parts/text.tsx";
import { useNow } from "../parts/time.tsx";
import { group } from "../parts/words.ts";
import { count, lasting } from "../text/clock.ts";
import { Incidents } from "./incidents.tsx";
import { type AgentAttention, byName, type GroupAttention, missed, perHour, type PersonAttention, share } from "./load.ts";
import "./load.css";

/** The part. */
export function Load(): ReactNode {
  const { span = "day" } = useSearch({ from: "/shell/approvals" });
  const navigate = useNavigate();
  const now = useNow(60_000);
  const from = useMemo(() => since(span, now), [span, now]);
  const found = useAttention(from);
  return (
    <div className="load">
      <div className="load-head">
        <Choices label="Since" choices={SPANS} value={span} onChange={(next) => void navigate({ to: "/approvals", search: { show: "load", span: next }, replace: true })} />
        <p className="quiet">To ask less often, not to rank anybody.</p>
      </div>
      {found.data !== undefined ? <Measured found={found.data} now={now} />
        : found.error !== null ? <Failed error={found.error} again={() => void found.refetch()} /> : <Reading lines={10} />}
    </div>
  );
}

function Measured({ found, now }: { found: Attention; now: number }): ReactNode {
  if (found.calls === 0 && found.asked === 0) {
    return <Empty icon="approvals" title="No calls in this time" command="checkrein call files.list '{&quot;path&quot;: &quot;.&quot;}'">How often people are asked, how long it takes and how they answer stands here.</Empty>;
  }
  return (
    <>
      <Totals found={found} now={now} />
      {found.warnings.length === 0 ? null : (
        <ul className="risks" aria-label="What to look at">
          {found.warnings.map((line) => <li key={line}><Icon name="warning" size={14} /><span><Sentence text={line} /></span></li>)}
        </ul>
      )}
      {found.cut ? <p className="quiet">There were more requests than are measured at once: these are the latest ones.</p> : null}
      <Panel title="Groups" beside={<span className="quiet">who is asked</span>}>
        <Measures name="Groups" rows={found.groups} rowKey={(one) => one.group} columns={groups(found.since_ms, now)} />
      </Panel>
      <Panel title="People" beside={<span className="quiet">who decided, by name</span>}>
        {found.people.length === 0 ? <p className="nobody">Nobody decided anything in this time.</p>
          : <Measures name="People" rows={byName(found.people)} rowKey={(one) => one.name} columns={PEOPLE} />}
      </Panel>
      <Panel title="Agents" beside={<span className="quiet">who asks</span>}>
        <Measures name="Agents" rows={found.agents} rowKey={(one) => one.agent} columns={AGENTS} />
      </Panel>
      <Incidents />
    </>
  );
}

function Totals({ found, now }: { found: Attention; now: number }): ReactNode {
  const needs = share(found);
  const sum = (of: (one: GroupAttention) => number): number => found.groups.reduce((all, one) => all + of(one), 0);
  const fast = found.people.reduce((all, one) => all + one.faster_than_reading, 0);
  const yes = found.people.reduce((all, one) => all + one.decided, 0);
  const expired = sum((one) => one.expired);
  return (
    <Numbers>
      <One name="need people" value={needs.value} note={needs.note} tone={needs.tone} />
      <One name="asked" value={`${perHour(found.asked, found.since_ms, now)} / h`} note={count(found.asked, "request")} />
      <One name="wait now" value={sum((one) => one.pending).toLocaleString("en")} note="not decided yet" />
      <One name="nobody in time" value={expired.toLocaleString("en")} note="denied by the clock" tone={expired > 0 ? "wait" : undefined} />
      <One name="faster than reading" value={fast.toLocaleString("en")} note={`of ${count(yes, "decision")}`} tone={fast > 0 ? "wait" : undefined} />
    </Numbers>
  );
}

/** A wait, or a dash where nothing was decided. */
function wait(ms: number | null | undefined): ReactNode {
  return ms == null ? <span className="quiet">none</span> : lasting(ms);
}

function groups(sinceMs: number, now: number): readonly Measure<GroupAttention>[] {
  return [
    { head: "Group", cell: (one) => <b>{group(one.group)}</b> },
    { head: "Asked", number: true, cell: (one) => one.asked.toLocaleString("en") },
    { head: "Per hour", number: true, cell: (one) => perHour(one.asked, sinceMs, now) },
    { head: "Decided", number: true, cell: (one) => one.decided.toLocaleString("en") },
    { head: "Nobody in time", number: true, cell: (one) => (one.expired === 0 ? 0 : <Badge tone={missed(one)}>{one.expired.toLocaleString("en")}</Badge>) },
    { head: "Waits now", number: true, cell: (one) => (one.pending === 0 ? 0 : <Link to="/approvals" search={{ show: "all" }}>{one.pending.toLocaleString("en")}</Link>) },
    { head: "Wait, p50", number: true, cell: (one) => wait(one.wait_p50_ms) },
    { head: "p95", number: true, cell: (one) => wait(one.wait_p95_ms) },
  ];
}

const PEOPLE: readonly Measure<PersonAttention>[] = [
  { head: "Person", cell: (one) => <b><Shown text={one.name} /></b> },
  { head: "Decided", number: true, cell: (one) => one.decided.toLocaleString("en") },
  { head: "Busiest hour", number: true, cell: (one) => one.busiest_hour.toLocaleString("en") },
  { head: "Says yes", number: true, cell: (one) => <span className="share"><span className="share-bar" aria-hidden="true"><i style={{ width: `${one.yes_percent}%` }} /></span>{one.yes_percent} %</span> },
  { head: "Faster than reading", number: true, cell: (one) => (one.faster_than_reading === 0 ? 0 : <Badge tone="wait">{one.faster_than_reading.toLocaleString("en")}</Badge>) },
  { head: "Wait, p50", number: true, cell: (one) => wait(one.wait_p50_ms) },
  { head: "p95", number: true, cell: (one) => wait(one.wait_p95_ms) },
];

const AGENTS: readonly Measure<AgentAttention>[] = [
  { head: "Agent", cell: (one) => <><b><Shown text={one.agent} /></b>{one.suspended == null ? null : <> <Badge tone="bad">suspended: it asked too often</Badge></>}</> },
  { head: "Asked", number: true, cell: (one) => one.asked.toLocaleString("en") },
  { head: "Told no", number: true, cell: (one) => one.rejected.toLocaleString("en") },
  { head: "Reviews overdue", number: true, cell: (one) => (one.reviews_overdue === 0 ? 0 : <Badge tone="wait">{one.reviews_overdue}</Badge>) },
  { head: "Rejected afterwards", number: true, cell: (one) => (one.reviews_rejected === 0 ? 0 : <Badge tone="bad">{one.reviews_rejected}</Badge>) },
];
