// One's own account: passkeys and recovery codes. Changing them needs a login that is only some minutes old.

import { useAct, useSessionDetails } from "@checkrein/react";
import type { Passkey } from "@checkrein/sdk";
import { type ReactNode, useState } from "react";

import { add, arePossible } from "../api/passkeys.ts";
import { Badge, Button, Id } from "../parts/basics.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { TextField } from "../parts/fields.tsx";
import { Failed, Reading } from "../parts/notices.tsx";
import { Panel } from "../parts/page.tsx";
import { Countdown } from "../parts/time.tsx";
import { toast } from "../shell/toasts.tsx";
import { count } from "../text/clock.ts";

/** What is left is shown against a day. */
const SESSION_MS = 86_400_000;

/** The panel. */
export function Account(): ReactNode {
  const session = useSessionDetails();
  const [open, setOpen] = useState<"passkey" | "codes" | Passkey>();
  const close = (): void => setOpen(undefined);
  if (session.data === undefined) return <Panel title="My account" id="account">{session.isPending ? <Reading lines={2} /> : <Failed error={session.error} />}</Panel>;
  const { person, roles, groups, passkeys, recovery_codes: codes, login, expires_ms: expires } = session.data;
  return (
    <Panel title="My account" id="account">
      <ul className="rows">
        <li>
          <span><b>{person}</b><small>logged in by {login.replaceAll("_", " ")}, ends in <Countdown from={expires - SESSION_MS} until={expires} /></small></span>
          <span>{roles.map((role) => <Badge key={role}>{role.replaceAll("_", " ")}</Badge>)}<small>{groups.includes("*") ? "every group of approvers" : groups.length === 0 ? "no group of approvers" : groups.join(", ")}</small></span>
        </li>
        {passkeys.map((passkey) => (
          <li key={passkey.id}>
            <span><b>{passkey.title}</b> <span className="quiet">passkey</span></span>
            <span><Id id={passkey.id} /></span>
            <Button weight="danger" onClick={() => setOpen(passkey)}>Remove…</Button>
          </li>
        ))}
        <li>
          <span><b>Passkeys</b><small>{passkeys.length === 0 ? "You have none. With one you log in by touch, and may approve what asks for it." : "Add one for each device that you use."}</small></span>
          <span className="quiet">{arePossible() ? null : <>They need <code>localhost</code> or an https address.</>}</span>
          <Button icon="key" disabled={!arePossible()} onClick={() => setOpen("passkey")}>Add a passkey…</Button>
        </li>
        <li>
          <span><b>Recovery codes</b><small>Each logs you in once, when your devices are gone.</small></span>
          <span><Badge tone={codes === 0 ? "wait" : "good"}>{count(codes, "code")} left</Badge></span>
          <Button icon="lock" onClick={() => setOpen("codes")}>Make new codes…</Button>
        </li>
      </ul>
      {open === "passkey" ? <AddPasskey onClose={close} /> : open === "codes" ? <Codes onClose={close} /> : open === undefined ? null : <RemovePasskey passkey={open} onClose={close} />}
    </Panel>
  );
}

function AddPasskey({ onClose }: { onClose: () => void }): ReactNode {
  const [title, setTitle] = useState("");
  const adding = useAct((_client, called: string) => add(called));
  const submit = (): void => adding.mutate(title.trim(), {
    onSuccess: () => {
      toast("The passkey is added");
      onClose();
    },
  });
  const actions = (
    <>
      <Button onClick={onClose}>Cancel</Button>
      <Button weight="primary" icon="key" disabled={title.trim() === "" || adding.isPending} onClick={submit}>Add it</Button>
    </>
  );
  return (
    <Dialog title="Add a passkey" onClose={onClose} actions={actions}>
      <p>The browser asks which device keeps it. The private part never leaves that device.</p>
      <TextField label="What to call it" value={title} maxLength={64} onChange={(event) => setTitle(event.target.value)} placeholder="work laptop" />
      {adding.error === null ? null : <Failed error={adding.error} />}
    </Dialog>
  );
}

function RemovePasskey({ passkey, onClose }: { passkey: Passkey; onClose: () => void }): ReactNode {
  const removing = useAct((client, id: string) => client.account.removePasskey(id));
  const submit = (): void => removing.mutate(passkey.id, {
    onSuccess: () => {
      toast(`${passkey.title} is removed`);
      onClose();
    },
  });
  const actions = (
    <>
      <Button onClick={onClose}>Keep it</Button>
      <Button weight="danger" disabled={removing.isPending} onClick={submit}>Remove</Button>
    </>
  );
  return (
    <Dialog title={`Remove ${passkey.title}`} onClose={onClose} actions={actions}>
      <p>Nobody logs in with it any more. Remove it on the device too.</p>
      {removing.error === null ? null : <Failed error={removing.error} />}
    </Dialog>
  );
}

function Codes({ onClose }: { onClose: () => void }): ReactNode {
  const making = useAct((client, _: undefined) => client.account.makeRecoveryCodes());
  const codes = making.data?.codes;
  const actions = codes === undefined
    ? <><Button onClick={onClose}>Cancel</Button><Button weight="primary" disabled={making.isPending} onClick={() => making.mutate(undefined)}>Make new codes</Button></>
    : <><Button icon="copy" onClick={() => void navigator.clipboard.writeText(codes.join("\n"))}>Copy</Button><Button weight="primary" onClick={onClose}>I kept them</Button></>;
  return (
    <Dialog title="Recovery codes" onClose={onClose} actions={actions}>
      {codes === undefined ? <p>All earlier codes hold no more. The new ones are shown once.</p> : (
        <>
          <p>Keep them where you will find them without this device. Each logs you in once.</p>
          <ul className="codes mono" aria-label="Codes">{codes.map((code) => <li key={code}>{code}</li>)}</ul>
        </>
      )}
      {making.error === null ? null : <Failed error={making.error} />}
    </Dialog>
  );
}
