// The inbox: who waits for a decision, the nearest deadline first, and beside it the request that is looked at. `j` and `k`
// move. On a phone the list and the request are two pages.

import { useApprovals } from "@checkrein/react";
import type { WhichApprovals } from "@checkrein/sdk";
import { Outlet, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { lazy, type ReactNode, Suspense, useMemo } from "react";

import { Choices } from "../parts/fields.tsx";
import { Empty, Failed, Reading } from "../parts/notices.tsx";
import { Page } from "../parts/page.tsx";
import { useKeys } from "../shell/keys.ts";
import { useLooker } from "../shell/session.tsx";
import { beside, inbox, type Show } from "./inbox.ts";
import { Reviews } from "./reviews.tsx";
import { Rows } from "./rows.tsx";
import "./approvals.css";

const Load = lazy(async () => ({ default: (await import("./load.tsx")).Load }));

/** The screen. */
export function Approvals(): ReactNode {
  const { show = "mine" } = useSearch({ from: "/shell/approvals" });
  const { approval } = useParams({ strict: false });
  const navigate = useNavigate();
  const looker = useLooker();
  const found = useApprovals(WHICH[show === "decided" ? "decided" : "waiting"]);
  const requests = useMemo(() => inbox(found.items, show, looker), [found.items, show, looker]);
  const go = (step: 1 | -1): void => {
    const next = beside(requests, approval, step);
    if (next !== undefined) void navigate({ to: "/approvals/$approval", params: { approval: next.approval }, search: { show } });
  };
  useKeys("Approvals", [
    { keys: "j", does: "next request", run: () => go(1) },
    { keys: "k", does: "request before", run: () => go(-1) },
    { keys: "u", does: "back to the list", run: () => void navigate({ to: "/approvals", search: { show } }) },
  ]);
  const choose = (next: Show): void => void navigate({ to: "/approvals", search: { show: next } });
  const command = approval === undefined ? COMMANDS[show] : `checkrein approvals show ${approval}`;
  const wide = approval === undefined && (show === "reviews" || show === "load");
  return (
    <div className={approval !== undefined ? "approvals one" : wide ? "approvals wide" : "approvals"}>
      <div className="approvals-list">
        <Page title="Approvals" command={command} fills bar={<Choices label="Which requests" choices={CHOICES} value={show} onChange={choose} />}>
          {show === "reviews" ? <Reviews /> : show === "load" ? <Suspense fallback={<Reading />}><Load /></Suspense> : found.error !== null && found.items.length === 0 ? <Failed error={found.error} again={found.again} />
            : found.isPending ? <Reading />
              : requests.length === 0 ? <Nothing show={show} />
                : <Rows requests={requests} current={approval} show={show} more={found} />}
        </Page>
      </div>
      <div className="approvals-one">
        <Outlet />
        {approval === undefined && !wide && requests.length > 0
          ? <Empty icon="approvals" title={`${requests.length} ${show === "decided" ? "decided" : "waiting"}`}>Choose a request, or press <kbd>j</kbd>.</Empty>
          : null}
      </div>
    </div>
  );
}

const WHICH: Readonly<Record<"decided" | "waiting", WhichApprovals>> = { decided: { first: "newest" }, waiting: { state: "pending" } };

const CHOICES: readonly { value: Show; label: ReactNode }[] = [
  { value: "mine", label: "Mine" },
  { value: "all", label: "All" },
  { value: "reviews", label: "Reviews" },
  { value: "decided", label: "Decided" },
  { value: "load", label: "Load" },
];

const COMMANDS: Readonly<Record<Show, string>> = {
  mine: "checkrein approvals ls", all: "checkrein approvals ls", reviews: "checkrein duties ls --kind review",
  decided: "checkrein approvals ls --all", load: `curl -s -H "authorization: Bearer $CHECKREIN_KEY" ${window.location.origin}/v1/attention`,
};

const EXAMPLE = `checkrein call files.write '{"path": "prod/on.txt", "content": "on"}' --wait 120`;

function Nothing({ show }: { show: Show }): ReactNode {
  if (show === "decided") return <Empty title="Nothing was decided yet" command="checkrein approvals ls">What people said to held calls stands here.</Empty>;
  return (
    <Empty title={show === "mine" ? "Nothing waits for you" : "Nothing waits"} command={EXAMPLE}>
      Calls that policy holds appear here at once. To see one, let an agent change something below <code>prod/</code>:
    </Empty>
  );
}
