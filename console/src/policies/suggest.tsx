// A policy file made of calls that went well: to read and change, never to believe.

import { useOne } from "@checkrein/react";
import { type ReactNode, useState } from "react";

import { CopyCommand } from "../parts/command.tsx";
import { Choices } from "../parts/fields.tsx";
import { Failed, Reading } from "../parts/notices.tsx";
import { Panel } from "../parts/page.tsx";
import { Shown } from "../parts/text.tsx";
import { count } from "../text/clock.ts";

const SPANS = [
  { value: "1", label: "The last hour" },
  { value: "24", label: "Day" },
  { value: "168", label: "Week" },
] as const;
const HOUR_MS = 3_600_000;

/** The suggestion. */
export function Suggest(): ReactNode {
  const [hours, setHours] = useState<(typeof SPANS)[number]["value"]>("24");
  const found = useOne(["policies", "suggestion", hours], (client, init) => client.policies.suggest({ since_ms: Date.now() - Number(hours) * HOUR_MS }, init));
  return (
    <div className="policies">
      <Choices label="Calls of" choices={SPANS} value={hours} onChange={setHours} />
      {found.isPending ? <Reading /> : found.data === undefined ? <Failed error={found.error} again={() => void found.refetch()} /> : (
        <>
          <p className="quiet">{count(found.data.rules, "rule")} from {count(found.data.calls, "call")}{found.data.more ? "; there were more than were looked at" : ""}.</p>
          {found.data.notes.map((note) => <p key={note}><Shown text={note} /></p>)}
          <Panel title={<code>{found.data.file}</code>} beside={<span className="push"><CopyCommand command={found.data.text} label="Copy" /></span>}>
            <pre className="code-lines plain mono" tabIndex={0} aria-label="The suggested file"><Shown text={found.data.text} /></pre>
          </Panel>
        </>
      )}
    </div>
  );
}
