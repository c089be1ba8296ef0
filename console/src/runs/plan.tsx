// What a call would do or did, path by path.

import { usePlan } from "@checkrein/react";
import { Problem } from "@checkrein/sdk";
import { type ReactNode, useMemo } from "react";

import { parse, counts } from "../diff/parse.ts";
import { FileLines } from "../diff/view.tsx";
import { Badge } from "../parts/basics.tsx";
import { Failed, Reading } from "../parts/notices.tsx";
import { Shown } from "../parts/text.tsx";
import { consequence } from "../parts/words.ts";
import { bytes, count, lasting } from "../text/clock.ts";

/** The plan, or that there is none. */
export function CallPlan({ call }: { call: string }): ReactNode {
  const plan = usePlan(call);
  const diff = useMemo(() => parse(plan.data?.diff ?? ""), [plan.data]);
  if (plan.isPending) return <Reading />;
  if (plan.error instanceof Problem && plan.error.status === 404) {
    return <p className="quiet">This call has no plan: it reads, it was refused before a preview, or its contents are erased.</p>;
  }
  if (plan.data === undefined) return <Failed error={plan.error} again={() => void plan.refetch()} />;
  const { changes, restorable, execution, digest } = plan.data;
  return (
    <>
      <p className="quiet">{count(changes.length, "change")} · {restorable ? "can be restored exactly" : "cannot be restored exactly"} · plan <code>{digest.slice(0, 12)}</code></p>
      {diff.cut === undefined ? null : <p><Badge tone="wait">cut</Badge> {diff.cut}</p>}
      {diff.files.map((file) => {
        const change = changes.find((one) => one.path === file.path);
        const { come, gone } = counts(file);
        return (
          <section key={file.path} className="plan-file">
            <header>
              <code><Shown text={file.path} /></code> <span className="come">+{come}</span> <span className="gone">−{gone}</span>
              {change?.observation === "unintended" ? <Badge tone="bad">not declared</Badge> : null}
              {change?.consequences.map((one) => <Badge key={one} tone="wait">{consequence(one)}</Badge>)}
            </header>
            {file.notes.map((note) => <p key={note} className="quiet"><Shown text={note} /></p>)}
            <FileLines file={file} layout="unified" />
          </section>
        );
      })}
      {execution == null ? null : (
        <section className="plan-file">
          <header><b>It ran in a jail</b> <Badge tone={execution.exit_code === 0 ? "good" : "bad"}>exit {execution.exit_code}</Badge></header>
          <p className="quiet">{lasting(execution.wall_ms)} · {bytes(execution.memory_bytes_max)} memory · {count(execution.processes, "process", "processes")} · {execution.jail}</p>
          {execution.network.map((one) => <p key={`${one.host}:${one.port}`}><Badge tone="bad">network</Badge> <Shown text={`${one.host}:${one.port}`} /> {one.refused}</p>)}
          {[execution.stdout, execution.stderr].map((printed, at) => printed.bytes === 0 ? null : (
            <div key={at}><small className="quiet">{at === 0 ? "printed" : "printed as errors"}, {bytes(printed.bytes)}</small><pre className="raw mono" tabIndex={0}><Shown text={printed.text} /></pre></div>
          ))}
        </section>
      )}
    </>
  );
}
