// Incidents: acts that were rejected afterwards and could not be taken back. Each stays open until somebody says what became of
// it.

import { useAct, useIncidents } from "@checkrein/react";
import type { Incident } from "@checkrein/sdk";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";

import { ReasonDialog } from "../lists/reason.tsx";
import { Button, StateBadge } from "../parts/basics.tsx";
import { Command } from "../parts/command.tsx";
import { Choices } from "../parts/fields.tsx";
import { Failed, Reading } from "../parts/notices.tsx";
import { Panel } from "../parts/page.tsx";
import { Shown } from "../parts/text.tsx";
import { Ago } from "../parts/time.tsx";
import { useMay } from "../shell/session.tsx";
import { toast } from "../shell/toasts.tsx";

const STATES = [{ value: "open", label: "Open" }, { value: "closed", label: "Closed" }] as const;

/** The list, with the way to close one. */
export function Incidents(): ReactNode {
  const [state, setState] = useState<"open" | "closed">("open");
  const found = useIncidents({ state });
  const [closing, setClosing] = useState<Incident>();
  const close = useAct((client, reason: string) => client.duties.close(named(closing?.duty ?? ""), reason));
  return (
    <Panel title="Incidents" beside={<><span className="quiet">rejected afterwards, and not taken back</span><span className="push"><Choices label="Which incidents" choices={STATES} value={state} onChange={setState} /></span></>}>
      {found.isPending ? <Reading lines={2} /> : found.error !== null && found.items.length === 0 ? <Failed error={found.error} again={found.again} />
        : found.items.length === 0 ? <p className="nobody">{state === "open" ? "None is open." : "None was closed yet."}</p> : (
          <ul className="lines incidents">
            {found.items.map((one) => <li key={one.duty}><One incident={one} onClose={() => setClosing(one)} /></li>)}
            {found.hasMore ? <li><Button disabled={found.isReadingMore} onClick={found.readMore}>Older ones</Button></li> : null}
          </ul>
        )}
      {closing === undefined ? null : (
        <ReasonDialog title="Close this incident" act="Close it" work={close} onClose={() => setClosing(undefined)} onDone={() => toast("The incident is closed")}>
          <p>Say what became of it: who mended what, or why it may stand. Nothing is changed by closing it.</p>
          <Command command={`checkrein duties close ${closing.duty} --reason '…'`} />
        </ReasonDialog>
      )}
    </Panel>
  );
}

function One({ incident: one, onClose }: { incident: Incident; onClose: () => void }): ReactNode {
  const may = useMay("decide");
  return (
    <div className="incident">
      <div>
        <p><StateBadge state={one.state} /> <Link to="/incident/$of" params={{ of: one.call }} className="mono">{one.call}</Link></p>
        <p><Shown text={one.reason} /></p>
        <p className="quiet">{one.opened_by}, <Ago ms={one.at_ms} /> ago</p>
        {one.closed_by == null ? null : <p className="quiet">closed by {one.closed_by}{one.closed_ms == null ? null : <>, <Ago ms={one.closed_ms} /> ago</>}: <Shown text={one.closed_reason ?? ""} /></p>}
      </div>
      {one.state === "open" ? <Button disabled={!may} onClick={onClose}>Close…</Button> : null}
    </div>
  );
}

/** A duty by its parts; its key is `call/kind/policy`, and a policy's id may hold slashes. */
export function named(duty: string): { call: string; kind: string; policy: string } {
  const [call = "", kind = "", ...policy] = duty.split("/");
  return { call, kind, policy: policy.join("/") };
}
