//! Strategies for the domain values that payloads carry.
//!
//! Numbers in JSON are those that strict JSON lets in: integers up to 2^53 - 1 and fractions. Money stays within
//! what its text can say; durations are whole milliseconds.

use std::time::Duration;

use domain::{
    Advice, Agent, Amounts, Answer, Assurance, CallId, Change, Code, CommandFacts, CommandRole,
    Confidence, Consequence, Consequences, Contact, Content, Decision, Digest, Duty, DutyKind,
    Effect, EffectClass, EffectKind, Escalation, Evidence, Executed, Execution, ExpectedEffect,
    Facts, Failure, FileState, History, Human, Input, InputFacts, JournalPosition, Label, Maturity,
    Money, Name, Node, Observation, Plan, PlanFacts, PolicyPlace, PreviewMeans, PrincipalChain,
    Printed, Proposal, Provenance, Reason, Requirement, Resource, RunId, Rung, Scope, Spent,
    Status, Strength, Tier, Timestamp, ToolFacts, ToolName, UndoOffer,
};
use proptest::collection::{btree_set, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::Value;
use uuid::Uuid;

fn text() -> impl Strategy<Value = String> {
    let character = prop_oneof![
        any::<char>(),
        (0..0x20_u8).prop_map(char::from),
        select(&['"', '\\', '/', '\u{7f}', '\u{2028}', '\u{e000}', '\u{1f600}'][..]),
    ];
    vec(character, 0..8).prop_map(String::from_iter)
}

pub(super) fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-(1_i64 << 53) + 1..1_i64 << 53).prop_map(Value::from),
        any::<f64>()
            .prop_filter("a fraction", |number| number.is_finite() && number.fract() != 0.0)
            .prop_map(Value::from),
        text().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            vec((text(), inner), 0..4).prop_map(Value::from_iter),
        ]
    })
}

fn count() -> impl Strategy<Value = u64> {
    prop_oneof![0..1_000_u64, (1_u64 << 53) - 2..(1_u64 << 53) + 2, any::<u64>()]
}

fn digest() -> impl Strategy<Value = Digest> {
    any::<[u8; 32]>().prop_map(Digest::new)
}

fn uuid() -> impl Strategy<Value = Uuid> {
    any::<u128>().prop_map(Uuid::from_u128)
}

fn name() -> impl Strategy<Value = Name> {
    "[a-z][a-z0-9_-]{0,9}".prop_map(|name| name.parse().unwrap())
}

fn tool_name() -> impl Strategy<Value = ToolName> {
    "[a-z][a-z0-9]{0,6}(\\.[a-z]{1,5}){0,2}".prop_map(|name| name.parse().unwrap())
}

fn confidence() -> impl Strategy<Value = Confidence> {
    (0..=100_u8).prop_map(|hundredths| Confidence::from_hundredths(hundredths).unwrap())
}

fn timestamp() -> impl Strategy<Value = Timestamp> {
    count().prop_map(Timestamp::from_millis)
}

fn millis() -> impl Strategy<Value = Duration> {
    count().prop_map(Duration::from_millis)
}

fn resource() -> impl Strategy<Value = Resource> {
    text().prop_map(Resource::new)
}

fn agent() -> impl Strategy<Value = Agent> {
    (name(), text()).prop_map(|(name, version)| Agent { name, version })
}

fn chain() -> impl Strategy<Value = PrincipalChain> {
    (name(), name(), agent(), vec(agent(), 0..3)).prop_map(|(tenant, human, agent, parents)| {
        PrincipalChain { tenant, human: Human(human), agent, parents }
    })
}

fn tool() -> impl Strategy<Value = ToolFacts> {
    let classes = (
        select(EffectClass::ALL),
        consequences(),
        select(Provenance::ALL),
        select(Maturity::ALL),
        select(&[PreviewMeans::None, PreviewMeans::Plan][..]),
    );
    (tool_name(), digest(), classes).prop_map(|(name, contract, classes)| {
        let (effect_class, consequences, provenance, maturity, preview) = classes;
        ToolFacts { name, contract, effect_class, consequences, provenance, maturity, preview }
    })
}

fn consequences() -> impl Strategy<Value = Consequences> {
    btree_set(select(Consequence::ALL), 0..4)
}

fn call() -> impl Strategy<Value = CallId> {
    uuid().prop_map(CallId::new)
}

fn command() -> impl Strategy<Value = CommandFacts> {
    (text(), option::of(select(CommandRole::ALL)), any::<bool>()).prop_map(
        |(program, role, starts_programs)| CommandFacts { program, role, starts_programs },
    )
}

fn plan_facts() -> impl Strategy<Value = PlanFacts> {
    let counts = (count(), count(), count(), count(), count());
    let follows = (consequences(), consequences(), option::of(any::<i32>()), vec(call(), 0..3));
    (digest(), vec(text(), 0..4), counts, any::<bool>(), follows).prop_map(
        |(digest, paths, counts, restorable, follows)| {
            let (creations, overwrites, deletions, content_bytes, unintended) = counts;
            let (consequences, unintended_consequences, exit_code, stands_on) = follows;
            PlanFacts {
                digest,
                paths,
                creations,
                overwrites,
                deletions,
                content_bytes,
                restorable,
                consequences,
                unintended,
                unintended_consequences,
                exit_code,
                stands_on,
            }
        },
    )
}

fn history() -> impl Strategy<Value = History> {
    let last = (any::<bool>(), option::of(any::<u128>()));
    (count(), count(), count(), option::of(timestamp()), last).prop_map(
        |(failures_in_row, identical_calls, calls, done_before, (over_budget, before))| History {
            failures_in_row,
            identical_calls,
            calls,
            done_before,
            in_doubt_before: before.map(|id| CallId::new(Uuid::from_u128(id))),
            over_budget,
        },
    )
}

fn budget_left() -> impl Strategy<Value = Amounts<Option<u64>>> {
    let one = || option::of(count());
    (one(), one(), one(), one(), one()).prop_map(
        |(calls, money_micros, irreversible, read_bytes, wall_ms)| Amounts {
            calls,
            money_micros,
            irreversible,
            read_bytes,
            wall_ms,
        },
    )
}

fn advice() -> impl Strategy<Value = Advice> {
    (option::of(confidence()), any::<bool>(), any::<bool>()).prop_map(
        |(confidence, intent_stated, effects_stated)| Advice {
            confidence,
            intent_stated,
            effects_stated,
        },
    )
}

pub(super) fn facts() -> impl Strategy<Value = Facts> {
    let who = (timestamp(), chain(), name(), name(), tool());
    let labels = btree_set(select(Label::ALL), 0..4);
    let input =
        (digest(), option::of(call())).prop_map(|(digest, answers)| InputFacts { digest, answers });
    let what = (resource(), json(), option::of(input), labels, option::of(command()));
    let seen = (option::of(plan_facts()), option::of(text()), option::of(text()));
    let known = (btree_set(text(), 0..4), btree_set(text(), 0..4), history());
    (who, what, seen, known, budget_left(), advice()).prop_map(
        |(who, what, (plan, no_preview, objection), known, budget_left, advice)| {
            let (now, chain, workflow, space, tool) = who;
            let (resource, arguments, input, labels, command) = what;
            let (approvals, autonomy, history) = known;
            Facts {
                now,
                chain,
                workflow,
                space,
                tool,
                resource,
                arguments,
                input,
                labels,
                command,
                plan,
                no_preview,
                objection,
                approvals,
                autonomy,
                history,
                budget_left,
                advice,
            }
        },
    )
}

fn expected_effect() -> impl Strategy<Value = ExpectedEffect> {
    let scope = "workspace:([a-z]{1,4}/){0,2}(\\*\\*|\\*\\.rs)";
    let scope = scope.prop_map(|scope| scope.parse::<Scope>().unwrap());
    (select(EffectKind::ALL), scope, count())
        .prop_map(|(kind, resource, count_max)| ExpectedEffect { kind, resource, count_max })
}

pub(super) fn proposal() -> impl Strategy<Value = Proposal> {
    let said = (option::of(text()), vec(expected_effect(), 0..3), option::of(confidence()));
    let run = option::of(uuid().prop_map(RunId::new));
    let given = vec((text(), json()), 0..3).prop_map(Value::from_iter);
    let input = option::of((given, option::of(call())))
        .prop_map(|input| input.map(|(given, answers)| Input { given, answers }));
    let rest =
        (option::of(text()), run, vec(text(), 0..3), option::of(call()), any::<bool>(), input);
    (text(), json(), said, rest).prop_map(|(tool, arguments, said, rest)| {
        let (intent, expected_effects, confidence) = said;
        let (key, run, evidence, after, detached, input) = rest;
        Proposal {
            tool,
            arguments,
            intent,
            expected_effects,
            confidence,
            key,
            run,
            evidence: evidence.into_iter().map(Evidence).collect(),
            after,
            input,
            detached,
        }
    })
}

/// A file, with its bytes where they are kept.
pub(super) fn file(bytes: &[u8], kept: bool) -> Node {
    let digest = contract::digest(bytes);
    let content = kept.then(|| Content::new(bytes, digest));
    Node::File { size: u64::try_from(bytes.len()).unwrap(), digest, content }
}

fn state() -> impl Strategy<Value = FileState> {
    // Few different bytes, so that equal contents are common; line feeds, so that framing is tried.
    let bytes = vec(select(&b"\n\x00\xff"[..]), 0..3);
    let node = prop_oneof![
        4 => (bytes, any::<bool>()).prop_map(|(bytes, kept)| file(&bytes, kept)),
        1 => Just(Node::Directory),
        1 => text().prop_map(|target| Node::Link { target }),
    ];
    (0..0o7777_u32, node).prop_map(|(mode, node)| FileState { mode, node })
}

fn printed() -> impl Strategy<Value = Printed> {
    (text(), count()).prop_map(|(text, total_bytes)| Printed { text, total_bytes })
}

fn contact() -> impl Strategy<Value = Contact> {
    (text(), any::<u16>(), option::of(text())).prop_map(|(host, port, refused)| Contact {
        host,
        port,
        refused,
    })
}

fn execution() -> impl Strategy<Value = Execution> {
    let took = (count(), count(), count(), count());
    let place = (vec(contact(), 0..3), select(Rung::ALL));
    (any::<i32>(), printed(), printed(), took, place).prop_map(
        |(exit_code, stdout, stderr, took, (network, rung))| {
            let (wall_ms, cpu_ms, memory_bytes_max, processes) = took;
            Execution {
                exit_code,
                stdout,
                stderr,
                wall_ms,
                cpu_ms,
                memory_bytes_max,
                processes,
                network,
                rung,
            }
        },
    )
}

pub(super) fn plan() -> impl Strategy<Value = Plan> {
    let change = (text(), option::of(state()), option::of(state()), option::of(text()))
        .prop_map(|(path, before, after, moved_from)| Change { path, before, after, moved_from });
    (vec(change, 0..6), text(), any::<bool>(), option::of(execution())).prop_map(
        |(changes, diff, restorable, execution)| Plan { changes, diff, restorable, execution },
    )
}

fn reason() -> impl Strategy<Value = Reason> {
    let place =
        (text(), text(), any::<u32>()).prop_map(|(id, file, line)| PolicyPlace { id, file, line });
    (select(Strength::ALL), text(), option::of(place)).prop_map(|(strength, text, policy)| Reason {
        strength,
        text,
        policy,
    })
}

fn requirement() -> impl Strategy<Value = Requirement> {
    let escalate = (millis(), text()).prop_map(|(after, group)| Escalation { after, group });
    let grown = (1..10_u8, select(Assurance::ALL), option::of(escalate));
    (text(), text(), millis(), millis(), grown).prop_map(
        |(id, group, decide_within, execute_within, (quorum, assurance, escalate))| Requirement {
            id,
            group,
            decide_within,
            execute_within,
            quorum,
            assurance,
            escalate,
        },
    )
}

fn duty() -> impl Strategy<Value = Duty> {
    (select(DutyKind::ALL), text(), text(), option::of(millis()))
        .prop_map(|(kind, id, group, within)| Duty { kind, id, group, within })
}

pub(super) fn decision() -> impl Strategy<Value = Decision> {
    let verdict = (select(Strength::ALL), select(Tier::ALL), digest(), any::<bool>());
    (verdict, vec(reason(), 0..3), vec(requirement(), 0..3), vec(duty(), 0..3)).prop_map(
        |((verdict, tier, policy, shadow), reasons, requirements, duties)| Decision {
            verdict,
            tier,
            reasons,
            requirements,
            duties,
            policy,
            shadow,
        },
    )
}

fn effect() -> impl Strategy<Value = Effect> {
    let digests = (option::of(digest()), option::of(digest()));
    (select(EffectKind::ALL), resource(), digests, select(Observation::ALL)).prop_map(
        |(kind, resource, (before, after), observation)| Effect {
            kind,
            resource,
            before,
            after,
            observation,
        },
    )
}

fn failure() -> impl Strategy<Value = Failure> {
    let code = select(Code::TABLE).prop_map(|row| row.code);
    (code, text(), text()).prop_map(|(code, message, fix)| Failure { code, message, fix })
}

fn spent() -> impl Strategy<Value = Spent> {
    let money = (0..=u64::try_from(i64::MAX).unwrap()).prop_map(Money::from_micros);
    (money, count(), count(), count(), count()).prop_map(
        |(money, tokens, calls, read_bytes, wall_ms)| Spent {
            money,
            tokens,
            calls,
            read_bytes,
            wall_ms,
        },
    )
}

fn position() -> impl Strategy<Value = JournalPosition> {
    (option::of(uuid()), count(), digest()).prop_map(|(run, seq, hash)| JournalPosition {
        run: run.map(RunId::new),
        seq,
        hash,
    })
}

pub(super) fn answer() -> impl Strategy<Value = Answer> {
    let undo = (text(), timestamp()).prop_map(|(how, until)| UndoOffer { how, until });
    // A JSON null as output and no output are the same on the wire.
    let output = option::of(json()).prop_map(|output| output.filter(|output| !output.is_null()));
    let stands = (option::of(uuid()), select(Status::ALL), select(Executed::ALL), output);
    let why = (option::of(failure()), option::of(decision()), vec(effect(), 0..3));
    let rest = (option::of(text()), option::of(undo), spent(), any::<u32>(), any::<bool>());
    (stands, why, rest, vec(text(), 0..3), option::of(position())).prop_map(
        |(stands, why, rest, warnings, journal)| {
            let (call, status, executed, output) = stands;
            let (error, decision, effects) = why;
            let (diff, undo, cost, attempts, replayed) = rest;
            Answer {
                call: call.map(CallId::new),
                status,
                executed,
                output,
                error,
                decision,
                effects,
                diff,
                undo,
                cost,
                attempts,
                replayed,
                warnings,
                journal,
            }
        },
    )
}
