// Makes an account or changes one: roles, groups, and whether it can be used.

import { useAct } from "@checkrein/react";
import type { Person } from "@checkrein/sdk";
import { type ReactNode, useState } from "react";

import { Button } from "../parts/basics.tsx";
import { Command, quoted } from "../parts/command.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { TextField } from "../parts/fields.tsx";
import { Failed } from "../parts/notices.tsx";
import { toast } from "../shell/toasts.tsx";

const ROLES: readonly (readonly [role: string, may: string])[] = [
  ["viewer", "looks"],
  ["operator", "stops, takes back, raises budgets"],
  ["approver", "decides and reviews"],
  ["policy_author", "says what tools do and what holds"],
  ["auditor", "exports, verifies, replays"],
  ["admin", "everything"],
];

interface PersonProps {
  /** Nobody for a new account. */
  person: Person | undefined;
  onClose: () => void;
  onMade: (name: string) => void;
}

interface Asked {
  readonly name: string;
  readonly roles: string[];
  readonly groups: string[];
  readonly disabled: boolean;
  readonly reason: string;
}

/** The dialog. */
export function PersonDialog({ person, onClose, onMade }: PersonProps): ReactNode {
  const [name, setName] = useState(person?.name ?? "");
  const [roles, setRoles] = useState<readonly string[]>(person?.roles ?? ["viewer"]);
  const [groups, setGroups] = useState(person?.groups.join(" ") ?? "");
  const [disabled, setDisabled] = useState(person?.state === "disabled");
  const [reason, setReason] = useState("");
  const act = useAct(async (client, { name: who, ...asked }: Asked) => {
    if (person === undefined) return client.people.make({ name: who, roles: asked.roles, groups: asked.groups });
    return client.people.change(who, asked);
  });
  const submit = (): void => {
    const asked = { name: name.trim(), roles: [...roles], groups: groups.split(/[\s,]+/).filter((group) => group !== ""), disabled, reason: reason.trim() };
    act.mutate(asked, {
      onSuccess: () => {
        toast(person === undefined ? `${asked.name} has an account` : `${asked.name} is changed`);
        onClose();
        if (person === undefined) onMade(asked.name);
      },
    });
  };
  const complete = name.trim() !== "" && roles.length > 0 && (person === undefined || reason.trim() !== "");
  const actions = (
    <>
      <Button onClick={onClose}>Cancel</Button>
      <Button weight={disabled && person?.state === "active" ? "danger" : "primary"} disabled={!complete || act.isPending} onClick={submit}>{person === undefined ? "Make the account" : "Change"}</Button>
    </>
  );
  return (
    <Dialog title={person === undefined ? "An account for somebody" : `The account of ${person.name}`} onClose={onClose} actions={actions}>
      {person === undefined ? <TextField label="Name" value={name} onChange={(event) => setName(event.target.value)} placeholder="ada" spellCheck={false} autoCapitalize="off" hint="Small letters, digits and dashes." /> : null}
      <Roles roles={roles} onRoles={setRoles} />
      <TextField label="Groups of approvers" value={groups} onChange={(event) => setGroups(event.target.value)} placeholder="operators leads" spellCheck={false} autoCapitalize="off" hint="With spaces between them, as policies name them after `group:`; * alone for every group." />
      {person === undefined ? null : (
        <>
          <div className="checks"><label><input type="checkbox" checked={disabled} onChange={(event) => setDisabled(event.target.checked)} /> Disabled: sessions end, nobody logs in, and keys of that name hold no more</label></div>
          <TextField label="Reason" value={reason} onChange={(event) => setReason(event.target.value)} maxLength={1_000} hint="It is recorded with your name." />
        </>
      )}
      {act.error === null ? null : <Failed error={act.error} />}
      <Command command={person === undefined ? `checkrein people add ${quoted(name.trim() === "" ? "NAME" : name.trim())}${flags(roles)}` : `checkrein people set ${quoted(person.name)}${flags(roles)}`} />
    </Dialog>
  );
}

function flags(roles: readonly string[]): string {
  return roles.map((role) => ` --role ${role.replaceAll("_", "-")}`).join("");
}

function Roles({ roles, onRoles }: { roles: readonly string[]; onRoles: (roles: readonly string[]) => void }): ReactNode {
  return (
    <fieldset className="roles">
      <legend>Roles</legend>
      {ROLES.map(([role, may]) => (
        <label key={role}>
          <input type="checkbox" checked={roles.includes(role)} onChange={(event) => onRoles(event.target.checked ? [...roles, role] : roles.filter((other) => other !== role))} />
          <span><b>{role.replaceAll("_", " ")}</b> <span className="quiet">{may}</span></span>
        </label>
      ))}
    </fieldset>
  );
}
