// The stages of one call in order, with how long each stretch took.

import type { Call, Entry } from "@checkrein/sdk";
import type { ReactNode } from "react";

import { useNow } from "../parts/time.tsx";
import { Badge } from "../parts/basics.tsx";
import { lasting } from "../text/clock.ts";
import { stretches, type Kind } from "./stages.ts";

const WITHOUT_STAGES: Readonly<Partial<Record<Kind, string>>> = { people: "waits for people", doubt: "in doubt" };

/** The list. */
export function Stages({ call, entries }: { call: Call; entries: readonly Entry[] }): ReactNode {
  const now = useNow(1_000);
  if (entries.length === 0) return <p className="quiet">Its entries were not read yet; see Entries.</p>;
  const isOpen = !["succeeded", "failed", "denied", "cancelled", "partial", "stopped"].includes(call.state);
  return (
    <ol className="lines">
      {stretches(entries, call.received_ms, isOpen ? now : call.updated_ms).map((one, at) => (
        <li key={at} className="stage">
          <i className={`swatch ${one.kind}`} aria-hidden="true" />
          <span>{one.stages.length > 0 ? one.stages.join(" · ") : WITHOUT_STAGES[one.kind] ?? one.kind}{one.code === undefined ? null : <> <Badge tone="bad"><span className="mono">{one.code}</span></Badge></>}</span>
          <span className="quiet">{one.about === true ? "about " : ""}{lasting(one.to - one.from)}</span>
        </li>
      ))}
    </ol>
  );
}
