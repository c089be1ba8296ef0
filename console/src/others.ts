// The addresses of runs, agents, tools, policies, journal and settings. What is filtered by stands in the address, so that
// every view can be sent to somebody else.

import { type AnyRoute, createRoute, lazyRouteComponent } from "@tanstack/react-router";

/** What runs are filtered by. */
export interface RunsSearch {
  state?: string;
  workflow?: string;
  agent?: string;
  since?: string;
  text?: string;
}

/** Which call of a run is open, and which part of it. */
export interface RunSearch {
  call?: string;
  part?: string;
}

/** What tools are filtered by. */
export interface ToolsSearch {
  text?: string;
  show?: string;
}

/** What entries are looked for. */
export interface JournalSearch {
  text?: string;
  kind?: string;
  run?: string;
  call?: string;
  entry?: number;
}

/** Which part of the policies is shown: a file, or why a call was decided as it was. */
export interface PoliciesSearch {
  part?: string;
  call?: string;
  file?: string;
}

/** Which agents are shown. */
export interface AgentsSearch {
  show?: string;
  text?: string;
  agent?: string;
}

/** What is to be stopped and how, which stops are listed, and whose receipt is open. */
export interface StopsSearch {
  scope?: string;
  level?: string;
  show?: string;
  stop?: string;
}

/** Which acts are listed, and which one is open. */
export interface UndoSearch {
  show?: string;
  agent?: string;
  since?: string;
  text?: string;
  call?: string;
}

/** Which dead letters are listed, and which one is open. */
export interface DeadSearch {
  state?: string;
  why?: string;
  agent?: string;
  text?: string;
  call?: string;
}

/** The routes below the frame. */
export function otherRoutes<Parent extends AnyRoute>(parent: Parent) {
  const getParentRoute = (): Parent => parent;
  return [
    createRoute({
      getParentRoute,
      path: "/runs",
      validateSearch: (search): RunsSearch => texts(search, ["state", "workflow", "agent", "since", "text"]),
      component: lazyRouteComponent(() => import("./runs/screen.tsx"), "Runs"),
    }),
    createRoute({
      getParentRoute,
      path: "/runs/$run",
      validateSearch: (search): RunSearch => texts(search, ["call", "part"]),
      component: lazyRouteComponent(() => import("./runs/run.tsx"), "RunScreen"),
    }),
    createRoute({
      getParentRoute,
      path: "/stops",
      validateSearch: (search): StopsSearch => texts(search, ["scope", "level", "show", "stop"]),
      component: lazyRouteComponent(() => import("./stops/screen.tsx"), "Stops"),
    }),
    createRoute({
      getParentRoute,
      path: "/undo",
      validateSearch: (search): UndoSearch => texts(search, ["show", "agent", "since", "text", "call"]),
      component: lazyRouteComponent(() => import("./undo/screen.tsx"), "UndoScreen"),
    }),
    createRoute({
      getParentRoute,
      path: "/dead-letters",
      validateSearch: (search): DeadSearch => texts(search, ["state", "why", "agent", "text", "call"]),
      component: lazyRouteComponent(() => import("./dead/screen.tsx"), "DeadLetters"),
    }),
    createRoute({
      getParentRoute,
      path: "/incident/$of",
      component: lazyRouteComponent(() => import("./incident/screen.tsx"), "Incident"),
    }),
    createRoute({
      getParentRoute,
      path: "/agents",
      validateSearch: (search): AgentsSearch => texts(search, ["show", "text", "agent"]),
      component: lazyRouteComponent(() => import("./agents/screen.tsx"), "Agents"),
    }),
    createRoute({
      getParentRoute,
      path: "/tools",
      validateSearch: (search): ToolsSearch => texts(search, ["text", "show"]),
      component: lazyRouteComponent(() => import("./tools/screen.tsx"), "Tools"),
    }),
    createRoute({
      getParentRoute,
      path: "/tools/$tool",
      component: lazyRouteComponent(() => import("./tools/tool.tsx"), "ToolScreen"),
    }),
    createRoute({
      getParentRoute,
      path: "/policies",
      validateSearch: (search): PoliciesSearch => texts(search, ["part", "call", "file"]),
      component: lazyRouteComponent(() => import("./policies/screen.tsx"), "Policies"),
    }),
    createRoute({
      getParentRoute,
      path: "/journal",
      validateSearch: (search): JournalSearch => {
        const entry = Number(search["entry"]);
        return { ...texts(search, ["text", "kind", "run", "call"]), ...(entry > 0 ? { entry } : {}) };
      },
      component: lazyRouteComponent(() => import("./journal/screen.tsx"), "Journal"),
    }),
    createRoute({
      getParentRoute,
      path: "/settings",
      component: lazyRouteComponent(() => import("./settings/screen.tsx"), "Settings"),
    }),
  ] as const;
}

function texts<Name extends string>(search: Record<string, unknown>, names: readonly Name[]): { [name in Name]?: string } {
  const found: { [name in Name]?: string } = {};
  for (const name of names) {
    const value = search[name];
    if (typeof value === "string" && value !== "") found[name] = value;
  }
  return found;
}

/** The same filters with one changed; an empty one goes. */
export function changed<T extends object>(search: T, name: keyof T, value: string): T {
  const { [name]: _, ...rest } = search;
  return (value === "" ? rest : { ...rest, [name]: value }) as T;
}
