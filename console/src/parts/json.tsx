// A JSON value as a person reads it before deciding: every key and value, one a line, monospaced, nothing left out and
// nothing hidden. In: any JSON. Long texts are called `name` and their JSON pointer among what was opened.

import type { ReactNode } from "react";

import { pointer } from "./long.ts";
import { Long, Shown } from "./text.tsx";
import "./json.css";

interface Props {
  value: unknown;
  /** What it is called, such as `argument`. */
  name: string;
}

/** An object at the top as a list of names and values, anything else as one value. */
export function Json({ value, name }: Props): ReactNode {
  if (!isObject(value)) return <div className="json"><Value value={value} at={name} /></div>;
  const entries = Object.entries(value);
  if (entries.length === 0) return <p className="quiet">none</p>;
  return <div className="json"><Fields entries={entries} at={name} /></div>;
}

interface ValueProps {
  value: unknown;
  at: string;
}

function Fields({ entries, at }: { entries: readonly [string, unknown][]; at: string }): ReactNode {
  return (
    <dl className="fields">
      {entries.map(([key, value]) => (
        <div key={key} className={isNested(value) ? "field nested" : "field"}>
          <dt><Shown text={key} /></dt>
          <dd><Value value={value} at={pointer(at, key)} /></dd>
        </div>
      ))}
    </dl>
  );
}

function Value({ value, at }: ValueProps): ReactNode {
  if (typeof value === "string") {
    if (value === "") return <span className="json-word">empty text</span>;
    return <span className="json-text"><Long text={value} name={at} /></span>;
  }
  if (Array.isArray(value)) {
    if (value.length === 0) return <span className="json-word">empty list</span>;
    return <Fields entries={value.map((item: unknown, index) => [String(index), item])} at={at} />;
  }
  if (isObject(value)) {
    const entries = Object.entries(value);
    if (entries.length === 0) return <span className="json-word">empty object</span>;
    return <Fields entries={entries} at={at} />;
  }
  return <span className="json-word">{String(value)}</span>;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isNested(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).length > 0;
}
