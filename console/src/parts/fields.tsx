// Fields to write in, choices to pick, tabs. Each has a name that is read aloud.

import type { InputHTMLAttributes, ReactNode, Ref, TextareaHTMLAttributes } from "react";
import { useId } from "react";

import "./fields.css";

interface Named {
  label: string;
  /** What is expected, below the field. */
  hint?: ReactNode;
}

/** One line. */
export function TextField({ label, hint, ref, ...rest }: Named & InputHTMLAttributes<HTMLInputElement> & { ref?: Ref<HTMLInputElement> }): ReactNode {
  const id = useId();
  return (
    <div className="text-field">
      <label htmlFor={id}>{label}</label>
      <input id={id} ref={ref} autoComplete="off" {...rest} />
      {hint === undefined ? null : <small>{hint}</small>}
    </div>
  );
}

/** Several lines. */
export function TextArea({ label, hint, ref, ...rest }: Named & TextareaHTMLAttributes<HTMLTextAreaElement> & { ref?: Ref<HTMLTextAreaElement> }): ReactNode {
  const id = useId();
  return (
    <div className="text-field">
      <label htmlFor={id}>{label}</label>
      <textarea id={id} ref={ref} rows={3} {...rest} />
      {hint === undefined ? null : <small>{hint}</small>}
    </div>
  );
}

/** One of a few. */
export interface Choice<T extends string> {
  readonly value: T;
  readonly label: ReactNode;
}

/** A row of choices, one of which is taken. */
export function Choices<T extends string>({ label, choices, value, onChange }: { label: string; choices: readonly Choice<T>[]; value: T; onChange: (value: T) => void }): ReactNode {
  return (
    <div className="choices" role="group" aria-label={label}>
      {choices.map((choice) => (
        <button key={choice.value} type="button" aria-pressed={choice.value === value} onClick={() => onChange(choice.value)}>
          {choice.label}
        </button>
      ))}
    </div>
  );
}
