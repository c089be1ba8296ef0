// What must be done first, by whom and until when.

import { useApprovals, useCall, useDuties, useTools } from "@checkrein/react";
import { Link, type LinkProps } from "@tanstack/react-router";
import type { ReactNode } from "react";

import { place } from "../approvals/sight.ts";
import { Badge, ClassBadge } from "../parts/basics.tsx";
import { Failed, Reading } from "../parts/notices.tsx";
import { Shown } from "../parts/text.tsx";
import { Countdown } from "../parts/time.tsx";
import { useLooker, useMay } from "../shell/session.tsx";
import { type Act, acts } from "./acts.ts";

const SHOWN = 10;

/** The first few. */
export function Waiting(): ReactNode {
  const approvals = useApprovals({ state: "pending" });
  const reviews = useDuties({ state: "open", kind: "review" });
  const tools = useTools();
  const looker = useLooker();
  const writesPolicy = useMay("write_policy");
  if (approvals.error !== null) return <Failed error={approvals.error} again={approvals.again} />;
  if (approvals.isPending || reviews.isPending) return <Reading lines={4} />;
  const found = acts({ approvals: approvals.items, reviews: reviews.items, tools: tools.data?.items ?? [] }, looker, writesPolicy);
  if (found.length === 0) return <p className="nobody">Nobody. Calls that policy holds, acts to review and tools that changed appear here at once.</p>;
  const more = found.length - SHOWN;
  return (
    <ul className="acts">
      {found.slice(0, SHOWN).map((act) => <li key={`${act.does} ${act.key}`}><Row act={act} /></li>)}
      {more > 0 ? <li><Link to="/approvals" search={{ show: "all" }} className="act">and {more}{approvals.hasMore ? "+" : ""} more</Link></li> : null}
    </ul>
  );
}

function Row({ act }: { act: Act }): ReactNode {
  const { at } = act;
  const call = useCall("call" in at ? at.call : "", { enabled: "call" in at }).data?.call;
  const tool = call?.tool ?? act.tool ?? "a call";
  return (
    <Link {...placeOf(act)} className="act">
      <span className="act-what"><b><Shown text={tool} /></b> <span className="mono">{call === undefined ? "" : <Shown text={place(call.resource)} />}</span></span>
      {act.until === undefined ? <span className="quiet">no clock</span> : <Countdown from={act.from} until={act.until} label={`${act.does} by`} />}
      <span className="act-more quiet">
        {act.isMine ? <b className="act-mine">you</b> : act.of} {act.does}{act.agent === undefined ? null : <> · <Shown text={call?.agent ?? act.agent} /></>}
        {act.votes === undefined ? null : ` · ${act.votes}`}
      </span>
      {call === undefined ? ("tool" in at ? <Badge tone="bad">changed</Badge> : null) : <ClassBadge effectClass={call.effect_class} />}
    </Link>
  );
}

function placeOf({ at }: Act): Pick<LinkProps, "to" | "params" | "search"> {
  if ("approval" in at) return { to: "/approvals/$approval", params: { approval: at.approval } };
  if ("review" in at) return { to: "/approvals", search: { show: "reviews" } };
  return { to: "/tools/$tool", params: { tool: at.tool } };
}
