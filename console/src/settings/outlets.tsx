// Services that are told what people should know: how each stands, and telling one that this is a test.

import { useAct, useOutlets } from "@checkrein/react";
import type { Outlet } from "@checkrein/sdk";
import type { ReactNode } from "react";

import { Badge, Button } from "../parts/basics.tsx";
import { Command, quoted } from "../parts/command.tsx";
import { Failed, Reading } from "../parts/notices.tsx";
import { Panel } from "../parts/page.tsx";
import { Shown } from "../parts/text.tsx";
import { Ago, Countdown } from "../parts/time.tsx";
import { useMay } from "../shell/session.tsx";
import { count, lasting } from "../text/clock.ts";

/** The list. */
export function Outlets(): ReactNode {
  const outlets = useOutlets();
  return (
    <Panel title="Outlets" id="outlets" beside={<span className="quiet">who is told what waits and what went wrong</span>}>
      {outlets.isPending ? <Reading lines={2} /> : outlets.data === undefined ? <Failed error={outlets.error} again={() => void outlets.refetch()} /> : outlets.data.items.length === 0 ? (
        <div className="panel-body places-lines"><p>Nobody is told anything outside of this console. Name a <code>[[slack]]</code> or a <code>[[webhook]]</code> in the configuration; this shows how they stand:</p><Command command="checkrein outlets ls" /></div>
      ) : <ul className="rows">{outlets.data.items.map((outlet) => <One key={outlet.outlet} outlet={outlet} />)}</ul>}
    </Panel>
  );
}

function One({ outlet }: { outlet: Outlet }): ReactNode {
  const may = useMay("operate");
  const test = useAct((client, name: string) => client.outlets.test(name));
  const away = outlet.standing !== "well";
  return (
    <li>
      <span>
        <b>{outlet.outlet}</b> <span className="quiet">{outlet.way}</span> <Badge tone={away ? "bad" : "good"}>{outlet.standing}</Badge>
        <small className="mono"><Shown text={outlet.at} /></small>
        {outlet.why == null ? null : <small><Shown text={outlet.why} /></small>}
        <small>{about(outlet)}</small>
      </span>
      <span className="quiet">
        {count(outlet.told, "message")}{outlet.told_ms == null ? null : <>, last <Ago ms={outlet.told_ms} /> ago</>}
        {outlet.behind === 0 ? null : <> · {count(outlet.behind, "entry", "entries")} behind</>}
        {outlet.gave_up === 0 ? null : <> · <Badge tone="wait">{outlet.gave_up} given up</Badge></>}
        {outlet.gave_up_why == null ? null : <small><Shown text={outlet.gave_up_why} /></small>}
        {away && outlet.again_at_ms != null ? <small>tried again in <Countdown from={outlet.away_since_ms ?? outlet.again_at_ms} until={outlet.again_at_ms} /></small> : null}
      </span>
      {may ? <span className="rows-acts"><Button title={`checkrein outlets test ${quoted(outlet.outlet)}`} disabled={test.isPending} onClick={() => test.mutate(outlet.outlet)}>{test.isPending ? "Testing…" : "Test"}</Button></span> : null}
      {test.data === undefined && test.error === null ? null : (
        <div className="rows-more" role="status">
          {test.error !== null ? <Failed error={test.error} /> : test.data === undefined ? null
            : <p><Badge tone={test.data.arrived ? "good" : "bad"}>{test.data.arrived ? "it arrived" : "it did not arrive"}</Badge> <span className="quiet">after {lasting(test.data.took_ms)}</span>{test.data.why == null ? null : <> <Shown text={test.data.why} /></>}</p>}
        </div>
      )}
    </li>
  );
}

/** What it is told, and of whom. */
function about({ tells, groups, connection }: Outlet): string {
  const what = tells.length === 0 ? "everything that is told" : tells.join(", ");
  const whom = groups.length === 0 ? "" : `, of ${groups.join(", ")}`;
  return `${what}${whom}${connection == null ? "" : `; its connection is ${connection}`}`;
}
