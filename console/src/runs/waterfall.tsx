// A run's calls, each with its stages on one time axis. Rows are what the server says of calls; times come from entries.

import type { Call, Entry } from "@checkrein/sdk";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useMemo } from "react";

import { Table, type Column } from "../lists/table.tsx";
import { Badge, ClassBadge, StateBadge } from "../parts/basics.tsx";
import { Empty } from "../parts/notices.tsx";
import { place } from "../approvals/sight.ts";
import { Shown } from "../parts/text.tsx";
import { useNow } from "../parts/time.tsx";
import { stateOf } from "../parts/words.ts";
import { lasting } from "../text/clock.ts";
import { scale, type Scale } from "./scale.ts";
import { stretches, type Kind, type Stretch } from "./stages.ts";
import "./waterfall.css";

/** What each colour of the waterfall is, in the order of the journey. */
export const LEGEND: readonly (readonly [kind: Kind, word: string])[] = [
  ["checked", "identify, resolve, judge, recall"],
  ["preview", "preview"],
  ["decided", "judge with the plan, admit"],
  ["people", "waits for people"],
  ["dispatch", "dispatch"],
  ["settled", "observe, settle"],
  ["doubt", "in doubt"],
];

interface WaterfallProps {
  run: string;
  calls: readonly Call[];
  entries: readonly Entry[];
  isPending: boolean;
  error: Error | null;
  again: () => void;
  chosen: string | undefined;
  /** What costs are counted in. */
  currency: string | undefined;
}

interface Row {
  readonly call: Call;
  readonly stretches: readonly Stretch[];
}

/** The list; the oldest call is on top. */
export function Waterfall({ run, calls, entries, isPending, error, again, chosen, currency }: WaterfallProps): ReactNode {
  const isOpen = calls.some((call) => OPEN.has(call.state));
  const now = useNow(isOpen ? 1_000 : 60_000);
  const of = useMemo(() => byCall(entries), [entries]);
  const rows = useMemo(() => calls.map((call) => ({ call, stretches: drawn(call, of.get(call.call) ?? [], now) })), [calls, of, now]);
  const axis = useMemo(() => scale(rows.flatMap((row) => row.stretches.filter(isBusy))), [rows]);
  const ground = useMemo(() => gapGround(axis), [axis]);
  const listing = { items: rows, isPending, error, again, hasMore: false, isReadingMore: false, readMore: () => undefined };
  return (
    <Table name="Calls" listing={listing} rowKey={(row) => row.call.call} chosen={chosen}
      columns={[...columns(run, currency, (row) => <Bars row={row} axis={axis} ground={ground} />), { head: `Time, ${lasting(axis.drawnMs)} of work`, ruler: <Ruler axis={axis} />, width: "minmax(0, 2.6fr)", from: "middle", cell: (row) => <Bars row={row} axis={axis} ground={ground} /> }]}
      empty={<Empty icon="runs" title="No calls in this run yet">They appear here as its agent proposes them.</Empty>} />
  );
}

function columns(run: string, currency: string | undefined, bars: (row: Row) => ReactNode): readonly Column<Row>[] {
  return [
    {
      head: "Call", width: "minmax(0, 1.5fr)", cell: (row) => {
        const { call } = row;
        return (
        <span className="two">
          <Link to="/runs/$run" params={{ run }} search={{ call: call.call }} className="row-link mono">{call.tool === "" ? "refused before a tool" : call.tool}</Link>
          <small><Shown text={call.resource === "" ? call.code ?? "" : place(call.resource)} /></small>
          <span className="bars-below">{bars(row)}</span>
        </span>
        );
      },
    },
    {
      head: "State", width: "7.5rem", cell: ({ call }) => (
        <span className="two"><span><StateBadge state={call.state} /></span>{call.code == null || call.resource === "" ? null : <small className="mono">{call.code}</small>}</span>
      ),
    },
    {
      head: "Decision", width: "6.5rem", from: "wide", cell: ({ call }) => (
        call.verdict == null ? null : <span className="two"><span><Badge tone={stateOf(call.verdict).tone}>{call.verdict}</Badge></span><small>tier {call.tier}</small></span>
      ),
    },
    {
      head: "Effect", width: "6.5rem", from: "wide", cell: ({ call }) => (
        <span className="two"><span>{call.effect_class === "" ? null : <ClassBadge effectClass={call.effect_class} />}</span>{call.undo == null ? null : <small>undo {call.undo.replaceAll("_", " ")}</small>}</span>
      ),
    },
    {
      head: currency === undefined ? "Cost" : `Cost, ${currency}`, width: "5rem", from: "wide", end: true, cell: ({ call }) => (
        <span className="two"><span>{call.money}</span><small>{lasting(call.wall_ms)}</small></span>
      ),
    },
  ];
}

function Bars({ row, axis, ground }: { row: Row; axis: Scale; ground: string }): ReactNode {
  const [first, last] = [row.stretches[0], row.stretches.at(-1)];
  const work = row.stretches.filter(isBusy).reduce((sum, one) => sum + one.to - one.from, 0);
  const waited = row.stretches.filter((one) => one.kind === "people").reduce((sum, one) => sum + one.to - one.from, 0);
  const [from, to] = [axis.place(first?.from ?? 0), axis.place(last?.to ?? 0)];
  const words = row.stretches.map((one) => `${LEGEND.find(([kind]) => kind === one.kind)?.[1] ?? one.kind}: ${one.about === true ? "about " : ""}${lasting(one.to - one.from)}`);
  return (
    <span className="bars" role="img" aria-label={words.join("; ")} title={words.join("\n")} style={{ backgroundImage: ground }}>
      {row.stretches.map((one, at) => {
        const from = axis.place(one.from);
        const width = axis.place(one.to) - from;
        return <i key={at} className={`bar ${one.kind}${one.code === undefined ? "" : " refused"}`} style={{ left: `${from * 100}%`, width: `max(2px, ${width * 100}%)` }} />;
      })}
      <span className={from > 1 - to ? "bar-long before" : "bar-long"} style={from > 1 - to ? { right: `${(1 - from) * 100}%` } : { left: `${to * 100}%` }}>
        {lasting(work)}{waited > 0 ? `, waited ${lasting(waited)}` : ""}
      </span>
    </span>
  );
}

const OPEN = new Set(["received", "previewing", "held", "queued", "admitted", "dispatched"]);

function drawn(call: Call, entries: readonly Entry[], now: number): readonly Stretch[] {
  const until = OPEN.has(call.state) ? now : call.updated_ms;
  if (entries.length > 0) return stretches(entries, call.received_ms, until);
  return [{ kind: "checked", stages: [], from: call.received_ms, to: until, about: true }];
}

function byCall(entries: readonly Entry[]): ReadonlyMap<string, Entry[]> {
  const of = new Map<string, Entry[]>();
  for (const entry of entries) {
    if (entry.call == null) continue;
    const own = of.get(entry.call);
    if (own === undefined) of.set(entry.call, [entry]);
    else own.push(entry);
  }
  return of;
}

/** Only machines are drawn to scale; what people take is squeezed. */
function isBusy(stretch: Stretch): boolean {
  return stretch.kind !== "people" && stretch.kind !== "doubt";
}

/** A mark nearer to the end than this has no room for its number. */
const LAST_TICK = 0.9;

/** How much work lies to the left of each mark; gaps are not counted. */
function Ruler({ axis }: { axis: Scale }): ReactNode {
  return (
    <span className="ruler" aria-hidden="true">
      {axis.ticks.filter((tick) => tick.at < LAST_TICK).map((tick) => <i key={tick.ms} style={{ left: `${tick.at * 100}%` }}>{tick.ms === 0 ? "0" : round(tick.ms)}</i>)}
    </span>
  );
}

function round(ms: number): string {
  if (ms < 1_000) return `${ms} ms`;
  return ms < 60_000 ? `${ms / 1_000} s` : lasting(ms);
}

/** Marks of the ruler and gaps as a ground behind every row, so that they cost nothing for each. */
function gapGround({ gaps, ticks }: Scale): string {
  const lines = ticks.filter((tick) => tick.ms > 0).map(({ at }) => `linear-gradient(to right, transparent ${at * 100}%, var(--line) ${at * 100}%, var(--line) calc(${at * 100}% + 1px), transparent calc(${at * 100}% + 1px))`);
  if (gaps.length === 0) return lines.length === 0 ? "none" : lines.join(", ");
  const stops = gaps.flatMap(({ from, to }) => [
    `transparent ${from * 100}%`, `var(--sunken) ${from * 100}%`, `var(--sunken) ${to * 100}%`, `transparent ${to * 100}%`,
  ]);
  return [...lines, `linear-gradient(to right, ${stops.join(", ")})`].join(", ");
}
