// The receipt of one stop beside the list: each lever in the order in which it answered, the calls that were in work, and what a
// rollback took back. It follows the levers until all have answered or were given up.

import { useReceipt, useStops } from "@checkrein/react";
import type { LeverReceipt, Stop, StopReport } from "@checkrein/sdk";
import { Problem } from "@checkrein/sdk";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";

import { Part, Side } from "../lists/side.tsx";
import { Badge, Button, Fact, Id, StateBadge } from "../parts/basics.tsx";
import { CopyCommand } from "../parts/command.tsx";
import { Icon, type IconName } from "../parts/icons.tsx";
import { Failed, Reading } from "../parts/notices.tsx";
import { Sentence, Shown } from "../parts/text.tsx";
import { Ago } from "../parts/time.tsx";
import { shortId, type Tone } from "../parts/words.ts";
import { useMay } from "../shell/session.tsx";
import { lasting, moment } from "../text/clock.ts";
import { became, rolledBack, timeline, verdict } from "./receipt.ts";
import { saidScope } from "./scope.ts";

interface ReceiptProps {
  stop: string;
  /** What the list knows of it; else it is looked for among the latest of all. */
  known: Stop | undefined;
  onResume: (stop: Stop) => void;
  onClose: () => void;
}

/** The panel. */
export function ReceiptSide({ stop, known, onResume, onClose }: ReceiptProps): ReactNode {
  const found = useReceipt(stop);
  const all = useStops({}, { enabled: known === undefined });
  const about = known ?? all.items.find((one) => one.stop === stop);
  const may = useMay("operate");
  const bar = (
    <>
      <CopyCommand command={`checkrein stop receipt ${stop}`} />
      {about?.state === "in_force" && may ? <Button onClick={() => onResume(about)}>Resume…</Button> : null}
    </>
  );
  return (
    <Side about={stop} title={about === undefined ? shortId(stop) : saidScope(about.scope)} beside={about === undefined ? undefined : <StateBadge state={about.state} />} onClose={onClose} bar={bar}>
      {about === undefined ? null : <About stop={about} />}
      {found.data !== undefined ? <Report report={found.data} /> : found.error === null ? <Reading lines={5} />
        : found.error instanceof Problem && found.error.status === 404 ? <p className="quiet">No receipt of this stop was kept.</p>
          : <Failed error={found.error} again={() => void found.refetch()} />}
    </Side>
  );
}

function About({ stop }: { stop: Stop }): ReactNode {
  return (
    <Part title="Stop">
      <dl>
        <Fact name="Id"><Id id={stop.stop} /></Fact>
        <Fact name="Level">{stop.level}</Fact>
        <Fact name="Scope"><code><Shown text={stop.scope} /></code></Fact>
        <Fact name="Ordered">{stop.by}, <span title={moment(stop.at_ms)}><Ago ms={stop.at_ms} /> ago</span></Fact>
        <Fact name="Reason"><Shown text={stop.reason} /></Fact>
        {stop.lifted_by == null ? null : <Fact name="Resumed by">{stop.lifted_by}: <Shown text={stop.lifted_reason ?? ""} /></Fact>}
      </dl>
    </Part>
  );
}

function Report({ report }: { report: StopReport }): ReactNode {
  const { tone, text } = verdict(report);
  return (
    <>
      <Part title="Receipt" beside={<span role="status"><Badge tone={tone}>{text}</Badge></span>}><Timeline levers={report.levers} /></Part>
      {report.calls.length === 0 ? null : (
        <Part title="Calls that were in work">
          <ul className="lines">
            {report.calls.map((call) => {
              const { word, tone: said } = became(call.became);
              return <li key={call.call}><Badge tone={said}>{word}</Badge> <Link to="/incident/$of" params={{ of: call.call }} className="mono">{shortId(call.call)}</Link> <small>after {lasting(call.took_ms)}</small></li>;
            })}
          </ul>
        </Part>
      )}
      {report.rollback.length === 0 ? null : (
        <Part title="Taken back with it">
          <ul className="lines">
            {report.rollback.map((act) => {
              const { word, tone: said } = rolledBack(act);
              return (
                <li key={act.act}>
                  <Badge tone={said}>{word}</Badge> <Link to="/incident/$of" params={{ of: act.act }} className="mono">{shortId(act.act)}</Link>
                  {act.reason == null ? null : <small><br /><Sentence text={act.reason} /></small>}
                </li>
              );
            })}
          </ul>
        </Part>
      )}
    </>
  );
}

const ICONS: Readonly<Record<Tone, IconName>> = { good: "check", plain: "check", note: "clock", wait: "clock", doubt: "warning", bad: "cross" };

/** The levers as a timeline. */
export function Timeline({ levers }: { levers: readonly LeverReceipt[] }): ReactNode {
  return (
    <ol className="levers">
      {timeline(levers).map((line) => (
        <li key={line.lever} className={line.tone}>
          <Icon name={ICONS[line.tone]} size={14} />
          <span><b>{line.title}</b>{line.text === "" ? null : <small>{line.text}</small>}</span>
          <span className="quiet mono">{lasting(line.tookMs)}</span>
        </li>
      ))}
    </ol>
  );
}
