// Keys of people, without their texts. Keys of agents stand beside their agents.

import { useAct, useKeys } from "@checkrein/react";
import type { Key } from "@checkrein/sdk";
import { type ReactNode, useState } from "react";

import { ReasonDialog } from "../lists/reason.tsx";
import { Button, Id, StateBadge } from "../parts/basics.tsx";
import { CopyCommand } from "../parts/command.tsx";
import { Failed, Reading } from "../parts/notices.tsx";
import { Panel } from "../parts/page.tsx";
import { Ago } from "../parts/time.tsx";
import { useMay } from "../shell/session.tsx";
import { toast } from "../shell/toasts.tsx";

/** The list. */
export function Keys(): ReactNode {
  const keys = useKeys({ holder: "operator" });
  const may = useMay("administer");
  const [revoking, setRevoking] = useState<Key>();
  const revoke = useAct((client, reason: string) => client.keys.revoke(revoking?.key ?? "", reason));
  return (
    <Panel title="Keys of people" id="keys" beside={<span className="push"><CopyCommand command="checkrein keys new --help" /></span>}>
      {keys.isPending ? <Reading lines={2} /> : keys.error !== null && keys.items.length === 0 ? <Failed error={keys.error} again={keys.again} /> : (
        <ul className="rows">
          {keys.items.map((key) => (
            <li key={key.key}>
              <span><b>{key.name}</b> <span className="quiet">{key.roles.map((role) => role.replaceAll("_", " ")).join(", ")}</span><small><Id id={key.key} /></small></span>
              <span><StateBadge state={key.state} /> <span className="quiet">made by {key.made_by}, <Ago ms={key.made_ms} /> ago</span></span>
              {may && key.state === "active" ? <Button weight="danger" onClick={() => setRevoking(key)}>Revoke…</Button> : null}
            </li>
          ))}
        </ul>
      )}
      {keys.hasMore ? <p className="panel-body"><button type="button" className="link" onClick={keys.readMore}>Further keys</button></p> : null}
      {revoking === undefined ? null : (
        <ReasonDialog title="Revoke this key" act="Revoke" danger work={revoke} onClose={() => setRevoking(undefined)} onDone={() => toast("The key is revoked")}>
          <p>Whoever holds <code>{revoking.key}</code> is refused from now on.</p>
        </ReasonDialog>
      )}
    </Panel>
  );
}
