// Which acts are to be taken back: the last ones of a run or of an agent.

import { useAgents, useRuns } from "@checkrein/react";
import type { UndoAsk } from "@checkrein/sdk";
import { type ReactNode, useId, useState } from "react";

import { Button } from "../parts/basics.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { Choices, TextField } from "../parts/fields.tsx";

const KINDS = [{ value: "run", label: "Of a run" }, { value: "agent", label: "Of an agent" }] as const;

/** The dialog; it leads to the plan. */
export function Several({ onAsk, onClose }: { onAsk: (ask: UndoAsk, title: string) => void; onClose: () => void }): ReactNode {
  const [kind, setKind] = useState<"run" | "agent">("run");
  const [name, setName] = useState("");
  const [last, setLast] = useState("");
  const list = useId();
  const runs = useRuns({}, { enabled: kind === "run" });
  const agents = useAgents({}, { enabled: kind === "agent" });
  const many = Number(last);
  const whole = last.trim() === "";
  const counted = Number.isInteger(many) && many >= 1;
  const named = kind === "run" ? name.trim().startsWith("run_") : name.trim() !== "";
  // All acts an agent ever did are never meant.
  const ready = named && (whole ? kind === "run" : counted);
  const submit = (): void => {
    const ask: UndoAsk = { ...(kind === "run" ? { run: name.trim() } : { agent: name.trim() }), ...(whole ? {} : { last: many }) };
    onAsk(ask, `Undo ${whole ? "every act" : many === 1 ? "the last act" : `the last ${many} acts`} of ${name.trim()}`);
  };
  const actions = (
    <>
      <Button onClick={onClose}>Leave it</Button>
      <Button weight="primary" disabled={!ready} onClick={submit}>Plan it</Button>
    </>
  );
  const options = kind === "run" ? runs.items.map((one) => [one.run, `${one.purpose}, ${one.agent}`] as const) : [...new Set(agents.items.map((one) => one.agent.name))].map((one) => [one, one] as const);
  return (
    <Dialog title="Undo several acts" onClose={onClose} actions={actions}>
      <p>The last ones go first. The plan says for each act whether it can be undone, before anything happens.</p>
      <Choices label="Whose" choices={KINDS} value={kind} onChange={(next) => {
        setKind(next);
        setName("");
      }} />
      <TextField label={kind === "run" ? "Run" : "Agent"} list={list} className="mono" value={name} spellCheck={false} autoCapitalize="off" onChange={(event) => setName(event.target.value)} />
      <datalist id={list}>{options.map(([value, label]) => <option key={value} value={value} label={label} />)}</datalist>
      <TextField label="How many of the last ones" inputMode="numeric" value={last} onChange={(event) => setLast(event.target.value)}
        hint={!whole && !counted ? "expected a whole number from 1 on" : kind === "run" ? "Empty for all acts of the run." : "Counted across all its runs."} />
    </Dialog>
  );
}
