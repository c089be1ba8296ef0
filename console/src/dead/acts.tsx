// What a person decides about a dead letter: make the call again, say what became of it, put it away. Each with a reason.

import { useAct } from "@checkrein/react";
import type { Call, DeadLetter } from "@checkrein/sdk";
import { type ReactNode, useState } from "react";

import { ReasonDialog } from "../lists/reason.tsx";
import { Button } from "../parts/basics.tsx";
import { Command } from "../parts/command.tsx";
import { Choices } from "../parts/fields.tsx";
import { Shown } from "../parts/text.tsx";
import { stateOf } from "../parts/words.ts";
import { useMay } from "../shell/session.tsx";
import { toast, toastError } from "../shell/toasts.tsx";
import { findings, keptFromRedrive } from "./letter.ts";

const FOUND: Readonly<Record<string, string>> = { yes: "It happened", no: "It did not happen" };

type Opens = "redrive" | "resolve" | "discard" | undefined;

/** The buttons. */
export function LetterActs({ letter, call }: { letter: DeadLetter; call: Call | undefined }): ReactNode {
  const [opens, setOpens] = useState<Opens>();
  const may = useMay("operate");
  const kept = keptFromRedrive(letter, call);
  const close = (): void => setOpens(undefined);
  const probe = useAct((client, of: string) => client.deadLetters.probe(of));
  const look = (): void => probe.mutate(letter.call, {
    onSuccess: ({ found, reason }) => toast(`${FOUND[found] ?? "Still in doubt"}: ${reason}`, found in FOUND ? "good" : "plain"),
    onError: toastError,
  });
  if (!may || letter.state !== "open") return null;
  return (
    <>
      {call?.state === "in_doubt" ? <Button icon="search" disabled={probe.isPending} onClick={look}>{probe.isPending ? "Looking…" : "Look again"}</Button> : null}
      <Button disabled={kept !== undefined} title={kept} onClick={() => setOpens("redrive")}>Make it again…</Button>
      <Button disabled={findings(call).length === 0} onClick={() => setOpens("resolve")}>Say what became of it…</Button>
      <Button weight="danger" onClick={() => setOpens("discard")}>Put it away…</Button>
      {opens === "redrive" ? <Redrive letter={letter} onClose={close} /> : null}
      {opens === "resolve" ? <Resolve letter={letter} call={call} onClose={close} /> : null}
      {opens === "discard" ? <Discard letter={letter} onClose={close} /> : null}
    </>
  );
}

function Redrive({ letter, onClose }: { letter: DeadLetter; onClose: () => void }): ReactNode {
  const redrive = useAct(async (client, reason: string) => {
    const answer = await client.deadLetters.redrive(letter.call, reason);
    toast(`Made again: ${stateOf(answer.status).word}`, answer.status === "succeeded" ? "good" : "plain");
  });
  return (
    <ReasonDialog title="Make this call again" act="Make it again" work={redrive} onClose={onClose} onDone={() => undefined}>
      <p>The first one certainly did not happen. A new call of the same agent with the same arguments is judged from the beginning, and may be held or denied.</p>
      <Command command={`checkrein dead redrive ${letter.call} --reason '…'`} />
    </ReasonDialog>
  );
}

const WORDS: Readonly<Record<"yes" | "partly" | "no", string>> = { yes: "It happened", partly: "Partly", no: "It did not happen" };

function Resolve({ letter, call, onClose }: { letter: DeadLetter; call: Call | undefined; onClose: () => void }): ReactNode {
  const may = findings(call);
  const [executed, setExecuted] = useState<"yes" | "partly" | "no" | "">(may.length === 1 ? may[0] ?? "" : "");
  const resolve = useAct((client, reason: string) => client.deadLetters.resolve(letter.call, { executed, reason }));
  return (
    <ReasonDialog title="Say what became of it" act="Say so" work={resolve} incomplete={executed === ""} onClose={onClose} onDone={() => toast("Recorded")}>
      <p>Look at the target first: <code><Shown text={letter.resource} /></code>. What you say is what the agent and everybody else is told from now on.</p>
      <Choices label="What became of it" value={executed} onChange={setExecuted} choices={may.map((value) => ({ value, label: WORDS[value] }))} />
      <Command command={`checkrein dead resolve ${letter.call} --executed ${executed === "" ? "yes|partly|no" : executed} --reason '…'`} />
    </ReasonDialog>
  );
}

function Discard({ letter, onClose }: { letter: DeadLetter; onClose: () => void }): ReactNode {
  const discard = useAct((client, reason: string) => client.deadLetters.discard(letter.call, reason));
  return (
    <ReasonDialog title="Put this letter away" act="Put it away" danger work={discard} onClose={onClose} onDone={() => toast("Put away", "plain")}>
      <p>Nobody is asked about it again. What is known of its call stays as it is{letter.why === "in_doubt" ? ": it stays in doubt" : ""}.</p>
      <Command command={`checkrein dead discard ${letter.call} --reason '…'`} />
    </ReasonDialog>
  );
}
