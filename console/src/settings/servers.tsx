// Servers of tools: how each stands, what it did that it should not, and making its connection anew.

import { useAct, useServers } from "@checkrein/react";
import type { Server } from "@checkrein/sdk";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";

import { Badge, Button, StateBadge } from "../parts/basics.tsx";
import { Command } from "../parts/command.tsx";
import { Failed, Reading } from "../parts/notices.tsx";
import { Panel } from "../parts/page.tsx";
import { Shown } from "../parts/text.tsx";
import { Ago } from "../parts/time.tsx";
import { ReasonDialog } from "../lists/reason.tsx";
import { useMay } from "../shell/session.tsx";
import { toast } from "../shell/toasts.tsx";
import { count } from "../text/clock.ts";

/** The list. */
export function Servers(): ReactNode {
  const servers = useServers();
  return (
    <Panel title="Tool servers" id="servers">
      {servers.isPending ? <Reading lines={3} /> : servers.data === undefined ? <Failed error={servers.error} /> : servers.data.items.length === 0 ? (
        <div className="panel-body places-lines"><p>No tool server is configured. This puts the servers of an agent's program behind Checkrein:</p><Command command="checkrein connect claude --dry-run" /></div>
      ) : <ul className="rows">{servers.data.items.map((server) => <One key={server.server} server={server} />)}</ul>}
    </Panel>
  );
}

function One({ server }: { server: Server }): ReactNode {
  const [open, setOpen] = useState(false);
  const [restarting, setRestarting] = useState(false);
  const may = useMay("operate");
  const restart = useAct((client, reason: string) => client.servers.restart(server.server, { reason }));
  const odd = server.drifted + server.refused + server.held_back;
  return (
    <li>
      <span>
        <b>{server.server}</b> <StateBadge state={server.standing} /> {server.jailed === false ? <Badge tone="wait">no jail</Badge> : null}
        <small className="mono"><Shown text={server.at} /></small>
        {server.why == null ? null : <small><Shown text={server.why} /></small>}
      </span>
      <span className="quiet">
        <Link to="/tools" search={{ text: server.server }}>{count(server.tools, "tool")}</Link>
        {odd === 0 ? null : <> <Badge tone="bad">{odd} to decide</Badge></>}
        {server.faults_all === 0 ? null : <> · {count(server.faults_all, "fault")}</>}
        {server.since_ms == null ? null : <> · ready <Ago ms={server.since_ms} /></>}
      </span>
      <span className="rows-acts">
        <Button weight="quiet" aria-expanded={open} onClick={() => setOpen(!open)}>{open ? "Less" : "More"}</Button>
        {may ? <Button onClick={() => setRestarting(true)}>Restart…</Button> : null}
      </span>
      {open ? <More server={server} /> : null}
      {restarting ? (
        <ReasonDialog title={`Connect ${server.server} anew`} act="Restart" work={restart} onClose={() => setRestarting(false)} onDone={() => toast(`${server.server} is connected anew`)}>
          <p>Its process ends if it runs, and is started again. Calls under way there end in doubt.</p>
          <Command command={`checkrein servers restart ${server.server}`} />
        </ReasonDialog>
      ) : null}
    </li>
  );
}

function More({ server }: { server: Server }): ReactNode {
  return (
    <div className="rows-more">
      <p className="quiet">{server.way}{server.revision == null ? "" : `, revision ${server.revision}`}{server.pack == null ? "" : `, pack ${server.pack}`}, started {count(server.starts, "time")}{server.offers.length === 0 ? "" : `, offers ${server.offers.join(", ")}`}</p>
      {server.findings.map((finding, at) => <p key={at}><Badge tone={finding.severity === "held_back" ? "bad" : "wait"}>{finding.code.replaceAll("_", " ")}</Badge> <Shown text={finding.text} /></p>)}
      {server.left_out.map((one) => <p key={one.tool}><code><Shown text={one.tool} /></code> is left out: <Shown text={one.why} /></p>)}
      {server.faults.length === 0 ? null : <pre className="raw mono" tabIndex={0} aria-label="Faults"><Shown text={server.faults.join("\n")} /></pre>}
      {server.stderr.length === 0 ? null : <><small className="quiet">What it wrote last</small><pre className="raw mono" tabIndex={0} aria-label="Standard error"><Shown text={server.stderr.join("\n")} /></pre></>}
    </div>
  );
}
