// What happened with a call or in a run, as the sections of one page: the context, what allowed it, what ran, which check could
// have caught it, what is undone and what cannot be. In: what the API told. Out: a story. Pure. Tests: story.test.ts.

import type { Call, Run, UndoReport } from "@checkrein/sdk";

import { classOf, group, stateOf } from "../parts/words.ts";
import { count, lasting } from "../text/clock.ts";
import { outcomeOf } from "../undo/report.ts";
import { type Line, line, type Section, type Story, toned, value } from "./lines.ts";
import { type Known, missed, NONE } from "./missed.ts";

/** What is known of a call's incident. */
export interface KnownCall extends Known {
  readonly run: Run | undefined;
  /** What taking it back would do; `undefined` where whoever looks may not ask. */
  readonly undo: UndoReport | undefined;
}

/** A call. */
export function callStory(known: KnownCall): Story {
  const { call } = known.details;
  const found = missed(known);
  return {
    of: call.call,
    title: [value(call.tool === "" ? "a call" : call.tool), " on ", value(call.resource === "" ? "nothing" : call.resource)],
    sections: [
      { title: "What context was used", lines: context(known) },
      { title: "What policy allowed the step", lines: allowed(known) },
      { title: "What ran", lines: ran(known) },
      { title: "Which check could have caught it and did not", lines: found.length === 0 ? [NONE] : found },
      { title: "What is undone and what cannot be", lines: undone(known.undo, [call]) },
    ],
  };
}

/** What is known of a run's incident. */
export interface KnownRun {
  readonly run: Run;
  /** Its calls, the oldest first. */
  readonly calls: readonly Call[];
  /** Whether there are more than these. */
  readonly more: boolean;
  readonly undo: UndoReport | undefined;
}

/** A run. */
export function runStory({ run, calls, more, undo }: KnownRun): Story {
  const acts = calls.filter((call) => call.effect_class !== "pure" && call.executed !== "no" && call.executed != null);
  const refused = calls.filter((call) => call.verdict === "deny" || call.state === "denied");
  const alone = acts.filter((call) => call.tier === "1" && call.effect_class !== "restorable");
  const odd = calls.filter((call) => call.state === "in_doubt" || call.state === "partial");
  const cut = more ? [toned("wait", `Only the latest ${calls.length} calls are looked at here.`)] : [];
  return {
    of: run.run,
    title: [value(run.purpose), " of ", value(run.agent)],
    sections: [
      { title: "What context was used", lines: [...who(run), line(`${count(calls.length, "call")}: ${acts.length} changed something or may have, ${refused.length} refused.`), ...cut] },
      { title: "What policy allowed the step", lines: policies(calls) },
      { title: "What ran", lines: acts.map(act) },
      { title: "Which check could have caught it and did not", lines: alone.length + odd.length === 0 ? [NONE] : [
        ...alone.map((call) => toned("bad", { value: call.tool, call: call.call }, " ran without a person although its effect is ", value(call.effect_class), ".")),
        ...odd.map((call) => toned("doubt", { value: call.tool, call: call.call }, ` is ${stateOf(call.state).word}.`)),
      ] },
      { title: "What is undone and what cannot be", lines: undone(undo, acts) },
    ],
  };
}

function context({ details: { call }, run, approvals }: KnownCall): readonly Line[] {
  const [asked] = approvals;
  const lines: Line[] = [line("Call ", value(call.call), " arrived ", value(new Date(call.received_ms).toISOString()), ", of ", value(call.agent), ".")];
  if (run !== undefined) lines.push(...who(run));
  if (asked?.intent != null && asked.intent !== "") lines.push(line("Its agent said: ", value(asked.intent)));
  for (const evidence of asked?.evidence ?? []) lines.push(line("Evidence that it gave: ", value(evidence.text)));
  if (asked?.arguments != null) lines.push(line("Arguments, masked: ", value(JSON.stringify(asked.arguments))));
  else if (call.arguments_digest != null) lines.push(line("Arguments by digest: ", value(call.arguments_digest)));
  if (call.undoes != null) lines.push(line("It takes back ", { value: call.undoes, call: call.undoes }, "."));
  return lines;
}

function who(run: Run): readonly Line[] {
  return [line("Run ", value(run.run), " for ", value(run.purpose), ": workflow ", value(run.workflow), " in ", value(run.space), ", agent ", value(run.agent), " on behalf of ", value(run.human), ".")];
}

function allowed({ details: { call, approvals }, explanation }: KnownCall): readonly Line[] {
  const decision = explanation?.decision;
  const lines: Line[] = [];
  if (call.verdict != null) lines.push(toned(stateOf(call.verdict).tone, "Verdict ", value(call.verdict), `, tier ${call.tier ?? "unknown"}`, ...(decision === undefined ? [] : [", policy version ", value(decision.policy.slice(0, 16))]), "."));
  for (const reason of decision?.reasons ?? []) {
    const by = reason.policy == null ? ["a rule of the house"] : [value(reason.policy.id), " in ", value(`${reason.policy.file}:${reason.policy.line}`)];
    lines.push(toned(stateOf(reason.strength).tone, `${stateOf(reason.strength).word}, by `, ...by, ": ", value(reason.text)));
  }
  for (const one of approvals) {
    lines.push(toned(stateOf(one.state).tone, value(one.requirement), ` asked ${group(one.asked_of)}: ${stateOf(one.state).word}`, ...(one.decided_by == null ? [] : [" by ", value(one.decided_by)]),
      ...(one.reason == null || one.reason === "" ? [] : [", who said ", value(one.reason)]), "."));
  }
  return lines;
}

function ran({ details: { call, answer }, plan }: KnownCall): readonly Line[] {
  const lines: Line[] = [toned(stateOf(call.state).tone, `State: ${stateOf(call.state).word}; executed: `, value(call.executed ?? answer?.executed ?? "not yet"), `, ${lasting(call.wall_ms)} in the tool, ${classOf(call.effect_class).word}.`)];
  if (answer != null && answer.attempts > 1) lines.push(toned("wait", `${answer.attempts} attempts were made.`));
  for (const effect of answer?.effects ?? []) {
    lines.push(toned(effect.observation === "unintended" ? "bad" : "plain", `${effect.kind} `, value(effect.resource), `, ${effect.observation.replaceAll("_", " ")}`));
  }
  if (plan?.execution != null) lines.push(line(`A command ran: exit ${plan.execution.exit_code}, ${count(plan.execution.processes, "process", "processes")}, jail ${plan.execution.jail}.`));
  for (const contact of plan?.execution?.network ?? []) lines.push(toned("wait", "It tried to reach ", value(`${contact.host}:${contact.port}`), contact.refused == null ? ", and did." : ", and was refused."));
  if (answer?.error != null) lines.push(toned("bad", value(answer.error.code), " ", value(answer.error.message)));
  for (const warning of answer?.warnings ?? []) lines.push(toned("wait", value(warning)));
  return lines;
}

function policies(calls: readonly Call[]): readonly Line[] {
  const versions = [...new Set(calls.flatMap((call) => (call.policy == null ? [] : [call.policy])))];
  const verdicts = [...new Set(calls.flatMap((call) => (call.verdict == null ? [] : [call.verdict])))];
  return [
    ...verdicts.map((verdict) => toned(stateOf(verdict).tone, value(verdict), `: ${count(calls.filter((call) => call.verdict === verdict).length, "call")}`)),
    ...versions.map((version) => line("policy version ", value(version.slice(0, 16)))),
  ];
}

function act(call: Call): Line {
  return toned(stateOf(call.state).tone, { value: call.tool, call: call.call }, " ", value(call.resource), `: ${stateOf(call.state).word}, executed ${call.executed ?? "not yet"}, ${classOf(call.effect_class).word}`);
}

/** Each act with what becomes of it; where nobody may ask, how its undo stands. */
function undone(undo: UndoReport | undefined, acts: readonly Call[]): Section["lines"] {
  if (undo === undefined) {
    return acts.map((call) => {
      const { word, tone } = call.undo == null ? { word: "has no undo", tone: "bad" as const } : stateOf(call.undo);
      return toned(tone, { value: call.tool, call: call.call }, ` ${word}`);
    });
  }
  return undo.acts.map((one) => {
    const { word, tone } = outcomeOf(one.outcome);
    return toned(tone, { value: one.tool, call: one.call }, " ", value(one.resource), `: ${word}`, ...(one.why === "" ? [] : [", ", value(one.why)]));
  });
}
