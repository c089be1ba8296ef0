// Which check could have caught it, and did not: from what is recorded of a call, the gravest first. It says what was not there
// or let it pass; whether that was wrong is for a person. Pure. Tests: missed.test.ts.

import type { ApprovalDetails, CallDetails, Entry, Explanation, PlanView, Tool } from "@checkrein/sdk";

import { count, lasting } from "../text/clock.ts";
import { type Line, line, toned, value } from "./lines.ts";

/** What is known of a call. What is not known is `undefined`, and nothing is said of it. */
export interface Known {
  readonly details: CallDetails;
  readonly explanation: Explanation | undefined;
  /** `null` where it certainly has none. */
  readonly plan: PlanView | null | undefined;
  readonly approvals: readonly ApprovalDetails[];
  readonly tool: Tool | undefined;
  readonly entries: readonly Entry[];
}

const CHANGES = new Set(["restorable", "compensable", "delayed", "irreversible", "unknown"]);

/** The lines. */
export function missed(known: Known): readonly Line[] {
  return [...ofPolicy(known), ...ofPeople(known), ...ofPreview(known), ...ofChecks(known), ...ofEffects(known), ...ofContract(known)];
}

function ofPolicy({ details: { call }, explanation }: Known): readonly Line[] {
  const decision = explanation?.decision;
  if (decision === undefined) return [];
  const lines: Line[] = [];
  if (decision.shadow) lines.push(toned("bad", "The space only recorded decisions: what policy said was not enforced."));
  if (decision.requirements.length === 0 && (decision.verdict === "allow" || decision.verdict === "notify") && call.effect_class !== "pure" && call.effect_class !== "restorable") {
    lines.push(toned("bad", "No person was asked before, although the effect is ", value(call.effect_class === "" ? "unknown" : call.effect_class), "."));
  }
  return lines;
}

function ofPeople({ explanation, approvals, entries }: Known): readonly Line[] {
  const reviews = explanation?.decision.duties.filter((duty) => duty.kind === "review") ?? [];
  const made = entries.some((entry) => entry.kind === "duty_done" || entry.kind === "review_done");
  return [
    ...approvals.flatMap(({ approval, votes }) => votes.map((vote) =>
      toned("wait", value(vote.by), ` approved it ${lasting(Math.max(0, vote.at_ms - approval.asked_ms))} after it was asked (`, value(approval.requirement), ", on ", value(vote.surface), ")."))),
    ...(made ? [] : reviews.map((duty) => toned("wait", "A review by ", value(duty.group), " was asked for, and is not recorded as made: ", value(duty.id), "."))),
  ];
}

function ofPreview({ details: { call }, plan }: Known): readonly Line[] {
  if (plan === undefined || !CHANGES.has(call.effect_class)) return [];
  if (plan === null) return [toned("wait", "No preview showed what it would do.")];
  const undeclared = plan.changes.filter((change) => change.observation === "unintended").length;
  const lines: Line[] = [];
  if (undeclared > 0) lines.push(toned("bad", `The preview showed ${count(undeclared, "change")} that nobody had declared, and it ran.`));
  if (!plan.restorable) lines.push(toned("wait", "The preview said that it could not be restored exactly."));
  return lines;
}

/** Checks that its contract names: preconditions, verifiers, postconditions. Each is a call of its own, which names this one. */
function ofChecks({ details: { call }, entries }: Known): readonly Line[] {
  const made = entries.filter((entry) => entry.kind === "check_made").map(body);
  return made.filter(({ of }) => of === call.call).map(({ name, kind, verdict, found }) => {
    return toned(verdict === "passed" ? "wait" : "doubt", "The check ", value(name ?? "without a name"), ` (${kind ?? "check"}) said `, value(verdict ?? "nothing"), ...(found === undefined || found === "" ? [] : [": ", value(found)]), ".");
  });
}

function ofEffects({ details: { answer, call } }: Known): readonly Line[] {
  const effects = answer?.effects ?? [];
  const lines: Line[] = [];
  const unintended = effects.filter((effect) => effect.observation === "unintended").length;
  const unobserved = effects.filter((effect) => effect.observation === "unobserved").length;
  if (unintended > 0) lines.push(toned("bad", `${count(unintended, "effect")} came about that nobody had declared.`));
  if (unobserved > 0) lines.push(toned("wait", `${count(unobserved, "effect")} was not observed: nothing read back what stands there.`));
  if (call.state === "in_doubt" || answer?.executed === "unknown") lines.push(toned("doubt", "Nobody knows whether it happened: no probe and no person settled it yet."));
  return lines;
}

function ofContract({ tool }: Known): readonly Line[] {
  if (tool === undefined) return [];
  const lines: Line[] = [];
  if (tool.provenance === "inferred" || tool.provenance === "annotated") {
    lines.push(toned("wait", "What ", value(tool.tool), ` does was only ${tool.provenance === "inferred" ? "inferred" : "said by its server"}: nobody confirmed its contract.`));
  }
  if (tool.standing === "drifted") lines.push(toned("bad", "Its server offers ", value(tool.tool), " otherwise by now than it was accepted."));
  return lines;
}

/** What is said where no check is found. */
export const NONE: Line = line("Nothing that is recorded stood in its way and failed. A rule, a precondition or a postcondition for such calls would have to be written.");

function body(entry: Entry): Readonly<Record<string, string | undefined>> {
  const event = (entry.entry as { event?: Record<string, unknown> }).event?.[entry.kind];
  if (typeof event !== "object" || event === null) return {};
  return Object.fromEntries(Object.entries(event).map(([name, found]) => [name, typeof found === "string" ? found : undefined]));
}
