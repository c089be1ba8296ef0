// The requests that must be decided first.

import { useApprovals, useCall } from "@checkrein/react";
import type { Approval } from "@checkrein/sdk";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";

import { byDeadline, path } from "../approvals/sight.ts";
import { ClassBadge } from "../parts/basics.tsx";
import { Failed, Reading } from "../parts/notices.tsx";
import { Shown } from "../parts/text.tsx";
import { Countdown } from "../parts/time.tsx";
import { group } from "../parts/words.ts";

const SHOWN = 8;

/** The first few. */
export function Waiting(): ReactNode {
  const found = useApprovals({ state: "pending" });
  if (found.error !== null) return <Failed error={found.error} again={found.again} />;
  if (found.isPending) return <Reading lines={4} />;
  if (found.items.length === 0) return <p className="nobody">Nobody. Calls that policy holds appear here at once.</p>;
  return (
    <ul className="acts">
      {found.items.toSorted(byDeadline).slice(0, SHOWN).map((request) => <li key={request.approval}><Row request={request} /></li>)}
      {found.items.length > SHOWN ? <li><Link to="/approvals" className="act">and {found.items.length - SHOWN} more</Link></li> : null}
    </ul>
  );
}

function Row({ request }: { request: Approval }): ReactNode {
  const call = useCall(request.call).data?.call;
  return (
    <Link to="/approvals/$approval" params={{ approval: request.approval }} className="act">
      <span className="act-what"><b>{call === undefined ? request.requirement : <Shown text={call.tool} />}</b> <span className="mono">{call === undefined ? "" : <Shown text={path(call.resource)} />}</span></span>
      <Countdown from={request.asked_ms} until={request.decide_by_ms} label="decide by" />
      <span className="act-more quiet">{group(request.asked_of)} · {call?.agent}</span>
      {call === undefined ? null : <ClassBadge effectClass={call.effect_class} />}
    </Link>
  );
}
