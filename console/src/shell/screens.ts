// The screens: where each is, its name, its drawing, and the key that goes there after `g`.

import type { IconName } from "../parts/icons.tsx";

/** One screen of the navigation. */
export interface Screen {
  readonly path: "/" | "/approvals" | "/runs" | "/undo" | "/dead-letters" | "/stops" | "/agents" | "/tools" | "/policies" | "/journal" | "/settings";
  readonly name: string;
  readonly icon: IconName;
  readonly key: string;
}

export const SCREENS: readonly Screen[] = [
  { path: "/", name: "Now", icon: "now", key: "n" },
  { path: "/approvals", name: "Approvals", icon: "approvals", key: "a" },
  { path: "/runs", name: "Runs", icon: "runs", key: "r" },
  { path: "/undo", name: "Undo", icon: "undo", key: "u" },
  { path: "/dead-letters", name: "Dead letters", icon: "letter", key: "d" },
  { path: "/stops", name: "Stops", icon: "stop", key: "x" },
  { path: "/agents", name: "Agents", icon: "agents", key: "e" },
  { path: "/tools", name: "Tools", icon: "tools", key: "t" },
  { path: "/policies", name: "Policies", icon: "policies", key: "p" },
  { path: "/journal", name: "Journal", icon: "journal", key: "j" },
  { path: "/settings", name: "Settings", icon: "settings", key: "s" },
];
