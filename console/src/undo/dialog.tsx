// Takes acts back: first the plan with what cannot be taken back and why, then, confirmed, the report of what became of each.
// Between the two the server is asked once more: what is undone is what was on the screen.

import { useAct, useUndoPlan } from "@checkrein/react";
import type { UndoAct, UndoAsk, UndoReport } from "@checkrein/sdk";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";

import { ArmedButton } from "../decide/armed.tsx";
import { Badge, Button } from "../parts/basics.tsx";
import { Command, quoted } from "../parts/command.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { Failed, Reading } from "../parts/notices.tsx";
import { Sentence, Shown } from "../parts/text.tsx";
import { Ago, Countdown } from "../parts/time.tsx";
import { useMay } from "../shell/session.tsx";
import { count } from "../text/clock.ts";
import { outcomeOf, seal, summary, takenBack } from "./report.ts";
import "../lists/common.css";

/** What came of an order: the report, or that something happened since the plan was read. */
type Came = { readonly report: UndoReport } | { readonly moved: true };

/** The dialog. */
export function UndoDialog({ ask, title, onClose }: { ask: UndoAsk; title: string; onClose: () => void }): ReactNode {
  const undo = useAct(async (client, shown: string): Promise<Came> => {
    if (seal(await client.undo.plan(ask)) !== shown) return { moved: true };
    return { report: await client.undo.apply(ask) };
  });
  const done = undo.data !== undefined && "report" in undo.data ? undo.data.report : undefined;
  const plan = useUndoPlan(ask, { enabled: done === undefined });
  const may = useMay("operate");
  const acts = plan.data?.acts ?? [];
  const many = takenBack(acts).length;
  const shown = seal({ acts });
  const actions = done !== undefined ? <Button weight="primary" onClick={onClose}>Done</Button> : (
    <>
      <Button onClick={onClose}>Leave it</Button>
      <ArmedButton weight="danger" icon="undo" shown={shown} disabled={!may || many === 0 || undo.isPending} onPress={() => undo.mutate(shown)}>{undo.isPending ? "Undoing…" : `Undo ${count(many, "act")}`}</ArmedButton>
    </>
  );
  return (
    <Dialog title={done === undefined ? title : done.whole ? "Everything is undone" : "Not everything is undone"} onClose={onClose} actions={actions}>
      {undo.data !== undefined && "moved" in undo.data ? <p role="alert"><Badge tone="wait">something happened since</Badge> Nothing was undone. This is the plan as it is now; look at it and order it again.</p> : null}
      {undo.error === null ? null : <Failed error={undo.error} />}
      {done !== undefined ? <Report report={done} />
        : plan.data !== undefined ? <Report report={plan.data} /> : plan.error !== null ? <Failed error={plan.error} again={() => void plan.refetch()} /> : <Reading lines={4} />}
      <Command command={undoCommand(done === undefined ? "plan" : "apply", ask)} />
    </Dialog>
  );
}

/** Each act, the newest first, with what becomes of it and why. */
export function Report({ report }: { report: UndoReport }): ReactNode {
  return (
    <>
      <p role="status">{summary(report.acts)}</p>
      <ol className="lines" aria-label="Acts, the newest first">{report.acts.map((act) => <li key={act.call}><Act act={act} /></li>)}</ol>
    </>
  );
}

function Act({ act }: { act: UndoAct }): ReactNode {
  const { word, tone } = outcomeOf(act.outcome);
  return (
    <>
      <Badge tone={tone}>{word}</Badge>{" "}
      <Link to="/runs/$run" params={{ run: act.run }} search={{ call: act.call }} className="mono"><Shown text={act.tool} /></Link> <code><Shown text={act.resource} /></code>{" "}
      <span className="quiet">
        {act.admitted_ms == null ? "in the outbox" : <><Ago ms={act.admitted_ms} /> ago</>}
        {act.outcome === "can_be_undone" && act.until_ms != null ? <>, for <Countdown from={act.admitted_ms ?? act.until_ms} until={act.until_ms} /></> : null}
      </span>
      {act.why === "" ? null : <><br /><small><Sentence text={act.why} /></small></>}
    </>
  );
}

/** The same on the command line. */
export function undoCommand(verb: "plan" | "apply", { call, run, agent, last }: UndoAsk): string {
  const what = call ?? (agent != null ? `--agent ${quoted(agent)}` : last == null ? run ?? "" : `--run ${run ?? ""}`);
  return `checkrein undo ${verb} ${what}${last == null ? "" : ` --last ${last}`}`;
}
