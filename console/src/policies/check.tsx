// Would another text be right? It is checked against the tools of this installation; nothing comes into force here. Files
// are put into force where they are kept, so that every change is in their history.

import { useAct } from "@checkrein/react";
import type { CheckedPolicies, Policies } from "@checkrein/sdk";
import { type ReactNode, useState } from "react";

import { Select } from "../lists/select.tsx";
import { Badge, Button } from "../parts/basics.tsx";
import { Command } from "../parts/command.tsx";
import { Failed } from "../parts/notices.tsx";
import { Panel } from "../parts/page.tsx";
import { Shown } from "../parts/text.tsx";
import { count } from "../text/clock.ts";

/** A file to try changes in; the others stay as they are. */
export function Check({ policies }: { policies: Policies }): ReactNode {
  const [file, setFile] = useState(policies.files[0]?.file ?? "new.cedar");
  const [changes, setChanges] = useState<ReadonlyMap<string, string>>(new Map());
  const kept = policies.files.find((one) => one.file === file)?.text ?? "";
  const check = useAct((client, texts: ReadonlyMap<string, string>) => client.policies.check(
    policies.files.map((one) => ({ file: one.file, text: texts.get(one.file) ?? one.text })),
  ));
  const text = changes.get(file) ?? kept;
  const changed = [...changes].filter(([name, now]) => now !== policies.files.find((one) => one.file === name)?.text).map(([name]) => name);
  return (
    <div className="policies two">
      <Panel title="Try a change" beside={<span className="push"><Select label="File" value={file} options={policies.files.map((one) => [one.file, `${one.file}${changed.includes(one.file) ? " (changed)" : ""}`] as const)} onChange={setFile} /></span>}>
        <textarea className="policy-editor mono" aria-label={`Text of ${file}`} value={text} spellCheck={false} onChange={(event) => setChanges(new Map(changes).set(file, event.target.value))} />
        <div className="panel-body policy-acts">
          <Button disabled={changed.length === 0} onClick={() => setChanges(new Map())}>Take changes back</Button>
          <Button weight="primary" disabled={check.isPending} onClick={() => check.mutate(changes)}>Check</Button>
        </div>
      </Panel>
      <div className="policies">
        <Panel title="What was found">
          <div className="panel-body" aria-live="polite">
            {check.error !== null ? <Failed error={check.error} /> : check.data === undefined ? <p className="quiet">Nothing was checked yet. Nothing comes into force here.</p> : <Found found={check.data} same={check.data.version === policies.version} />}
          </div>
        </Panel>
        <Panel title="Tests">
          <div className="panel-body policy-lines">
            <p>Table tests stand beside policy files, as <code>NAME.tests.toml</code>, and run from the command line:</p>
            <Command command="checkrein policy test" />
            <p className="quiet">Put a checked text into its file and restart, and it is in force; the version is in every decision.</p>
          </div>
        </Panel>
      </div>
    </div>
  );
}

function Found({ found, same }: { found: CheckedPolicies; same: boolean }): ReactNode {
  if (found.problems.length === 0) {
    return <p><Badge tone="good">right</Badge> {count(found.policies, "policy", "policies")}, {same ? "the very version that is in force" : <>would be version <code>{found.version?.slice(0, 16)}</code></>}.</p>;
  }
  return (
    <ul className="lines">
      {found.problems.map((problem, at) => (
        <li key={at}><Badge tone="bad"><span className="mono">{problem.file}:{problem.line}:{problem.column}</span></Badge> <Shown text={problem.message} /><br /><small>To do: <Shown text={problem.fix} /></small></li>
      ))}
    </ul>
  );
}
