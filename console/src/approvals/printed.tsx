// What a command printed, used and tried to reach while it was previewed.

import type { Execution } from "@checkrein/sdk";
import type { ReactNode } from "react";

import { Badge, Fact } from "../parts/basics.tsx";
import { Panel } from "../parts/page.tsx";
import { Long, Shown } from "../parts/text.tsx";
import { bytes, count, lasting } from "../text/clock.ts";
import { PARTS } from "./parts.ts";

/** A command's preview. */
export function Printed({ execution }: { execution: Execution }): ReactNode {
  const state = execution.exit_code === 0 ? <Badge tone="good">exit 0</Badge> : <Badge tone="bad">exit {execution.exit_code}</Badge>;
  const used = `${lasting(execution.wall_ms)}, ${bytes(execution.memory_bytes_max)} at most, ${count(execution.processes, "process", "processes")}, jail: ${execution.jail}`;
  return (
    <Panel title="What it printed in the preview" beside={<>{state}<span className="quiet">{used}</span></>}>
      <Stream name="stdout" printed={execution.stdout} />
      <Stream name="stderr" printed={execution.stderr} />
      {execution.network.length === 0 ? null : (
        <dl className="panel-body">
          <Fact name="Tried to reach">
            {execution.network.map((contact) => (
              <div key={`${contact.host}:${contact.port}`} className="mono"><Shown text={`${contact.host}:${contact.port}`} /> {contact.refused == null ? "reached" : <Shown text={contact.refused} />}</div>
            ))}
          </Fact>
        </dl>
      )}
    </Panel>
  );
}

function Stream({ name, printed }: { name: "stdout" | "stderr"; printed: Execution["stdout"] }): ReactNode {
  if (printed.bytes === 0) return null;
  return (
    <div className="printed">
      <h3 className="quiet">{name}, {bytes(printed.bytes)}</h3>
      <pre><Long text={printed.text} name={PARTS[name]} /></pre>
    </div>
  );
}
