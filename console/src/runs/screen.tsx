// Runs: which work was or is done, by whom, how it stands. Everything is filtered by the server.

import { useRuns, useWorkflows } from "@checkrein/react";
import type { Run, WhichRuns } from "@checkrein/sdk";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import type { ReactNode } from "react";

import { AgentSelect, SinceSelect, useSince } from "../lists/filters.tsx";
import { Nothing, Table, type Column } from "../lists/table.tsx";
import { Search } from "../lists/search.tsx";
import { Select } from "../lists/select.tsx";
import { changed, type RunsSearch } from "../others.ts";
import { StateBadge } from "../parts/basics.tsx";
import { Choices } from "../parts/fields.tsx";
import { Empty } from "../parts/notices.tsx";
import { Page } from "../parts/page.tsx";
import { Shown } from "../parts/text.tsx";
import { Ago } from "../parts/time.tsx";
import { lasting } from "../text/clock.ts";
import { quoted } from "../parts/command.tsx";

const STATES = [
  { value: "", label: "All" },
  { value: "open", label: "Open" },
  { value: "paused", label: "Paused" },
  { value: "ended", label: "Ended" },
] as const;

/** The list. */
export function Runs(): ReactNode {
  const search: RunsSearch = useSearch({ strict: false });
  const navigate = useNavigate();
  const go = (next: RunsSearch): void => void navigate({ to: "/runs", search: next, replace: true });
  const since = useSince(search.since);
  const listing = useRuns(which(search, since));
  const workflows = useWorkflows();
  const options = [["", "Every workflow"] as const, ...(workflows.data?.items ?? []).map((one) => [one.workflow, one.workflow] as const)];
  return (
    <Page title="Runs" fills command={command(search, since)} bar={
      <div className="filters">
        <Choices label="State" choices={STATES} value={STATES.find((state) => state.value === search.state)?.value ?? ""} onChange={(state) => go(changed(search, "state", state))} />
        <Select label="Workflow" value={search.workflow ?? ""} options={options} onChange={(workflow) => go(changed(search, "workflow", workflow))} />
        <AgentSelect value={search.agent} onChange={(agent) => go(changed(search, "agent", agent))} />
        <SinceSelect value={search.since} onChange={(span) => go(changed(search, "since", span))} />
        <Search label="Agent, purpose, person or id" value={search.text ?? ""} onSearch={(text) => go(changed(search, "text", text))} />
      </div>
    }>
      <Table name="Runs" listing={listing} columns={COLUMNS} rowKey={(run) => run.run}
        empty={Object.keys(search).length > 0 ? <Nothing what="runs" clear={() => go({})} /> : (
          <Empty icon="runs" title="No runs yet" command="checkrein call files.list '{&quot;path&quot;: &quot;.&quot;}'">
            A run begins with the first call of an agent.
          </Empty>
        )} />
    </Page>
  );
}

const COLUMNS: readonly Column<Run>[] = [
  {
    head: "Run", width: "minmax(0, 2.4fr)", cell: (run) => (
      <span className="two">
        <Link to="/runs/$run" params={{ run: run.run }} className="row-link"><Shown text={run.purpose} /></Link>
        <small><span className="mono">{run.run}</span></small>
      </span>
    ),
  },
  { head: "State", width: "6.5rem", cell: (run) => <StateBadge state={run.outcome ?? run.state} /> },
  {
    head: "Agent", width: "minmax(0, 1.2fr)", from: "wide", cell: (run) => (
      <span className="two"><span><Shown text={run.agent} /></span><small>for {run.human}</small></span>
    ),
  },
  {
    head: "Workflow", width: "minmax(0, 1fr)", from: "wide", cell: (run) => (
      <span className="two"><span>{run.workflow}</span><small>{run.space}</small></span>
    ),
  },
  { head: "Lasted", width: "5.5rem", from: "wide", end: true, cell: (run) => lasting(run.last_ms - run.opened_ms) },
  { head: "Last used", width: "4rem", end: true, cell: (run) => <Ago ms={run.last_ms} /> },
];

function which({ state, workflow, agent, text }: RunsSearch, since: number | undefined): WhichRuns {
  return {
    ...(state === undefined ? {} : { state }), ...(workflow === undefined ? {} : { workflow }), ...(agent === undefined ? {} : { agent }),
    ...(text === undefined ? {} : { text }), ...(since === undefined ? {} : { since_ms: since }),
  };
}

function command({ state, workflow, agent, text }: RunsSearch, since: number | undefined): string {
  const options = [state && `--state ${state}`, workflow && `--workflow ${quoted(workflow)}`, agent && `--agent ${quoted(agent)}`, since && `--since ${since}`, text && `--text ${quoted(text)}`];
  return ["checkrein runs ls", ...options].filter(Boolean).join(" ");
}
