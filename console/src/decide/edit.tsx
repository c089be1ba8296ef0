// Other arguments for a call: a new call, which policy judges anew; the one that waits gives way to it.

import { useAct } from "@checkrein/react";
import type { ApprovalDetails, EditCall } from "@checkrein/sdk";
import { type ReactNode, useState } from "react";

import { Button } from "../parts/basics.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { TextArea, TextField } from "../parts/fields.tsx";
import { toast, toastError } from "../shell/toasts.tsx";

/** The dialog of an edit. */
export function Edit({ details, onClose }: { details: ApprovalDetails; onClose: () => void }): ReactNode {
  const gone = details.arguments == null;
  const [text, setText] = useState(() => (gone ? "" : JSON.stringify(details.arguments, null, 2)));
  const [reason, setReason] = useState("");
  const edit = useAct((client, changed: EditCall) => client.approvals.edit(details.approval.approval, changed));
  const read = parsed(text);
  const masked = text.includes("⟦masked:");
  const ready = !gone && read.error === undefined && !masked && reason.trim() !== "" && !edit.isPending;
  const submit = (): void => edit.mutate({ arguments: read.value, reason: reason.trim() }, {
    onSuccess: () => {
      toast("Judged anew as another call; this one gave way", "plain");
      onClose();
    },
    onError: toastError,
  });
  const hint = gone ? "They are no longer kept, so nothing can be proposed in their place." : masked ? "A value is masked here and would be sent as its mask: write the whole value, or reject instead." : read.error;
  const actions = (
    <>
      <Button onClick={onClose}>Back</Button>
      <Button weight="primary" disabled={!ready} onClick={submit}>Propose instead</Button>
    </>
  );
  return (
    <Dialog title="Edit the arguments" onClose={onClose} actions={actions}>
      <p>This makes another call, which policy judges anew and people may be asked about again. Both are kept; the agent is told what changed.</p>
      <TextArea label="Arguments" className="mono" rows={12} spellCheck={false} disabled={gone} value={text} onChange={(event) => setText(event.target.value)} hint={hint} />
      <TextField label="Reason" value={reason} onChange={(event) => setReason(event.target.value)} placeholder="what was wrong" />
    </Dialog>
  );
}

function parsed(text: string): { value?: unknown; error?: string } {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch (error) {
    return { error: error instanceof Error ? error.message : "no JSON" };
  }
}
