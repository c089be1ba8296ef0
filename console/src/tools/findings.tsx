// What a person should know of a tool or a server.

import type { Finding } from "@checkrein/sdk";
import type { ReactNode } from "react";

import { Badge } from "../parts/basics.tsx";
import { Panel } from "../parts/page.tsx";
import { Shown } from "../parts/text.tsx";

/** A box with each of them; nothing without any. */
export function Findings({ findings }: { findings: readonly Finding[] }): ReactNode {
  if (findings.length === 0) return null;
  return (
    <Panel title="What was found in it">
      <ul className="lines panel-body">
        {findings.map((finding, at) => (
          <li key={at}>
            <Badge tone={finding.severity === "held_back" ? "bad" : "wait"}>{finding.code.replaceAll("_", " ")}</Badge>{" "}
            <Shown text={finding.text} /> {finding.pointer === "" ? null : <code className="quiet"><Shown text={finding.pointer} /></code>}
          </li>
        ))}
      </ul>
    </Panel>
  );
}
