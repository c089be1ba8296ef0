// Stops something: pause and suspend by a reason, after the reach was on the screen. A kill has its own dialog (kill.tsx).

import { useAct } from "@checkrein/react";
import { useNavigate } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";

import { ReasonDialog } from "../lists/reason.tsx";
import { changed, type StopsSearch } from "../others.ts";
import { Button } from "../parts/basics.tsx";
import { Command, quoted } from "../parts/command.tsx";
import { Choices } from "../parts/fields.tsx";
import { Panel } from "../parts/page.tsx";
import { useKeys } from "../shell/keys.ts";
import { useMay } from "../shell/session.tsx";
import { toast } from "../shell/toasts.tsx";
import { KillDialog } from "./kill.tsx";
import { ScopePicker } from "./picker.tsx";
import { ReachOf } from "./reach.tsx";
import { saidScope } from "./scope.ts";

export type Level = "pause" | "suspend" | "kill";

const LEVELS: readonly { value: Level; label: string; does: string }[] = [
  { value: "pause", label: "Pause", does: "No new run starts; runs that are open may finish." },
  { value: "suspend", label: "Suspend", does: "No new effect starts. Work under way is cancelled, and what became of it is still observed. Runs stay open and can go on afterwards." },
  { value: "kill", label: "Kill", does: "As suspend, and open runs end for good, held calls are cancelled, and the last acts are taken back if you say so." },
];

/** The panel. What is chosen stands in the address. */
export function Order({ search }: { search: StopsSearch }): ReactNode {
  const [open, setOpen] = useState(false);
  const navigate = useNavigate();
  const may = useMay("operate");
  const { scope } = search;
  const level = LEVELS.find((one) => one.value === search.level) ?? LEVELS[1];
  const go = (next: StopsSearch): void => void navigate({ to: "/stops", search: next, replace: true });
  const show = (stop: string): void => void navigate({ to: "/stops", search: { stop } });
  useKeys("Stops", [{ keys: "o", does: "order this stop", run: () => (may && scope !== undefined ? setOpen(true) : undefined) }]);
  if (level === undefined) return null;
  return (
    <Panel title="Stop something">
      <div className="panel-body order">
        <ScopePicker scope={scope} onScope={(next) => go(changed(search, "scope", next ?? ""))} />
        {scope === undefined ? <p className="quiet">What it would reach stands here before anything is stopped.</p> : <ReachOf scope={scope} />}
        <Choices label="How" choices={LEVELS} value={level.value} onChange={(next) => go(changed(search, "level", next === "suspend" ? "" : next))} />
        <p>{level.does}</p>
        <div className="order-acts">
          <Button weight="danger" icon="stop" shortcut="o" disabled={!may || scope === undefined} onClick={() => setOpen(true)}>{level.label}{scope === undefined ? "" : ` ${saidScope(scope)}`}…</Button>
          {may ? null : <span className="quiet">your roles do not let you stop anything; ask an operator</span>}
        </div>
      </div>
      {!open || scope === undefined ? null : level.value === "kill"
        ? <KillDialog scope={scope} onClose={() => setOpen(false)} onKilled={show} />
        : <Plain level={level.value} does={level.does} scope={scope} onClose={() => setOpen(false)} onOrdered={show} />}
    </Panel>
  );
}

interface PlainProps {
  level: Exclude<Level, "kill">;
  does: string;
  scope: string;
  onClose: () => void;
  onOrdered: (stop: string) => void;
}

function Plain({ level, does, scope, onClose, onOrdered }: PlainProps): ReactNode {
  const order = useAct(async (client, reason: string) => {
    const { stop } = await client.stops.order({ scope, level, reason });
    onOrdered(stop.stop);
  });
  const word = level === "pause" ? "Pause" : "Suspend";
  return (
    <ReasonDialog title={`${word} ${saidScope(scope)}`} act={word} danger work={order} onClose={onClose} onDone={() => toast(`${saidScope(scope)} is ${level === "pause" ? "paused" : "suspended"}`)}>
      <p>{does}</p>
      <ReachOf scope={scope} />
      <Command command={`checkrein stop ${level} ${quoted(scope)} --reason '…'`} />
    </ReasonDialog>
  );
}
