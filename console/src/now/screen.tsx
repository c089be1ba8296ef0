// Is anything wrong, and who must act? The first thing that somebody sees at three in the morning.

import { type Listing, useApprovals, useAttention, useBudgets, useDeadLetters, useDuties, useIncidents, useServers, useSpaces, useStops, useTools } from "@checkrein/react";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useMemo, useState } from "react";

import { since } from "../lists/since.ts";
import { Button } from "../parts/basics.tsx";
import { Icon, type IconName } from "../parts/icons.tsx";
import { Page, Panel } from "../parts/page.tsx";
import { useNow } from "../parts/time.tsx";
import { useMay } from "../shell/session.tsx";
import { type Check, checks, headline, type Some } from "./checks.ts";
import { Feed } from "./feed.tsx";
import { JournalCheck } from "./journal.tsx";
import { Suspend } from "./suspend.tsx";
import { Waiting } from "./waiting.tsx";
import "./now.css";

/** The screen. */
export function Now(): ReactNode {
  const [suspends, setSuspends] = useState(false);
  const found = useChecks();
  const may = useMay("operate");
  const suspend = <Button weight="danger" icon="stop" disabled={!may} onClick={() => setSuspends(true)}>Suspend everything</Button>;
  return (
    <Page title="Now" command="checkrein doctor" actions={suspend}>
      <div className="now">
        <section className="now-said" aria-live="polite">
          <h2 className={found[0]?.tone ?? ""}><i aria-hidden="true" />{headline(found)}</h2>
          <ul className="now-checks">
            {found.map((check) => <One key={check.name} check={check} />)}
            <JournalCheck />
          </ul>
        </section>
        <div className="now-two">
          <Panel title="Who must act" beside={<Link to="/approvals" className="push">All approvals</Link>}><Waiting /></Panel>
          <Panel title="What happens" beside={<Link to="/journal" className="push">Journal</Link>}><Feed /></Panel>
        </div>
      </div>
      {suspends ? <Suspend onClose={() => setSuspends(false)} /> : null}
    </Page>
  );
}

function useChecks(): readonly Check[] {
  const now = useNow(10_000);
  // Asked anew when something is decided or an hour is over, and not each time that the clock ticks.
  const hour = Math.floor(now / 3_600_000);
  const day = useMemo(() => since("day", hour * 3_600_000), [hour]);
  const attention = useAttention(day);
  const stops = useStops({ state: "in_force" });
  const waiting = useApprovals({ state: "pending" });
  const reviews = useDuties({ state: "open", kind: "review" });
  const [tools, servers, budgets, spaces] = [useTools(), useServers(), useBudgets(), useSpaces()];
  const incidents = useIncidents({ state: "open" });
  const letters = useDeadLetters({ state: "open", first: "oldest" });
  const some = <T,>(found: Listing<T>): Some<T> | undefined => (found.isPending || found.error !== null ? undefined : { items: found.items, more: found.hasMore });
  return checks({
    stops: some(stops), waiting: some(waiting), reviews: some(reviews), incidents: some(incidents), letters: some(letters),
    tools: tools.data?.items, servers: servers.data?.items, budgets: budgets.data?.items, spaces: spaces.data?.items,
    attention: attention.data,
  }, now);
}

const ICONS: Readonly<Record<Check["tone"], IconName>> = { good: "check", wait: "clock", bad: "warning" };

/** One thing that was looked at. */
export function One({ check, children }: { check: Check; children?: ReactNode }): ReactNode {
  const inner = (
    <>
      <Icon name={ICONS[check.tone]} />
      <span className="check-name">{check.name}</span>
      <span className="check-text">{check.text}</span>
    </>
  );
  return (
    <li className={`check ${check.tone}`}>
      <Link to={check.to} search={check.show === undefined ? {} : { show: check.show }} className="check-inner">{inner}</Link>
      {children}
    </li>
  );
}
