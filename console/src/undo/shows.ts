// Which acts the Undo screen shows, by the state of their undo. Pure. Tests: shows.test.ts.

import type { Call } from "@checkrein/sdk";

/** Which acts. */
export type Show = "armed" | "outbox" | "undone" | "gone" | "all";

export const SHOWS: readonly { readonly value: Show; readonly label: string }[] = [
  { value: "armed", label: "Can be undone" },
  { value: "outbox", label: "Outbox" },
  { value: "undone", label: "Undone" },
  { value: "gone", label: "No way back" },
  { value: "all", label: "All" },
];

/** Whether an act is one of these. What nobody knows of counts among those without a way back. */
export function isShown({ undo, state }: Pick<Call, "undo" | "state">, show: Show): boolean {
  switch (show) {
    case "outbox":
      return state === "queued";
    case "armed":
      return undo === "armed" || undo === "due";
    case "undone":
      return undo === "undone";
    case "gone":
      return undo != null && undo !== "armed" && undo !== "due" && undo !== "undone";
    case "all":
      return undo != null;
  }
}
