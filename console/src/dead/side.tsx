// One dead letter beside the list, with all evidence: why it waits, what its call was and said, its plan, every attempt and probe
// as the journal has them, and both possibilities where nobody knows.

import { useDeadLetter } from "@checkrein/react";
import { type DeadLetter, type DeadLetterDetails, Problem } from "@checkrein/sdk";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";

import { Part, Side } from "../lists/side.tsx";
import { Badge, ClassBadge, Fact, Id, StateBadge } from "../parts/basics.tsx";
import { CopyCommand } from "../parts/command.tsx";
import { Failed, Reading } from "../parts/notices.tsx";
import { Shown } from "../parts/text.tsx";
import { Ago } from "../parts/time.tsx";
import { CallEntries } from "../runs/entries.tsx";
import { CallPlan } from "../runs/plan.tsx";
import { moment } from "../text/clock.ts";
import { LetterActs } from "./acts.tsx";
import { keptFromRedrive, whyOf } from "./letter.ts";

interface LetterProps {
  call: string;
  /** What the list knows of it, while the rest is read. */
  known: DeadLetter | undefined;
  onClose: () => void;
}

/** The panel. */
export function LetterSide({ call: id, known, onClose }: LetterProps): ReactNode {
  const found = useDeadLetter(id);
  const letter = found.data?.letter ?? known;
  return (
    <Side about={id} title={<span className="mono"><Shown text={letter?.tool ?? "Dead letter"} /></span>} beside={letter === undefined ? undefined : <StateBadge state={letter.state} />} onClose={onClose}
      bar={<><CopyCommand command={`checkrein dead show ${id}`} />{letter === undefined ? null : <LetterActs letter={letter} call={found.data?.call} />}</>}>
      {found.data !== undefined ? <Evidence details={found.data} /> : found.error instanceof Problem && found.error.status === 404 ? <p className="quiet">There is no dead letter of this call.</p>
        : found.error !== null ? <Failed error={found.error} again={() => void found.refetch()} /> : <Reading lines={6} />}
    </Side>
  );
}

function Evidence({ details: { letter, call, answer } }: { details: DeadLetterDetails }): ReactNode {
  const failure = answer?.error;
  const { word, text, tone } = whyOf(letter.why);
  const kept = keptFromRedrive(letter, call);
  return (
    <>
      <Part title="Why it waits" beside={<Badge tone={tone}>{word}</Badge>}>
        <p>{text}</p>
        {letter.state === "open" && kept !== undefined && letter.why !== "in_doubt" ? <p className="quiet">It cannot be made again: {kept}.</p> : null}
        <dl>
          <Fact name="Call"><Id id={letter.call} /></Fact>
          <Fact name="Agent"><Shown text={letter.agent} /></Fact>
          <Fact name="Resource"><code><Shown text={letter.resource} /></code></Fact>
          <Fact name="Attempts">{letter.attempts}</Fact>
          <Fact name="Since"><span title={moment(letter.at_ms)}><Ago ms={letter.at_ms} /> ago</span></Fact>
          {letter.settled_by == null ? null : <Fact name="Settled by">{letter.settled_by}{letter.settled_ms == null ? null : <>, <Ago ms={letter.settled_ms} /> ago</>}: <Shown text={letter.reason ?? ""} /></Fact>}
          {letter.redriven_as == null ? null : <Fact name="Made again as"><Link to="/incident/$of" params={{ of: letter.redriven_as }} className="mono">{letter.redriven_as}</Link></Fact>}
        </dl>
        <p><Link to="/incident/$of" params={{ of: letter.call }}>Everything about this call</Link>{letter.run == null ? null : <> · <Link to="/runs/$run" params={{ run: letter.run }} search={{ call: letter.call }}>In its run</Link></>}</p>
      </Part>
      <Part title="What is known of the call" beside={<StateBadge state={call.state} />}>
        <p><ClassBadge effectClass={call.effect_class} /> executed: <b>{call.executed ?? "not known"}</b></p>
        {failure == null ? null : <div className="said"><p><Badge tone="bad"><span className="mono">{failure.code}</span></Badge> <Shown text={failure.message} /></p><p className="quiet">To do: <Shown text={failure.fix} /></p></div>}
        {answer?.warnings.map((warning) => <p key={warning} className="said"><Shown text={warning} /></p>)}
      </Part>
      {letter.why !== "in_doubt" || letter.state !== "open" ? null : (
        <Part title="Both possibilities">
          <ul className="lines">
            <li><Badge tone="doubt">if it happened</Badge> what the plan below shows stands in <code><Shown text={letter.resource} /></code> now. Making it again would do it twice.</li>
            <li><Badge tone="doubt">if it did not</Badge> nothing of it stands there, and it can be made again once you said so.</li>
          </ul>
        </Part>
      )}
      <Part title="What it would do, or did"><CallPlan call={letter.call} /></Part>
      <Part title="Attempts, probes and everything else"><CallEntries call={letter.call} /></Part>
    </>
  );
}
