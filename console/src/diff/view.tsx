// A diff to read: per path, in one column or two, everything visible, what differs inside a line marked. Long files are
// collapsed at first; `diff:PATH` is what they are called among what was opened.

import { type ReactNode, memo } from "react";

import { useOpen } from "../parts/opened.tsx";
import { Shown, ShownWith } from "../parts/text.tsx";
import { count } from "../text/clock.ts";
import type { FileDiff, Hunk } from "./parse.ts";
import { nameOf, paired, type Row, ROWS_MAX, rowsOf, type Span, unified } from "./rows.ts";
import "./diff.css";

/** How lines are laid out. */
export type Layout = "unified" | "split";

/** The lines of one file. A diff that is not what would run now has a `name` of its own: to open it opens nothing else. */
export const FileLines = memo(function FileLines({ file, layout, name }: { file: FileDiff; layout: Layout; name?: string }): ReactNode {
  const [open, setOpen] = useOpen(name ?? nameOf(file));
  const all = rowsOf(file);
  if (all === 0) return null;
  let rest = open || all <= ROWS_MAX ? Infinity : ROWS_MAX;
  return (
    <div className="diff" tabIndex={0} role="region" aria-label={name === undefined ? `Changes in ${file.path}` : `Changes in ${file.path}, as they were`}>
      {file.hunks.map((hunk, at) => {
        const shown = rest >= hunk.lines.length ? hunk : { ...hunk, lines: hunk.lines.slice(0, Math.max(rest, 0)) };
        rest -= hunk.lines.length;
        if (shown.lines.length === 0) return null;
        return layout === "split" ? <Split key={at} hunk={shown} /> : <Unified key={at} hunk={shown} />;
      })}
      {rest < 0 ? <button type="button" className="more diff-more" onClick={setOpen}>Show all of it: {count(-rest, "more line")}</button> : null}
    </div>
  );
});

function Unified({ hunk }: { hunk: Hunk }): ReactNode {
  return (
    <table className="diff-table">
      <caption className="diff-hunk">{hunk.header}</caption>
      <tbody>
        {unified(hunk).map((row, at) => (
          <tr key={at} className={`line-${row.line.kind}`}>
            <td className="number">{row.line.before}</td>
            <td className="number">{row.line.after}</td>
            <td className="sign">{sign(row)}</td>
            <td className="code"><Code row={row} /></td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Split({ hunk }: { hunk: Hunk }): ReactNode {
  return (
    <table className="diff-table split">
      <caption className="diff-hunk">{hunk.header}</caption>
      <tbody>
        {paired(hunk).map((pair, at) => (
          <tr key={at}>
            <Half row={pair.before} side="before" />
            <Half row={pair.after} side="after" />
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Half({ row, side }: { row: Row | undefined; side: "before" | "after" }): ReactNode {
  if (row === undefined) return <><td className="number" /><td className="code line-none" /></>;
  return (
    <>
      <td className={`number line-${row.line.kind}`}>{row.line[side]}</td>
      <td className={`code line-${row.line.kind}`}><Code row={row} /></td>
    </>
  );
}

function Code({ row }: { row: Row }): ReactNode {
  return (
    <>
      <Marked text={row.line.text} differs={row.differs} />
      {row.line.unended === true ? <span className="unended" title="The file ends here without a line end">⏎̸</span> : null}
    </>
  );
}

function Marked({ text, differs }: { text: string; differs: Span | undefined }): ReactNode {
  if (differs === undefined || differs[0] === differs[1]) return <Shown text={text} />;
  return <ShownWith text={text} from={differs[0]} to={differs[1]} />;
}

function sign(row: Row): string {
  return row.line.kind === "come" ? "+" : row.line.kind === "gone" ? "−" : "";
}
