// Picks what to stop: a kind, and a name with suggestions. What is complete goes into the address, so that it can be sent on.

import { useAgents, useRuns, useServers, useTools, useWorkflows } from "@checkrein/react";
import { type ReactNode, useEffect, useId, useState } from "react";

import { useMay, useSession } from "../shell/session.tsx";
import { type Kind, KINDS, needsName, readScope, scopeText } from "./scope.ts";

/** What is written counts after this time without a key, in milliseconds. */
const PAUSE_MS = 300;

interface PickerProps {
  /** As the API knows it; nothing while none is chosen. */
  scope: string | undefined;
  onScope: (scope: string | undefined) => void;
}

/** The kind and the name. Kinds that cross tenants are for admins. */
export function ScopePicker({ scope, onScope }: PickerProps): ReactNode {
  const { tenant } = useSession();
  const administers = useMay("administer");
  const known = readScope(scope);
  const [kind, setKind] = useState<Kind>(known?.kind ?? "agent");
  const [name, setName] = useState(known?.name ?? "");
  const list = useId();
  useEffect(() => {
    // The address changed otherwise, as by a link or by going back.
    const found = readScope(scope);
    if (found === undefined) return;
    setKind(found.kind);
    setName(found.name);
  }, [scope]);
  useEffect(() => {
    const next = scopeText({ kind, name }, tenant);
    if (next === scope) return undefined;
    const timer = setTimeout(() => onScope(next), PAUSE_MS);
    return () => clearTimeout(timer);
    // `onScope` is another function each time and does the same.
  }, [kind, name, tenant]);
  const leave = (): void => {
    const next = scopeText({ kind, name }, tenant);
    if (next !== scope) onScope(next);
  };
  const kinds = KINDS.filter((one) => administers || !one.ofAll);
  const choose = (next: string): void => {
    setKind(kinds.find((one) => one.kind === next)?.kind ?? "agent");
    setName("");
  };
  return (
    <div className="scope-picker">
      <div className="text-field">
        <label htmlFor={`${list}-kind`}>What</label>
        <select id={`${list}-kind`} className="field-input" value={kind} onChange={(event) => choose(event.target.value)}>
          {kinds.map((one) => <option key={one.kind} value={one.kind}>{one.word}</option>)}
        </select>
      </div>
      {needsName(kind) ? (
        <div className="text-field">
          <label htmlFor={`${list}-name`}>Which</label>
          <input id={`${list}-name`} data-search className="field-input mono" list={list} value={name} placeholder={PLACEHOLDERS[kind]} autoComplete="off"
            autoCapitalize="off" spellCheck={false} onChange={(event) => setName(event.target.value)} onBlur={leave} />
          <Suggestions kind={kind} id={list} />
        </div>
      ) : null}
    </div>
  );
}

const PLACEHOLDERS: Readonly<Partial<Record<Kind, string>>> = { agent: "builder", run: "run_…", workflow: "default", tool: "files.write", server: "github", call: "call_…" };

function Suggestions({ kind, id }: { kind: Kind; id: string }): ReactNode {
  const agents = useAgents({ state: "active" }, { enabled: kind === "agent" });
  const runs = useRuns({ state: "open" }, { enabled: kind === "run" });
  const workflows = useWorkflows({ enabled: kind === "workflow" });
  const tools = useTools({ enabled: kind === "tool" });
  const servers = useServers({ enabled: kind === "server" });
  const found: Readonly<Partial<Record<Kind, readonly (readonly [value: string, word?: string])[]>>> = {
    agent: [...new Set(agents.items.map((one) => one.agent.name))].map((name) => [name]),
    run: runs.items.map((one) => [one.run, `${one.purpose}, ${one.agent}`]),
    workflow: workflows.data?.items.map((one) => [one.workflow]) ?? [],
    tool: tools.data?.items.map((one) => [one.tool]) ?? [],
    server: servers.data?.items.map((one) => [one.server]) ?? [],
  };
  return <datalist id={id}>{(found[kind] ?? []).map(([value, word]) => <option key={value} value={value} label={word} />)}</datalist>;
}
