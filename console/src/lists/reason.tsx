// Asks for a reason before something is done that others will ask about.

import { type ReactNode, useState } from "react";

import { Button } from "../parts/basics.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { TextField } from "../parts/fields.tsx";
import { Failed } from "../parts/notices.tsx";

/** What `useAct` gives, as far as it is needed here. */
export interface Work {
  readonly mutate: (reason: string, told: { onSuccess: () => void }) => void;
  readonly isPending: boolean;
  readonly error: Error | null;
}

interface ReasonProps {
  title: string;
  /** What the button says. */
  act: string;
  danger?: boolean;
  work: Work;
  /** Whether more than the reason is still missing. */
  incomplete?: boolean;
  onClose: () => void;
  onDone: () => void;
  children: ReactNode;
}

/** The dialog; it closes once it is done. */
export function ReasonDialog({ title, act, danger = false, work, incomplete = false, onClose, onDone, children }: ReasonProps): ReactNode {
  const [reason, setReason] = useState("");
  const said = reason.trim();
  const submit = (): void => work.mutate(said, {
    onSuccess: () => {
      onDone();
      onClose();
    },
  });
  const actions = (
    <>
      <Button onClick={onClose}>Cancel</Button>
      <Button weight={danger ? "danger" : "primary"} disabled={said === "" || incomplete || work.isPending} onClick={submit}>{act}</Button>
    </>
  );
  return (
    <Dialog title={title} onClose={onClose} actions={actions}>
      {children}
      <TextField label="Reason" value={reason} maxLength={1_000} onChange={(event) => setReason(event.target.value)}
        hint="It is recorded with your name." onKeyDown={(event) => {
          if (event.key === "Enter" && said !== "" && !incomplete && !work.isPending) submit();
        }} />
      {work.error === null ? null : <Failed error={work.error} />}
    </Dialog>
  );
}
