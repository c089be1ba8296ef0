// The journal: every entry, newest first, looked for by the server; where it stands, and whether all of it is unchanged.

import { useEntries } from "@checkrein/react";
import type { Entry, WhichEntries } from "@checkrein/sdk";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import type { ReactNode } from "react";

import { Nothing, Table, type Column } from "../lists/table.tsx";
import { Search } from "../lists/search.tsx";
import { Select } from "../lists/select.tsx";
import { changed, type JournalSearch } from "../others.ts";
import { Badge } from "../parts/basics.tsx";
import { quoted } from "../parts/command.tsx";
import { Empty } from "../parts/notices.tsx";
import { Page } from "../parts/page.tsx";
import { Shown } from "../parts/text.tsx";
import { Ago } from "../parts/time.tsx";
import { shortId } from "../parts/words.ts";
import { EntrySide } from "./entry.tsx";
import { KINDS, saidOf, toneOf } from "./kinds.ts";
import { Proof } from "./proof.tsx";

/** The list with its proof. */
export function Journal(): ReactNode {
  const search: JournalSearch = useSearch({ strict: false });
  const navigate = useNavigate();
  const listing = useEntries({ ...which(search), first: "newest" });
  const go = (next: JournalSearch): void => void navigate({ to: "/journal", search: next, replace: true });
  const open = listing.items.find((entry) => entry.position === search.entry);
  const { entry: _, ...filters } = search;
  return (
    <Page title="Journal" fills command={command(filters)} actions={<Proof />} bar={
      <div className="filters">
        <Search label="Text in entries, such as a path, a policy or a name" value={search.text ?? ""} onSearch={(text) => go(changed(filters, "text", text))} />
        <Select label="Kind" value={search.kind ?? ""} options={[["", "Every kind"], ...KINDS.map((kind) => [kind, kind.replaceAll("_", " ")] as const)]} onChange={(kind) => go(changed(filters, "kind", kind))} />
        {search.run === undefined ? null : <Filter name="run" id={search.run} onRemove={() => go(changed(filters, "run", ""))} />}
        {search.call === undefined ? null : <Filter name="call" id={search.call} onRemove={() => go(changed(filters, "call", ""))} />}
      </div>
    }>
      <div className={search.entry === undefined ? "beside" : "beside open"}>
        <div className="beside-list">
          <Table name="Entries" listing={listing} columns={columns(filters)} rowKey={(entry) => String(entry.position)} chosen={open === undefined ? undefined : String(open.position)}
            empty={Object.keys(filters).length > 0 ? <Nothing what="entries" clear={() => go({})} /> : <Empty icon="journal" title="The journal is empty" command="checkrein journal entries" />} />
        </div>
        {search.entry === undefined ? null : <EntrySide position={search.entry} known={open} onClose={() => go(filters)} />}
      </div>
    </Page>
  );
}

function columns(filters: JournalSearch): readonly Column<Entry>[] {
  return [
    { head: "Position", width: "5.5rem", from: "wide", end: true, cell: (entry) => <span className="mono quiet">{entry.position}</span> },
    {
      head: "Entry", width: "minmax(0, 2fr)", cell: (entry) => (
        <span className="two">
          <Link to="/journal" search={{ ...filters, entry: entry.position }} className="row-link mono">{entry.kind}</Link>
          <small><Shown text={saidOf(entry)} /></small>
        </span>
      ),
    },
    { head: "Says", width: "6.5rem", from: "middle", cell: (entry) => toneOf(entry) === undefined ? null : <Badge tone={toneOf(entry)?.tone ?? "plain"}>{toneOf(entry)?.word}</Badge> },
    { head: "Run", width: "8.5rem", from: "wide", cell: (entry) => entry.run == null ? null : <Link className="above mono" to="/runs/$run" params={{ run: entry.run }} search={entry.call == null ? {} : { call: entry.call }}>{shortId(entry.run)}</Link> },
    { head: "When", width: "4rem", end: true, cell: (entry) => <Ago ms={entry.at_ms} /> },
  ];
}

function Filter({ name, id, onRemove }: { name: string; id: string; onRemove: () => void }): ReactNode {
  return (
    <span className="badge note">
      {name} <span className="mono">{shortId(id)}</span>
      <button type="button" className="link" aria-label={`Take the ${name} away`} onClick={onRemove}>×</button>
    </span>
  );
}

function which({ text, kind, run, call }: JournalSearch): WhichEntries {
  return {
    ...(text === undefined ? {} : { text }), ...(kind === undefined ? {} : { kind }),
    ...(run === undefined ? {} : { run }), ...(call === undefined ? {} : { call }),
  };
}

function command({ kind, run, call, text }: JournalSearch): string {
  const options = [kind && `--kind ${kind}`, run && `--run ${run}`, call && `--call ${call}`, text && `--text ${quoted(text)}`];
  return ["checkrein journal entries", ...options].filter(Boolean).join(" ");
}
