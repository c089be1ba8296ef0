// Settings: one's own account, people, spaces, servers, outlets and keys.

import { useLocation } from "@tanstack/react-router";
import { type ReactNode, useEffect } from "react";

import { Page } from "../parts/page.tsx";
import { Account } from "./account.tsx";
import { Keys } from "./keys.tsx";
import { Outlets } from "./outlets.tsx";
import { People } from "./people.tsx";
import { Servers } from "./servers.tsx";
import { Spaces } from "./spaces.tsx";
import "../lists/common.css";
import "./settings.css";

const SECTIONS = [
  ["account", "My account"],
  ["people", "People"],
  ["spaces", "Spaces"],
  ["servers", "Tool servers"],
  ["outlets", "Outlets"],
  ["keys", "Keys"],
] as const;

/** The screen; a name in the address leads to its part. */
export function Settings(): ReactNode {
  const { hash } = useLocation();
  useEffect(() => {
    if (hash !== "") document.getElementById(hash)?.scrollIntoView();
  }, [hash]);
  return (
    <Page title="Settings" command="checkrein config show" bar={
      <nav className="file-tabs" aria-label="Parts">{SECTIONS.map(([id, name]) => <a key={id} href={`#${id}`}>{name}</a>)}</nav>
    }>
      <div className="settings">
        <Account />
        <People />
        <Spaces />
        <Servers />
        <Outlets />
        <Keys />
      </div>
    </Page>
  );
}
