// What of a long request was opened. Who approves must have had all of it on the screen: long parts are collapsed at first,
// each has a name here, and the part that decides asks whether all of them were opened.

import { createContext, type ReactNode, useCallback, useContext, useMemo, useState } from "react";

interface Opened {
  readonly has: (name: string) => boolean;
  readonly open: (names: readonly string[]) => void;
}

const Context = createContext<Opened | undefined>(undefined);

/** Keeps what was opened below it. Give it a `key` that changes with what is shown. */
export function WithOpened({ children }: { children: ReactNode }): ReactNode {
  const [names, setNames] = useState<ReadonlySet<string>>(new Set());
  const open = useCallback((more: readonly string[]) => setNames((before) => new Set([...before, ...more])), []);
  const opened = useMemo(() => ({ has: (name: string) => names.has(name), open }), [names, open]);
  return <Context value={opened}>{children}</Context>;
}

/** Everything that was opened. */
export function useOpened(): Opened {
  const opened = useContext(Context);
  if (opened === undefined) throw new Error("no <WithOpened> above this component");
  return opened;
}

/** Whether one part is open, and how to open it. Without a `WithOpened` above it is kept by the part itself. */
export function useOpen(name: string): [open: boolean, setOpen: () => void] {
  const opened = useContext(Context);
  const [own, setOwn] = useState(false);
  return opened === undefined ? [own, () => setOwn(true)] : [opened.has(name), () => opened.open([name])];
}
