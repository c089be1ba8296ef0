// What every screen begins with: its name, what can be done, and the command that does the same. Names the page too.

import { type ReactNode, useEffect } from "react";

import { pieces } from "../text/visible.ts";
import { CopyCommand } from "./command.tsx";
import "./page.css";

interface PageProps {
  title: string;
  /** Beside the title, such as a count or a state. */
  beside?: ReactNode;
  /** The command that shows or does the same. */
  command?: string;
  actions?: ReactNode;
  /** Between the head and the rest: tabs, filters. */
  bar?: ReactNode;
  /** Whether the rest takes the whole height and scrolls in its own parts. */
  fills?: boolean;
  children: ReactNode;
}

/** A screen. */
export function Page({ title, beside, command, actions, bar, fills = false, children }: PageProps): ReactNode {
  useTitle(title);
  return (
    <div className={fills ? "page fills" : "page"}>
      <header className="page-head">
        <h1>{title}</h1>
        {beside}
        <div className="page-actions">
          {command === undefined ? null : <CopyCommand command={command} />}
          {actions}
        </div>
      </header>
      {bar === undefined ? null : <div className="page-bar">{bar}</div>}
      <div className="page-body">{children}</div>
    </div>
  );
}

/** The page's name in the browser. */
export function useTitle(title: string): void {
  useEffect(() => {
    // Titles may hold what an agent wrote.
    document.title = `${pieces(title).map((piece) => piece.shown).join("")} · Checkrein`;
  }, [title]);
}

/** A box with a name. */
export function Panel({ title, beside, children, id }: { title: ReactNode; beside?: ReactNode; children: ReactNode; id?: string }): ReactNode {
  return (
    <section className="panel" id={id}>
      <header className="panel-head">
        <h2>{title}</h2>
        {beside}
      </header>
      {children}
    </section>
  );
}
