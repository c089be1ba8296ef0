// Where runs live, and whether what is decided there holds.

import { useAct, useSpaces, useWorkflows } from "@checkrein/react";
import type { Space, Workflow } from "@checkrein/sdk";
import { type ReactNode, useState } from "react";

import { Badge, Button } from "../parts/basics.tsx";
import { Command, quoted } from "../parts/command.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { Failed, Reading } from "../parts/notices.tsx";
import { Panel } from "../parts/page.tsx";
import { useMay } from "../shell/session.tsx";
import { toast } from "../shell/toasts.tsx";

type Mode = "enforce" | "shadow";

/** The list. */
export function Spaces(): ReactNode {
  const spaces = useSpaces();
  const workflows = useWorkflows();
  const [changing, setChanging] = useState<Space>();
  const may = { enforce: useMay("write_policy"), shadow: useMay("administer") };
  return (
    <Panel title="Spaces and workflows" id="spaces">
      {spaces.isPending ? <Reading lines={2} /> : spaces.data === undefined ? <Failed error={spaces.error} /> : (
        <ul className="rows">
          {spaces.data.items.map((space) => (
            <li key={space.space}>
              <span><b>{space.space}</b><small>{workflows.data?.items.filter((one) => one.space === space.space).map(line).join("; ")}</small></span>
              <span><Badge tone={space.mode === "enforce" ? "good" : "wait"}>{space.mode}</Badge> <span className="quiet">{space.set_by == null ? "as configured" : `set by ${space.set_by}`}</span></span>
              {may[other(space)] ? <Button onClick={() => setChanging(space)}>{space.mode === "enforce" ? "Only record…" : "Enforce…"}</Button> : null}
            </li>
          ))}
        </ul>
      )}
      {changing === undefined ? null : <Change space={changing} onClose={() => setChanging(undefined)} />}
    </Panel>
  );
}

function Change({ space, onClose }: { space: Space; onClose: () => void }): ReactNode {
  const mode = other(space);
  const change = useAct((client, next: Mode) => client.spaces.setMode(space.space, next));
  const submit = (): void => change.mutate(mode, {
    onSuccess: () => {
      toast(`${space.space} is in ${mode} mode`);
      onClose();
    },
  });
  const actions = (
    <>
      <Button onClick={onClose}>Leave it</Button>
      <Button weight={mode === "shadow" ? "danger" : "primary"} disabled={change.isPending} onClick={submit}>{mode === "enforce" ? "Enforce" : "Only record"}</Button>
    </>
  );
  return (
    <Dialog title={`${space.space}: ${mode === "enforce" ? "let decisions hold" : "only record decisions"}`} onClose={onClose} actions={actions}>
      <p>{mode === "enforce" ? "From now on what policy denies is refused, and what it holds waits for people." : "From now on nothing in this space is refused or held by policy: decisions are recorded and told, and calls run."}</p>
      {change.error === null ? null : <Failed error={change.error} />}
      <Command command={`checkrein policy ${mode} ${quoted(space.space)}`} />
    </Dialog>
  );
}

function other(space: Space): Mode {
  return space.mode === "enforce" ? "shadow" : "enforce";
}

function line(workflow: Workflow): string {
  const { calls, money } = workflow.budget;
  const limits = [calls == null ? undefined : `${calls} calls`, money == null ? undefined : money].filter((limit) => limit !== undefined);
  return `${workflow.workflow} of ${workflow.owner}${limits.length === 0 ? "" : `, at most ${limits.join(" and ")}, then ${workflow.on_exceeded}`}`;
}
