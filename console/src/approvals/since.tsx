// What is different since the request that this one took the place of, and how its plan looked then.

import { useApproval } from "@checkrein/react";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";

import { FileLines } from "../diff/view.tsx";
import { Badge } from "../parts/basics.tsx";
import { Panel } from "../parts/page.tsx";
import { Sentence, Shown } from "../parts/text.tsx";
import type { More } from "./more.ts";
import { diffOf, shortDigests } from "./sight.ts";

type Before = NonNullable<More["supersedes"]>;

/** The difference. */
export function Since({ supersedes }: { supersedes: Before }): ReactNode {
  const before = supersedes.approval == null ? null : <Link to="/approvals/$approval" params={{ approval: supersedes.approval }} className="push">The one before</Link>;
  return (
    <Panel title="Since the request before" beside={<><Badge tone="wait">{supersedes.edited_by == null ? "something moved" : `edited by ${supersedes.edited_by}`}</Badge>{before}</>}>
      <div className="panel-body since">
        <p><Sentence text={supersedes.why} /></p>
        {supersedes.changes.length === 0 ? <p className="quiet">Nothing that is shown differs.</p> : null}
        <dl className="fields json">
          {supersedes.changes.map((change) => (
            <div key={change.path} className="field">
              <dt><Shown text={change.path} /></dt>
              <dd>
                <del><Value text={change.before} /></del>
                <ins><Value text={change.after} /></ins>
              </dd>
            </div>
          ))}
        </dl>
        {supersedes.approval == null ? null : <Then approval={supersedes.approval} supersedes={supersedes} />}
      </div>
    </Panel>
  );
}

/** Digests are too long to compare by eye: their beginnings tell them apart, and the whole ones stand in the title. */
function Value({ text }: { text: string | null | undefined }): ReactNode {
  if (text == null) return "nothing";
  return <span title={text}><Shown text={shortDigests(text)} /></span>;
}

/** The plan as people saw it then, for the paths that moved. */
function Then({ approval, supersedes }: { approval: string; supersedes: Before }): ReactNode {
  const found = useApproval(approval);
  const moved = new Set(supersedes.changes.map((change) => change.path.replace(/^plan\//, "")));
  const files = found.data === undefined ? [] : diffOf(found.data).files.filter((file) => moved.has(file.path));
  if (files.length === 0) return null;
  return (
    <details className="then">
      <summary>How the plan looked then</summary>
      {files.map((file) => (
        <section key={file.path} className="file">
          <h3 className="mono"><Shown text={file.path} /></h3>
          <FileLines file={file} layout="unified" name={`then:${file.path}`} />
        </section>
      ))}
    </details>
  );
}
