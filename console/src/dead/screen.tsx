// Dead letters: calls that used up their attempts or stay in doubt, and wait for a person. The server does the narrowing.

import { useDeadLetters } from "@checkrein/react";
import type { DeadLetter, WhichDeadLetters } from "@checkrein/sdk";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import type { ReactNode } from "react";

import { AgentSelect } from "../lists/filters.tsx";
import { Select } from "../lists/select.tsx";
import { Search } from "../lists/search.tsx";
import { Nothing, Table, type Column } from "../lists/table.tsx";
import { changed, type DeadSearch } from "../others.ts";
import { Badge, StateBadge } from "../parts/basics.tsx";
import { quoted } from "../parts/command.tsx";
import { Choices } from "../parts/fields.tsx";
import { Empty } from "../parts/notices.tsx";
import { Page } from "../parts/page.tsx";
import { Shown } from "../parts/text.tsx";
import { Ago } from "../parts/time.tsx";
import { whyOf } from "./letter.ts";
import { LetterSide } from "./side.tsx";

const STATES = [
  { value: "open", label: "Open" },
  { value: "redriven", label: "Made again" },
  { value: "resolved", label: "Resolved" },
  { value: "discarded", label: "Put away" },
  { value: "all", label: "All" },
] as const;

const WHYS = [["", "For every reason"], ["used_up", "Attempts used up"], ["interrupted", "Interrupted"], ["in_doubt", "In doubt"]] as const;

/** The screen. */
export function DeadLetters(): ReactNode {
  const search: DeadSearch = useSearch({ strict: false });
  const navigate = useNavigate();
  const which = asked(search);
  const listing = useDeadLetters(which);
  const state = STATES.find((one) => one.value === search.state)?.value ?? "open";
  const go = (next: DeadSearch): void => void navigate({ to: "/dead-letters", search: next, replace: true });
  const narrowed = search.agent !== undefined || search.text !== undefined || search.why !== undefined;
  return (
    <Page title="Dead letters" fills command={command(which)} bar={
      <div className="filters">
        <Choices label="State" choices={STATES} value={state} onChange={(next) => go(changed(search, "state", next === "open" ? "" : next))} />
        <AgentSelect value={search.agent} onChange={(agent) => go(changed(search, "agent", agent))} />
        <Select label="Why" value={search.why ?? ""} options={WHYS} onChange={(why) => go(changed(search, "why", why))} />
        <Search label="Tool, resource, agent or id" value={search.text ?? ""} onSearch={(text) => go(changed(search, "text", text))} />
      </div>
    }>
      <div className={search.call === undefined ? "beside" : "beside open"}>
        <div className="beside-list">
          <Table name="Dead letters" listing={listing} columns={columns(search)} rowKey={(letter) => letter.call} chosen={search.call}
            empty={narrowed ? <Nothing what="dead letters" clear={() => go(search.state === undefined ? {} : { state: search.state })} />
              : <Empty icon="letter" title={state === "open" ? "No dead letter is open" : "None"} command="checkrein dead ls">A call that used up its attempts, or of which nobody knows for too long whether it happened, waits here for a person.</Empty>} />
        </div>
        {search.call === undefined ? null : <LetterSide key={search.call} call={search.call} known={listing.items.find((one) => one.call === search.call)} onClose={() => go(changed(search, "call", ""))} />}
      </div>
    </Page>
  );
}

function columns(search: DeadSearch): readonly Column<DeadLetter>[] {
  return [
    {
      head: "Call", width: "minmax(0, 2.2fr)", cell: (letter) => (
        <span className="two">
          <Link to="/dead-letters" search={{ ...search, call: letter.call }} className="row-link mono"><Shown text={letter.tool} /></Link>
          <small className="mono"><Shown text={letter.resource} /></small>
        </span>
      ),
    },
    { head: "Why", width: "9.5rem", cell: (letter) => <Badge tone={whyOf(letter.why).tone}>{whyOf(letter.why).word}</Badge> },
    { head: "State", width: "7rem", from: "middle", cell: (letter) => <StateBadge state={letter.state} /> },
    { head: "Attempts", width: "5.5rem", from: "wide", end: true, cell: (letter) => letter.attempts },
    { head: "Agent", width: "minmax(0, 1fr)", from: "wide", cell: (letter) => <Shown text={letter.agent} /> },
    { head: "Since", width: "4rem", end: true, cell: (letter) => <Ago ms={letter.at_ms} /> },
  ];
}

/** What the server is asked for; the open ones come with the oldest first. */
function asked({ state = "open", why, agent, text }: DeadSearch): WhichDeadLetters {
  return {
    ...(state === "all" ? {} : { state }), first: state === "open" ? "oldest" : "newest", ...(why === undefined ? {} : { why }), ...(agent === undefined ? {} : { agent }),
    ...(text === undefined ? {} : { text }),
  };
}

function command({ state, why, agent, text }: WhichDeadLetters): string {
  const options = [state === "open" ? "" : "--all", why && `--why ${why}`, agent && `--agent ${quoted(agent)}`, text && `--text ${quoted(text)}`];
  return ["checkrein dead ls", ...options].filter(Boolean).join(" ");
}
