// The client and the line to the server, for everything below.

import type { Checkrein, Told } from "@checkrein/sdk";
import { useQueryClient } from "@tanstack/react-query";
import { createContext, useContext, useEffect, useMemo, useRef, useState, type ReactNode } from "react";

import { listen, type Line } from "./live.ts";

type Listener = (told: Told) => void;

interface Held {
  readonly client: Checkrein;
  readonly line: Line;
  readonly listeners: Set<Listener>;
}

const Context = createContext<Held | undefined>(undefined);

/** What `CheckreinProvider` takes. */
export interface ProviderProps {
  readonly client: Checkrein;
  /** Whether to follow what happens and keep queries new; only operators may. `true` if not given. */
  readonly live?: boolean;
  readonly children: ReactNode;
}

/** Puts a client at hand for the hooks below. Needs a `QueryClientProvider` above it. */
export function CheckreinProvider({ client, live = true, children }: ProviderProps): ReactNode {
  const cache = useQueryClient();
  const [line, setLine] = useState<Line>("connecting");
  const listeners = useRef(new Set<Listener>()).current;
  useEffect(() => {
    if (!live) return undefined;
    const end = new AbortController();
    setLine("connecting");
    const onTold: Listener = (told) => listeners.forEach((listener) => listener(told));
    const onLine = (next: Line): void => {
      if (!end.signal.aborted) setLine(next);
    };
    void listen({ client, cache, onLine, onTold }, end.signal);
    return () => end.abort();
  }, [client, cache, live, listeners]);
  const held = useMemo(() => ({ client, line, listeners }), [client, line, listeners]);
  return <Context value={held}>{children}</Context>;
}

function useHeld(): Held {
  const held = useContext(Context);
  if (held === undefined) throw new Error("no <CheckreinProvider> above this component");
  return held;
}

/** The client. */
export function useCheckrein(): Checkrein {
  return useHeld().client;
}

/** How the line to the server stands: what is shown is new while it is `open`. */
export function useLine(): Line {
  return useHeld().line;
}

/** Calls `listener` with everything that is told from now on. Queries are kept new without it. */
export function useEvents(listener: Listener): void {
  const { listeners } = useHeld();
  const latest = useRef(listener);
  useEffect(() => {
    latest.current = listener;
  });
  useEffect(() => {
    const own: Listener = (told) => latest.current(told);
    listeners.add(own);
    return () => void listeners.delete(own);
  }, [listeners]);
}
