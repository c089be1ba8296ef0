// Taking an act back: by its plan in reverse, as a call of its own.

import { useAct } from "@checkrein/react";
import { Denied, type Call, type UndoOffer, type Answer } from "@checkrein/sdk";
import { type ReactNode, useState } from "react";

import { Button, Badge } from "../parts/basics.tsx";
import { Command } from "../parts/command.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { Failed } from "../parts/notices.tsx";
import { Shown } from "../parts/text.tsx";
import { Countdown } from "../parts/time.tsx";
import { useMay } from "../shell/session.tsx";
import { toast } from "../shell/toasts.tsx";
import { CallPlan } from "./plan.tsx";

/** How the undo of a call stands, with the button where it can be used. */
export function UndoCall({ call, offer }: { call: Call; offer: UndoOffer | null }): ReactNode {
  const [open, setOpen] = useState(false);
  const may = useMay("operate");
  const armed = call.undo === "armed";
  return (
    <>
      <p>
        <Badge tone={armed ? "good" : "plain"}>{call.undo?.replaceAll("_", " ")}</Badge>{" "}
        {offer === null ? null : <Shown text={offer.how} />}
        {armed && call.undo_until_ms != null ? <span className="quiet"> · for <Countdown from={call.received_ms} until={call.undo_until_ms} /></span> : null}
      </p>
      {armed && may ? <Button icon="undo" onClick={() => setOpen(true)}>Undo…</Button> : null}
      {open ? <UndoDialog call={call} onClose={() => setOpen(false)} /> : null}
    </>
  );
}

function UndoDialog({ call, onClose }: { call: Call; onClose: () => void }): ReactNode {
  const undo = useAct(async (client, id: string) => done(await client.calls.undo(id)));
  const submit = (): void => undo.mutate(call.call, {
    onSuccess: () => {
      toast(`${call.tool} was taken back`);
      onClose();
    },
  });
  const actions = (
    <>
      <Button onClick={onClose}>Leave it</Button>
      <Button weight="danger" icon="undo" disabled={undo.isPending} onClick={submit}>Undo</Button>
    </>
  );
  return (
    <Dialog title="Take this act back" onClose={onClose} actions={actions}>
      <p>What stood there before is restored, exactly, unless somebody changed it since: then nothing happens. These are the changes that go away:</p>
      <CallPlan call={call.call} />
      {undo.error === null ? null : <Failed error={undo.error} />}
      <Command command={`checkrein undo apply ${call.call}`} />
    </Dialog>
  );
}

function done(answer: Answer): Answer {
  if (answer.status === "succeeded") return answer;
  throw new Denied(answer);
}
