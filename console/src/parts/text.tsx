// Text of agents and tools on the screen: what would not be seen is shown and marked. Never put such text into the page
// without this.

import { memo, type ReactNode } from "react";

import { count } from "../text/clock.ts";
import { cutAt, type Piece, pieces } from "../text/visible.ts";
import { beginning, isLong } from "./long.ts";
import { useOpen } from "./opened.tsx";
import "./text.css";

/** Text with everything invisible shown. */
export const Shown = memo(function Shown({ text }: { text: string }): ReactNode {
  return drawn(pieces(text));
});

/** Text with everything invisible shown, and a part of it standing out. */
export const ShownWith = memo(function ShownWith({ text, from, to }: { text: string; from: number; to: number }): ReactNode {
  const [before, inside, behind] = cutAt(pieces(text), from, to);
  return <>{drawn(before)}<span className="differs">{drawn(inside)}</span>{drawn(behind)}</>;
});

/** A sentence of Checkrein's own, where names stand in backticks. */
export const Sentence = memo(function Sentence({ text }: { text: string }): ReactNode {
  const parts = text.split("`");
  // A backtick without a partner is a backtick.
  if (parts.length % 2 === 0) return <Shown text={text} />;
  return parts.map((part, at) => (at % 2 === 0 ? <Marked key={at} text={part} /> : <code key={at}><Marked text={part} /></code>));
});

/** Marks that Checkrein put into its own sentence are marks here too. Whoever writes one by hand only draws more attention. */
function Marked({ text }: { text: string }): ReactNode {
  return text.split(/(\u27EAU\+[0-9A-F]{4,6}\u27EB)/).map((part, at) => (at % 2 === 0 ? <Shown key={at} text={part} /> : <mark key={at} className="mark-hidden">{part}</mark>));
}

function drawn(all: readonly Piece[]): ReactNode {
  return all.map((piece, at) =>
    piece.kind === "plain"
      ? piece.text
      : piece.kind === "place"
        ? <span key={at} className="place">{piece.text}</span>
        : <mark key={at} className={`mark-${piece.kind}`} title={piece.note}>{piece.shown}</mark>,
  );
}

/** A text that is collapsed while it is long; `name` is what it is called among what was opened. */
export function Long({ text, name }: { text: string; name: string }): ReactNode {
  const [open, setOpen] = useOpen(name);
  if (open || !isLong(text)) return <Shown text={text} />;
  const head = beginning(text);
  return (
    <>
      <Shown text={head} />
      <button type="button" className="more" onClick={setOpen}>
        Show all of it: {count(text.length - head.length, "more character")}
      </button>
    </>
  );
}
