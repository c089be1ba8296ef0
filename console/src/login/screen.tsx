// Ways in: a passkey, an issuer's account, a one-time link from the command line, a recovery code. Says nothing of who exists.

import { Problem } from "@checkrein/sdk";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { type ReactNode, useEffect, useRef, useState } from "react";

import { arePossible, logIn } from "../api/passkeys.ts";
import { byTicket, issuers } from "../api/session.ts";
import { Button } from "../parts/basics.tsx";
import { Command } from "../parts/command.tsx";
import { Failed } from "../parts/notices.tsx";
import { useTitle } from "../parts/page.tsx";
import { SESSION } from "../shell/session.tsx";
import { keep } from "./next.ts";
import { Recovery } from "./recovery.tsx";
import "./login.css";

type Way = "choose" | "recovery";

/** The login. */
export function Login(): ReactNode {
  useTitle("Log in");
  const [way, setWay] = useState<Way>("choose");
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const enter = useEnter();
  const attempt = (how: () => Promise<void>): void => {
    setBusy(true);
    setError(undefined);
    how().then(enter, (reason: unknown) => {
      setBusy(false);
      setError(reason);
    });
  };
  useTicket(attempt);
  useRefusal(setError);
  return (
    <main className="login">
      <div className="login-card">
        <header>
          <img src="/mark.svg" alt="" width="40" height="40" />
          <h1>Checkrein</h1>
          <p>What agents did, and what waits for you.</p>
        </header>
        {error === undefined ? null : <Failed error={error} />}
        {way === "choose"
          ? <Ways busy={busy} attempt={attempt} onRecovery={() => setWay("recovery")} />
          : <Recovery busy={busy} attempt={attempt} onBack={() => setWay("choose")} />}
      </div>
    </main>
  );
}

function Ways({ busy, attempt, onRecovery }: { busy: boolean; attempt: (how: () => Promise<void>) => void; onRecovery: () => void }): ReactNode {
  const { next } = useSearch({ from: "/login" });
  const known = useQuery({ queryKey: ["issuers"], queryFn: issuers, retry: false });
  return (
    <>
      <div className="login-ways">
        <Button weight="primary" icon="key" disabled={busy || !arePossible()} onClick={() => attempt(() => logIn())}>Log in with a passkey</Button>
        {arePossible() ? null : <p className="quiet">Passkeys need <code>localhost</code> or an https address.</p>}
        {(known.data ?? []).map((issuer) => (
          <a key={issuer.name} className="button plain" href={`/v1/session/oidc/${encodeURIComponent(issuer.name)}`} onClick={() => keep(next, Date.now())}>Log in with {issuer.title}</a>
        ))}
        <Button weight="quiet" onClick={onRecovery}>Use a recovery code</Button>
      </div>
      <footer>
        <p>The first time, or on the machine itself:</p>
        <Command command="checkrein console" />
        <p className="quiet">prints a link that logs you in once.</p>
      </footer>
    </>
  );
}

/** Goes where the person wanted to go. */
function useEnter(): () => void {
  const cache = useQueryClient();
  const navigate = useNavigate();
  const { next } = useSearch({ from: "/login" });
  return () => {
    cache.removeQueries({ queryKey: SESSION });
    void navigate({ href: next ?? "/", replace: true });
  };
}

/** A ticket in the fragment is used once and taken out of the address at once, so that no history keeps it. */
function useTicket(attempt: (how: () => Promise<void>) => void): void {
  const used = useRef(false);
  useEffect(() => {
    const ticket = new URLSearchParams(window.location.hash.slice(1)).get("ticket");
    if (ticket === null || used.current) return;
    used.current = true;
    window.history.replaceState(null, "", window.location.pathname + window.location.search);
    attempt(() => byTicket(ticket));
  });
}

/** What an issuer's way back says when nobody was let in: a code in the fragment, taken out of the address at once. */
function useRefusal(onRefused: (error: unknown) => void): void {
  useEffect(() => {
    const code = new URLSearchParams(window.location.hash.slice(1)).get("error");
    if (code === null || !/^CR-\d{4}$/.test(code)) return;
    window.history.replaceState(null, "", window.location.pathname + window.location.search);
    onRefused(new Problem({
      type: "", status: 401, code, title: "nobody was logged in", detail: "what the issuer said was not accepted, or came too late",
      fix: "try again; where it happens again, ask an admin whether your account may log in here, and whether the issuer is configured as it says",
    }));
    // Once, when the page opens.
  }, []);
}
