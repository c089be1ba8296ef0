// A person says what a tool of a server does, where nobody else can be believed.

import { useAct } from "@checkrein/react";
import type { ToolDetails } from "@checkrein/sdk";
import { type ReactNode, useState } from "react";

import { ReasonDialog } from "../lists/reason.tsx";
import { Button } from "../parts/basics.tsx";
import { Choices, TextField } from "../parts/fields.tsx";
import { useMay } from "../shell/session.tsx";
import { toast } from "../shell/toasts.tsx";

const CLASSES = [
  { value: "pure", label: "pure" },
  { value: "compensable", label: "compensable" },
  { value: "irreversible", label: "irreversible" },
  { value: "unknown", label: "unknown" },
] as const;
type Class = (typeof CLASSES)[number]["value"];

const MEANS: Readonly<Record<Class, string>> = {
  pure: "It only reads. Calls of it run alone.",
  compensable: "What it does can be countered by another call.",
  irreversible: "What it does cannot be taken back. People are asked.",
  unknown: "Nobody knows. It counts as irreversible.",
};

/** The button with its dialog. */
export function ClassifyButton({ details }: { details: ToolDetails }): ReactNode {
  const [open, setOpen] = useState(false);
  const may = useMay("write_policy");
  if (!may) return null;
  return (
    <>
      <Button onClick={() => setOpen(true)}>Classify…</Button>
      {open ? <Classify details={details} onClose={() => setOpen(false)} /> : null}
    </>
  );
}

function Classify({ details, onClose }: { details: ToolDetails; onClose: () => void }): ReactNode {
  const { tool } = details;
  const [effect, setEffect] = useState<Class>(CLASSES.find((one) => one.value === tool.effect_class)?.value ?? "unknown");
  const [hits, setHits] = useState(tool.consequences.join(" "));
  const [resource, setResource] = useState(details.upstream?.classified?.resource ?? "");
  const classify = useAct((client, reason: string) => client.tools.classify(tool.tool, {
    effect_class: effect,
    consequences: hits.split(/[\s,]+/).filter((word) => word !== ""),
    resource: resource.trim() === "" ? null : resource.trim(),
    reason,
  }));
  return (
    <ReasonDialog title={`Say what ${tool.tool} does`} act="Classify" work={classify} onClose={onClose} onDone={() => toast(`${tool.tool} is ${effect}`)}>
      <Choices label="What can be taken back" choices={CLASSES} value={effect} onChange={setEffect} />
      <p className="quiet">{MEANS[effect]}</p>
      <TextField label="Who is hit" value={hits} onChange={(event) => setHits(event.target.value)} placeholder="delete overwrite money" hint="Consequences, with spaces between them." spellCheck={false} />
      <TextField label="What it acts on" value={resource} onChange={(event) => setResource(event.target.value)} placeholder="mcp:{server}/issues/{number}" hint="A resource with names of arguments in braces; optional." spellCheck={false} />
    </ReasonDialog>
  );
}
