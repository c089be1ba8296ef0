// A kill: planned first, shown with everything it reaches and the acts that would be taken back, and confirmed by typing what
// it does. The token of the plan goes along; the server refuses it if anything moved since.

import { useAct } from "@checkrein/react";
import type { KillAct, KillPlan } from "@checkrein/sdk";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";

import { ArmedButton } from "../decide/armed.tsx";
import { Badge, Button } from "../parts/basics.tsx";
import { Command, quoted } from "../parts/command.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { TextField } from "../parts/fields.tsx";
import { Icon } from "../parts/icons.tsx";
import { Failed } from "../parts/notices.tsx";
import { Sentence, Shown } from "../parts/text.tsx";
import { Ago, Countdown, useNow } from "../parts/time.tsx";
import { toast } from "../shell/toasts.tsx";
import { count } from "../text/clock.ts";
import { ReachNumbers, ReachOf } from "./reach.tsx";
import { killPhrase, saidScope } from "./scope.ts";

/** The most acts that one kill takes back, as the server bounds it. */
const ACTS_MAX = 100;

interface KillProps {
  scope: string;
  onClose: () => void;
  onKilled: (stop: string) => void;
}

/** The dialog: what for, then the plan, then the words. */
export function KillDialog({ scope, onClose, onKilled }: KillProps): ReactNode {
  const [reason, setReason] = useState("");
  const [acts, setActs] = useState("0");
  const [planned, setPlanned] = useState<{ plan: KillPlan; atMs: number }>();
  const rollback = Number(acts);
  const fits = Number.isInteger(rollback) && rollback >= 0 && rollback <= ACTS_MAX;
  const planning = useAct((client, back: number) => client.kills.plan(scope, back));
  const make = (): void => planning.mutate(rollback, { onSuccess: (plan) => setPlanned({ plan, atMs: Date.now() }) });
  if (planned !== undefined) return <Confirm {...planned} scope={scope} reason={reason.trim()} rollback={rollback} onBack={() => setPlanned(undefined)} onClose={onClose} onKilled={onKilled} />;
  const actions = (
    <>
      <Button onClick={onClose}>Leave it</Button>
      <Button weight="primary" disabled={reason.trim() === "" || !fits || planning.isPending} onClick={make}>Plan the kill</Button>
    </>
  );
  return (
    <Dialog title={`Kill ${saidScope(scope)}`} onClose={onClose} actions={actions}>
      <p>Nothing happens yet: the plan shows what would end and what could be taken back.</p>
      <ReachOf scope={scope} />
      <TextField label="Reason" value={reason} maxLength={1_000} onChange={(event) => setReason(event.target.value)} hint="It is recorded with your name, and told to the agents." />
      <TextField label="Acts to take back, the last ones first" inputMode="numeric" value={acts} onChange={(event) => setActs(event.target.value)}
        hint={fits ? "0 for none. They are counted over all runs in the scope." : `expected a whole number from 0 to ${ACTS_MAX}`} />
      {planning.error === null ? null : <Failed error={planning.error} />}
      <Command command={`checkrein stop kill ${quoted(scope)}${rollback > 0 && fits ? ` --rollback ${rollback}` : ""} --reason '…'`} />
    </Dialog>
  );
}

interface ConfirmProps {
  scope: string;
  plan: KillPlan;
  /** When the plan came. */
  atMs: number;
  reason: string;
  rollback: number;
  onBack: () => void;
  onClose: () => void;
  onKilled: (stop: string) => void;
}

function Confirm({ scope, plan, atMs, reason, rollback, onBack, onClose, onKilled }: ConfirmProps): ReactNode {
  const [typed, setTyped] = useState("");
  const now = useNow(1_000);
  const can = plan.acts.filter((act) => act.cannot == null).length;
  const phrase = killPhrase(scope, can);
  const kill = useAct((client, token: string) => client.kills.order({ scope, reason, rollback, token }));
  const over = now >= plan.until_ms;
  const press = (): void => kill.mutate(plan.token, {
    onSuccess: ({ stop }) => {
      toast(`${saidScope(scope)} is killed`);
      onClose();
      onKilled(stop.stop);
    },
  });
  // A token is good once, and a refused one may be used up: after any failure it is planned anew.
  const spent = over || kill.error !== null;
  const actions = (
    <>
      <Button onClick={onClose}>Leave it</Button>
      {spent ? <Button weight="primary" onClick={onBack}>Plan it again</Button>
        : <ArmedButton weight="danger" icon="stop" shown={plan.token} disabled={typed.trim() !== phrase || kill.isPending} onPress={press}>Kill</ArmedButton>}
    </>
  );
  return (
    <Dialog title={`Kill ${saidScope(scope)}`} onClose={onClose} actions={actions}>
      <ReachNumbers reach={plan.reach} />
      <p>{rollback === 0 ? "Nothing is taken back." : plan.acts.length === 0 ? "There is no act to take back." : `Of the last ${count(plan.acts.length, "act")} ${can} can be taken back${can === plan.acts.length ? "" : ` and ${plan.acts.length - can} cannot`}:`}</p>
      <Acts acts={plan.acts} />
      <p className="quiet">{over ? "The plan is too old by now." : <>The plan holds for <Countdown from={atMs} until={plan.until_ms} />.</>} Reason: <Shown text={reason} /></p>
      <label className="kill-phrase">
        <span><Icon name="warning" /> Runs end for good. Type <code><Shown text={phrase} /></code>:</span>
        <input className="field-input mono" value={typed} disabled={spent} onChange={(event) => setTyped(event.target.value)} autoComplete="off" autoCapitalize="off"
          spellCheck={false} onPaste={(event) => event.preventDefault()} />
      </label>
      {kill.error === null ? null : <Failed error={kill.error} />}
    </Dialog>
  );
}

function Acts({ acts }: { acts: readonly KillAct[] }): ReactNode {
  if (acts.length === 0) return null;
  return (
    <ol className="lines kill-acts" tabIndex={0} aria-label="Acts">
      {acts.map((act) => (
        <li key={act.call}>
          <Badge tone={act.cannot == null ? "good" : "bad"}>{act.cannot == null ? "goes back" : "stays"}</Badge>{" "}
          <Link to="/incident/$of" params={{ of: act.call }} className="mono"><Shown text={act.tool} /></Link> <code><Shown text={act.resource} /></code> <span className="quiet"><Ago ms={act.at_ms} /> ago</span>
          {act.cannot == null ? null : <small><br /><Sentence text={act.cannot} /></small>}
        </li>
      ))}
    </ol>
  );
}
