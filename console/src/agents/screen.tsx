// Agents: who may do what on whose behalf, what each does and took today, and the way to stop or fire one at once. The server
// does the narrowing; what is open stays open although it is not in the list any more.

import { useAgents } from "@checkrein/react";
import type { Grant } from "@checkrein/sdk";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import type { ReactNode } from "react";

import { Search } from "../lists/search.tsx";
import { Nothing, Table, type Column } from "../lists/table.tsx";
import { type AgentsSearch, changed } from "../others.ts";
import { StateBadge } from "../parts/basics.tsx";
import { Choices } from "../parts/fields.tsx";
import { Empty } from "../parts/notices.tsx";
import { Page } from "../parts/page.tsx";
import { Shown } from "../parts/text.tsx";
import { Ago } from "../parts/time.tsx";
import { AgentSide } from "./agent.tsx";

const SHOWN = [
  { value: "", label: "Active" },
  { value: "all", label: "All" },
] as const;

/** The list with the open one beside it. */
export function Agents(): ReactNode {
  const search: AgentsSearch = useSearch({ strict: false });
  const navigate = useNavigate();
  const all = search.show === "all";
  const listing = useAgents({ ...(all ? {} : { state: "active" }), ...(search.text === undefined ? {} : { text: search.text }) });
  const listed = listing.items.find((grant) => grant.grant === search.agent);
  const other = useAgents({ text: search.agent ?? "" }, { enabled: search.agent !== undefined && listed === undefined && !listing.isPending });
  const open = listed ?? other.items.find((grant) => grant.grant === search.agent);
  const go = (next: AgentsSearch): void => void navigate({ to: "/agents", search: next, replace: true });
  return (
    <Page title="Agents" fills command="checkrein agents ls" bar={
      <div className="filters">
        <Choices label="Which" choices={SHOWN} value={all ? "all" : ""} onChange={(show) => go(changed(search, "show", show))} />
        <Search label="Agent, person or id" value={search.text ?? ""} onSearch={(text) => go(changed(search, "text", text))} />
      </div>
    }>
      <div className={open === undefined ? "beside" : "beside open"}>
        <div className="beside-list">
          <Table name="Agents" listing={listing} columns={columns(search)} rowKey={(grant) => grant.grant} chosen={search.agent}
            empty={search.text !== undefined ? <Nothing what="agents" clear={() => go(changed(search, "text", ""))} />
              : <Empty icon="agents" title="No agent has rights" command="checkrein agents new NAME --tool 'files.*'">An agent is a name with rights and a key.</Empty>} />
        </div>
        {open === undefined ? null : <AgentSide grant={open} onClose={() => go(changed(search, "agent", ""))} />}
      </div>
    </Page>
  );
}

function columns(search: AgentsSearch): readonly Column<Grant>[] {
  return [
    {
      head: "Agent", width: "minmax(0, 1.4fr)", cell: (grant) => (
        <span className="two">
          <Link to="/agents" search={{ ...search, agent: grant.grant }} className="row-link"><Shown text={grant.agent.name} /> <span className="quiet">{grant.agent.version}</span></Link>
          <small>for {grant.human}</small>
        </span>
      ),
    },
    { head: "State", width: "6rem", cell: (grant) => <StateBadge state={grant.state} /> },
    { head: "Tools", width: "minmax(0, 1.6fr)", from: "wide", cell: (grant) => (grant.tools.includes("*") ? "every tool" : <code>{grant.tools.join(" ")}</code>) },
    { head: "Spaces", width: "minmax(0, 1fr)", from: "wide", cell: (grant) => grant.spaces.join(", ") },
    { head: "Workflows", width: "minmax(0, 1fr)", from: "wide", cell: (grant) => grant.workflows.length === 0 ? "every workflow" : grant.workflows.join(", ") },
    { head: "Given", width: "4rem", end: true, cell: (grant) => <Ago ms={grant.given_ms} /> },
  ];
}
