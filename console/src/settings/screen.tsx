// Settings: one's own account, people, spaces, servers, keys, and the places that the command line has today.

import { useLocation } from "@tanstack/react-router";
import { type ReactNode, useEffect } from "react";

import { Page } from "../parts/page.tsx";
import { Account } from "./account.tsx";
import { Keys } from "./keys.tsx";
import { People } from "./people.tsx";
import { Places } from "./places.tsx";
import { Servers } from "./servers.tsx";
import { Spaces } from "./spaces.tsx";
import "../lists/common.css";
import "./settings.css";

const SECTIONS = [
  ["account", "My account"],
  ["people", "People"],
  ["spaces", "Spaces"],
  ["servers", "Tool servers"],
  ["keys", "Keys"],
  ["places", "Stops, undo, dead letters"],
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
        <Keys />
        <Places />
      </div>
    </Page>
  );
}
