// One run: what it was for and took, and every call of it with its stages, the plan, and what can be done about it.

import { useBudgets, useCalls, useEntries, useRun } from "@checkrein/react";
import type { Budget, Run } from "@checkrein/sdk";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { type ReactNode, useEffect } from "react";

import type { RunSearch } from "../others.ts";
import { Id, StateBadge } from "../parts/basics.tsx";
import { Failed, Reading } from "../parts/notices.tsx";
import { Page } from "../parts/page.tsx";
import { Shown } from "../parts/text.tsx";
import { Ago } from "../parts/time.tsx";
import { useMay } from "../shell/session.tsx";
import { lasting } from "../text/clock.ts";
import { RunActs } from "./acts.tsx";
import { CallSide } from "./call.tsx";
import { LEGEND, Waterfall } from "./waterfall.tsx";

/** The screen of one run. */
export function RunScreen(): ReactNode {
  const { run: id = "" } = useParams({ strict: false });
  const run = useRun(id);
  if (run.isPending) return <Page title="Run"><Reading /></Page>;
  if (run.data === undefined) return <Page title="Run"><Failed error={run.error} again={() => void run.refetch()} /></Page>;
  return <Known run={run.data} />;
}

function Known({ run }: { run: Run }): ReactNode {
  const { call }: RunSearch = useSearch({ strict: false });
  const navigate = useNavigate();
  const calls = useCalls({ run: run.run });
  const currency = useBudgets({ run: run.run }).data?.items[0]?.currency;
  const entries = useEntries({ run: run.run, first: "newest", limit: ENTRIES_PAGE }, { enabled: useMay("see") });
  useTimes(calls.items.at(-1)?.received_ms, entries);
  const close = (): void => void navigate({ to: "/runs/$run", params: { run: run.run }, search: {} });
  return (
    <Page title={run.purpose} fills command={`checkrein calls ls --run ${run.run}`} beside={<StateBadge state={run.outcome ?? run.state} />}
      actions={<RunActs run={run} />} bar={<Facts run={run} />}>
      <div className={call === undefined ? "beside" : "beside open"}>
        <div className="beside-list">
          {calls.hasMore ? (
            <p className="earlier">
              The latest {calls.items.length} calls.{" "}
              <button type="button" className="link" disabled={calls.isReadingMore} onClick={calls.readMore}>Earlier calls</button>
            </p>
          ) : null}
          <Waterfall run={run.run} calls={calls.items.toReversed()} entries={entries.items} isPending={calls.isPending}
            error={calls.error} again={calls.again} chosen={call} currency={currency} />
        </div>
        {call === undefined ? null : <CallSide key={call} call={call} entries={entries.items} currency={currency} onClose={close} />}
      </div>
    </Page>
  );
}

const ENTRIES_PAGE = 500;
const ENTRIES_MAX = 10_000;

/** Reads entries on until those of the oldest call that is shown are there. */
function useTimes(oldestMs: number | undefined, entries: ReturnType<typeof useEntries>): void {
  const reached = entries.items.at(-1)?.at_ms;
  useEffect(() => {
    if (oldestMs === undefined || reached === undefined || reached < oldestMs || entries.items.length >= ENTRIES_MAX) return;
    entries.readMore();
    // Asked again only when a page has come or further calls are shown.
  }, [oldestMs, reached]);
}

function Facts({ run }: { run: Run }): ReactNode {
  const budgets = useBudgets({ run: run.run });
  return (
    <>
      <dl className="run-facts">
        <div><dt>Run</dt><dd><Id id={run.run} /></dd></div>
        <div><dt>Agent</dt><dd><Shown text={run.agent} /> for {run.human}</dd></div>
        <div><dt>Workflow</dt><dd>{run.workflow} in {run.space}</dd></div>
        <div><dt>Opened</dt><dd><Ago ms={run.opened_ms} /> ago, lasted {lasting(run.last_ms - run.opened_ms)}</dd></div>
        {budgets.data?.items.map((budget) => <Spent key={budget.scope} budget={budget} />)}
        {run.reason == null ? null : <div><dt>{run.state === "paused" ? "Paused because" : "Said at its end"}</dt><dd><Shown text={run.reason} /></dd></div>}
      </dl>
      <ul className="legend run-legend" aria-label="Colours of the stages">
        {LEGEND.map(([kind, word]) => <li key={kind}><i className={`swatch ${kind}`} aria-hidden="true" />{word}</li>)}
      </ul>
    </>
  );
}

function Spent({ budget }: { budget: Budget }): ReactNode {
  const { limit, spent, reserved } = budget;
  return (
    <>
      <Meter name="Calls" taken={spent.calls + reserved.calls} most={limit.calls} />
      <Meter name={`Spent, ${budget.currency}`} taken={Number(spent.money) + Number(reserved.money)} text={spent.money} most={limit.money == null ? null : Number(limit.money)} />
      {spent.irreversible > 0 || limit.irreversible != null ? <Meter name="Irreversible" taken={spent.irreversible + reserved.irreversible} most={limit.irreversible} /> : null}
    </>
  );
}

function Meter({ name, taken, text, most }: { name: string; taken: number; text?: string; most: number | null | undefined }): ReactNode {
  const share = most == null ? undefined : most === 0 ? (taken > 0 ? 1 : 0) : Math.min(1, taken / most);
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        {text ?? taken.toLocaleString("en")}{most == null ? null : <span className="quiet"> of {most.toLocaleString("en")}</span>}
        {share === undefined ? null : <span className={`meter${share >= 1 ? " over" : share > 0.8 ? " near" : ""}`} aria-hidden="true"><i style={{ width: `${share * 100}%` }} /></span>}
      </dd>
    </div>
  );
}
