// Every address of the console and the screen behind it. Screens are loaded when somebody goes there.

import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Outlet } from "@tanstack/react-router";

import { approvalsSearch } from "./approvals/which.ts";
import { isOwnPath } from "./login/next.ts";
import { otherRoutes } from "./others.ts";
import { Reading } from "./parts/notices.tsx";
import { Nowhere, ScreenFailed, Shell } from "./shell/shell.tsx";

const root = createRootRoute({ component: Outlet, notFoundComponent: Nowhere, errorComponent: ScreenFailed });

const login = createRoute({
  getParentRoute: () => root,
  path: "/login",
  validateSearch: (search): { next?: string } => (isOwnPath(search["next"]) ? { next: search["next"] } : {}),
  component: lazyRouteComponent(() => import("./login/screen.tsx"), "Login"),
});

const shell = createRoute({ getParentRoute: () => root, id: "shell", component: Shell });

const now = createRoute({
  getParentRoute: () => shell,
  path: "/",
  component: lazyRouteComponent(() => import("./now/screen.tsx"), "Now"),
});

const approvals = createRoute({
  getParentRoute: () => shell,
  path: "/approvals",
  validateSearch: approvalsSearch,
  component: lazyRouteComponent(() => import("./approvals/screen.tsx"), "Approvals"),
});

const approval = createRoute({
  getParentRoute: () => approvals,
  path: "$approval",
  component: lazyRouteComponent(() => import("./approvals/detail.tsx"), "ApprovalDetail"),
});

/** The console's addresses. */
export const router = createRouter({
  routeTree: root.addChildren([login, shell.addChildren([now, approvals.addChildren([approval]), ...otherRoutes(shell)])]),
  defaultPendingComponent: Reading,
  defaultErrorComponent: ScreenFailed,
  defaultPreload: "intent",
  scrollRestoration: true,
  scrollToTopSelectors: ["#main"],
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
