// What is open beside a list: on narrow screens over it. Escape closes it.

import { type ReactNode, useEffect, useId, useRef } from "react";

import { IconButton } from "../parts/basics.tsx";
import { useKeys } from "../shell/keys.ts";
import "./common.css";
import "./side.css";

interface SideProps {
  /** What it is about; another one moves the focus here. */
  about: string;
  title: ReactNode;
  beside?: ReactNode;
  bar?: ReactNode;
  onClose: () => void;
  children: ReactNode;
}

/** A panel at the end of the screen. */
export function Side({ about, title, beside, bar, onClose, children }: SideProps): ReactNode {
  const head = useRef<HTMLHeadingElement>(null);
  const name = useId();
  useEffect(() => head.current?.focus(), [about]);
  useKeys("Panel", [{ keys: "Escape", does: "close the panel", run: onClose }]);
  return (
    <aside className="side-panel" aria-labelledby={name}>
      <header className="side-panel-head">
        <div className="side-panel-title">
          <h2 id={name} ref={head} tabIndex={-1}>{title}</h2>
          {beside}
        </div>
        <IconButton name="Close" icon="cross" onClick={onClose} />
      </header>
      {bar === undefined ? null : <div className="side-panel-bar">{bar}</div>}
      <div className="side-panel-body" tabIndex={0} role="region" aria-labelledby={name}>{children}</div>
    </aside>
  );
}

/** A named part of the panel. */
export function Part({ title, beside, children }: { title: string; beside?: ReactNode; children: ReactNode }): ReactNode {
  return (
    <section className="side-part">
      <header><h3>{title}</h3>{beside}</header>
      {children}
    </section>
  );
}
