// Whether the journal is unchanged: its signed head, and verifying all of it.

import { useAct, useHead } from "@checkrein/react";
import { type ReactNode, useState } from "react";

import { Badge, Button, Fact, Id } from "../parts/basics.tsx";
import { Command } from "../parts/command.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { TextArea } from "../parts/fields.tsx";
import { Failed, Reading } from "../parts/notices.tsx";
import { Shown } from "../parts/text.tsx";
import { useMay } from "../shell/session.tsx";
import { count, moment } from "../text/clock.ts";

/** Buttons in the head of the journal. */
export function Proof(): ReactNode {
  const [open, setOpen] = useState<"head" | "verify">();
  const mayAudit = useMay("audit");
  return (
    <>
      <Button onClick={() => setOpen("head")}>Head</Button>
      {mayAudit ? <Button icon="lock" onClick={() => setOpen("verify")}>Verify</Button> : null}
      {open === "head" ? <Head onClose={() => setOpen(undefined)} /> : null}
      {open === "verify" ? <Verify onClose={() => setOpen(undefined)} /> : null}
    </>
  );
}

function Head({ onClose }: { onClose: () => void }): ReactNode {
  const head = useHead();
  return (
    <Dialog title="The signed head" onClose={onClose}>
      <p>Keep this note somewhere else. Later it proves that nothing before it was changed or removed.</p>
      {head.isPending ? <Reading lines={4} /> : head.data === undefined ? <Failed error={head.error} /> : (
        <>
          <pre className="raw mono" tabIndex={0}>{head.data.note}</pre>
          <dl>
            <Fact name="Entries">{head.data.position.toLocaleString("en")}</Fact>
            <Fact name="Signed">{moment(head.data.at_ms)}</Fact>
            <Fact name="Public key"><Id id={head.data.public_key} whole /></Fact>
          </dl>
        </>
      )}
      <Command command="checkrein journal head" />
    </Dialog>
  );
}

function Verify({ onClose }: { onClose: () => void }): ReactNode {
  const [kept, setKept] = useState("");
  const verify = useAct((client, head: string) => client.journal.verify(head === "" ? undefined : head, { timeoutMs: VERIFY_MS }));
  const found = verify.data;
  const actions = <Button weight="primary" icon="lock" disabled={verify.isPending} onClick={() => verify.mutate(kept.trim())}>Verify everything</Button>;
  return (
    <Dialog title="Verify the journal" onClose={onClose} actions={actions}>
      <p>Every entry is hashed again, every chain and signed head is checked, and every payload is opened.</p>
      <TextArea label="A head that was kept elsewhere" hint="Without one, only what is in the store itself is checked." value={kept} spellCheck={false} className="mono" onChange={(event) => setKept(event.target.value)} />
      {verify.isPending ? <Reading lines={3} /> : null}
      {verify.error === null ? null : <Failed error={verify.error} />}
      {found === undefined ? null : (
        <div role="status">
          <p><Badge tone={found.verified ? "good" : "bad"}>{found.verified ? "verified" : "does not verify"}</Badge> {count(found.entries, "entry", "entries")} in {count(found.chains, "chain")}, {count(found.heads, "head")}, {count(found.payloads, "payload")}, {found.erased} erased.</p>
          {found.first_problem == null ? null : <p><Shown text={found.first_problem} /></p>}
        </div>
      )}
      <Command command="checkrein journal verify" />
    </Dialog>
  );
}

/** A million entries take some seconds; ten minutes are for slow disks. */
const VERIFY_MS = 600_000;
