// One agent: its rights, what it took today, its keys, and what can be done about it.

import { useAct, useBudgets, useKeys as useAgentKeys } from "@checkrein/react";
import type { Grant, Key } from "@checkrein/sdk";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";

import { ReasonDialog } from "../lists/reason.tsx";
import { Part, Side } from "../lists/side.tsx";
import { Button, Fact, Id, StateBadge } from "../parts/basics.tsx";
import { Command } from "../parts/command.tsx";
import { Failed } from "../parts/notices.tsx";
import { Shown } from "../parts/text.tsx";
import { Ago, Countdown } from "../parts/time.tsx";
import { useMay } from "../shell/session.tsx";
import { toast } from "../shell/toasts.tsx";
import { bytes } from "../text/clock.ts";

/** The panel. */
export function AgentSide({ grant, onClose }: { grant: Grant; onClose: () => void }): ReactNode {
  const { agent } = grant;
  return (
    <Side about={grant.grant} title={<><Shown text={agent.name} /> <span className="quiet">{agent.version}</span></>} beside={<StateBadge state={grant.state} />} onClose={onClose}
      bar={<Acts grant={grant} />}>
      <Part title="Rights">
        <dl>
          <Fact name="Grant"><Id id={grant.grant} /></Fact>
          <Fact name="On behalf of">{grant.human}</Fact>
          <Fact name="Given by">{grant.given_by}, <Ago ms={grant.given_ms} /> ago</Fact>
          <Fact name="Tools"><code>{grant.tools.join(" ")}</code></Fact>
          <Fact name="Spaces">{grant.spaces.join(", ")}</Fact>
          <Fact name="Workflows">{grant.workflows.length === 0 ? "all" : grant.workflows.join(", ")}</Fact>
          <Fact name="Ends">{grant.expires_ms == null ? "when it is revoked" : <Countdown from={grant.given_ms} until={grant.expires_ms} />}</Fact>
        </dl>
      </Part>
      <Part title="Taken by day"><Days grant={grant.grant} /></Part>
      <Part title="Keys"><Keys grant={grant} /></Part>
      <Part title="Work"><p><Link to="/runs" search={{ text: agent.name }}>Runs of this agent</Link></p></Part>
    </Side>
  );
}

function Acts({ grant }: { grant: Grant }): ReactNode {
  const [open, setOpen] = useState<"suspend" | "revoke">();
  const scope = `agent:${grant.tenant}/${grant.agent.name}`;
  const suspend = useAct((client, reason: string) => client.stops.order({ scope, level: "suspend", reason }));
  const revoke = useAct((client, reason: string) => client.agents.revoke(grant.grant, reason));
  const mayOperate = useMay("operate");
  const mayAdminister = useMay("administer");
  const close = (): void => setOpen(undefined);
  if (grant.state !== "active") return null;
  return (
    <>
      {mayOperate ? <Button icon="stop" weight="danger" onClick={() => setOpen("suspend")}>Suspend…</Button> : null}
      {mayAdminister ? <Button weight="danger" onClick={() => setOpen("revoke")}>Revoke for good…</Button> : null}
      {open === "suspend" ? (
        <ReasonDialog title={`Suspend ${grant.agent.name}`} act="Suspend" danger work={suspend} onClose={close} onDone={() => toast(`${grant.agent.name} is suspended`)}>
          <p>No new effect of this agent starts, in any run, until the stop is lifted. Its rights stay.</p>
          <Command command={`checkrein stop suspend ${scope} --reason '…'`} />
        </ReasonDialog>
      ) : null}
      {open === "revoke" ? (
        <ReasonDialog title={`Take the rights of ${grant.agent.name} away`} act="Revoke" danger work={revoke} onClose={close} onDone={() => toast("The grant is revoked")}>
          <p>The grant and every key of it end for good. The agent has to be made anew to work again.</p>
          <Command command={`checkrein agents revoke ${grant.grant} --reason '…'`} />
        </ReasonDialog>
      ) : null}
    </>
  );
}

function Days({ grant }: { grant: string }): ReactNode {
  const budgets = useBudgets({ grant });
  const days = budgets.data?.items ?? [];
  if (budgets.error !== null) return <p className="quiet">Its budgets cannot be read: {budgets.error.message}</p>;
  if (days.length === 0) return <p className="quiet">Nothing yet.</p>;
  return (
    <ul className="lines">
      {days.slice(0, 7).map((day) => (
        <li key={day.scope}>
          <b>{dayOf(day.scope)}</b> {day.spent.calls} calls{day.limit.calls == null ? "" : ` of ${day.limit.calls}`}, {day.spent.money} {day.currency}{day.limit.money == null ? "" : ` of ${day.limit.money}`}, {bytes(day.spent.read_bytes)} read
        </li>
      ))}
    </ul>
  );
}

const DAY_MS = 86_400_000;

/** A budget of a grant is named `grant/day-N`, N days since 1970 in UTC. */
function dayOf(scope: string): string {
  const day = Number(/\/day-(\d+)$/.exec(scope)?.[1]);
  return Number.isNaN(day) ? scope : new Date(day * DAY_MS).toISOString().slice(0, 10);
}

function Keys({ grant }: { grant: Grant }): ReactNode {
  const keys = useAgentKeys({ grant: grant.grant });
  const [revoking, setRevoking] = useState<Key>();
  const revoke = useAct((client, reason: string) => client.keys.revoke(revoking?.key ?? "", reason));
  const may = useMay("administer");
  return (
    <>
      <ul className="lines">
        {keys.items.map((key) => (
          <li key={key.key}>
            <StateBadge state={key.state} /> <Id id={key.key} /> <span className="quiet">made by {key.made_by}, <Ago ms={key.made_ms} /> ago</span>{" "}
            {may && key.state === "active" ? <button type="button" className="link" onClick={() => setRevoking(key)}>Revoke…</button> : null}
          </li>
        ))}
      </ul>
      {keys.error === null ? null : <Failed error={keys.error} again={keys.again} />}
      {keys.items.length === 0 && !keys.isPending && keys.error === null ? <p className="quiet">It has no key.</p> : null}
      {keys.hasMore ? <button type="button" className="link" disabled={keys.isReadingMore} onClick={keys.readMore}>Further keys</button> : null}
      {revoking === undefined ? null : (
        <ReasonDialog title="Revoke this key" act="Revoke" danger work={revoke} onClose={() => setRevoking(undefined)} onDone={() => toast("The key is revoked")}>
          <p>Whoever holds <code>{revoking.key}</code> is refused from now on. The grant and its other keys stay.</p>
        </ReasonDialog>
      )}
    </>
  );
}
