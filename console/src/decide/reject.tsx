// A no, with the reason that the agent is told.

import { useAct } from "@checkrein/react";
import type { ApprovalDetails } from "@checkrein/sdk";
import { type FormEvent, type ReactNode, useState } from "react";

import { Button } from "../parts/basics.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { TextArea } from "../parts/fields.tsx";
import { toast, toastError } from "../shell/toasts.tsx";

const REASONS = ["Not now", "Not needed", "Wrong target", "Too much at once", "Show me a plan first", "Ask the owner first"] as const;

/** The dialog of a no. */
export function Reject({ details, onClose }: { details: ApprovalDetails; onClose: () => void }): ReactNode {
  const [reason, setReason] = useState("");
  const reject = useAct((client, said: string) => client.approvals.reject(details.approval.approval, said));
  const text = reason.trim();
  const submit = (event?: FormEvent): void => {
    event?.preventDefault();
    event?.stopPropagation();
    if (text === "" || reject.isPending) return;
    reject.mutate(text, {
      onSuccess: () => {
        toast("Rejected; the agent is told why", "plain");
        onClose();
      },
      onError: toastError,
    });
  };
  const actions = (
    <>
      <Button onClick={onClose}>Back</Button>
      <Button weight="danger" disabled={text === "" || reject.isPending} onClick={() => submit()}>Reject</Button>
    </>
  );
  return (
    <Dialog title="Reject" onClose={onClose} actions={actions}>
      <p>Nothing is executed. The agent is told your reason and may propose something else.</p>
      <div className="chips" role="group" aria-label="Common reasons">
        {REASONS.map((each) => (
          <button key={each} type="button" className="chip" aria-pressed={reason === each} onClick={() => setReason(each)}>{each}</button>
        ))}
      </div>
      <TextArea label="Reason" value={reason} maxLength={2_000} placeholder="what would have been right"
        onChange={(event) => setReason(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) submit();
        }} hint="Ctrl+Enter rejects." />
    </Dialog>
  );
}
