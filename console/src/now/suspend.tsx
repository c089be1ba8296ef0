// Stops everything: shows first what that reaches, asks for a reason, says afterwards what was already under way.

import { useAct, useReach } from "@checkrein/react";
import type { StopReceipt } from "@checkrein/sdk";
import { type ReactNode, useState } from "react";

import { Button, Fact } from "../parts/basics.tsx";
import { CopyCommand } from "../parts/command.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { TextField } from "../parts/fields.tsx";
import { Failed, Reading } from "../parts/notices.tsx";
import { Numbers, One } from "../parts/numbers.tsx";
import { shortId } from "../parts/words.ts";
import { useMay, useSession } from "../shell/session.tsx";
import { toastError } from "../shell/toasts.tsx";
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
      <p>No new effect starts {scope === "everything" ? "anywhere" : <>in <code>{scope}</code></>} until somebody resumes. What already runs is observed to its end.</p>
      <Reach scope={scope} />
      <TextField label="Reason" value={reason} maxLength={2_000} placeholder="what is odd"
        onChange={(event) => setReason(event.target.value)} />
    </Dialog>
  );
}

function Reach({ scope }: { scope: string }): ReactNode {
  const found = useReach(scope);
  if (found.data === undefined) return found.error === null ? <Reading lines={3} /> : <Failed error={found.error} />;
  const { open_runs: runs, in_work: work, held, more } = found.data;
  const plus = more ? "+" : "";
  return (
    <Numbers>
      <One name="open runs" value={`${runs}${plus}`} />
      <One name="calls under way" value={`${work}${plus}`} />
      <One name="calls held" value={`${held}${plus}`} />
    </Numbers>
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
      </dl>
    </Dialog>
  );
}
