// Undo: acts by the state of their undo, what waits in the outbox, and the way to take one or several back after their plan was
// on the screen.

import { useCalls, useUndoPlan } from "@checkrein/react";
import type { Call, UndoAsk, WhichCalls } from "@checkrein/sdk";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { type ReactNode, useMemo, useState } from "react";

import { AgentSelect, SinceSelect, useSince } from "../lists/filters.tsx";
import { Search } from "../lists/search.tsx";
import { Part, Side } from "../lists/side.tsx";
import { Nothing, Table, type Column } from "../lists/table.tsx";
import { changed, type UndoSearch } from "../others.ts";
import { Button, ClassBadge, StateBadge } from "../parts/basics.tsx";
import { CopyCommand } from "../parts/command.tsx";
import { Choices } from "../parts/fields.tsx";
import { Empty, Failed, Reading } from "../parts/notices.tsx";
import { Page } from "../parts/page.tsx";
import { Shown } from "../parts/text.tsx";
import { Ago, Countdown } from "../parts/time.tsx";
import { CallPlan } from "../runs/plan.tsx";
import { useKeys } from "../shell/keys.ts";
import { useMay } from "../shell/session.tsx";
import { Report, UndoDialog } from "./dialog.tsx";
import { Several } from "./several.tsx";
import { isShown, type Show, SHOWS } from "./shows.ts";

/** Calls that are looked through before somebody is asked whether to look further: the server does not filter by undo. */
const LOOKED_THROUGH = 2_000;

/** The screen. */
export function UndoScreen(): ReactNode {
  const search: UndoSearch = useSearch({ strict: false });
  const navigate = useNavigate();
  const [several, setSeveral] = useState(false);
  const [asked, setAsked] = useState<{ ask: UndoAsk; title: string }>();
  const may = useMay("operate");
  const show = SHOWS.find((one) => one.value === search.show)?.value ?? "armed";
  const { listing, further } = useActs(search, show);
  const go = (next: UndoSearch): void => void navigate({ to: "/undo", search: next, replace: true });
  useKeys("Undo", [{ keys: "o", does: "undo several acts", run: () => (may ? setSeveral(true) : undefined) }]);
  const more = further === undefined ? undefined : <button type="button" className="link" onClick={further}>Look through older calls</button>;
  const narrowed = search.agent !== undefined || search.text !== undefined || search.since !== undefined;
  return (
    <Page title="Undo" fills command="checkrein undo status" actions={<Button icon="undo" shortcut="o" disabled={!may} onClick={() => setSeveral(true)}>Undo several…</Button>} bar={
      <div className="filters">
        <Choices label="Which acts" choices={SHOWS} value={show} onChange={(next) => go(changed(search, "show", next === "armed" ? "" : next))} />
        <AgentSelect value={search.agent} onChange={(agent) => go(changed(search, "agent", agent))} />
        <SinceSelect value={search.since} onChange={(since) => go(changed(search, "since", since))} />
        <Search label="Tool, resource, run or id" value={search.text ?? ""} onSearch={(text) => go(changed(search, "text", text))} />
      </div>
    }>
      <div className={search.call === undefined ? "beside" : "beside open"}>
        <div className="beside-list">
          <Table name="Acts" listing={listing} columns={columns(search)} rowKey={(call) => call.call} chosen={search.call} foot={more}
            empty={more !== undefined ? <Empty icon="undo" title="None of the latest calls">{more}</Empty> : narrowed ? <Nothing what="acts" clear={() => go({ ...(search.show === undefined ? {} : { show: search.show }) })} />
              : <Empty icon="undo" title={EMPTY[show]} command="checkrein undo status">An act whose way back was kept stands here until its time is over.</Empty>} />
        </div>
        {search.call === undefined ? null : <ActSide key={search.call} call={search.call} onUndo={() => setAsked({ ask: { call: search.call ?? "" }, title: "Undo this act" })} onClose={() => go(changed(search, "call", ""))} />}
      </div>
      {several ? <Several onClose={() => setSeveral(false)} onAsk={(ask, title) => {
        setSeveral(false);
        setAsked({ ask, title });
      }} /> : null}
      {asked === undefined ? null : <UndoDialog {...asked} onClose={() => setAsked(undefined)} />}
    </Page>
  );
}

const EMPTY: Readonly<Record<Show, string>> = {
  armed: "Nothing can be undone", outbox: "Nothing waits in the outbox", undone: "Nothing was undone", gone: "Nothing lost its way back", all: "No act has a way back",
};

/** Acts as they are shown, read on as far as is sensible. */
function useActs(search: UndoSearch, show: Show): { listing: ReturnType<typeof useCalls>; further: (() => void) | undefined } {
  const [most, setMost] = useState(LOOKED_THROUGH);
  const since = useSince(search.since);
  const { agent, text } = search;
  const which: WhichCalls = {
    limit: 200, ...(show === "outbox" ? { state: "queued" } : {}), ...(agent === undefined ? {} : { agent }), ...(text === undefined ? {} : { text }), ...(since === undefined ? {} : { since_ms: since }),
  };
  const found = useCalls(which);
  const items = useMemo(() => found.items.filter((call) => isShown(call, show)), [found.items, show]);
  const stops = found.items.length >= most;
  return {
    listing: { ...found, items, hasMore: found.hasMore && !stops },
    further: found.hasMore && stops ? () => setMost(most + LOOKED_THROUGH) : undefined,
  };
}

function columns(search: UndoSearch): readonly Column<Call>[] {
  return [
    {
      head: "Act", width: "minmax(0, 2.2fr)", cell: (call) => (
        <span className="two">
          <Link to="/undo" search={{ ...search, call: call.call }} className="row-link mono"><Shown text={call.tool} /></Link>
          <small className="mono"><Shown text={call.resource} /></small>
        </span>
      ),
    },
    { head: "Undo", width: "9rem", cell: (call) => <StateBadge state={call.undo ?? call.state} /> },
    { head: "Until", width: "7rem", from: "middle", cell: (call) => call.undo === "armed" && call.undo_until_ms != null ? <Countdown from={call.received_ms} until={call.undo_until_ms} /> : null },
    { head: "Effect", width: "8rem", from: "wide", cell: (call) => <ClassBadge effectClass={call.effect_class} /> },
    { head: "Agent", width: "minmax(0, 1fr)", from: "wide", cell: (call) => <Shown text={call.agent} /> },
    { head: "When", width: "4rem", end: true, cell: (call) => <Ago ms={call.received_ms} /> },
  ];
}

function ActSide({ call, onUndo, onClose }: { call: string; onUndo: () => void; onClose: () => void }): ReactNode {
  const may = useMay("operate");
  const plan = useUndoPlan({ call }, { enabled: may });
  const [act] = plan.data?.acts ?? [];
  const can = act?.outcome === "can_be_undone";
  return (
    <Side about={call} title={<span className="mono">{act?.tool ?? "Act"}</span>} onClose={onClose}
      bar={<><CopyCommand command={`checkrein undo plan ${call}`} />{can && may ? <Button icon="undo" onClick={onUndo}>Undo…</Button> : null}</>}>
      <Part title="The way back">
        {!may ? <p className="quiet">An operator can ask for the plan of its undo.</p> : plan.data !== undefined ? <Report report={plan.data} /> : plan.error !== null ? <Failed error={plan.error} again={() => void plan.refetch()} /> : <Reading lines={2} />}
        <p><Link to="/incident/$of" params={{ of: call }}>Everything about this act</Link></p>
      </Part>
      <Part title="What it changed"><CallPlan call={call} /></Part>
    </Side>
  );
}
