// The command that does the same as a screen or button, ready to be copied.

import { type ReactNode, useState } from "react";

import { Button } from "./basics.tsx";
import "./command.css";

/** A button that copies a command. */
export function CopyCommand({ command, label = "Copy as CLI" }: { command: string; label?: string }): ReactNode {
  const [copied, copy] = useCopy(command);
  return (
    <Button weight="quiet" icon={copied ? "check" : "terminal"} title={command} onClick={copy} data-command={command}>
      <span className="command-label">{copied ? "Copied" : label}</span>
    </Button>
  );
}

/** A command to read and copy. */
export function Command({ command }: { command: string }): ReactNode {
  const [copied, copy] = useCopy(command);
  return (
    <button type="button" className="command mono" onClick={copy} title="Copy">
      <span className="command-prompt" aria-hidden="true">$</span>
      <span>{command}</span>
      <span className="command-copied" role="status">{copied ? "copied" : ""}</span>
    </button>
  );
}

function useCopy(text: string): [copied: boolean, copy: () => void] {
  const [copied, setCopied] = useState(false);
  const copy = (): void => {
    void navigator.clipboard.writeText(text).then(() => {
      setCopied(true);
      setTimeout(() => setCopied(false), 1_500);
    });
  };
  return [copied, copy];
}

/** A word as a shell takes it. */
export function quoted(word: string): string {
  return /^[A-Za-z0-9_./:@%+=-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
