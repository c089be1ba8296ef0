// A field that `/` goes to. What is written counts once somebody stops writing for a moment, and at once on leaving the field:
// nothing is told later, when somebody may be elsewhere. Tests: search.test.tsx.

import { type ReactNode, useEffect, useRef, useState } from "react";

const PAUSE_MS = 250;

/** What to look for. `onSearch` is told of it after a pause, and at once on Enter. */
export function Search({ label, value, onSearch }: { label: string; value: string; onSearch: (text: string) => void }): ReactNode {
  const [text, setText] = useState(value);
  const field = useRef<HTMLInputElement>(null);
  const told = useRef(value);
  const tell = (next: string): void => {
    if (next === told.current) return;
    told.current = next;
    onSearch(next);
  };
  useEffect(() => {
    // The address changed otherwise, as by going back.
    if (value === told.current) return;
    told.current = value;
    setText(value);
  }, [value]);
  useEffect(() => {
    const timer = setTimeout(() => tell(text), PAUSE_MS);
    return () => clearTimeout(timer);
    // `tell` is another function each time and does the same.
  }, [text]);
  return (
    <input ref={field} type="search" data-search className="field-input" aria-label={label} placeholder={label} value={text} spellCheck={false}
      onChange={(event) => setText(event.target.value)}
      onKeyDown={(event) => {
        if (event.key === "Enter") tell(text);
        if (event.key !== "Escape") return;
        // A browser would empty the field, which then looks for everything and leads back from where somebody went meanwhile.
        event.preventDefault();
        field.current?.blur();
      }} onBlur={() => tell(text)} />
  );
}
