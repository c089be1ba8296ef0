// One page about a call or a run for whoever has to explain it: the context, what allowed it, what ran, which check could have
// caught it, what is undone and what cannot be. *Copy for a ticket* gives the same page as Markdown.

import { useApproval, useCall, useCalls, useEntries, useExplanation, usePlan, useRun, useTools, useUndoPlan } from "@checkrein/react";
import { Problem, type Run, type UndoAsk } from "@checkrein/sdk";
import { Link, useParams } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";

import { Badge, Button } from "../parts/basics.tsx";
import { Failed, Reading } from "../parts/notices.tsx";
import { Page, Panel } from "../parts/page.tsx";
import { Shown } from "../parts/text.tsx";
import { CallPlan } from "../runs/plan.tsx";
import { useKeys } from "../shell/keys.ts";
import { useMay, useSession } from "../shell/session.tsx";
import { toast } from "../shell/toasts.tsx";
import { UndoDialog } from "../undo/dialog.tsx";
import type { Line, Story } from "./lines.ts";
import { markdown } from "./markdown.ts";
import { callStory, runStory } from "./story.ts";
import "../lists/common.css";
import "./incident.css";

/** The screen of what the address names. */
export function Incident(): ReactNode {
  const { of = "" } = useParams({ strict: false });
  return of.startsWith("run_") ? <OfRun key={of} run={of} /> : <OfCall key={of} call={of} />;
}

/** The most calls of a run that are looked at. */
const CALLS_MAX = 1_000;

function OfRun({ run: id }: { run: string }): ReactNode {
  const run = useRun(id);
  const calls = useCalls({ run: id, limit: CALLS_MAX });
  const undo = useUndoPlan({ run: id }, { enabled: useMay("operate") });
  if (run.data === undefined) return <Waits error={run.error} again={() => void run.refetch()} />;
  if (calls.isPending) return <Waits error={calls.error} again={calls.again} />;
  const story = runStory({ run: run.data, calls: calls.items.toReversed(), more: calls.hasMore, undo: undo.data });
  return <Told story={story} ask={{ run: id }} run={run.data} />;
}

function OfCall({ call: id }: { call: string }): ReactNode {
  const details = useCall(id);
  const call = details.data?.call;
  const run = useRun(call?.run ?? "", { enabled: call?.run != null });
  const explanation = useExplanation(id);
  const plan = usePlan(id);
  const entries = useEntries({ call: id, limit: 500 });
  // A check is a call of its own, which names this one.
  const checks = useEntries({ kind: "check_made", text: id });
  const tools = useTools();
  const first = details.data?.approvals[0]?.approval;
  const approval = useApproval(first ?? "", { enabled: first !== undefined });
  const undo = useUndoPlan({ call: id }, { enabled: useMay("operate") });
  if (details.data === undefined) return <Waits error={details.error} again={() => void details.refetch()} />;
  const hasNone = plan.error instanceof Problem && plan.error.status === 404;
  const story = callStory({
    details: details.data, explanation: explanation.data, plan: plan.data ?? (hasNone ? null : undefined), approvals: approval.data === undefined ? [] : [approval.data],
    tool: tools.data?.items.find((one) => one.tool === call?.tool), entries: [...entries.items, ...checks.items], run: run.data, undo: undo.data,
  });
  return <Told story={story} ask={{ call: id }} run={run.data}>{hasNone ? null : <Panel title="Its plan"><div className="panel-body"><CallPlan call={id} /></div></Panel>}</Told>;
}

function Waits({ error, again }: { error: Error | null; again: () => void }): ReactNode {
  return <Page title="Incident">{error === null ? <Reading lines={10} /> : <Failed error={error} again={again} />}</Page>;
}

interface ToldProps {
  story: Story;
  ask: UndoAsk;
  run: Run | undefined;
  children?: ReactNode;
}

function Told({ story, ask, run, children }: ToldProps): ReactNode {
  const [undoing, setUndoing] = useState(false);
  const may = useMay("operate");
  const { tenant } = useSession();
  const agent = run?.agent.replace(/@.*$/, "");
  const copy = (): void => {
    void navigator.clipboard.writeText(markdown(story, window.location.href, Date.now())).then(() => toast("Copied as Markdown"));
  };
  useKeys("Incident", [
    { keys: "c", does: "copy for a ticket", run: copy },
    { keys: "o", does: "undo", run: () => (may ? setUndoing(true) : undefined) },
  ]);
  const actions = (
    <>
      <Button icon="copy" shortcut="c" onClick={copy}>Copy for a ticket</Button>
      {may ? <Button icon="undo" shortcut="o" onClick={() => setUndoing(true)}>Undo…</Button> : null}
      {may && agent !== undefined ? <Link className="button danger" to="/stops" search={{ scope: `agent:${tenant}/${agent}` }}>Stop its agent…</Link> : null}
    </>
  );
  return (
    <Page title="Incident" beside={<span className="quiet incident-title"><Parts parts={story.title} /></span>} command={ask.call == null ? `checkrein calls ls --run ${story.of}` : `checkrein calls explain ${story.of}`} actions={actions}>
      <div className="incident-page">
        <p className="quiet"><span className="mono">{story.of}</span>{run === undefined ? null : <> · <Link to="/runs/$run" params={{ run: run.run }} search={ask.call == null ? {} : { call: ask.call }}>{ask.call == null ? "the run" : "in its run"}</Link></>}{" · "}<Link to="/journal" search={ask.call == null ? { run: story.of } : { call: story.of }}>in the journal</Link></p>
        {story.sections.map((section) => (
          <Panel key={section.title} title={section.title}>
            {section.lines.length === 0 ? <p className="nobody">Nothing is recorded.</p> : <ul className="lines panel-body">{section.lines.map((line, at) => <li key={at}><OneLine line={line} /></li>)}</ul>}
          </Panel>
        ))}
        {children}
      </div>
      {undoing ? <UndoDialog ask={ask} title={ask.call == null ? "Undo every act of this run" : "Undo this act"} onClose={() => setUndoing(false)} /> : null}
    </Page>
  );
}

const MARKS: Readonly<Partial<Record<Line["tone"], string>>> = { bad: "look", wait: "note", doubt: "doubt" };

function OneLine({ line: { tone, parts } }: { line: Line }): ReactNode {
  const mark = MARKS[tone];
  return <>{mark === undefined ? null : <><Badge tone={tone}>{mark}</Badge> </>}<Parts parts={parts} /></>;
}

function Parts({ parts }: { parts: Line["parts"] }): ReactNode {
  return parts.map((part, at) => typeof part === "string" ? part
    : part.call === undefined ? <code key={at}><Shown text={part.value} /></code>
      : <Link key={at} to="/incident/$of" params={{ of: part.call }} className="mono"><Shown text={part.value} /></Link>);
}
