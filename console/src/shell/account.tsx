// Who is logged in, the theme, and the way out.

import { useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useId } from "react";

import { end } from "../api/session.ts";
import { Button } from "../parts/basics.tsx";
import { Choices } from "../parts/fields.tsx";
import { Icon } from "../parts/icons.tsx";
import { SESSION, useSession } from "./session.tsx";
import { choose, type Theme, useTheme } from "./theme.ts";
import { toastError } from "./toasts.tsx";

const THEMES: readonly { value: Theme; label: ReactNode }[] = [
  { value: "system", label: <><Icon name="system" size={14} /> System</> },
  { value: "light", label: <><Icon name="sun" size={14} /> Light</> },
  { value: "dark", label: <><Icon name="moon" size={14} /> Dark</> },
];

/** A button with a name, and what belongs to a person behind it. */
export function Account(): ReactNode {
  const session = useSession();
  const theme = useTheme();
  const cache = useQueryClient();
  const id = useId();
  const leave = (): void => {
    void end().then(() => cache.setQueryData(SESSION, null), toastError);
  };
  return (
    <div className="account" onClick={(event) => event.stopPropagation()}>
      <button type="button" className="account-button" popoverTarget={id}>
        <span className="face" aria-hidden="true">{session.person.slice(0, 1).toUpperCase()}</span>
        <span className="account-name">{session.person}</span>
      </button>
      <div id={id} popover="auto" className="account-menu">
        <p><b>{session.person}</b> <span className="quiet">in {session.tenant}</span></p>
        <p className="quiet">{session.roles.join(", ")} · logged in by {session.assurance === "passkey" ? "passkey" : session.assurance}</p>
        <Choices label="Theme" choices={THEMES} value={theme} onChange={choose} />
        <div className="account-acts">
          <Link to="/settings" className="button plain">Passkeys and codes</Link>
          <Button icon="out" onClick={leave}>Log out</Button>
        </div>
      </div>
    </div>
  );
}
