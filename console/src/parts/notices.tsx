// What stands where nothing else can: nothing there yet, still reading, or what went wrong with what to do.

import { CheckreinError, Problem, Refusal } from "@checkrein/sdk";
import type { ReactNode } from "react";

import { Badge, Button } from "./basics.tsx";
import { Command } from "./command.tsx";
import { Icon, type IconName } from "./icons.tsx";
import { Sentence } from "./text.tsx";
import "./notices.css";

/** Nothing there; `command` fills it. */
export function Empty({ icon = "check", title, children, command }: { icon?: IconName; title: string; children?: ReactNode; command?: string }): ReactNode {
  return (
    <div className="empty">
      <span className="empty-icon"><Icon name={icon} size={20} /></span>
      <h2>{title}</h2>
      {children === undefined ? null : <p>{children}</p>}
      {command === undefined ? null : <Command command={command} />}
    </div>
  );
}

/** Still reading: lines where text will be. */
export function Reading({ lines = 6 }: { lines?: number }): ReactNode {
  return (
    <div className="reading" role="status" aria-label="Reading">
      {Array.from({ length: lines }, (_, at) => <div key={at} className="reading-line" />)}
    </div>
  );
}

interface Said {
  readonly code: string | undefined;
  readonly title: string;
  readonly happened: string;
  readonly fix: string | undefined;
}

/** What an error says: what happened, and what to do next. */
export function said(error: unknown): Said {
  if (error instanceof Problem) return { code: error.code, title: error.title, happened: error.message, fix: error.fix };
  if (error instanceof Refusal) return { code: error.code, title: error.failure?.title ?? "the call did not succeed", happened: error.message, fix: error.fix };
  if (error instanceof CheckreinError) {
    return { code: undefined, title: "no answer", happened: error.message, fix: "see whether `checkrein up` still runs; this page goes on by itself" };
  }
  return { code: undefined, title: "the console failed", happened: String(error), fix: "reload the page; if it happens again, it is a fault of the console" };
}

/** What went wrong. */
export function Failed({ error, again }: { error: unknown; again?: () => void }): ReactNode {
  const { code, title, happened, fix } = said(error);
  return (
    <div className="failed" role="alert">
      <Icon name="warning" />
      <div>
        <h2>{title} {code === undefined ? null : <Badge tone="bad"><span className="mono">{code}</span></Badge>}</h2>
        <p><Sentence text={happened} /></p>
        {fix === undefined || fix === "" ? null : <p className="failed-fix"><b>To do:</b> <Sentence text={fix} /></p>}
        {again === undefined ? null : <Button onClick={again}>Try again</Button>}
      </div>
    </div>
  );
}
