// What is stopped, on every screen: nobody should wonder why nothing runs.

import { useAct, useStops } from "@checkrein/react";
import type { Stop } from "@checkrein/sdk";
import { type ReactNode, useState } from "react";

import { Button } from "../parts/basics.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { TextField } from "../parts/fields.tsx";
import { Icon } from "../parts/icons.tsx";
import { Ago } from "../parts/time.tsx";
import { Shown } from "../parts/text.tsx";
import { useMay } from "./session.tsx";
import { toast, toastError } from "./toasts.tsx";

/** A bar for each stop in force, the latest three of them. */
export function StopsInForce(): ReactNode {
  const { items } = useStops({ state: "in_force" });
  const [lifting, setLifting] = useState<Stop>();
  const may = useMay("operate");
  if (items.length === 0) return null;
  return (
    <section className="stops" aria-label="Stops in force">
      {items.slice(0, 3).map((stop) => (
        <div key={stop.stop} className="stop-bar">
          <Icon name="stop" />
          <p>
            <b>{stop.scope === "everything" ? "Everything" : <code><Shown text={stop.scope} /></code>} is {stop.level === "pause" ? "paused" : "suspended"}</b>
            <span> by {stop.by}, <Ago ms={stop.at_ms} /> ago: <Shown text={stop.reason} /></span>
          </p>
          {may ? <Button onClick={() => setLifting(stop)}>Resume…</Button> : null}
        </div>
      ))}
      {items.length > 3 ? <div className="stop-bar">and {items.length - 3} more stops</div> : null}
      {lifting === undefined ? null : <Lift stop={lifting} onClose={() => setLifting(undefined)} />}
    </section>
  );
}

function Lift({ stop, onClose }: { stop: Stop; onClose: () => void }): ReactNode {
  const [reason, setReason] = useState("");
  const lift = useAct((client, said: string) => client.stops.lift(stop.stop, said));
  const submit = (): void => {
    lift.mutate(reason.trim(), {
      onSuccess: () => {
        toast(`${stop.scope} goes on`);
        onClose();
      },
      onError: toastError,
    });
  };
  const actions = (
    <>
      <Button onClick={onClose}>Leave it stopped</Button>
      <Button weight="primary" disabled={reason.trim() === "" || lift.isPending} onClick={submit}>Resume</Button>
    </>
  );
  return (
    <Dialog title={`Let ${stop.scope} go on`} onClose={onClose} actions={actions}>
      <p>Held calls can run again once they are approved; new calls are judged as before.</p>
      <TextField label="Reason" value={reason} onChange={(event) => setReason(event.target.value)} placeholder="what was found" />
    </Dialog>
  );
}
