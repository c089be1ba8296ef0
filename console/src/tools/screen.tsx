// Tools: what agents can call, what each does and who said so, and which ones their servers changed.

import { useServers, useTools } from "@checkrein/react";
import type { Tool } from "@checkrein/sdk";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { type ReactNode, useMemo } from "react";

import { Nothing, Table, type Column } from "../lists/table.tsx";
import { Search } from "../lists/search.tsx";
import { changed, type ToolsSearch } from "../others.ts";
import { Badge, ClassBadge, StateBadge } from "../parts/basics.tsx";
import { Choices } from "../parts/fields.tsx";
import { Empty } from "../parts/notices.tsx";
import { Page } from "../parts/page.tsx";
import { Shown } from "../parts/text.tsx";
import { consequence } from "../parts/words.ts";

type Show = "" | "attention" | "own" | "servers";

/** The list. All tools come at once: an installation has hundreds, not millions. */
export function Tools(): ReactNode {
  const search: ToolsSearch = useSearch({ strict: false });
  const navigate = useNavigate();
  const tools = useTools();
  const servers = useServers();
  const all = useMemo(() => (tools.data?.items ?? []).toSorted((one, other) => rank(one) - rank(other)), [tools.data]);
  const odd = all.filter(needsAttention).length;
  const show = SHOWN.find((one) => one === search.show) ?? "";
  const words = (search.text ?? "").toLowerCase();
  const items = all.filter((tool) => isShown(tool, show) && `${tool.tool} ${tool.what} ${tool.server ?? ""}`.toLowerCase().includes(words));
  const go = (next: ToolsSearch): void => void navigate({ to: "/tools", search: next, replace: true });
  const listing = {
    items, isPending: tools.isPending, error: tools.error, again: () => void tools.refetch(), hasMore: false, isReadingMore: false, readMore: () => undefined,
  };
  const away = servers.data?.items.filter((server) => server.standing !== "ready") ?? [];
  return (
    <Page title="Tools" fills command="checkrein tools ls" bar={
      <>
        <div className="filters">
          <Choices label="Which" value={show} onChange={(next) => go(changed(search, "show", next))}
            choices={[{ value: "", label: "All" }, { value: "attention", label: odd === 0 ? "Need a decision" : <>Need a decision <Badge tone="bad">{odd}</Badge></> }, { value: "own", label: "Checkrein's own" }, { value: "servers", label: "Of servers" }]} />
          <Search label="Name, server or what it does" value={search.text ?? ""} onSearch={(text) => go(changed(search, "text", text))} />
        </div>
        {away.length === 0 ? null : (
          <p className="quiet">
            {away.map((server) => <span key={server.server}><StateBadge state={server.standing} /> <Link to="/settings" hash="servers">{server.server}</Link>{server.why == null ? "" : <>: <Shown text={server.why} /></>} </span>)}
          </p>
        )}
      </>
    }>
      <Table name="Tools" listing={listing} columns={COLUMNS} rowKey={(tool) => tool.tool}
        empty={show === "attention" && words === "" ? <Empty title="No tool needs a decision">Every server offers what was accepted.</Empty> : <Nothing what="tools" clear={() => go({})} />} />
    </Page>
  );
}

const SHOWN: readonly Show[] = ["attention", "own", "servers"];

const COLUMNS: readonly Column<Tool>[] = [
  {
    head: "Tool", width: "minmax(0, 2fr)", cell: (tool) => (
      <span className="two">
        <Link to="/tools/$tool" params={{ tool: tool.tool }} className="row-link mono">{tool.tool}</Link>
        <small>{needsAttention(tool) ? <><StateBadge state={tool.standing ?? "held_back"} /> </> : null}<Shown text={tool.what} /></small>
      </span>
    ),
  },
  { head: "Stands", width: "6.5rem", from: "middle", cell: (tool) => tool.standing == null ? <Badge>own</Badge> : <StateBadge state={tool.standing} /> },
  { head: "Effect", width: "7.5rem", cell: (tool) => <ClassBadge effectClass={tool.effect_class} /> },
  { head: "Says so", width: "6rem", from: "wide", cell: (tool) => <Badge tone={tool.provenance === "confirmed" ? "good" : tool.provenance === "inferred" ? "wait" : "plain"}>{tool.provenance}</Badge> },
  { head: "Hits", width: "minmax(0, 1fr)", from: "wide", cell: (tool) => <span className="quiet">{tool.consequences.map(consequence).join(", ")}</span> },
  { head: "Server", width: "minmax(0, 0.7fr)", from: "wide", cell: (tool) => tool.server ?? <span className="quiet">Checkrein</span> },
];

/** Whether a person has to say something of it. */
export function needsAttention(tool: Tool): boolean {
  return tool.standing === "drifted" || tool.standing === "held_back" || (tool.findings ?? []).some((finding) => finding.severity === "held_back");
}

function rank(tool: Tool): number {
  if (needsAttention(tool)) return 0;
  return tool.standing === "refused" ? 1 : 2;
}

function isShown(tool: Tool, show: Show): boolean {
  switch (show) {
    case "":
      return true;
    case "attention":
      return needsAttention(tool);
    case "own":
      return tool.server == null;
    case "servers":
      return tool.server != null;
  }
}
