// A question to the agent. The request goes on waiting, its clock runs.

import { useAct } from "@checkrein/react";
import type { ApprovalDetails } from "@checkrein/sdk";
import { type ReactNode, useState } from "react";

import { Button } from "../parts/basics.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { TextArea } from "../parts/fields.tsx";
import { toast, toastError } from "../shell/toasts.tsx";

/** The dialog of a question. */
export function Ask({ details, onClose }: { details: ApprovalDetails; onClose: () => void }): ReactNode {
  const [question, setQuestion] = useState("");
  const ask = useAct((client, text: string) => client.approvals.ask(details.approval.approval, text));
  const submit = (): void => ask.mutate(question.trim(), {
    onSuccess: () => {
      toast("Asked; the agent sees it when it looks again", "plain");
      onClose();
    },
    onError: toastError,
  });
  const actions = (
    <>
      <Button onClick={onClose}>Back</Button>
      <Button weight="primary" disabled={question.trim() === "" || ask.isPending} onClick={submit}>Ask</Button>
    </>
  );
  return (
    <Dialog title="Ask the agent" onClose={onClose} actions={actions}>
      <p>The agent sees your question in its answer, and can answer with evidence in its next identical call. Nothing is decided.</p>
      <TextArea label="Question" value={question} maxLength={2_000} placeholder="why six replicas and not four?" onChange={(event) => setQuestion(event.target.value)} />
    </Dialog>
  );
}
