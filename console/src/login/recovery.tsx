// Login by a recovery code: for who lost every passkey. Each code works once.

import { type FormEvent, type ReactNode, useState } from "react";

import { byRecoveryCode } from "../api/session.ts";
import { Button } from "../parts/basics.tsx";
import { TextField } from "../parts/fields.tsx";

interface RecoveryProps {
  busy: boolean;
  attempt: (how: () => Promise<void>) => void;
  onBack: () => void;
}

/** A name and a code. */
export function Recovery({ busy, attempt, onBack }: RecoveryProps): ReactNode {
  const [name, setName] = useState("");
  const [code, setCode] = useState("");
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    attempt(() => byRecoveryCode(name.trim(), code.trim()));
  };
  return (
    <form className="login-ways" onSubmit={submit}>
      <TextField label="Your name" value={name} onChange={(event) => setName(event.target.value)} autoComplete="username" autoCapitalize="off" required autoFocus />
      <TextField label="Recovery code" className="mono" value={code} onChange={(event) => setCode(event.target.value)} autoComplete="one-time-code" autoCapitalize="off" spellCheck={false} required hint="It works once. Afterwards, add a passkey in Settings." />
      <Button type="submit" weight="primary" disabled={busy || name.trim() === "" || code.trim() === ""}>Log in</Button>
      <Button weight="quiet" onClick={onBack}>Other ways</Button>
    </form>
  );
}
