// The smallest parts: buttons, badges, keys, ids. No state but what was copied.

import { type ButtonHTMLAttributes, type ReactNode, type Ref, useState } from "react";

import { Icon, type IconName } from "./icons.tsx";
import { classOf, shortId, stateOf, type Tone } from "./words.ts";
import "./basics.css";

/** How much a button weighs. */
export type Weight = "primary" | "plain" | "quiet" | "danger";

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  weight?: Weight;
  icon?: IconName;
  /** The key that does the same. */
  shortcut?: string;
  ref?: Ref<HTMLButtonElement>;
}

/** A button with its key beside it. */
export function Button({ weight = "plain", icon, shortcut, children, className = "", ...rest }: ButtonProps): ReactNode {
  return (
    <button type="button" className={`button ${weight} ${className}`} {...rest}>
      {icon === undefined ? null : <Icon name={icon} />}
      {children === undefined ? null : <span>{children}</span>}
      {shortcut === undefined ? null : <Kbd keys={shortcut} />}
    </button>
  );
}

/** A button that is only a drawing; `name` says what it does. */
export function IconButton({ name, icon, ...rest }: { name: string; icon: IconName } & ButtonHTMLAttributes<HTMLButtonElement>): ReactNode {
  return (
    <button type="button" className="icon-button" aria-label={name} title={name} {...rest}>
      <Icon name={icon} />
    </button>
  );
}

/** A key, or several pressed one after another. */
export function Kbd({ keys }: { keys: string }): ReactNode {
  return <kbd className="keys" aria-hidden="true">{keys}</kbd>;
}

/** A word with a colour that says the same. */
export function Badge({ tone = "plain", children, title }: { tone?: Tone; children: ReactNode; title?: string }): ReactNode {
  return <span className={`badge ${tone}`} title={title}>{children}</span>;
}

/** A state. */
export function StateBadge({ state }: { state: string }): ReactNode {
  const { word, tone } = stateOf(state);
  return <Badge tone={tone}><i className="dot" aria-hidden="true" />{word}</Badge>;
}

/** What can be taken back. */
export function ClassBadge({ effectClass }: { effectClass: string }): ReactNode {
  const { word, tone } = classOf(effectClass);
  return <Badge tone={tone}>{word}</Badge>;
}

/** An id; a click copies it. */
export function Id({ id, whole = false }: { id: string; whole?: boolean }): ReactNode {
  const [copied, setCopied] = useState(false);
  const copy = (): void => {
    void navigator.clipboard.writeText(id).then(() => {
      setCopied(true);
      setTimeout(() => setCopied(false), 1_200);
    });
  };
  return (
    <button type="button" className="id mono" title={`Copy ${id}`} onClick={copy}>
      {whole ? id : shortId(id)}
      <span role="status" className={copied ? "copied" : "out-of-sight"}>{copied ? "copied" : ""}</span>
    </button>
  );
}

/** A name and a value. */
export function Fact({ name, children }: { name: string; children: ReactNode }): ReactNode {
  return (
    <div className="fact">
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
