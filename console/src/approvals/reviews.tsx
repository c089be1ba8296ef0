// Reviews to make: calls that ran already, and that a person looks at afterwards. Rejected, an act is taken back where that is
// possible, else it is recorded as an incident. The list is live: a row that comes to lie under the pointer is not accepted by
// the press that was meant for the row before.

import { useAct, useCall, useDuties } from "@checkrein/react";
import type { Done, DutyRecord } from "@checkrein/sdk";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";

import { ArmedButton } from "../decide/armed.tsx";
import { Button, ClassBadge } from "../parts/basics.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { TextArea } from "../parts/fields.tsx";
import { Empty, Failed, Reading } from "../parts/notices.tsx";
import { Shown } from "../parts/text.tsx";
import { Ago } from "../parts/time.tsx";
import { group } from "../parts/words.ts";
import { useMay } from "../shell/session.tsx";
import { toast, toastError } from "../shell/toasts.tsx";
import { Incidents } from "./incidents.tsx";
import { place } from "./sight.ts";

/** Everything that waits for a review, and what was rejected and stands all the same. */
export function Reviews(): ReactNode {
  return <div className="reviews"><Open /><div className="reviews-incidents"><Incidents /></div></div>;
}

function Open(): ReactNode {
  const found = useDuties({ state: "open", kind: "review" });
  if (found.error !== null && found.items.length === 0) return <Failed error={found.error} again={found.again} />;
  if (found.isPending) return <Reading />;
  if (found.items.length === 0) return <Empty title="Nothing to review" command="checkrein duties ls --kind review">Calls that run first and are looked at afterwards stand here.</Empty>;
  return (
    <ul>
      {found.items.map((duty, at) => <li key={duty.duty}><Review duty={duty} above={found.items.slice(0, at).map((one) => one.duty).join(" ")} /></li>)}
      {found.hasMore ? <li><Button disabled={found.isReadingMore} onClick={found.readMore}>Older ones</Button></li> : null}
    </ul>
  );
}

/** `above` names the rows before this one: when they change, this one has moved. */
function Review({ duty, above }: { duty: DutyRecord; above: string }): ReactNode {
  const [rejects, setRejects] = useState(false);
  const may = useMay("decide");
  const call = useCall(duty.call).data?.call;
  const review = useAct((client, said: Done) => client.duties.done(duty, said));
  const say = (said: Done): void => review.mutate(said, {
    onSuccess: () => {
      setRejects(false);
      toast(said.verdict === "accepted" ? "Accepted" : "Rejected; it is taken back where that is possible", "plain");
    },
    onError: toastError,
  });
  const what = <><b>{call?.tool ?? duty.policy}</b> <span className="mono">{call === undefined ? "" : <Shown text={place(call.resource)} />}</span></>;
  return (
    <article className="review">
      <p>{duty.run == null ? what : <Link to="/runs/$run" params={{ run: duty.run }} search={{ call: duty.call }}>{what}</Link>}</p>
      <p className="quiet">{group(duty.asked_of)} · {call?.agent} · <Ago ms={duty.at_ms} /> ago · {duty.policy}</p>
      <div className="review-acts">
        {call === undefined ? null : <ClassBadge effectClass={call.effect_class} />}
        <Button weight="danger" disabled={!may || review.isPending} onClick={() => setRejects(true)}>Reject</Button>
        <ArmedButton shown={`${above} ${duty.duty} ${call?.call ?? ""}`} disabled={!may || review.isPending} onPress={() => say({ verdict: "accepted" })}>Accept</ArmedButton>
      </div>
      {rejects ? <RejectReview isPending={review.isPending} onClose={() => setRejects(false)} onSay={(note) => say({ verdict: "rejected", note })} /> : null}
    </article>
  );
}

function RejectReview({ isPending, onClose, onSay }: { isPending: boolean; onClose: () => void; onSay: (note: string) => void }): ReactNode {
  const [note, setNote] = useState("");
  const actions = (
    <>
      <Button onClick={onClose}>Back</Button>
      <Button weight="danger" disabled={note.trim() === "" || isPending} onClick={() => onSay(note.trim())}>Reject</Button>
    </>
  );
  return (
    <Dialog title="Reject what was done" onClose={onClose} actions={actions}>
      <p>The act is taken back if its undo is still there and nothing moved since; else an incident is recorded. It counts against the agent either way.</p>
      <TextArea label="Why" value={note} maxLength={2_000} onChange={(event) => setNote(event.target.value)} />
    </Dialog>
  );
}
