// A dialog of the browser's own: focus stays in it, Escape closes it, and what is behind cannot be reached.

import { type ReactNode, useEffect, useId, useRef } from "react";

import { IconButton } from "./basics.tsx";
import "./dialog.css";

interface DialogProps {
  title: string;
  onClose: () => void;
  children: ReactNode;
  /** Buttons at its end. */
  actions?: ReactNode;
}

/** Open while it is rendered. */
export function Dialog({ title, onClose, children, actions }: DialogProps): ReactNode {
  const dialog = useRef<HTMLDialogElement>(null);
  // A press that began inside, such as selecting text, and ended outside is told as a click on the dialog itself.
  const beganOutside = useRef(false);
  const name = useId();
  useEffect(() => {
    const opened = dialog.current;
    opened?.showModal();
    // The first field, else the dialog itself: never a button that does something.
    const field = opened?.querySelector<HTMLElement>("textarea, input, select");
    (field ?? opened)?.focus();
    return () => opened?.close();
  }, []);
  return (
    <dialog ref={dialog} className="dialog" tabIndex={-1} aria-labelledby={name} onCancel={(event) => {
      event.preventDefault();
      onClose();
    }} onPointerDown={(event) => {
      beganOutside.current = event.target === dialog.current;
    }} onClick={(event) => {
      if (event.target === dialog.current && beganOutside.current) onClose();
      beganOutside.current = false;
    }}>
      <div className="dialog-inner">
        <header className="dialog-head">
          <h2 id={name}>{title}</h2>
          <IconButton name="Close" icon="cross" onClick={onClose} />
        </header>
        <div className="dialog-body">{children}</div>
        {actions === undefined ? null : <footer className="dialog-actions">{actions}</footer>}
      </div>
    </dialog>
  );
}
