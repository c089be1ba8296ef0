// One entry as it is stored, with its place in the chain.

import { useEntries } from "@checkrein/react";
import type { Entry } from "@checkrein/sdk";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";

import { Part, Side } from "../lists/side.tsx";
import { Fact, Id } from "../parts/basics.tsx";
import { Failed, Reading } from "../parts/notices.tsx";
import { moment } from "../text/clock.ts";
import { eventOf } from "./kinds.ts";

interface EntrySideProps {
  position: number;
  /** The entry, if the list has it. */
  known: Entry | undefined;
  onClose: () => void;
}

/** The panel. */
export function EntrySide({ position, known, onClose }: EntrySideProps): ReactNode {
  // The page that begins behind the entry before has it first.
  const asked = useEntries({ after: position - 1, limit: 1 }, { enabled: known === undefined });
  const entry = known ?? asked.items.find((one) => one.position === position);
  return (
    <Side about={String(position)} onClose={onClose} title={<>Entry <span className="mono">{position}</span></>} beside={entry === undefined ? undefined : <code>{entry.kind}</code>}>
      {entry !== undefined ? <About entry={entry} /> : asked.isPending ? <Reading /> : asked.error !== null ? <Failed error={asked.error} again={asked.again} /> : <p className="quiet">There is no such entry, or it belongs to another tenant.</p>}
    </Side>
  );
}

function About({ entry }: { entry: Entry }): ReactNode {
  return (
    <>
      <Part title="Its place">
        <dl>
          <Fact name="When">{moment(entry.at_ms)}</Fact>
          <Fact name="Chain"><Id id={entry.writer} /> number {entry.seq}</Fact>
          <Fact name="Hash"><Id id={entry.hash} whole /></Fact>
          <Fact name="Before it"><Id id={String(entry.entry["prev"] ?? "")} whole /></Fact>
          {entry.run == null ? null : <Fact name="Run"><Link to="/runs/$run" params={{ run: entry.run }} search={entry.call == null ? {} : { call: entry.call }} className="mono">{entry.run}</Link></Fact>}
          {entry.call == null ? null : <Fact name="Call"><Link to="/journal" search={{ call: entry.call }} className="mono">{entry.call}</Link></Fact>}
          {entry.tenant == null ? null : <Fact name="Tenant">{entry.tenant}</Fact>}
        </dl>
      </Part>
      <Part title="What happened"><pre className="raw mono tall" tabIndex={0}>{JSON.stringify(eventOf(entry), null, 2)}</pre></Part>
      <p className="quiet">Contents of calls stand apart, encrypted; entries hold keyed digests of them.</p>
    </>
  );
}
