// What can be done about a run: take its record out, compute its decisions again, let it go on, stop it.

import { useAct } from "@checkrein/react";
import type { ReplayReport, Run } from "@checkrein/sdk";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";

import { Badge, Button } from "../parts/basics.tsx";
import { Command } from "../parts/command.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { Failed, Reading } from "../parts/notices.tsx";
import { Icon } from "../parts/icons.tsx";
import { ReasonDialog } from "../lists/reason.tsx";
import { useMay } from "../shell/session.tsx";
import { toast } from "../shell/toasts.tsx";
import { Shown } from "../parts/text.tsx";
import { count } from "../text/clock.ts";

type Open = "replay" | "resume" | "suspend" | undefined;

/** Buttons in the head of a run. */
export function RunActs({ run }: { run: Run }): ReactNode {
  const [open, setOpen] = useState<Open>();
  const mayAudit = useMay("audit");
  const mayOperate = useMay("operate");
  const resume = useAct((client, reason: string) => client.runs.resume(run.run, reason));
  const suspend = useAct((client, reason: string) => client.stops.order({ scope: run.run, level: "suspend", reason }));
  const close = (): void => setOpen(undefined);
  return (
    <>
      <Link className="button quiet" to="/incident/$of" params={{ of: run.run }}>Incident</Link>
      {mayAudit ? <Button onClick={() => setOpen("replay")}>Replay</Button> : null}
      {mayAudit ? (
        <a className="button plain" href={`/v1/runs/${run.run}/export?format=jsonl`} download={`${run.run}.jsonl`}>
          <Icon name="out" /><span>Export</span>
        </a>
      ) : null}
      {mayOperate && run.state === "paused" ? <Button onClick={() => setOpen("resume")}>Resume…</Button> : null}
      {mayOperate && run.state !== "ended" ? <Button weight="danger" icon="stop" onClick={() => setOpen("suspend")}>Suspend…</Button> : null}
      {open === "replay" ? <Replay run={run} onClose={close} /> : null}
      {open === "resume" ? (
        <ReasonDialog title="Let this run go on" act="Resume" work={resume} onClose={close} onDone={() => toast("The run goes on")}>
          <p>It was paused: <Shown text={run.reason ?? "no reason is recorded"} />.</p>
        </ReasonDialog>
      ) : null}
      {open === "suspend" ? (
        <ReasonDialog title="Suspend this run" act="Suspend" danger work={suspend} onClose={close} onDone={() => toast("No new effect starts in this run")}>
          <p>No new effect starts in this run until the stop is lifted. What was already sent is watched to its end.</p>
          <Command command={`checkrein stop suspend ${run.run} --reason '…'`} />
        </ReasonDialog>
      ) : null}
    </>
  );
}

function Replay({ run, onClose }: { run: Run; onClose: () => void }): ReactNode {
  const replay = useAct((client, id: string) => client.runs.replay(id));
  const [begun, setBegun] = useState(false);
  const begin = (): void => {
    setBegun(true);
    replay.mutate(run.run);
  };
  const actions = <Button weight="primary" disabled={replay.isPending} onClick={begin}>{begun ? "Again" : "Replay"}</Button>;
  return (
    <Dialog title="Compute every decision again" onClose={onClose} actions={actions}>
      <p>Every decision of this run is computed again from its recorded facts and the policies of that time. Nothing runs.</p>
      {replay.isPending ? <Reading lines={3} /> : null}
      {replay.error === null ? null : <Failed error={replay.error} />}
      {replay.data === undefined ? null : <Report report={replay.data} />}
      <Command command={`checkrein runs replay ${run.run}`} />
    </Dialog>
  );
}

function Report({ report }: { report: ReplayReport }): ReactNode {
  const { decisions, same, differences, not_replayable: gone } = report;
  return (
    <div role="status">
      <p>
        <Badge tone={differences.length > 0 ? "bad" : "good"}>{differences.length > 0 ? count(differences.length, "difference") : "the same"}</Badge>{" "}
        {same} of {count(decisions, "decision")} came out as recorded{gone.length > 0 ? `; the facts of ${count(gone.length, "call")} are gone` : ""}.
      </p>
      <ul className="lines">
        {differences.slice(0, 50).map((one) => (
          <li key={one.position}>
            <code>{one.call}</code><br />
            <small>recorded</small> <Shown text={one.recorded} /><br />
            <small>computed</small> <Shown text={one.computed} />
          </li>
        ))}
      </ul>
      {differences.length > 50 ? <p className="quiet">and {differences.length - 50} more; the command shows all</p> : null}
    </div>
  );
}
