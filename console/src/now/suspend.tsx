// Stops everything: shows first what that reaches, asks for a reason, says afterwards what was already under way.

import { useAct } from "@checkrein/react";
import type { StopReceipt } from "@checkrein/sdk";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";

import { Button, Fact } from "../parts/basics.tsx";
import { CopyCommand } from "../parts/command.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { TextField } from "../parts/fields.tsx";
import { shortId } from "../parts/words.ts";
import { useMay, useSession } from "../shell/session.tsx";
import { toastError } from "../shell/toasts.tsx";
import { ReachOf } from "../stops/reach.tsx";
import { count } from "../text/clock.ts";

/** Everything is everybody's, so stopping it is for admins; an operator stops everything of the own tenant. */
function useScope(): string {
  const { tenant } = useSession();
  return useMay("administer") ? "everything" : `tenant:${tenant}`;
}

/** The dialog. */
export function Suspend({ onClose }: { onClose: () => void }): ReactNode {
  const [reason, setReason] = useState("");
  const scope = useScope();
  const suspend = useAct((client, said: string) => client.stops.order({ scope, level: "suspend", reason: said }));
  if (suspend.data !== undefined) return <Receipt receipt={suspend.data} onClose={onClose} />;
  const said = reason.trim();
  const submit = (): void => {
    if (said !== "" && !suspend.isPending) suspend.mutate(said, { onError: toastError });
  };
  const actions = (
    <>
      <CopyCommand command={`checkrein stop suspend ${scope} --reason '${said.replaceAll("'", "'\\''")}'`} />
      <Button onClick={onClose}>Back</Button>
      <Button weight="danger" icon="stop" disabled={said === "" || suspend.isPending} onClick={submit}>Suspend everything</Button>
    </>
  );
  return (
    <Dialog title="Suspend everything" onClose={onClose} actions={actions}>
      <p>No new effect starts {scope === "everything" ? "anywhere" : <>in <code>{scope}</code></>} until somebody resumes. What already runs is cancelled, and observed to its end.</p>
      <ReachOf scope={scope} />
      <TextField label="Reason" value={reason} maxLength={2_000} placeholder="what is odd"
        onChange={(event) => setReason(event.target.value)} />
    </Dialog>
  );
}

function Receipt({ receipt, onClose }: { receipt: StopReceipt; onClose: () => void }): ReactNode {
  return (
    <Dialog title="Everything is suspended" onClose={onClose} actions={<Button weight="primary" onClick={onClose}>Done</Button>}>
      <dl>
        <Fact name="Stop"><span className="mono">{shortId(receipt.stop.stop)}</span></Fact>
        <Fact name="Fence">epoch {receipt.epoch}: permits from before are looked at again</Fact>
        <Fact name="Under way">{receipt.in_work.length === 0 ? "nothing" : `${count(receipt.in_work.length, "call")}, observed to the end`}</Fact>
        <Fact name="Held">{count(receipt.held, "call")}, which cannot run either</Fact>
        <Fact name="Receipt"><Link to="/stops" search={{ stop: receipt.stop.stop }}>how every lever answers</Link></Fact>
      </dl>
    </Dialog>
  );
}
