// People: who has an account, what each may do, in which groups of approvers each stands, and the way in for somebody new.

import { useAct, usePeople } from "@checkrein/react";
import type { Invitation, Person } from "@checkrein/sdk";
import { type ReactNode, useState } from "react";

import { Badge, Button, StateBadge } from "../parts/basics.tsx";
import { Command, quoted } from "../parts/command.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { Failed, Reading } from "../parts/notices.tsx";
import { Panel } from "../parts/page.tsx";
import { Countdown } from "../parts/time.tsx";
import { useMay, useSession } from "../shell/session.tsx";
import { count } from "../text/clock.ts";
import { PersonDialog } from "./person.tsx";

/** The list. */
export function People(): ReactNode {
  const people = usePeople();
  const may = useMay("administer");
  const [open, setOpen] = useState<Person | "new">();
  const [inviting, setInviting] = useState<string>();
  return (
    <Panel title="People" id="people" beside={may ? <span className="push"><Button icon="people" onClick={() => setOpen("new")}>Add somebody…</Button></span> : undefined}>
      {people.isPending ? <Reading lines={3} /> : people.data === undefined ? <Failed error={people.error} again={() => void people.refetch()} /> : people.data.items.length === 0 ? (
        <div className="panel-body places-lines"><p>Nobody has an account yet; who has an operator's key makes the first one:</p><Command command="checkrein people add NAME --role admin" /></div>
      ) : (
        <ul className="rows">
          {people.data.items.map((person) => <Row key={person.name} person={person} onChange={() => setOpen(person)} onInvite={() => setInviting(person.name)} />)}
        </ul>
      )}
      {open === undefined ? null : <PersonDialog person={open === "new" ? undefined : open} onClose={() => setOpen(undefined)} onMade={setInviting} />}
      {inviting === undefined ? null : <Invite name={inviting} onClose={() => setInviting(undefined)} />}
    </Panel>
  );
}

function Row({ person, onChange, onInvite }: { person: Person; onChange: () => void; onInvite: () => void }): ReactNode {
  const session = useSession();
  const administers = useMay("administer");
  const own = person.name === session.person;
  return (
    <li>
      <span>
        <b>{person.name}</b> {own ? <span className="quiet">you</span> : null} {person.state === "active" ? null : <StateBadge state={person.state} />}
        <small>{person.groups.length === 0 ? "in no group of approvers" : person.groups.includes("*") ? "in every group of approvers" : `in ${person.groups.join(", ")}`}</small>
      </span>
      <span>
        {person.roles.map((role) => <Badge key={role} tone={role === "admin" ? "note" : "plain"}>{role.replaceAll("_", " ")}</Badge>)}
        <small>{count(person.passkeys, "passkey")}, {count(person.recovery_codes, "recovery code")}</small>
      </span>
      <span className="rows-acts">
        {administers || own ? <Button weight="quiet" onClick={onInvite}>One-time link…</Button> : null}
        {administers ? <Button onClick={onChange}>Change…</Button> : null}
      </span>
    </li>
  );
}

function Invite({ name, onClose }: { name: string; onClose: () => void }): ReactNode {
  const invite = useAct((client, who: string) => client.people.invite(who));
  const actions = invite.data === undefined ? <Button weight="primary" disabled={invite.isPending} onClick={() => invite.mutate(name)}>Make the link</Button> : <Button weight="primary" onClick={onClose}>Done</Button>;
  return (
    <Dialog title={`A link that logs ${name} in once`} onClose={onClose} actions={actions}>
      {invite.data === undefined ? <p>Whoever opens the link is {name}. It takes the place of an earlier one. Send it where only {name} reads it.</p> : <Link invitation={invite.data} />}
      {invite.error === null ? null : <Failed error={invite.error} />}
      <Command command={`checkrein people invite ${quoted(name)}`} />
    </Dialog>
  );
}

function Link({ invitation }: { invitation: Invitation }): ReactNode {
  const [made] = useState(() => Date.now());
  return (
    <div className="once">
      <p>It is shown only now, and holds for <Countdown from={made} until={invitation.expires_ms} />.</p>
      <pre className="raw mono" tabIndex={0} aria-label="The link">{invitation.url}</pre>
      <span><Button icon="copy" onClick={() => void navigator.clipboard.writeText(invitation.url)}>Copy</Button></span>
    </div>
  );
}
