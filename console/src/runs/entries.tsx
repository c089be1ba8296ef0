// Every entry of one call, as the journal has it.

import { useEntries } from "@checkrein/react";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";

import { Failed, Reading } from "../parts/notices.tsx";
import { Ago } from "../parts/time.tsx";

/** The list; an entry opens where it stands. */
export function CallEntries({ call }: { call: string }): ReactNode {
  const entries = useEntries({ call, limit: 100 });
  const [open, setOpen] = useState<number>();
  if (entries.isPending) return <Reading />;
  if (entries.error !== null && entries.items.length === 0) return <Failed error={entries.error} again={entries.again} />;
  return (
    <>
      <ol className="lines entry-lines">
        {entries.items.map((entry) => (
          <li key={entry.position}>
            <button type="button" className="entry-line" aria-expanded={open === entry.position} onClick={() => setOpen(open === entry.position ? undefined : entry.position)}>
              <span className="quiet">{entry.position}</span> <b className="mono">{entry.kind}</b> <span className="quiet push"><Ago ms={entry.at_ms} /></span>
            </button>
            {open === entry.position ? <pre className="raw mono" tabIndex={0}>{JSON.stringify(entry, null, 2)}</pre> : null}
          </li>
        ))}
      </ol>
      {entries.hasMore ? <button type="button" className="link" onClick={entries.readMore}>More entries</button> : null}
      <p><Link to="/journal" search={{ call }}>In the journal</Link></p>
    </>
  );
}
