// Numbers that are read before anything else, side by side.

import type { ReactNode } from "react";

import { Sentence } from "./text.tsx";
import "./numbers.css";

/** A row of numbers. */
export function Numbers({ children }: { children: ReactNode }): ReactNode {
  return <dl className="numbers">{children}</dl>;
}

/** One of them: what it counts, how many, and a word about it. */
export function One({ name, value, note, tone }: { name: string; value: ReactNode; note?: string; tone?: "bad" | "wait" | undefined }): ReactNode {
  return (
    <div className={`number-one ${tone ?? ""}`}>
      <dt>{name}</dt>
      <dd className="number-value">{value}</dd>
      {note === undefined ? null : <dd className="number-note"><Sentence text={note} /></dd>}
    </div>
  );
}
