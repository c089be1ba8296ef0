// The inbox: who waits for a decision, the nearest deadline first, and beside it the request that is looked at. `j` and `k`
// move. The server does the narrowing; what the address says is asked for (which.ts). On a phone the list and the request are
// two pages.

import { type Listing, useApprovals } from "@checkrein/react";
import { Outlet, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { lazy, type ReactNode, Suspense, useEffect, useMemo } from "react";

import { AgentSelect, SinceSelect } from "../lists/filters.tsx";
import { Search } from "../lists/search.tsx";
import { Select } from "../lists/select.tsx";
import { Nothing as NothingFits } from "../lists/table.tsx";
import { changed } from "../others.ts";
import { Choices } from "../parts/fields.tsx";
import { Empty, Failed, Reading } from "../parts/notices.tsx";
import { Page } from "../parts/page.tsx";
import { useKeys } from "../shell/keys.ts";
import { useLooker } from "../shell/session.tsx";
import { beside, inbox, type Show } from "./inbox.ts";
import { Reviews } from "./reviews.tsx";
import { Rows } from "./rows.tsx";
import { approvalsCommand, type ApprovalsSearch, ENDED, whichApprovals } from "./which.ts";
import "../lists/common.css";
import "./approvals.css";

const Load = lazy(async () => ({ default: (await import("./load.tsx")).Load }));

/** The screen. */
export function Approvals(): ReactNode {
  const search = useSearch({ from: "/shell/approvals" });
  const { show = "mine" } = search;
  const { approval } = useParams({ strict: false });
  const navigate = useNavigate();
  const looker = useLooker();
  const isList = show !== "reviews" && show !== "load";
  // Whoever may not decide is asked for nothing.
  const nobody = show === "mine" && !looker.decides;
  const { which, command } = useAsked(search);
  const found = useApprovals(which, { enabled: isList && !nobody });
  const requests = useMemo(() => inbox(found.items, show, looker), [found.items, show, looker]);
  useReadOn(requests.length === 0, found);
  const go = (step: 1 | -1): void => {
    const next = beside(requests, approval, step);
    if (next !== undefined) void navigate({ to: "/approvals/$approval", params: { approval: next.approval }, search });
  };
  useKeys("Approvals", [
    { keys: "j", does: "next request", run: () => go(1) },
    { keys: "k", does: "request before", run: () => go(-1) },
    { keys: "u", does: "back to the list", run: () => void navigate({ to: "/approvals", search }) },
  ]);
  const choose = (next: Show): void => void navigate({ to: "/approvals", search: { show: next } });
  const does = approval !== undefined ? `checkrein approvals show ${approval}` : isList ? command : COMMANDS[show];
  const wide = approval === undefined && !isList;
  const isNarrowed = search.agent !== undefined || search.text !== undefined || search.span !== undefined || search.ended !== undefined;
  const waits = !nobody && (found.isPending || (requests.length === 0 && found.hasMore));
  return (
    <div className={approval !== undefined ? "approvals one" : wide ? "approvals wide" : "approvals"}>
      <div className="approvals-list">
        <Page title="Approvals" command={does} fills bar={<><Choices label="Which requests" choices={CHOICES} value={show} onChange={choose} />{isList ? <Filters search={search} /> : null}</>}>
          {show === "reviews" ? <Reviews /> : show === "load" ? <Suspense fallback={<Reading />}><Load /></Suspense> : found.error !== null && found.items.length === 0 ? <Failed error={found.error} again={found.again} />
            : waits ? <Reading />
              : requests.length === 0 ? (isNarrowed ? <NothingFits what="requests" clear={() => choose(show)} /> : <Nothing show={show} />)
                : <Rows requests={requests} current={approval} search={search} more={found} />}
        </Page>
      </div>
      <div className="approvals-one">
        <Outlet />
        {approval === undefined && !wide && requests.length > 0
          ? <Empty icon="approvals" title={`${requests.length}${found.hasMore ? "+" : ""} ${show === "decided" ? "decided" : "waiting"}`}>Choose a request, or press <kbd>j</kbd>.</Empty>
          : null}
      </div>
    </div>
  );
}

/** What the server is asked for, and the command that asks for the same. A span begins when it is chosen. */
function useAsked({ show, span, agent, text, ended }: ApprovalsSearch): { which: ReturnType<typeof whichApprovals>; command: string } {
  return useMemo(() => {
    const search = { ...(show && { show }), ...(span && { span }), ...(agent && { agent }), ...(text && { text }), ...(ended && { ended }) };
    const now = Date.now();
    return { which: whichApprovals(search, now), command: approvalsCommand(search, now) };
  }, [show, span, agent, text, ended]);
}

/** Pages of which nothing is shown are no end: reads on while there is more. */
function useReadOn(isEmpty: boolean, { hasMore, isReadingMore, readMore }: Pick<Listing<unknown>, "hasMore" | "isReadingMore" | "readMore">): void {
  useEffect(() => {
    if (isEmpty && hasMore && !isReadingMore) readMore();
  }, [isEmpty, hasMore, isReadingMore, readMore]);
}

function Filters({ search }: { search: ApprovalsSearch }): ReactNode {
  const navigate = useNavigate();
  const go = (name: keyof ApprovalsSearch, value: string): void => void navigate({ to: "/approvals", search: changed(search, name, value), replace: true });
  return (
    <div className="filters">
      <Search label="Tool, resource, text or id" value={search.text ?? ""} onSearch={(text) => go("text", text)} />
      <AgentSelect value={search.agent} onChange={(agent) => go("agent", agent)} />
      <SinceSelect value={search.span} onChange={(span) => go("span", span)} />
      {search.show === "decided" ? <Select label="How it ended" value={search.ended ?? "decided"} options={ENDED} onChange={(ended) => go("ended", ended === "decided" ? "" : ended)} /> : null}
    </div>
  );
}

const CHOICES: readonly { value: Show; label: ReactNode }[] = [
  { value: "mine", label: "Mine" },
  { value: "all", label: "All" },
  { value: "reviews", label: "Reviews" },
  { value: "decided", label: "Decided" },
  { value: "load", label: "Load" },
];

const COMMANDS: Readonly<Record<"reviews" | "load", string>> = {
  reviews: "checkrein duties ls --kind review",
  load: `curl -s -H "authorization: Bearer $CHECKREIN_KEY" ${window.location.origin}/v1/attention`,
};

const EXAMPLE = `checkrein call files.write '{"path": "prod/on.txt", "content": "on"}' --wait 120`;

function Nothing({ show }: { show: Show }): ReactNode {
  if (show === "decided") return <Empty title="Nothing was decided yet" command="checkrein approvals ls --state decided">What people said to held calls stands here.</Empty>;
  return (
    <Empty title={show === "mine" ? "Nothing waits for you" : "Nothing waits"} command={EXAMPLE}>
      Calls that policy holds appear here at once. To see one, let an agent change something below <code>prod/</code>:
    </Empty>
  );
}
