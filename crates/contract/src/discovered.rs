//! A tool as a stranger's server describes it, made into a contract.
//!
//! In: the definition exactly as the server sent it, what a pack and an operator say of it, and bounds from the configuration. Out:
//! a compiled contract or none, the class with its reasons, and findings. A tool that cannot be used has no contract and a finding
//! that holds it back; nothing here fails, and no other tool of the server suffers.
//!
//! ```text
//! definition -> findings (texts, annotations)      pack (same definition) ┐
//!            -> class::infer ───────────────────── operator's word ───────┴-> class -> input, output -> Contract -> Compiled
//! ```
//!
//! Left out: which definition is accepted (`gate`), and names of tools on the wire (`mcp`). Tests: `tests/it/discovered.rs`.

mod class;
mod input;
mod output;
mod part;
mod words;

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;

use crate::canonical::{canonical, digest_of};
use crate::classify::{self, Class};
use crate::compiled::Compiled;
use crate::contract_form::contract_digest;
use crate::finding::{self, Finding, FindingCode, Found, Severity};
use crate::load;
use crate::packs::{Pack, PackTool};
use crate::resource_template::Template;
use domain::{
    ArgumentKind, Attempts, Consequences, Contract, Digest, EffectClass, ErrorCase, Executed,
    Idempotency, InverseMeans, Label, Maturity, Money, Name, PreviewMeans, Provenance, Scope,
    ToolName, UndoMeans, UpstreamPart, UpstreamTool, VerifyMeans, limits,
};

pub use crate::classify::read as infer;
pub use part::{is_part_name, part, part_name};

/// The code under which a server's own failure of a tool (`isError`) is declared.
pub const TOOL_ERROR: &str = "tool_error";

/// A tool as a server described it.
#[derive(Debug, Clone, Copy)]
pub struct Definition<'a> {
    /// The server.
    pub server: &'a Name,
    /// The tool's name within Checkrein.
    pub name: &'a ToolName,
    /// The name that the server knows it by, exactly.
    pub wire: &'a str,
    /// The whole tool object as the server sent it.
    pub raw: &'a Value,
}

impl Definition<'_> {
    /// What is pinned: see [`definition_digest`].
    pub fn digest(&self) -> Digest {
        definition_digest(self.raw)
    }
}

/// SHA-256 over the canonical JSON of a whole definition, unknown fields and `_meta` included.
pub fn definition_digest(raw: &Value) -> Digest {
    digest_of(raw)
}

/// What an operator said of a tool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Classification {
    /// What can be taken back.
    pub effect_class: EffectClass,
    /// Who is hit.
    pub consequences: Consequences,
    /// What it acts on, as a contract's template; none leaves it to the pack.
    pub resource: Option<String>,
    /// The definition that was looked at. For another one the word can only make stricter. None: for any definition.
    pub definition: Option<Digest>,
}

impl Classification {
    /// Whether this can be true of a tool of a server.
    ///
    /// # Errors
    /// Why it cannot, and what to choose instead; the operator's fault.
    pub fn judge(&self) -> Result<(), String> {
        if self.effect_class == EffectClass::Restorable {
            return Err("nothing keeps what a server's tool changes, so it cannot be `restorable`; choose `compensable` or `irreversible`".to_owned());
        }
        if let Some(template) = &self.resource
            && let Err(why) = Template::parse(&template.replace("{server}", "server"))
        {
            return Err(format!("the resource `{}` has {why}", crate::visible::short(template)));
        }
        let possible = |one: &&domain::Consequence| !load::possible_without_change(**one);
        match self.consequences.iter().find(possible) {
            Some(one) if self.effect_class == EffectClass::Pure => Err(format!(
                "a `pure` tool changes nothing and cannot have the consequence `{one}`; choose another effect class"
            )),
            Some(_) | None => Ok(()),
        }
    }
}

/// What is known besides the definition.
#[derive(Debug, Clone, Copy)]
pub struct Given<'a> {
    /// The pack that the operator takes for this server.
    pub pack: Option<&'a Pack>,
    /// What an operator said of this tool.
    pub classification: Option<&'a Classification>,
    /// What the operator says about attempts of this tool.
    pub attempts: Option<&'a Attempts>,
    /// The longest one call may take; at most `limits::TOOL_TIMEOUT_MAX` counts.
    pub timeout: Duration,
}

/// What became of a definition.
#[derive(Debug)]
pub struct Discovered {
    /// The contract; none if the tool cannot be used.
    pub compiled: Option<Compiled>,
    /// What it does, and why that is believed.
    pub class: Class,
    /// What a person should know. One that holds back keeps the tool from being called, contract or not.
    pub findings: Vec<Finding>,
}

impl Discovered {
    /// Whether any finding holds the tool back.
    pub fn is_held_back(&self) -> bool {
        self.compiled.is_none()
            || self.findings.iter().any(|one| one.severity == Severity::HeldBack)
    }
}

/// Makes the contract of a definition. Never fails: what cannot be used is held back.
pub fn contract(definition: &Definition<'_>, given: &Given<'_>) -> Discovered {
    let digest = definition.digest();
    if let Some(too_large) = too_large(definition.raw) {
        let findings = vec![too_large.of(definition.server, Some(definition.name))];
        return Discovered {
            compiled: None,
            class: Class::unknown("the definition is too large to be read"),
            findings,
        };
    }
    let mut found = finding::in_definition(definition.raw);
    let inferred = classify::infer(definition.raw);
    found.extend(inferred.found);
    let settled = class::settle(definition, digest, given, inferred.class);
    found.extend(settled.found);
    let looked_at = settled.looked_at;
    let made = make(definition, digest, given, (&settled.class, settled.entry));
    let compiled = match made {
        Ok((compiled, more)) => {
            found.extend(more);
            Some(compiled)
        }
        Err(why) => {
            found.push(why);
            None
        }
    };
    if compiled.is_some() && looked_at {
        found.iter_mut().for_each(shown_if_judged);
    }
    let of = |one: Found| one.of(definition.server, Some(definition.name));
    Discovered { compiled, class: settled.class, findings: found.into_iter().map(of).collect() }
}

/// Who looked at exactly this definition has seen its texts: findings about them are shown and hold nothing back any more.
fn shown_if_judged(found: &mut Found) {
    if matches!(found.code, FindingCode::HiddenCharacters | FindingCode::AsksForSecrecy) {
        found.severity = Severity::Shown;
    }
}

fn too_large(raw: &Value) -> Option<Found> {
    let values = count(raw, limits::DEFINITION_VALUES_MAX + 1);
    if values > limits::DEFINITION_VALUES_MAX {
        let text = format!(
            "the definition has more than the allowed {} values",
            limits::DEFINITION_VALUES_MAX
        );
        return Some(Found::held_back(FindingCode::DefinitionTooLarge, "", text));
    }
    let bytes = canonical(raw).len();
    (bytes > limits::DEFINITION_BYTES_MAX).then(|| {
        let text = format!(
            "the definition has {bytes} bytes, at most {} are allowed",
            limits::DEFINITION_BYTES_MAX
        );
        Found::held_back(FindingCode::DefinitionTooLarge, "", text)
    })
}

/// Values in a value, up to a bound.
fn count(value: &Value, max: usize) -> usize {
    let mut left = vec![value];
    let mut counted = 0;
    while let Some(value) = left.pop() {
        counted += 1;
        if counted >= max {
            return counted;
        }
        match value {
            Value::Array(items) => left.extend(items),
            Value::Object(fields) => left.extend(fields.values()),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    counted
}

type Known<'a> = (&'a Class, Option<&'a PackTool>);

fn make(
    definition: &Definition<'_>,
    digest: Digest,
    given: &Given<'_>,
    (class, entry): Known<'_>,
) -> Result<(Compiled, Vec<Found>), Found> {
    let said = class::resource(given.classification, digest)
        .or(entry.and_then(|entry| entry.resource.as_deref()));
    let opened = entry.is_some_and(|entry| entry.open_arguments);
    let wanted = match class.effect_class.changes() && !opened {
        true => input::Unnamed::Refused,
        false => input::Unnamed::AsTheSchemaSays,
    };
    let (input, found) = input::schema(definition.raw, wanted)?;
    let output = output::schema(definition.raw)?;
    let kinds = kinds(&input, class, entry);
    let texts = words::texts(definition, class, entry);
    let contract = Contract {
        name: definition.name.clone(),
        version: 1,
        what: texts.what,
        when_to_use: texts.when_to_use,
        side_effects: texts.side_effects,
        input,
        output,
        output_rules: Vec::new(),
        errors: errors(class, entry),
        effect_class: class.effect_class,
        consequences: class.consequences.clone(),
        provenance: class.provenance,
        scope: scope(entry),
        kinds,
        bound: Vec::new(),
        resource: resource(definition, said),
        idempotency: entry.map_or(Idempotency::CallerKey, |entry| entry.idempotency.clone()),
        preview: PreviewMeans::None,
        undo: undo(definition, (class, entry)),
        outbox: None,
        verify: VerifyMeans::None,
        command: None,
        upstream: Some(UpstreamTool {
            server: definition.server.clone(),
            wire: definition.wire.to_owned(),
            part: UpstreamPart::Tool,
            definition: digest,
        }),
        attempts: given.attempts.cloned().unwrap_or_default(),
        timeout: timeout(given.timeout),
        rate: None,
        cost_max: Money::default(),
        maturity: entry.map_or(Maturity::Beta, |entry| entry.maturity),
        output_labels: labels(entry),
        output_bytes_max: limits::OUTPUT_BYTES_MAX,
        safeguards: domain::Safeguards::default(),
        digest: Digest::default(),
    };
    finished(contract).map(|compiled| (compiled, found))
}

/// A contract with its digest, judged by the rules that contract files are judged by, and compiled.
fn finished(contract: Contract) -> Result<Compiled, Found> {
    if let Some(nonsense) = load::nonsense(&contract) {
        return Err(Found::held_back(FindingCode::PackUnusable, "", nonsense));
    }
    let digest = contract_digest(&contract);
    Compiled::new(Contract { digest, ..contract })
        .map_err(|error| Found::held_back(FindingCode::SchemaUnusable, "", error.to_string()))
}

/// As the pack has it: the call that counters it is one of the same server.
fn undo(definition: &Definition<'_>, (class, entry): Known<'_>) -> UndoMeans {
    // Whoever says that it cannot be taken back knows of something that the pack does not.
    let fits = matches!(class.effect_class, EffectClass::Compensable | EffectClass::Delayed);
    let inverse = entry.and_then(|entry| entry.undo.as_ref()).filter(|_| fits);
    let Some(inverse) = inverse else { return UndoMeans::None };
    let Ok(tool) = format!("{}.{}", definition.server, inverse.tool).parse() else {
        return UndoMeans::None;
    };
    UndoMeans::Call(Box::new(InverseMeans {
        tool,
        arguments: inverse.arguments.clone(),
        window: inverse.window,
        partial: inverse.partial,
    }))
}

fn timeout(given: Duration) -> Duration {
    given.clamp(Duration::from_millis(1), limits::TOOL_TIMEOUT_MAX)
}

/// Without a pack nobody knows the servers' resources; the server's own configuration bounds what it reaches.
fn scope(entry: Option<&PackTool>) -> Vec<Scope> {
    let said = entry.map(|entry| entry.scope.clone()).filter(|scope| !scope.is_empty());
    said.unwrap_or_else(|| everything().into_iter().collect())
}

/// The scope of everything. INVARIANT (scopes): `**` alone is one.
fn everything() -> Option<Scope> {
    "**".parse().ok()
}

fn resource(definition: &Definition<'_>, said: Option<&str>) -> String {
    let place =
        |template: &str| template.replace("mcp:{server}", &format!("mcp:{}", definition.server));
    said.map_or_else(|| plain_resource(definition.server, definition.name), place)
}

fn plain_resource(server: &Name, tool: &ToolName) -> String {
    let below = format!("{server}.");
    let tool = tool.as_str().strip_prefix(&below).unwrap_or(tool.as_str());
    format!("mcp:{server}/{tool}")
}

fn labels(entry: Option<&PackTool>) -> domain::Labels {
    let mut labels = domain::Labels::from([Label::Untrusted]);
    labels.extend(entry.into_iter().flat_map(|entry| entry.output_labels.iter().copied()));
    labels
}

/// The pack's kinds, and arguments that are secrets by their name: masking them can only add caution.
fn kinds(input: &Value, class: &Class, entry: Option<&PackTool>) -> BTreeMap<String, ArgumentKind> {
    let mut kinds: BTreeMap<String, ArgumentKind> = class
        .secrets
        .iter()
        .filter(|name| {
            let schema = input.pointer(&crate::pointer::join("/properties", name));
            schema.and_then(|schema| schema.get("type")?.as_str()) == Some("string")
        })
        .map(|name| (crate::pointer::join("", name), ArgumentKind::Secret))
        .collect();
    kinds.extend(entry.into_iter().flat_map(|entry| entry.kinds.clone()));
    kinds
}

/// What the server's own error says of the act. Only of a tool that a person or a pack calls pure it is known that nothing
/// happened: a name that a server chose must not decide that.
fn errors(class: &Class, entry: Option<&PackTool>) -> Vec<ErrorCase> {
    let said = entry.map(|entry| entry.errors.clone()).unwrap_or_default();
    if said.iter().any(|case| case.code == TOOL_ERROR) {
        return said;
    }
    let pure = !class.effect_class.changes() && class.provenance == Provenance::Confirmed;
    let executed = if pure { Executed::No } else { Executed::Unknown };
    let meaning = "the server says that the tool failed".to_owned();
    let own = ErrorCase { code: TOOL_ERROR.to_owned(), meaning, executed };
    std::iter::once(own).chain(said).collect()
}
