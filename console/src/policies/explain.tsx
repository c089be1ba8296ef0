// Why a call was decided as it was. A call is named by its id, or taken from the latest ones.

import { useCalls } from "@checkrein/react";
import { Link, useNavigate } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";

import { place } from "../approvals/sight.ts";
import { Badge, Button } from "../parts/basics.tsx";
import { TextField } from "../parts/fields.tsx";
import { Panel } from "../parts/page.tsx";
import { Shown } from "../parts/text.tsx";
import { Ago } from "../parts/time.tsx";
import { stateOf } from "../parts/words.ts";
import { Why } from "../runs/why.tsx";

/** The question with its answer. */
export function Explain({ call }: { call: string | undefined }): ReactNode {
  const [id, setId] = useState(call ?? "");
  const navigate = useNavigate();
  const ask = (): void => void navigate({ to: "/policies", search: { part: "explain", call: id.trim() } });
  return (
    <div className="policies two">
      <div className="policies">
        <form className="explain-form" onSubmit={(event) => {
          event.preventDefault();
          ask();
        }}>
          <TextField label="Call" value={id} onChange={(event) => setId(event.target.value)} placeholder="call_…" spellCheck={false} className="mono" />
          <Button type="submit" weight="primary" disabled={id.trim() === ""}>Explain</Button>
        </form>
        {call === undefined ? <p className="quiet">Every decision is computed again from its recorded facts, under the policies of that time.</p> : <Panel title={<code>{call}</code>}><div className="panel-body"><Why call={call} /></div></Panel>}
      </div>
      <Panel title="The latest calls"><Latest chosen={call} /></Panel>
    </div>
  );
}

function Latest({ chosen }: { chosen: string | undefined }): ReactNode {
  const calls = useCalls({ limit: 30 });
  return (
    <ul className="rules tight">
      {calls.items.slice(0, 30).map((one) => (
        <li key={one.call} aria-current={one.call === chosen ? "true" : undefined}>
          {one.verdict == null ? <Badge>refused</Badge> : <Badge tone={stateOf(one.verdict).tone}>{one.verdict}</Badge>}
          <Link to="/policies" search={{ part: "explain", call: one.call }} className="mono">{one.tool === "" ? one.code : one.tool}</Link>
          <span className="rule-reason"><Shown text={place(one.resource)} /></span>
          <span className="quiet"><Ago ms={one.received_ms} /></span>
        </li>
      ))}
      {calls.items.length === 0 && !calls.isPending ? <li className="quiet">No agent has proposed anything yet.</li> : null}
    </ul>
  );
}
