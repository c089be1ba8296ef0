// Short words about what was just done, at the edge of the screen, read aloud. They go by themselves; what failed stays
// until it is closed.

import { type ReactNode, useEffect, useSyncExternalStore } from "react";

import { IconButton } from "../parts/basics.tsx";
import { Icon } from "../parts/icons.tsx";
import { said } from "../parts/notices.tsx";
import "./toasts.css";

interface Toast {
  readonly id: number;
  readonly tone: "good" | "bad" | "plain";
  readonly text: string;
  readonly fix?: string | undefined;
}

const STAYS_MS = 5_000;
const AT_ONCE = 4;
let toasts: readonly Toast[] = [];
let last = 0;
const listeners = new Set<() => void>();

/** Says something. */
export function toast(text: string, tone: Toast["tone"] = "good"): void {
  add({ id: (last += 1), tone, text });
}

/** Says what went wrong. */
export function toastError(error: unknown): void {
  const { code, happened, fix } = said(error);
  add({ id: (last += 1), tone: "bad", text: code === undefined ? happened : `${code}: ${happened}`, fix });
}

function add(next: Toast): void {
  change([...toasts, next].slice(-AT_ONCE));
}

function change(next: readonly Toast[]): void {
  toasts = next;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Where they appear. */
export function Toasts(): ReactNode {
  const shown = useSyncExternalStore(subscribe, () => toasts);
  return (
    <div className="toasts" role="status" aria-live="polite">
      {shown.map((each) => <One key={each.id} toast={each} />)}
    </div>
  );
}

function One({ toast: { id, tone, text, fix } }: { toast: Toast }): ReactNode {
  const close = (): void => change(toasts.filter((other) => other.id !== id));
  useEffect(() => {
    if (tone === "bad") return undefined;
    const timer = setTimeout(() => change(toasts.filter((other) => other.id !== id)), STAYS_MS);
    return () => clearTimeout(timer);
  }, [id, tone]);
  return (
    <div className={`toast ${tone}`}>
      <Icon name={tone === "bad" ? "warning" : "check"} />
      <p>{text}{fix === undefined ? null : <small>{fix}</small>}</p>
      <IconButton name="Close" icon="cross" onClick={close} />
    </div>
  );
}
