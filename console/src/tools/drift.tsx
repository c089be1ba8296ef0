// What a server changed in a tool since a person accepted it, and the two ways on. What is accepted is exactly the definition
// that is shown, by digest: if the server changes it meanwhile, accepting is refused.

import { useAct, useToolDiff } from "@checkrein/react";
import type { ClassView, DiffLine, ToolDiff } from "@checkrein/sdk";
import { type ReactNode, useState } from "react";

import { ReasonDialog } from "../lists/reason.tsx";
import { Badge, Button, ClassBadge, Id } from "../parts/basics.tsx";
import { CopyCommand } from "../parts/command.tsx";
import { Failed, Reading } from "../parts/notices.tsx";
import { Panel } from "../parts/page.tsx";
import { Shown } from "../parts/text.tsx";
import { consequence } from "../parts/words.ts";
import { useMay } from "../shell/session.tsx";
import { toast, toastError } from "../shell/toasts.tsx";
import { Findings } from "./findings.tsx";
import { words } from "./words.ts";

/** The difference with its decision. */
export function Drift({ tool }: { tool: string }): ReactNode {
  const diff = useToolDiff(tool);
  if (diff.isPending) return <Reading />;
  if (diff.data === undefined) return <Failed error={diff.error} again={() => void diff.refetch()} />;
  return <Known key={diff.data.offered} diff={diff.data} />;
}

function Known({ diff }: { diff: ToolDiff }): ReactNode {
  const [refusing, setRefusing] = useState(false);
  const accept = useAct((client, definition: string) => client.tools.accept(diff.tool, definition));
  const refuse = useAct((client, reason: string) => client.tools.refuse(diff.tool, { definition: diff.offered, reason }));
  const may = useMay("write_policy");
  const yes = (): void => accept.mutate(diff.offered, { onSuccess: () => toast(`${diff.tool} is accepted as it is now`), onError: toastError });
  return (
    <>
      <Panel title={`${diff.server} changed it; no agent can call it until somebody decides`} beside={<span className="push"><CopyCommand command={`checkrein tools diff ${diff.tool}`} /></span>}>
        <div className="panel-body">
          <div className="drift-classes">
            <Class title="Accepted" view={diff.before} digest={diff.pinned} />
            <Class title="Offered now" view={diff.after} digest={diff.offered} />
          </div>
          <ul className="drift-lines">{diff.lines.map((line, at) => <Line key={at} line={line} />)}</ul>
          {may ? (
            <div className="drift-acts">
              <Button weight="danger" onClick={() => setRefusing(true)}>Refuse…</Button>
              <Button weight="primary" disabled={accept.isPending} onClick={yes}>Accept this definition</Button>
            </div>
          ) : <p className="quiet">Deciding needs the right to write policy.</p>}
        </div>
      </Panel>
      <Findings findings={diff.findings} />
      {refusing ? (
        <ReasonDialog title={`Refuse what ${diff.server} offers`} act="Refuse" danger work={refuse} onClose={() => setRefusing(false)} onDone={() => toast(`${diff.tool} stays refused`)}>
          <p>No agent can call <code>{diff.tool}</code> until its server offers what was accepted, or a person accepts something else.</p>
        </ReasonDialog>
      ) : null}
    </>
  );
}

function Class({ title, view, digest }: { title: string; view: ClassView; digest: string }): ReactNode {
  return (
    <div>
      <h3>{title}</h3>
      <p><ClassBadge effectClass={view.effect_class} /> {view.consequences.map((one) => <Badge key={one} tone="wait">{consequence(one)}</Badge>)} <span className="quiet">{view.provenance}</span></p>
      <p><Id id={digest} /></p>
      <ul className="lines quiet">{view.reasons.map((reason) => <li key={reason}><Shown text={reason} /></li>)}</ul>
    </div>
  );
}

function Line({ line }: { line: DiffLine }): ReactNode {
  return (
    <li>
      <code className="quiet"><Shown text={line.pointer === "" ? "the whole" : line.pointer} /></code>
      {line.words != null ? (
        <p>{words(line.words).map((piece, at) => piece.kind === "same" ? <Shown key={at} text={piece.text} /> : piece.kind === "gone" ? <del key={at}><Shown text={piece.text} /></del> : <ins key={at}><Shown text={piece.text} /></ins>)}</p>
      ) : (
        <>
          {line.before == null ? null : <p><del><Shown text={line.before} /></del></p>}
          {line.after == null ? null : <p><ins><Shown text={line.after} /></ins></p>}
        </>
      )}
    </li>
  );
}
