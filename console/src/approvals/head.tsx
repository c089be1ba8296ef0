// What a person reads first: one sentence, who asks for whom, how far it reaches, and the clocks.

import type { ApprovalDetails } from "@checkrein/sdk";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";

import { Badge, ClassBadge, Id, StateBadge } from "../parts/basics.tsx";
import { Icon } from "../parts/icons.tsx";
import { Numbers, One } from "../parts/numbers.tsx";
import { Long, Sentence, Shown } from "../parts/text.tsx";
import { Ago, Countdown } from "../parts/time.tsx";
import { consequence, group } from "../parts/words.ts";
import { count, lasting } from "../text/clock.ts";
import type { More } from "./more.ts";
import { PARTS } from "./parts.ts";
import { consequences, diffOf, headline, radius, risks } from "./sight.ts";

interface Parts {
  details: ApprovalDetails;
  more: More;
}

/** The head of a request. */
export function Head({ details, more }: Parts): ReactNode {
  const { approval, call, intent } = details;
  const risk = risks(more.risk, details.plan != null);
  return (
    <header className="request-head">
      <div className="request-badges">
        <StateBadge state={approval.state} />
        <ClassBadge effectClass={more.effect.class} />
        {follows(details, more).map((word) => <Badge key={word} tone="bad">{word}</Badge>)}
        {call?.detached === true ? <Badge title="It runs after the approval although nobody waits for it">detached</Badge> : null}
        <Id id={approval.approval} />
      </div>
      <h1><Shown text={headline(details)} /></h1>
      <p className="request-who">
        <b>{call?.agent ?? "an agent"}</b> asks {group(approval.asked_of)} <Ago ms={approval.asked_ms} /> ago
        {approval.run == null ? null : <> in <Link to="/runs/$run" params={{ run: approval.run }}>its run</Link></>}
      </p>
      {intent == null || intent === "" ? null : (
        <blockquote className="intent"><span className="quiet">It says: </span><Long text={intent} name={PARTS.intent} /></blockquote>
      )}
      <Reach details={details} more={more} />
      {risk.length === 0 ? null : (
        <ul className="risks" aria-label="Risk">
          {risk.map((line) => <li key={line}><Icon name="warning" size={14} /><span><Sentence text={line} /></span></li>)}
        </ul>
      )}
    </header>
  );
}

function Reach({ details, more }: Parts): ReactNode {
  const { plan } = details;
  const diff = diffOf(details);
  const seen = radius(plan?.changes ?? [], diff);
  const paths = seen.created + seen.modified + seen.deleted + seen.moved;
  return (
    <Numbers>
      {plan == null ? null : <One name="paths" value={paths} note={kinds(seen)} />}
      {plan == null ? null : <One name="lines" value={<><span className="come">+{seen.linesCome}</span> <span className="gone">−{seen.linesGone}</span></>} note={`in ${count(diff.files.length, "path")}`} />}
      {seen.undeclared > 0 ? <One name="undeclared" value={seen.undeclared} note="not what it said" tone="bad" /> : null}
      {seen.runsCode > 0 ? <One name="runs later" value={seen.runsCode} note="code, such as hooks" tone="bad" /> : null}
      {plan == null ? <One name="preview" value="none" note="no plan shows what it does" tone="wait" /> : null}
      <One name="undo" value={undone(more)} note={more.effect.undo ?? (plan?.restorable === true ? "restores every path exactly" : "nothing restores it")} tone={undone(more) === "no" ? "bad" : undefined} />
      {more.needs.quorum > 1 ? <One name="agree" value={`${more.votes.length} of ${more.needs.quorum}`} note={group(more.needs.group)} /> : null}
      <Clocks details={details} />
    </Numbers>
  );
}

/** The two clocks: until when it is decided, and how long a yes holds; once it is said, how long still. */
function Clocks({ details: { approval, answer } }: { details: ApprovalDetails }): ReactNode {
  if (approval.state === "approved" && approval.execute_by_ms != null) {
    return <One name="run within" value={<Countdown from={approval.decided_ms ?? approval.asked_ms} until={approval.execute_by_ms} label="run by" />} note="then the yes is void" />;
  }
  if (approval.state !== "pending") return null;
  const asks = answer?.decision?.requirements.find((each) => each.id === approval.requirement);
  const holds = asks === undefined ? "" : `; a yes holds ${lasting(asks.execute_within_ms)}`;
  return <One name="decide within" value={<Countdown from={approval.asked_ms} until={approval.decide_by_ms} label="decide by" />} note={`then it is denied${holds}`} />;
}

/** What follows, as words to stop at; what the plan's own numbers say is not said again. */
function follows(details: ApprovalDetails, more: More): readonly string[] {
  const all = new Set([...consequences(details), ...more.effect.consequences.map(consequence)]);
  return [...all].filter((word) => word !== "overwrite" && !(word === "delete" && details.plan != null));
}

function undone(more: More): "yes" | "no" | "partly" {
  if (more.effect.class === "restorable") return "yes";
  return more.effect.class === "compensable" || more.effect.class === "delayed" ? "partly" : "no";
}

function kinds(seen: ReturnType<typeof radius>): string {
  const parts = ([["new", seen.created], ["changed", seen.modified], ["deleted", seen.deleted], ["moved", seen.moved]] as const).filter(([, number]) => number > 0);
  const [first] = parts;
  return parts.length === 1 && first !== undefined ? `all ${first[0]}` : parts.map(([word, number]) => `${number} ${word}`).join(", ");
}

/** Who said yes so far, and who else is needed. */
export function Votes({ more }: { more: More }): ReactNode {
  const missing = more.needs.quorum - more.votes.length;
  return (
    <ul className="votes">
      {more.votes.map((vote) => (
        <li key={vote.by}><Icon name="check" size={14} /> <b>{vote.by}</b> said yes <Ago ms={vote.at_ms} /> ago, by {vote.assurance} on {vote.surface}{vote.reason == null ? null : <>: <Shown text={vote.reason} /></>}</li>
      ))}
      {missing > 0 ? <li className="quiet">{count(missing, "more person", "more people")} of {group(more.needs.group)} needed{more.needs.assurance === "passkey" ? ", each with a passkey" : ""}</li> : null}
    </ul>
  );
}
