// The frame around every screen: where one is, whether anything is stopped, who is logged in, whether the line is open.

import { Link, Outlet, useNavigate, useRouterState } from "@tanstack/react-router";
import { type ReactNode, useEffect, useState } from "react";

import { Failed } from "../parts/notices.tsx";
import { Help } from "./help.tsx";
import { listen, useKeys } from "./keys.ts";
import { Line } from "./line.tsx";
import { Navigation, Tabs } from "./navigation.tsx";
import { SCREENS } from "./screens.ts";
import { WithSession } from "./session.tsx";
import { StopsInForce } from "./stops.tsx";
import { Toasts } from "./toasts.tsx";
import "./shell.css";

/** The frame; screens are its outlet. */
export function Shell(): ReactNode {
  useEffect(listen, []);
  return (
    <WithSession>
      <Frame />
    </WithSession>
  );
}

function Frame(): ReactNode {
  const [help, setHelp] = useState(false);
  const navigate = useNavigate();
  useKeys("Everywhere", [
    { keys: "?", does: "this help", run: () => setHelp(true) },
    { keys: "/", does: "search", run: focusSearch },
    ...SCREENS.map((screen) => ({ keys: `g ${screen.key}`, does: `go to ${screen.name}`, run: () => void navigate({ to: screen.path }) })),
  ]);
  return (
    <div className="shell">
      <a className="skip" href="#main">Skip to the content</a>
      <Navigation onHelp={() => setHelp(true)} />
      <div className="shell-main">
        <StopsInForce />
        <Line />
        <main id="main" tabIndex={-1}>
          <Outlet />
        </main>
      </div>
      <Tabs onHelp={() => setHelp(true)} />
      <Toasts />
      {help ? <Help onClose={() => setHelp(false)} /> : null}
    </div>
  );
}

/** What is shown where a screen fails. */
export function ScreenFailed({ error }: { error: unknown }): ReactNode {
  return <Failed error={error} again={() => window.location.reload()} />;
}

/** What is shown where there is no screen. */
export function Nowhere(): ReactNode {
  const path = useRouterState({ select: (state) => state.location.pathname });
  return (
    <div className="nowhere">
      <h1>Nothing is here</h1>
      <p>There is no screen <code>{path}</code>.</p>
      <Link to="/">Go to Now</Link>
    </div>
  );
}

function focusSearch(): void {
  document.querySelector<HTMLInputElement>("[data-search]")?.focus();
}
