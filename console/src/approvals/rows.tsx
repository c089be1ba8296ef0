// The lines of the inbox. Only those in sight are drawn; further pages are read when the end comes near.

import { useCall, type Listing } from "@checkrein/react";
import type { Approval } from "@checkrein/sdk";
import { Link } from "@tanstack/react-router";
import { useVirtualizer } from "@tanstack/react-virtual";
import { type ReactNode, useEffect, useRef } from "react";

import { ClassBadge, StateBadge } from "../parts/basics.tsx";
import { Shown } from "../parts/text.tsx";
import { Ago, Countdown } from "../parts/time.tsx";
import { group } from "../parts/words.ts";
import { place } from "./sight.ts";
import type { ApprovalsSearch } from "./which.ts";

const ROW_PX = 76;

interface RowsProps {
  requests: readonly Approval[];
  current: string | undefined;
  search: ApprovalsSearch;
  more: Pick<Listing<Approval>, "hasMore" | "isReadingMore" | "readMore">;
}

/** The list. */
export function Rows({ requests, current, search, more }: RowsProps): ReactNode {
  const scroll = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({ count: requests.length, getScrollElement: () => scroll.current, estimateSize: () => ROW_PX, overscan: 6 });
  const at = requests.findIndex((each) => each.approval === current);
  const drawn = rows.getVirtualItems();
  const last = drawn.at(-1)?.index ?? 0;
  useEffect(() => {
    if (at >= 0) rows.scrollToIndex(at);
  }, [at, rows]);
  useEffect(() => {
    if (more.hasMore && last >= requests.length - 10) more.readMore();
  }, [last, more, requests.length]);
  return (
    <div ref={scroll} className="inbox" role="list" aria-label="Requests">
      <div style={{ height: rows.getTotalSize(), position: "relative" }}>
        {drawn.map((row) => {
          const request = requests[row.index];
          if (request === undefined) return null;
          return (
            <div key={request.approval} role="listitem" className="inbox-place" style={{ transform: `translateY(${row.start}px)` }}>
              <Row request={request} search={search} isCurrent={request.approval === current} />
            </div>
          );
        })}
      </div>
    </div>
  );
}

function Row({ request, search, isCurrent }: { request: Approval; search: ApprovalsSearch; isCurrent: boolean }): ReactNode {
  const found = useCall(request.call);
  const call = found.data?.call;
  const tool = call?.tool ?? request.requirement;
  return (
    <Link to="/approvals/$approval" params={{ approval: request.approval }} search={search} className="inbox-row" aria-current={isCurrent ? "true" : undefined}>
      <span className="inbox-what">
        <b><Shown text={tool} /></b>
        {request.state === "pending"
          ? <Countdown from={request.asked_ms} until={request.decide_by_ms} label="decide by" />
          : <span className="quiet"><Ago ms={request.decided_ms ?? request.asked_ms} /></span>}
      </span>
      <span className="inbox-target mono">{call === undefined ? request.call : <Shown text={place(call.resource)} />}</span>
      <span className="inbox-more">
        {request.state === "pending" ? (call === undefined ? null : <ClassBadge effectClass={call.effect_class} />) : <StateBadge state={request.state} />}
        <span className="quiet">{call?.agent} · {request.decided_by == null ? `asks ${group(request.asked_of)}` : `by ${request.decided_by}`}</span>
      </span>
    </Link>
  );
}
