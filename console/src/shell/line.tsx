// Says when what is shown may be old: the line to the server is lost. Says nothing while it is open.

import { useLine } from "@checkrein/react";
import type { ReactNode } from "react";

import { Icon } from "../parts/icons.tsx";

/** A line of text at the top, while there is something to say. */
export function Line(): ReactNode {
  const line = useLine();
  if (line === "open" || line === "connecting") return null;
  return (
    <div className="line-lost" role="status">
      <Icon name="warning" />
      {line === "lost"
        ? <span><b>No line to the server.</b> What you see may be old. Trying again; see whether <code>checkrein up</code> runs.</span>
        : <span><b>Not live.</b> The server refuses to tell this session what happens; reload to see what is new.</span>}
    </div>
  );
}
