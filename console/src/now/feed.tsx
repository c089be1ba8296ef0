// What happens, as it happens: entries of the journal that tell of something a person cares about.

import { useEntries } from "@checkrein/react";
import type { Entry } from "@checkrein/sdk";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";

import { Failed, Reading } from "../parts/notices.tsx";
import { Shown } from "../parts/text.tsx";
import { Ago } from "../parts/time.tsx";
import { isTold, tell } from "./tell.ts";

const SHOWN = 24;

/** The latest entries, the newest first. */
export function Feed(): ReactNode {
  const found = useEntries({ first: "newest", limit: 100 });
  if (found.error !== null && found.items.length === 0) return <Failed error={found.error} again={found.again} />;
  if (found.isPending) return <Reading lines={8} />;
  const told = found.items.filter(isTold).slice(0, SHOWN);
  if (told.length === 0) return <p className="nobody">Nothing yet. <code>checkrein call files.list '{"{"}"path": "."{"}"}'</code> makes the first entry.</p>;
  return <ol className="feed">{told.map((entry) => <li key={entry.position}><Row entry={entry} /></li>)}</ol>;
}

function Row({ entry }: { entry: Entry }): ReactNode {
  const { tone, what, about } = tell(entry);
  const inner = (
    <>
      <i className={`feed-dot ${tone}`} aria-hidden="true" />
      <span className="feed-what">{what}</span>
      <span className="feed-about mono"><Shown text={about} /></span>
      <span className="feed-when quiet"><Ago ms={entry.at_ms} /></span>
    </>
  );
  if (entry.run != null) return <Link to="/runs/$run" params={{ run: entry.run }} search={entry.call == null ? {} : { call: entry.call }} className="feed-row">{inner}</Link>;
  return <Link to="/journal" search={{ entry: entry.position }} className="feed-row">{inner}</Link>;
}
