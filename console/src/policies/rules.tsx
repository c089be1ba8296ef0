// Every rule in force, by file: what it does, and what it says when it counts.

import type { Policies, PolicyRule } from "@checkrein/sdk";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useMemo, useState } from "react";

import { Search } from "../lists/search.tsx";
import { Badge } from "../parts/basics.tsx";
import { Panel } from "../parts/page.tsx";
import { Sentence } from "../parts/text.tsx";
import type { Tone } from "../parts/words.ts";
import { count } from "../text/clock.ts";

const TONES: Readonly<Record<string, Tone>> = { permit: "good", forbid: "bad", hold: "wait", notify: "note", review: "note" };

/** The rules. */
export function Rules({ policies }: { policies: Policies }): ReactNode {
  const [text, setText] = useState("");
  const files = useMemo(() => byFile(policies.rules.filter((rule) => fits(rule, text.toLowerCase()))), [policies, text]);
  return (
    <div className="policies">
      <div className="filters"><Search label="Rule, reason or kind" value={text} onSearch={setText} /></div>
      {[...files].map(([file, rules]) => (
        <Panel key={file} title={<code>{file}</code>} beside={<span className="quiet push">{count(rules.length, "rule")}</span>}>
          <ul className="rules">
            {rules.map((rule) => (
              <li key={rule.id}>
                <Badge tone={TONES[rule.kind] ?? "plain"}>{rule.kind}</Badge>
                <Link to="/policies" search={{ file }} hash={rule.id} className="mono">{rule.id}</Link>
                <span className="rule-reason"><Sentence text={rule.reason} /></span>
                {rule.dormant ? <Badge title="No tool of this installation can be meant by it.">dormant</Badge> : null}
                <span className="quiet mono">{rule.line}</span>
              </li>
            ))}
          </ul>
        </Panel>
      ))}
      {files.size === 0 ? <p className="quiet">No rule fits.</p> : null}
    </div>
  );
}

function fits(rule: PolicyRule, text: string): boolean {
  return `${rule.id} ${rule.reason} ${rule.kind} ${rule.file}`.toLowerCase().includes(text);
}

function byFile(rules: readonly PolicyRule[]): ReadonlyMap<string, readonly PolicyRule[]> {
  const files = new Map<string, PolicyRule[]>();
  for (const rule of rules) files.set(rule.file, [...(files.get(rule.file) ?? []), rule]);
  return files;
}
