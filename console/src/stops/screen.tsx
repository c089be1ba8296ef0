// Stops: what is stopped now, the way to stop something after its reach was on the screen, receipts of each stop, and when
// stopping was last rehearsed.

import { useAct, useLastDrill, useStops } from "@checkrein/react";
import { Problem, type Stop } from "@checkrein/sdk";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";

import { changed, type StopsSearch } from "../others.ts";
import { Badge, Button, StateBadge } from "../parts/basics.tsx";
import { Command } from "../parts/command.tsx";
import { Choices } from "../parts/fields.tsx";
import { Failed, Reading } from "../parts/notices.tsx";
import { Page, Panel } from "../parts/page.tsx";
import { Shown } from "../parts/text.tsx";
import { Ago } from "../parts/time.tsx";
import { Lift } from "../shell/lift.tsx";
import { useMay, useSession } from "../shell/session.tsx";
import { Order } from "./order.tsx";
import { ReceiptSide, Timeline } from "./receipt.tsx";
import { saidScope } from "./scope.ts";
import { verdict } from "./receipt.ts";
import "../lists/common.css";
import "../lists/side.css";
import "./stops.css";

/** The screen. */
export function Stops(): ReactNode {
  const search: StopsSearch = useSearch({ strict: false });
  const navigate = useNavigate();
  const [lifting, setLifting] = useState<Stop>();
  const state = search.show === "lifted" ? "lifted" : "in_force";
  const stops = useStops({ state });
  const go = (next: StopsSearch): void => void navigate({ to: "/stops", search: next, replace: true });
  const shows = [{ value: "in_force", label: "In force" }, { value: "lifted", label: "Lifted" }] as const;
  return (
    <Page title="Stops" fills command={search.show === "lifted" ? "checkrein stop status --all" : "checkrein stop status"}>
      <div className={search.stop === undefined ? "beside" : "beside open"}>
        <div className="beside-list stops-list">
          <Panel title="Stops" beside={<span className="push"><Choices label="Which stops" choices={shows} value={state} onChange={(show) => go(changed(search, "show", show === "lifted" ? show : ""))} /></span>}>
            {stops.isPending ? <Reading lines={2} /> : stops.error !== null && stops.items.length === 0 ? <Failed error={stops.error} again={stops.again} />
              : stops.items.length === 0 ? <p className="nobody">{state === "in_force" ? "Nothing is stopped." : "No stop was lifted yet."}</p> : (
                <ul className="stop-rows">
                  {stops.items.map((stop) => <li key={stop.stop}><Row stop={stop} search={search} onResume={() => setLifting(stop)} /></li>)}
                  {stops.hasMore ? <li><Button disabled={stops.isReadingMore} onClick={stops.readMore}>Older ones</Button></li> : null}
                </ul>
              )}
          </Panel>
          <Order search={search} />
          <LastDrill />
        </div>
        {search.stop === undefined ? null : (
          <ReceiptSide key={search.stop} stop={search.stop} known={stops.items.find((one) => one.stop === search.stop)} onResume={setLifting} onClose={() => go(changed(search, "stop", ""))} />
        )}
      </div>
      {lifting === undefined ? null : <Lift stop={lifting} onClose={() => setLifting(undefined)} />}
    </Page>
  );
}

function Row({ stop, search, onResume }: { stop: Stop; search: StopsSearch; onResume: () => void }): ReactNode {
  const may = useMay("operate");
  return (
    <>
      <div>
        <p><StateBadge state={stop.state} /> <Badge tone={stop.level === "kill" ? "bad" : "wait"}>{stop.level}</Badge> <Link to="/stops" search={{ ...search, stop: stop.stop }} aria-current={search.stop === stop.stop ? "true" : undefined}><b><Shown text={saidScope(stop.scope)} /></b></Link></p>
        <p><Shown text={stop.reason} /> <span className="quiet">{stop.by}, <Ago ms={stop.at_ms} /> ago</span></p>
        {stop.lifted_by == null ? null : <p className="quiet">resumed by {stop.lifted_by}: <Shown text={stop.lifted_reason ?? ""} /></p>}
      </div>
      {stop.state === "in_force" ? <Button disabled={!may} onClick={onResume}>Resume…</Button> : null}
    </>
  );
}

/** A rehearsal older than this is worth another one: 30 days, in milliseconds. */
const OLD_MS = 30 * 86_400_000;

function LastDrill(): ReactNode {
  const found = useLastDrill();
  const { tenant } = useSession();
  const may = useMay("operate");
  const scope = useMay("administer") ? "everything" : `tenant:${tenant}`;
  const rehearse = useAct((client, of: string) => client.kills.drill(of));
  const last = found.data;
  const none = found.error instanceof Problem && found.error.status === 404;
  const said = last === undefined ? undefined : verdict({ levers: last.levers, complete: true });
  return (
    <Panel title="Last drill" beside={<span className="push"><Button disabled={!may || rehearse.isPending} onClick={() => rehearse.mutate(scope)}>{rehearse.isPending ? "Rehearsing…" : "Rehearse now"}</Button></span>}>
      <div className="panel-body order">
        {rehearse.error === null ? null : <Failed error={rehearse.error} />}
        {none ? (
          <><p className="quiet">Stopping was never rehearsed here. A drill tries every lever on something made for it, stops nothing, and measures how long each takes.</p><Command command={`checkrein stop drill ${scope}`} /></>
        ) : found.isPending ? <Reading lines={2} /> : last === undefined || said === undefined ? <Failed error={found.error} again={() => void found.refetch()} /> : (
          <>
            <p><Badge tone={said.tone}>{said.text}</Badge> {Date.now() - last.at_ms > OLD_MS ? <Badge tone="wait">long ago</Badge> : null} <span className="quiet">for {saidScope(last.scope)}, by {last.by}, <Ago ms={last.at_ms} /> ago</span></p>
            <Timeline levers={last.levers} />
          </>
        )}
      </div>
    </Panel>
  );
}
