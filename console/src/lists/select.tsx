// One of several words, where a row of choices would be too wide.

import type { ReactNode } from "react";

interface SelectProps {
  label: string;
  value: string;
  options: readonly (readonly [value: string, word: string])[];
  onChange: (value: string) => void;
}

/** A list to pick from. */
export function Select({ label, value, options, onChange }: SelectProps): ReactNode {
  return (
    <select className="field-input" aria-label={label} value={value} onChange={(event) => onChange(event.target.value)}>
      {options.map(([option, word]) => <option key={option} value={option}>{word}</option>)}
    </select>
  );
}
