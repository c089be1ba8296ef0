// Lets in who has a session, and everybody else to the login. Below it, hooks of `@checkrein/react` have their client.

import { Checkrein } from "@checkrein/sdk";
import { CheckreinProvider, key } from "@checkrein/react";
import { useQuery } from "@tanstack/react-query";
import { Navigate, useLocation } from "@tanstack/react-router";
import { createContext, type ReactNode, useContext, useMemo, useRef, useState } from "react";

import { csrfToken, present, type Session } from "../api/session.ts";
import { take } from "../login/next.ts";
import { Failed } from "../parts/notices.tsx";

const client = new Checkrein({ url: window.location.origin, csrf: csrfToken });
const Context = createContext<Session | undefined>(undefined);

/** The name of the session in the query cache. */
export const SESSION = key("session", "present");

/** The session of whoever looks. */
export function useSession(): Session {
  const session = useContext(Context);
  if (session === undefined) throw new Error("no session above this component");
  return session;
}

/** Whether whoever looks has a right, such as `decide`. */
export function useMay(right: string): boolean {
  return useSession().rights.includes(right);
}

/** Who looks, as the inbox asks. */
export function useLooker(): { groups: readonly string[] | undefined; decides: boolean } {
  const { groups, rights } = useSession();
  return useMemo(() => ({ groups, decides: rights.includes("decide") }), [groups, rights]);
}

/** Shows what is below it to people with a session. */
export function WithSession({ children }: { children: ReactNode }): ReactNode {
  const { pathname, searchStr } = useLocation();
  // An issuer sends people to the beginning; they wanted to go elsewhere.
  const [next] = useState(() => (pathname === "/" ? take(Date.now()) : undefined));
  const led = useRef(false);
  const session = useQuery({ queryKey: SESSION, queryFn: ({ signal }) => present(signal), staleTime: 60_000, retry: 2 });
  if (session.isPending) return null;
  if (session.error !== null && session.data === undefined) return <Failed error={session.error} again={() => void session.refetch()} />;
  // On the way to the login this is still drawn.
  if (session.data == null && pathname === "/login") return null;
  if (session.data == null) return <Navigate to="/login" search={{ next: `${pathname}${searchStr}` }} replace />;
  if (next !== undefined && !led.current) {
    led.current = true;
    return <Navigate to={next} replace />;
  }
  return (
    <Context value={session.data}>
      <CheckreinProvider client={client}>{children}</CheckreinProvider>
    </Context>
  );
}
