// What a stop would reach, before anybody orders it.

import { useReach } from "@checkrein/react";
import type { Reach } from "@checkrein/sdk";
import type { ReactNode } from "react";

import { Failed, Reading } from "../parts/notices.tsx";
import { Numbers, One } from "../parts/numbers.tsx";

/** Counted now, by the server. */
export function ReachOf({ scope }: { scope: string }): ReactNode {
  const found = useReach(scope);
  if (found.data === undefined) return found.error === null ? <Reading lines={3} /> : <Failed error={found.error} />;
  return <ReachNumbers reach={found.data} />;
}

/** The numbers; where more was there than was counted, they say so. */
export function ReachNumbers({ reach: { open_runs: runs, in_work: work, held, more } }: { reach: Reach }): ReactNode {
  const plus = more ? "+" : "";
  return (
    <Numbers>
      <One name="open runs" value={`${runs}${plus}`} />
      <One name="calls under way" value={`${work}${plus}`} />
      <One name="calls held" value={`${held}${plus}`} />
    </Numbers>
  );
}
