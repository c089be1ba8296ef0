//! Fields to a contract value: words, pointers, amounts, schemas.
//!
//! Every conversion that fails adds a finding and gives `None`; a contract comes out only if none failed.

mod command;
pub(crate) mod inverse;
mod safeguards;
mod schemas;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::Value;

use super::Origin;
use super::fields;
use super::findings::InTool;
use super::twin::{self, Tool};
use crate::attempts::{self, Wrong};
use crate::contract_form::contract_digest;
use crate::suggest;
use domain::{
    ArgumentKind, Attempts, BoundTo, CommandMeans, Consequence, Contract, Digest, EffectClass,
    ErrorCase, Executed, Idempotency, Label, Labels, Maturity, Money, OutputRule, PreviewMeans,
    PrincipalPart, Provenance, RateLimit, Scope, ToolName, UndoMeans, UpstreamPart, UpstreamTool,
    VerifyMeans, limits,
};
pub(super) use safeguards::safeguards;
use schemas::Author;

/// The contract that a tool's fields describe. `known` are the names of all tools that are being loaded.
pub(super) fn contract(
    mut tool: Tool,
    origin: Origin,
    known: &BTreeSet<String>,
    findings: &mut InTool<'_, '_>,
) -> Option<Contract> {
    let at = findings;
    let safeguards = safeguards(twin::Safeguards::of(&mut tool), at);
    let written = written(&mut tool);
    let (name, author) = (name(&tool.name, at), Author::of(&tool.upstream));
    let input = schemas::schema("input", tool.input, (author, at));
    let output = output(tool.output, (tool.command.is_some(), origin), (author, at));
    let effect_class =
        word(at, &["effect_class"], &tool.effect_class, (EffectClass::ALL, EffectClass::word));
    let consequences =
        words(at, "consequences", &tool.consequences, (Consequence::ALL, Consequence::word));
    let provenance = provenance(tool.provenance.as_deref(), origin, at);
    let scope = scope(&tool.scope, at);
    let kinds = kinds(&tool.arguments, at);
    let bound = bound(&tool.bound, at);
    let preview = preview(tool.preview.as_deref(), at);
    let undo = undo(tool.undo, (known, origin), at);
    let verify = verify(tool.verify.as_deref(), at);
    let command = match tool.command {
        None => Some(None),
        Some(command) => command::means(command, origin, at).map(Some),
    };
    let upstream = upstream(tool.upstream, origin, at);
    let cost_max = cost(&tool.cost_max, at);
    let maturity = word(at, &["maturity"], &tool.maturity, (Maturity::ALL, Maturity::word));
    let output_labels = labels(tool.output_labels, at);
    let errors = errors(tool.errors, (&command, effect_class, origin), at);
    let attempts = attempts(written, (known, origin), at);
    let contract = Contract {
        name: name?,
        version: tool.version,
        what: tool.description.what,
        when_to_use: tool.description.when_to_use,
        side_effects: tool.description.side_effects,
        input: input?,
        output: output?,
        output_rules: tool.output_rules.into_iter().map(rule).collect(),
        errors: errors?,
        effect_class: effect_class?,
        consequences: consequences?.into_iter().collect(),
        provenance: provenance?,
        scope: scope?,
        kinds: kinds?,
        bound: bound?,
        resource: tool.resource,
        idempotency: idempotency(tool.idempotency),
        preview: preview?,
        undo: undo?,
        outbox: tool.outbox.map(|outbox| Duration::from_millis(outbox.hold_ms)),
        verify: verify?,
        command: command?,
        upstream: upstream?,
        attempts: attempts?,
        timeout: Duration::from_millis(tool.timeout_ms),
        rate: tool.rate.map(rate),
        cost_max: cost_max?,
        maturity: maturity?,
        output_labels: output_labels?,
        output_bytes_max: output_bytes_max(tool.output_bytes_max),
        safeguards: safeguards?,
        digest: Digest::default(),
    };
    let digest = contract_digest(&contract);
    Some(Contract { digest, ..contract })
}

fn written(tool: &mut Tool) -> attempts::Written {
    attempts::Written {
        retry: tool.retry.take(),
        provider_key: tool.provider_key.take(),
        probe: tool.probe.take(),
        doubt_horizon_ms: tool.doubt_horizon_ms.take(),
        failover: tool.failover.take(),
    }
}

fn rate(given: twin::Rate) -> RateLimit {
    RateLimit { calls: given.calls, per: Duration::from_millis(given.per_ms) }
}

fn output_bytes_max(given: Option<u64>) -> usize {
    given.map_or(limits::OUTPUT_BYTES_MAX, |bytes| usize::try_from(bytes).unwrap_or(usize::MAX))
}

fn idempotency(given: Option<twin::Idempotency>) -> Idempotency {
    match given {
        None | Some(twin::Idempotency::CallerKey) => Idempotency::CallerKey,
        Some(twin::Idempotency::Natural(pointers)) => Idempotency::Natural(pointers),
    }
}

/// What is said about attempts. The tools that it names must be there, unless it was recorded: then they were.
fn attempts(
    written: attempts::Written,
    (known, origin): (&BTreeSet<String>, Origin),
    at: &mut InTool<'_, '_>,
) -> Option<Attempts> {
    let told = |wrong: Wrong, at: &mut InTool<'_, '_>| {
        let path: Vec<&str> = wrong.path.iter().map(String::as_str).collect();
        at.add(&path, wrong.what, wrong.fix);
    };
    let read = match attempts::read(written) {
        Ok(read) => read,
        Err(wrong) => {
            told(wrong, at);
            return None;
        }
    };
    let probe = read.probe.as_ref().map(|probe| (&["probe", "tool"][..], &probe.tool));
    let named =
        probe.into_iter().chain(read.failover.as_ref().map(|tool| (&["failover"][..], tool)));
    for (path, tool) in named {
        if origin != Origin::Recorded && !known.contains(tool.as_str()) {
            let near = suggest::hint(tool.as_str(), known.iter().map(String::as_str));
            let what =
                format!("`{}` names the tool `{tool}`, which does not exist{near}", path.join("."));
            at.add(path, what, "name a tool that has a contract");
            return None;
        }
    }
    Some(read)
}

/// Which tool of which server it was, in what the journal recorded. No file may say that.
fn upstream(
    given: Option<twin::Upstream>,
    origin: Origin,
    at: &mut InTool<'_, '_>,
) -> Option<Option<UpstreamTool>> {
    let Some(given) = given else { return Some(None) };
    let read = |given: &twin::Upstream| {
        Some(UpstreamTool {
            server: given.server.parse().ok()?,
            wire: given.wire.clone(),
            part: UpstreamPart::from_word(&given.part)?,
            definition: given.definition.parse().ok()?,
        })
    };
    let upstream = read(&given).filter(|_| origin == Origin::Recorded);
    if upstream.is_none() {
        let what = "tools of servers are discovered, no file describes them";
        at.add(&["upstream"], what, "remove it, and configure the server under `[[mcp_server]]`");
    }
    upstream.map(Some)
}

/// The output that a file describes; a command's is the same for all, and not the author's to say.
fn output(
    given: Option<Value>,
    (command, origin): (bool, Origin),
    (author, at): (Author, &mut InTool<'_, '_>),
) -> Option<Value> {
    let ours = command && origin != Origin::Recorded;
    match given {
        Some(given) if !ours => schemas::schema("output", given, (author, at)),
        None if ours => schemas::schema("output", crate::command::OUTPUT.into(), (author, at)),
        Some(_) => {
            let what = "the output of a command is Checkrein's own, the same for every command";
            at.add(&["output"], what, "remove `output`");
            None
        }
        None => {
            let (what, fix) = fields::explain("missing field `output`");
            at.add(&["output"], what, fix);
            None
        }
    }
}

/// All values of a type of words, and the word of each.
type Words<T> = (&'static [T], fn(T) -> &'static str);

fn word<T: Copy>(
    at: &mut InTool<'_, '_>,
    path: &[&str],
    given: &str,
    (all, word): Words<T>,
) -> Option<T> {
    let found = all.iter().copied().find(|value| word(*value) == given);
    if found.is_none() {
        let known: Vec<&str> = all.iter().map(|value| word(*value)).collect();
        let near = suggest::hint(given, known.iter().copied());
        let list: Vec<String> = known.iter().map(|word| format!("`{word}`")).collect();
        let what = format!("`{}` is not known here{near}", crate::visible::short(given));
        at.add(path, what, format!("write one of {}", list.join(", ")));
    }
    found
}

fn words<T: Copy>(
    at: &mut InTool<'_, '_>,
    field: &str,
    given: &[String],
    all: Words<T>,
) -> Option<Vec<T>> {
    let each =
        |(index, given): (usize, &String)| word(at, &[field, &index.to_string()], given, all);
    given.iter().enumerate().map(each).collect()
}

fn name(given: &str, at: &mut InTool<'_, '_>) -> Option<ToolName> {
    let name = given.parse();
    name.map_err(|error: domain::NameError| {
        at.add(&["name"], error.to_string(), "write lower-case names joined by dots");
    })
    .ok()
}

fn provenance(given: Option<&str>, origin: Origin, at: &mut InTool<'_, '_>) -> Option<Provenance> {
    let given = given.unwrap_or(Provenance::Declared.word());
    let provenance = word(at, &["provenance"], given, (Provenance::ALL, Provenance::word))?;
    if provenance == Provenance::Confirmed && origin == Origin::Project {
        at.add(
            &["provenance"],
            "only files of the operator's configuration directory may say `confirmed`",
            "write `declared`, or let an operator put this file into the configuration directory",
        );
        return None;
    }
    Some(provenance)
}

fn scope(given: &[String], at: &mut InTool<'_, '_>) -> Option<Vec<Scope>> {
    if given.is_empty() {
        at.add(
            &["scope"],
            "the scope is empty, so no call could ever run",
            "name what the tool may touch, such as `workspace:**`",
        );
        return None;
    }
    let each = |(index, text): (usize, &String)| {
        let scope = text.parse();
        let path = ["scope", &index.to_string()];
        scope
            .map_err(|error: domain::ScopeError| {
                at.add(&path, error.to_string(), "write a scope of that form")
            })
            .ok()
    };
    given.iter().enumerate().map(each).collect()
}

fn kinds(
    given: &BTreeMap<String, String>,
    at: &mut InTool<'_, '_>,
) -> Option<BTreeMap<String, ArgumentKind>> {
    let each = |(pointer, kind): (&String, &String)| {
        let kind =
            word(at, &["arguments", pointer], kind, (ArgumentKind::ALL, ArgumentKind::word))?;
        Some((pointer.clone(), kind))
    };
    given.iter().map(each).collect()
}

fn bound(given: &BTreeMap<String, String>, at: &mut InTool<'_, '_>) -> Option<Vec<BoundTo>> {
    let each = |(argument, part): (&String, &String)| {
        let part = word(at, &["bound", argument], part, (PrincipalPart::ALL, PrincipalPart::word))?;
        Some(BoundTo { argument: argument.clone(), part })
    };
    given.iter().map(each).collect()
}

fn preview(given: Option<&str>, at: &mut InTool<'_, '_>) -> Option<PreviewMeans> {
    const ALL: &[PreviewMeans] = &[PreviewMeans::None, PreviewMeans::Plan];
    let word_of = |means| match means {
        PreviewMeans::None => "none",
        PreviewMeans::Plan => "plan",
    };
    word(at, &["preview"], given.unwrap_or("none"), (ALL, word_of))
}

fn verify(given: Option<&str>, at: &mut InTool<'_, '_>) -> Option<VerifyMeans> {
    const ALL: &[VerifyMeans] = &[VerifyMeans::None, VerifyMeans::Plan];
    let word_of = |means| match means {
        VerifyMeans::None => "none",
        VerifyMeans::Plan => "plan",
    };
    word(at, &["verify"], given.unwrap_or("none"), (ALL, word_of))
}

fn undo(
    given: Option<twin::Undo>,
    known: (&BTreeSet<String>, Origin),
    at: &mut InTool<'_, '_>,
) -> Option<UndoMeans> {
    match given {
        None | Some(twin::Undo::None) => Some(UndoMeans::None),
        Some(twin::Undo::InversePlan { window_ms }) => {
            Some(UndoMeans::InversePlan { window: Duration::from_millis(window_ms) })
        }
        Some(twin::Undo::Call(call)) => inverse::means(call, known, at),
    }
}

fn cost(given: &Value, at: &mut InTool<'_, '_>) -> Option<Money> {
    const FIX: &str = "write text with at most six decimals, such as `\"0.05\"`";
    match given {
        Value::String(text) => match text.parse() {
            Ok(money) => return Some(money),
            Err(error) => at.add(&["cost_max"], format!("{error}"), FIX),
        },
        Value::Number(_) => at.add(&["cost_max"], "a number is not an exact amount", FIX),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => {
            at.add(&["cost_max"], "not an amount", FIX);
        }
    }
    None
}

/// Labels of the output. What nobody labels could have been written by somebody outside.
fn labels(given: Option<Vec<String>>, at: &mut InTool<'_, '_>) -> Option<Labels> {
    match given {
        None => Some(Labels::from([Label::Untrusted])),
        Some(given) => words(at, "output_labels", &given, (Label::ALL, Label::word))
            .map(|labels| labels.into_iter().collect()),
    }
}

/// The errors of every such command, for a command, then the tool's own.
fn errors(
    given: Vec<twin::ErrorCase>,
    (command, class, origin): (&Option<Option<CommandMeans>>, Option<EffectClass>, Origin),
    at: &mut InTool<'_, '_>,
) -> Option<Vec<ErrorCase>> {
    let each = |(index, case): (usize, twin::ErrorCase)| {
        let path = ["errors", &index.to_string(), "executed"];
        let executed = word(at, &path, &case.executed, (Executed::ALL, Executed::word))?;
        Some(ErrorCase { code: case.code, meaning: case.meaning, executed })
    };
    let own = given.into_iter().enumerate().map(each).collect::<Option<Vec<ErrorCase>>>()?;
    match command.as_ref()? {
        Some(means) if origin != Origin::Recorded => command::errors(own, (means, class?), at),
        Some(_) | None => Some(own),
    }
}

fn rule(rule: twin::Rule) -> OutputRule {
    match rule {
        twin::Rule::EqualsArgument { output, argument } => {
            OutputRule::EqualsArgument { output, argument }
        }
        twin::Rule::LengthMax { output, max } => OutputRule::LengthMax { output, max },
    }
}
