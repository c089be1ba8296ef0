// What most lists can be narrowed by: a time and an agent. Both stand in the address; the server does the narrowing.

import { useAgents } from "@checkrein/react";
import { type ReactNode, useMemo } from "react";

import { Select } from "./select.tsx";
import { sinceMs, SPANS } from "./since.ts";

interface FilterProps {
  value: string | undefined;
  onChange: (value: string) => void;
}

/** Since when. */
export function SinceSelect({ value, onChange }: FilterProps): ReactNode {
  return <Select label="Since" value={value ?? ""} options={[["", "Of all time"], ...SPANS.map(({ value: span, label }) => [span, `Last ${label}`] as const)]} onChange={onChange} />;
}

/** Whose. An agent that has no rights any more still stands there while it is chosen. */
export function AgentSelect({ value, onChange }: FilterProps): ReactNode {
  const agents = useAgents({ state: "active" });
  const names = [...new Set([...agents.items.map((one) => one.agent.name), ...(value === undefined ? [] : [value])])].toSorted();
  return <Select label="Agent" value={value ?? ""} options={[["", "Every agent"], ...names.map((name) => [name, name] as const)]} onChange={onChange} />;
}

/** Since when, in milliseconds since 1970, from the moment on at which it was chosen. */
export function useSince(value: string | undefined): number | undefined {
  return useMemo(() => sinceMs(value, Date.now()), [value]);
}
