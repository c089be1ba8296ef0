// What happens, as it happens: entries of the journal that tell of something a person cares about.

import { useEntries } from "@checkrein/react";
import type { Entry } from "@checkrein/sdk";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useMemo } from "react";

import { Failed, Reading } from "../parts/notices.tsx";
import { Shown } from "../parts/text.tsx";
import { Ago } from "../parts/time.tsx";
import { story, type Telling } from "./tell.ts";

const SHOWN = 24;

/** The latest entries, the newest first. */
export function Feed(): ReactNode {
  const found = useEntries({ first: "newest", limit: 150 });
  const told = useMemo(() => story(found.items).slice(0, SHOWN), [found.items]);
  if (found.error !== null && found.items.length === 0) return <Failed error={found.error} again={found.again} />;
  if (found.isPending) return <Reading lines={8} />;
  if (told.length === 0) return <p className="nobody">Nothing yet. <code>checkrein call files.list '{"{"}"path": "."{"}"}'</code> makes the first entry.</p>;
  return <ol className="feed">{told.map(({ entry, telling }) => <li key={entry.position}><Row entry={entry} telling={telling} /></li>)}</ol>;
}

function Row({ entry, telling }: { entry: Entry; telling: Telling }): ReactNode {
  const { tone, what, about, by } = telling;
  const inner = (
    <>
      <i className={`feed-dot ${tone}`} aria-hidden="true" />
      <span className="feed-what">{what}</span>
      <span className="feed-about"><span className="mono"><Shown text={about} /></span>{by === undefined ? null : <span className="quiet"> by <Shown text={by} /></span>}</span>
      <span className="feed-when quiet"><Ago ms={entry.at_ms} /></span>
    </>
  );
  if (entry.run != null) return <Link to="/runs/$run" params={{ run: entry.run }} search={entry.call == null ? {} : { call: entry.call }} className="feed-row">{inner}</Link>;
  return <Link to="/journal" search={{ entry: entry.position }} className="feed-row">{inner}</Link>;
}
