// Where a person decides: at the foot of a request, always in sight. Approve is never focused by itself, arms 600 ms after
// the request came into sight, and needs everything to have been opened. On the keyboard it takes `a` twice.

import { ROOT, useAct, useSessionDetails } from "@checkrein/react";
import type { ApprovalDetails, Approve } from "@checkrein/sdk";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type FormEvent, type ReactNode, useRef, useState } from "react";

import { arePossible, logIn } from "../api/passkeys.ts";
import type { Session } from "../api/session.ts";
import { type More, toType } from "../approvals/more.ts";
import { Button } from "../parts/basics.tsx";
import { Icon } from "../parts/icons.tsx";
import { useOpened } from "../parts/opened.tsx";
import { Sentence, Shown } from "../parts/text.tsx";
import { useKeys } from "../shell/keys.ts";
import { SESSION, useMay, useSession } from "../shell/session.tsx";
import { toast, toastError } from "../shell/toasts.tsx";
import { count } from "../text/clock.ts";
import { Ask } from "./ask.tsx";
import { blocked, type Blocked } from "./blocked.ts";
import { Edit } from "./edit.tsx";
import { Reject } from "./reject.tsx";
import { useArming } from "./use-arming.ts";
import { useTwice } from "./use-twice.ts";
import "./decide.css";

type Opens = "reject" | "edit" | "ask" | undefined;

/** The bar at the foot of a request that waits. */
export function DecideBar({ details, more }: { details: ApprovalDetails; more: More }): ReactNode {
  const [opens, setOpens] = useState<Opens>();
  const [typed, setTyped] = useState("");
  const opened = useOpened();
  const may = useMay("decide");
  const { approval } = details;
  // What is gone cannot be edited: an empty object would be proposed in its place.
  const mayEdit = may && details.arguments != null;
  const why: Blocked | undefined = may
    ? blocked(details, more, { opened: opened.has, typed })
    : { kind: "never", why: "your roles do not let you decide; ask an approver" };
  // What was just opened has to be in sight for its time too.
  const shown = `${approval.approval} ${approval.binding} ${more.shown.digest} ${why?.kind === "unread" ? "in part" : "whole"}`;
  const arming = useArming(shown);
  const [asked, setAsked] = useTwice(shown);
  const approve = useApprove(details, more, typed);
  const ready = why === undefined && arming.armed && !approve.isPending;
  const decide = (): void => {
    if (ready && arming.decides()) approve.mutate();
  };
  const confirm = useRef<HTMLInputElement>(null);
  useKeys("This request", [
    { keys: "a", does: "approve (twice)", run: (event) => {
      if (event.repeat) return;
      if (why?.kind === "confirm") confirm.current?.focus();
      else if (why?.kind === "unread") opened.open(why.names);
      else if (ready && asked) {
        arming.down();
        decide();
      } else setAsked(ready);
    } },
    { keys: "r", does: "reject", run: () => (may ? setOpens("reject") : undefined) },
    { keys: "e", does: "edit the arguments", run: () => (mayEdit ? setOpens("edit") : undefined) },
    { keys: "q", does: "ask the agent", run: () => (may ? setOpens("ask") : undefined) },
  ]);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    arming.down();
    decide();
  };
  const close = (): void => setOpens(undefined);
  const text = may && more.may_decide.yes ? toType(more) : undefined;
  // Dialogs stand beside the form, never in it: Enter in one of their fields must not decide.
  return (
    <>
      <form className="decide" aria-label="Decide" onSubmit={submit}>
        {text === undefined ? null : <Confirm text={text} typed={typed} onType={setTyped} field={confirm} />}
        <div className="decide-row">
          <p className="decide-why" role="status">{told(why, asked, arming.armed)}</p>
          <div className="decide-buttons">
            {why?.kind === "unsure" ? <UsePasskey /> : null}
            {why?.kind === "unread" ? <Button onClick={() => opened.open(why.names)} shortcut="a">Show {count(why.names.length, "part")}</Button> : null}
            <Button weight="quiet" disabled={!may} onClick={() => setOpens("ask")} shortcut="q">Ask</Button>
            <Button weight="quiet" disabled={!mayEdit} onClick={() => setOpens("edit")} shortcut="e">Edit</Button>
            <Button weight="danger" disabled={!may} onClick={() => setOpens("reject")} shortcut="r">Reject</Button>
            <Button weight="primary" className={asked ? "approve asked" : "approve"} disabled={why !== undefined || approve.isPending}
              aria-disabled={!ready} data-armed={ready} shortcut={asked ? "a" : "a a"} onPointerDown={arming.down}
              onKeyDown={(event) => (event.repeat ? event.preventDefault() : arming.down())} onClick={decide}>
              Approve
            </Button>
          </div>
        </div>
      </form>
      {opens === "reject" ? <Reject details={details} onClose={close} /> : null}
      {opens === "edit" ? <Edit details={details} onClose={close} /> : null}
      {opens === "ask" ? <Ask details={details} onClose={close} /> : null}
    </>
  );
}

/** Shows anew that it is this person. Whoever has no passkey is led to where one is added. */
function UsePasskey(): ReactNode {
  const cache = useQueryClient();
  const { person } = useSession();
  const has = useSessionDetails().data?.passkeys.length !== 0;
  const again = async (): Promise<void> => {
    await cache.invalidateQueries({ queryKey: [ROOT] });
    const now = cache.getQueryData<Session | null>(SESSION)?.person;
    // The browser may have offered somebody else's passkey.
    if (now !== undefined && now !== person) toast(`You are ${now} now, not ${person}`, "plain");
  };
  const use = useMutation({ mutationFn: logIn, retry: false, onError: toastError, onSuccess: again });
  if (!has) return <Link to="/settings" hash="account" className="button plain"><Icon name="key" /> <span>Add a passkey</span></Link>;
  return <Button icon="key" disabled={use.isPending || !arePossible()} onClick={() => use.mutate()}>Use your passkey</Button>;
}

function Confirm({ text, typed, onType, field }: { text: string; typed: string; onType: (text: string) => void; field: React.Ref<HTMLInputElement> }): ReactNode {
  return (
    <label className="decide-confirm">
      <span><Icon name="warning" /> This cannot be taken back. Type <code><Shown text={text} /></code> to say what it will do:</span>
      <input ref={field} className="field-input mono" value={typed} onChange={(event) => onType(event.target.value)} autoComplete="off"
        autoCapitalize="off" spellCheck={false} onPaste={(event) => event.preventDefault()} />
    </label>
  );
}

function told(why: Blocked | undefined, asked: boolean, armed: boolean): ReactNode {
  if (why?.kind === "never") return <><Icon name="lock" /> <span>Cannot be approved: <Sentence text={why.why} /></span></>;
  if (why?.kind === "unsure") return <><Icon name="key" /> <span><Sentence text={why.why} /></span></>;
  if (why?.kind === "unread") return <><Icon name="warning" /> <span>Not all of it was on the screen yet.</span></>;
  if (why?.kind === "confirm") return "Approve opens once that is typed.";
  if (asked) return <b>Press a once more to approve.</b>;
  return armed ? "What you see is what runs, once." : "One moment…";
}

function useApprove({ approval }: ApprovalDetails, more: More, typed: string): { isPending: boolean; mutate: () => void } {
  const { isPending, mutate } = useAct((client, yes: Approve) => client.approvals.approve(approval.approval, yes));
  const confirm = toType(more) === undefined ? {} : { confirm: typed.trim() };
  const yes = { ...confirm, shown: more.shown.digest };
  return { isPending, mutate: () => mutate(yes, { onSuccess: () => toast("Approved"), onError: toastError }) };
}
