// What is stopped, on every screen: nobody should wonder why nothing runs.

import { useStops } from "@checkrein/react";
import type { Stop } from "@checkrein/sdk";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";

import { Button } from "../parts/basics.tsx";
import { Icon } from "../parts/icons.tsx";
import { Ago } from "../parts/time.tsx";
import { Shown } from "../parts/text.tsx";
import { Lift } from "./lift.tsx";
import { useMay } from "./session.tsx";

const LEVELS: Readonly<Record<string, string>> = { pause: "paused", suspend: "suspended", kill: "killed" };

/** A bar for each stop in force, the latest three of them. */
export function StopsInForce(): ReactNode {
  const { items, hasMore } = useStops({ state: "in_force" });
  const [lifting, setLifting] = useState<Stop>();
  const may = useMay("operate");
  if (items.length === 0) return null;
  return (
    <section className="stops" aria-label="Stops in force">
      {items.slice(0, 3).map((stop) => (
        <div key={stop.stop} className="stop-bar">
          <Icon name="stop" />
          <p>
            <b>{stop.scope === "everything" ? "Everything" : <code><Shown text={stop.scope} /></code>} is {LEVELS[stop.level] ?? "stopped"}</b>
            <span> by {stop.by}, <Ago ms={stop.at_ms} /> ago: <Shown text={stop.reason} /></span>
          </p>
          <Link to="/stops" search={{ stop: stop.stop }}>Receipt</Link>
          {may ? <Button onClick={() => setLifting(stop)}>Resume…</Button> : null}
        </div>
      ))}
      {items.length > 3 ? <div className="stop-bar"><Link to="/stops">and {items.length - 3}{hasMore ? "+" : ""} more stops</Link></div> : null}
      {lifting === undefined ? null : <Lift stop={lifting} onClose={() => setLifting(undefined)} />}
    </section>
  );
}
