// What would happen, exactly: the plan path by path with its diff, what a command printed, the arguments, and what else the
// tool is given.

import type { ApprovalDetails, Change } from "@checkrein/sdk";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";

import type { FileDiff } from "../diff/parse.ts";
import { counts } from "../diff/parse.ts";
import { FileLines, type Layout } from "../diff/view.tsx";
import { Badge } from "../parts/basics.tsx";
import { Choices } from "../parts/fields.tsx";
import { Json } from "../parts/json.tsx";
import { Panel } from "../parts/page.tsx";
import { Shown } from "../parts/text.tsx";
import { consequence, shortId } from "../parts/words.ts";
import { bytes, count } from "../text/clock.ts";
import type { More } from "./more.ts";
import { PARTS } from "./parts.ts";
import { Printed } from "./printed.tsx";
import { Since } from "./since.tsx";
import { changeKind, diffOf } from "./sight.ts";

/** The plan and the arguments. */
export function What({ details, more }: { details: ApprovalDetails; more: More }): ReactNode {
  return (
    <>
      {more.supersedes == null ? null : <Since supersedes={more.supersedes} />}
      {details.plan == null ? null : <Plan details={details} />}
      {details.plan?.execution == null ? null : <Printed execution={details.plan.execution} />}
      <Panel title="Arguments" beside={<span className="quiet">exactly as they would be sent</span>}>
        <div className="panel-body">
          {details.arguments == null ? <p className="quiet">no longer kept</p> : <Json value={details.arguments} name={PARTS.arguments} />}
        </div>
      </Panel>
      {details.input == null ? null : <Answers details={details} />}
    </>
  );
}

/** What goes to the tool beside the arguments: a yes covers it like them. */
function Answers({ details }: { details: ApprovalDetails }): ReactNode {
  const { input, input_answers: asked } = details;
  const whose = asked == null
    ? <Badge tone="bad">nobody asked for them</Badge>
    : <span className="quiet">to what <Link to="/journal" search={{ call: asked }} className="mono">{shortId(asked)}</Link> asked</span>;
  return (
    <Panel title="Answers to the tool" beside={whose}>
      <div className="panel-body"><Json value={input} name={PARTS.answers} /></div>
    </Panel>
  );
}

function Plan({ details }: { details: ApprovalDetails }): ReactNode {
  const [layout, setLayout] = useState<Layout>("unified");
  const diff = diffOf(details);
  const changes = details.plan?.changes ?? [];
  const left = new Map(diff.files.map((file) => [file.path, file]));
  const listed = changes.map((change) => {
    const file = left.get(change.path);
    left.delete(change.path);
    return { change, file };
  });
  const choices = [{ value: "unified", label: "Unified" }, { value: "split", label: "Side by side" }] as const;
  return (
    <Panel title="Plan" beside={<><span className="quiet">{count(changes.length, "path")}</span><span className="push layout"><Choices label="Layout" choices={choices} value={layout} onChange={setLayout} /></span></>}>
      {listed.map(({ change, file }) => <One key={change.path} change={change} file={file} layout={layout} />)}
      {[...left.values()].map((file) => <One key={`diff ${file.path}`} change={undefined} file={file} layout={layout} />)}
      {diff.cut === undefined ? null : <p className="cut" role="alert">{diff.cut}</p>}
    </Panel>
  );
}

function One({ change, file, layout }: { change: Change | undefined; file: FileDiff | undefined; layout: Layout }): ReactNode {
  const seen = file === undefined ? { come: 0, gone: 0 } : counts(file);
  const notes = file?.notes.filter((note) => !/^(new|delete) file /.test(note)) ?? [];
  return (
    <section className="file">
      <header className="file-head">
        <h3 className="mono"><Shown text={change?.path ?? file?.path ?? ""} /></h3>
        {change === undefined ? null : <Badge tone={changeKind(change) === "deleted" ? "bad" : changeKind(change) === "created" ? "good" : "plain"}>{changeKind(change)}</Badge>}
        {change?.observation === "unintended" ? <Badge tone="bad" title="The agent declared what it would change, and not this">undeclared</Badge> : null}
        {change?.consequences.filter((word) => word !== "overwrite" && word !== "delete").map((word) => <Badge key={word} tone="bad">{consequence(word)}</Badge>)}
        <span className="push quiet mono">
          {change?.after?.size != null && seen.come + seen.gone === 0 ? bytes(change.after.size) : null}
          {seen.come > 0 ? <span className="come"> +{seen.come}</span> : null}
          {seen.gone > 0 ? <span className="gone"> −{seen.gone}</span> : null}
        </span>
      </header>
      {notes.map((note) => <p key={note} className="file-note mono"><Shown text={note} /></p>)}
      {file === undefined ? null : <FileLines file={file} layout={layout} />}
    </section>
  );
}
