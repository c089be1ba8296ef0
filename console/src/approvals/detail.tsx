// One request with everything that a person needs to decide it, and the bar to decide it with. After the decision it follows
// the call to its end.

import { useApproval } from "@checkrein/react";
import { Link, useParams, useSearch } from "@tanstack/react-router";
import type { ReactNode } from "react";

import { DecideBar } from "../decide/bar.tsx";
import { Icon } from "../parts/icons.tsx";
import { Failed, Reading } from "../parts/notices.tsx";
import { WithOpened } from "../parts/opened.tsx";
import { useTitle } from "../parts/page.tsx";
import { Around } from "./around.tsx";
import { Head } from "./head.tsx";
import { Outcome } from "./outcome.tsx";
import { headline } from "./sight.ts";
import { What } from "./what.tsx";
import { Why } from "./why.tsx";

/** The request that the address names. */
export function ApprovalDetail(): ReactNode {
  const { approval } = useParams({ from: "/shell/approvals/$approval" });
  const search = useSearch({ from: "/shell/approvals" });
  const found = useApproval(approval);
  useTitle(found.data === undefined ? "Approval" : headline(found.data));
  const back = <Link to="/approvals" search={search} className="back"><Icon name="left" /> Approvals</Link>;
  if (found.data === undefined) {
    return <>{back}{found.error === null ? <Reading lines={10} /> : <Failed error={found.error} again={() => void found.refetch()} />}</>;
  }
  const details = found.data;
  const { binding, state } = details.approval;
  return (
    <WithOpened key={`${approval} ${binding}`}>
      <article className="request" aria-label="Request">
        {back}
        <Head details={details} more={details} />
        {state === "pending" ? null : <Outcome details={details} more={details} />}
        <What details={details} more={details} />
        <Why details={details} more={details} />
        <Around details={details} more={details} />
      </article>
      {state === "pending" ? <DecideBar key={approval} details={details} more={details} /> : null}
    </WithOpened>
  );
}
