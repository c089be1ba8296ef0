// Whether the journal verifies: how far it goes, and a button that checks all of it now.

import { useCheckrein, useHead } from "@checkrein/react";
import { useMutation } from "@tanstack/react-query";
import type { ReactNode } from "react";

import { Button } from "../parts/basics.tsx";
import { useMay } from "../shell/session.tsx";
import { toastError } from "../shell/toasts.tsx";
import { ago, count } from "../text/clock.ts";
import { useNow } from "../parts/time.tsx";
import type { Check } from "./checks.ts";
import { One } from "./screen.tsx";

/** The journal among the checks. */
export function JournalCheck(): ReactNode {
  const client = useCheckrein();
  const head = useHead();
  const may = useMay("audit");
  const now = useNow(10_000);
  const verify = useMutation({ mutationFn: async () => ({ found: await client.journal.verify(), at: Date.now() }), onError: toastError });
  const done = verify.data;
  const entries = head.data === undefined ? "" : count(head.data.position, "entry", "entries");
  const check: Check = {
    name: "Journal", to: "/journal",
    tone: done === undefined ? "good" : done.found.verified ? "good" : "bad",
    text: done === undefined ? entries : done.found.verified
      ? `verified ${ago(now - done.at)} ago, ${count(done.found.entries, "entry", "entries")}`
      : (done.found.first_problem ?? "does not verify"),
  };
  if (head.data === undefined && done === undefined) return null;
  return (
    <One check={check}>
      <Button weight="quiet" disabled={!may || verify.isPending} onClick={() => verify.mutate()}>{verify.isPending ? "Verifying…" : "Verify"}</Button>
    </One>
  );
}
