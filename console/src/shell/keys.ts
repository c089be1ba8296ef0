// Keys that do something. Parts say which keys they take while they are on the screen; the last one to say so wins. Keys are
// ignored while somebody writes, in dialogs, and with Ctrl, Alt or Meta. Two keys in a row, such as `g a`, are one word.

import { useEffect, useRef, useSyncExternalStore } from "react";

/** One key and what it does. */
export interface Key {
  /** Such as `j`, `?` or `g a`. */
  readonly keys: string;
  /** What it does, for the help; nothing for keys that are not listed. */
  readonly does?: string;
  readonly run: (event: KeyboardEvent) => void;
}

interface Layer {
  readonly name: string;
  readonly keys: { current: readonly Key[] };
}

/** How long the second key of a word may take, in milliseconds. */
const WORD_MS = 1_200;

let layers: readonly Layer[] = [];
const listeners = new Set<() => void>();
let begun: { key: string; at: number } | undefined;

/** Takes keys while the part is on the screen. */
export function useKeys(name: string, keys: readonly Key[]): void {
  const current = useRef(keys);
  useEffect(() => {
    current.current = keys;
  });
  useEffect(() => {
    const layer: Layer = { name, keys: current };
    change([...layers, layer]);
    return () => change(layers.filter((other) => other !== layer));
  }, [name]);
}

/** All keys that are taken now, by the parts that take them. */
export function useTaken(): readonly { name: string; keys: readonly Key[] }[] {
  const now = useSyncExternalStore(subscribe, () => layers);
  return now.map((layer) => ({ name: layer.name, keys: layer.keys.current }));
}

/** Begins to listen; gives what ends it. */
export function listen(): () => void {
  window.addEventListener("keydown", press);
  return () => window.removeEventListener("keydown", press);
}

function press(event: KeyboardEvent): void {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || writes(event.target)) return;
  const now = performance.now();
  const first = begun !== undefined && now - begun.at < WORD_MS ? `${begun.key} ` : "";
  begun = undefined;
  const found = find(first + event.key) ?? (first === "" ? undefined : find(event.key));
  if (found !== undefined) {
    event.preventDefault();
    found.run(event);
  } else if (first === "" && starts(event.key)) {
    begun = { key: event.key, at: now };
    event.preventDefault();
  }
}

function find(keys: string): Key | undefined {
  for (const layer of layers.toReversed()) {
    const found = layer.keys.current.find((key) => key.keys === keys);
    if (found !== undefined) return found;
  }
  return undefined;
}

function starts(key: string): boolean {
  return layers.some((layer) => layer.keys.current.some((other) => other.keys.startsWith(`${key} `)));
}

function writes(target: EventTarget | null): boolean {
  if (document.querySelector("dialog:modal") !== null) return true;
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName);
}

function change(next: readonly Layer[]): void {
  layers = next;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
