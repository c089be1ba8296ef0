//! Contracts, findings and what is held back, from pins and definitions. Decides nothing that the pins do not say.
//!
//! In: what operators configured, the pins, kept definitions, what servers offer now. Out: [`Built`]: every tool of every
//! server with its contract. A tool whose definition, class and word of the operator are as before keeps its contract, so
//! that a change of one tool costs one compilation. Tests: `tests/it/catalogue.rs`.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use ::mcp::headers::Mirrors;
use contract::discovered::{self, Definition, Given};
use contract::visible::{Breaks, already};
use contract::{Catalogue, Compiled, Finding, FindingCode, Severity};
use domain::{Code, Digest, Name, Pin, PinState, ToolName, UpstreamPart};
use gate::HeldBack;
use serde_json::Value;

use super::Sight;
use super::kept::Kept;
use crate::config::{McpServer, Part};

/// What contracts are made from.
pub(super) struct From<'a> {
    pub(super) servers: &'a [McpServer],
    pub(super) pins: &'a [Pin],
    pub(super) kept: &'a Kept,
    pub(super) offered: &'a BTreeMap<Name, Arc<Sight>>,
    pub(super) before: &'a Built,
}

/// Every tool of every server, as far as it is known.
#[derive(Debug, Default)]
pub(crate) struct Built {
    pub(crate) tools: BTreeMap<ToolName, Described>,
    /// Contracts of what servers can offer beside tools, and why some may not be called.
    parts: Vec<(Arc<Compiled>, Option<HeldBack>)>,
    crossing: Arc<Crossing>,
}

/// What only all tools together show, which costs as much as there are tools: found anew where a definition changed.
#[derive(Debug, Default)]
struct Crossing {
    of: BTreeMap<ToolName, Digest>,
    found: BTreeMap<ToolName, Vec<Finding>>,
}

/// What is known of one tool.
#[derive(Debug, Clone)]
pub(crate) struct Described {
    /// How it stands.
    pub(crate) pin: Pin,
    /// The accepted definition; none if it is no longer kept.
    pub(crate) raw: Option<Arc<Value>>,
    /// What it is made into; none if it cannot be used.
    pub(crate) made: Option<Arc<Made>>,
    /// What was found of it beside other tools.
    pub(crate) across: Vec<Finding>,
    /// What its server offers under this name, as far as was seen in this life of the process.
    pub(crate) offered: Option<Digest>,
    /// Why it may not be called although it is pinned.
    pub(crate) held: Option<HeldBack>,
}

/// How a tool of a server stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// It can be called as far as this is about definitions.
    Pinned,
    /// Another definition is offered than was accepted.
    Drifted,
    /// A person refused what is offered.
    Refused,
    /// Something else keeps it back.
    HeldBack,
}

impl Standing {
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Pinned => "pinned",
            Self::Drifted => "drifted",
            Self::Refused => "refused",
            Self::HeldBack => "held_back",
        }
    }
}

/// A definition made into a contract.
#[derive(Debug)]
pub(crate) struct Made {
    pub(crate) compiled: Option<Arc<Compiled>>,
    pub(crate) class: contract::Class,
    pub(crate) findings: Vec<Finding>,
    basis: Basis,
}

/// What a contract depends on beside the program.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Basis {
    definition: Digest,
    classified: Option<domain::Classified>,
    timeout: Duration,
}

pub(super) fn build(from: &From<'_>) -> Built {
    let mut pins: HashMap<&Name, Vec<&Pin>> = HashMap::new();
    for pin in from.pins {
        pins.entry(&pin.server).or_default().push(pin);
    }
    let mut tools = BTreeMap::new();
    for server in from.servers {
        let pins = pins.remove(&server.name).unwrap_or_default();
        tools.extend(pins.into_iter().map(|pin| (pin.tool.clone(), described(from, server, pin))));
    }
    let crossing = Crossing::of(&tools, &from.before.crossing);
    let parts = from.servers.iter().flat_map(parts).collect();
    let mut built = Built { tools, parts, crossing: Arc::clone(&crossing) };
    for (name, described) in &mut built.tools {
        described.across.extend(crossing.found.get(name).into_iter().flatten().cloned());
        described.held = described.held.take().or_else(|| described.not_usable());
    }
    built
}

fn described(from: &From<'_>, server: &McpServer, pin: &Pin) -> Described {
    let raw = from.kept.of(pin.definition);
    let before = from.before.tools.get(&pin.tool).and_then(|known| known.made.as_ref());
    let made = raw.as_ref().map(|raw| {
        let same = before.filter(|known| known.basis == Basis::of(server, pin));
        same.map_or_else(|| Arc::new(self::made(server, pin, raw)), Arc::clone)
    });
    let sight = from.offered.get(&server.name);
    let offered = sight.and_then(|sight| sight.tools.get(&pin.tool)).copied();
    let meets = sight.is_some_and(|sight| sight.meeting.contains(&pin.tool));
    let across = meets.then(|| meeting(pin)).into_iter().collect();
    let trouble = sight.and_then(|sight| sight.trouble.as_deref());
    let held = trouble.map(|why| HeldBack {
        code: Code::ToolDrifted,
        message: format!(
            "`{}` is held back: nobody knows how the tools of `{}` stand: {why}",
            pin.tool, server.name
        ),
        fix: format!("ask an operator to look at `checkrein servers show {}`", server.name),
    });
    Described { pin: pin.clone(), raw, made, across, offered, held }
}

impl Basis {
    fn of(server: &McpServer, pin: &Pin) -> Self {
        let (definition, classified) = (pin.definition, pin.classified.clone());
        Self { definition, classified, timeout: server.timeout }
    }
}

/// What a pin's definition is made into.
pub(super) fn made(server: &McpServer, pin: &Pin, raw: &Value) -> Made {
    let definition = Definition { server: &server.name, name: &pin.tool, wire: wire(raw), raw };
    let said = pin.classified.as_ref().map(|said| discovered::Classification {
        effect_class: said.classification.effect_class,
        consequences: said.classification.consequences.clone(),
        resource: said.classification.resource.clone(),
        definition: Some(said.definition),
    });
    let pack = server.pack.as_deref().and_then(contract::packs::named);
    let attempts = server.attempts.get(wire(raw));
    let classification = said.as_ref();
    let given = Given { pack, classification, attempts, timeout: server.timeout };
    let found = discovered::contract(&definition, &given);
    let mut findings = found.findings;
    findings.extend(unmirrored(pin, raw));
    // INVARIANT (names of parts): what is named like a server's part has no contract, so that it cannot take its place.
    let ours = discovered::is_part_name(&server.name, &pin.tool);
    let compiled = found.compiled.filter(|_| !ours).map(Arc::new);
    Made { compiled, class: found.class, findings, basis: Basis::of(server, pin) }
}

/// Clients must leave out a tool whose arguments cannot travel as its annotations say, so nobody is shown one.
fn unmirrored(pin: &Pin, raw: &Value) -> Option<Finding> {
    let bad = Mirrors::of(raw.get("inputSchema").unwrap_or(&Value::Null)).err()?;
    let text = already(&bad.to_string(), Breaks::Shown).into_owned();
    Some(held_back(pin, (FindingCode::SchemaUnusable, "/inputSchema", text)))
}

/// The name that the server knows a tool by.
pub(super) fn wire(raw: &Value) -> &str {
    raw.get("name").and_then(Value::as_str).unwrap_or_default()
}

/// Contracts of what a server can offer beside tools. What its operator does not let it offer is known and held back, so that
/// whoever asks for it is told why.
fn parts(server: &McpServer) -> Vec<(Arc<Compiled>, Option<HeldBack>)> {
    let lets = |part| server.offers.contains(&part);
    let each = [
        (UpstreamPart::Resource, lets(Part::Resources), "resources"),
        (UpstreamPart::Prompt, lets(Part::Prompts), "prompts"),
        (
            UpstreamPart::Completion,
            lets(Part::Resources) || lets(Part::Prompts),
            "resources or prompts",
        ),
    ];
    let made = |(part, confirmed, what): (UpstreamPart, bool, &str)| {
        let compiled = discovered::part(&server.name, part, server.timeout)?;
        let held = (!confirmed).then(|| HeldBack {
            code: Code::ServerUnconfirmed,
            message: format!("nobody let the server `{}` offer {what}", server.name),
            fix: format!("ask an operator to name {what} in `offers` of this server"),
        });
        Some((Arc::new(compiled), held))
    };
    each.into_iter().filter_map(made).collect()
}

impl Built {
    /// All contracts: the installation's own, and those of servers' tools. A name of our own stays ours.
    pub(super) fn catalogue(&self, own: &Catalogue) -> Catalogue {
        let of_servers = self.tools.values().filter_map(Described::compiled);
        let of_servers = self.parts.iter().map(|(part, _)| part).chain(of_servers);
        let free = of_servers.filter(|compiled| own.get(compiled.name()).is_none());
        let all = own.iter().chain(free).cloned();
        // INVARIANT (names of tools): each begins with its server's name, which no other server has, so no name is there twice.
        Catalogue::of(all).unwrap_or_else(|_| own.clone())
    }

    /// Tools that may not be called, and what is said of them. The gate itself holds back what its pin does not accept.
    pub(super) fn held_back(&self) -> BTreeMap<ToolName, HeldBack> {
        let held =
            self.tools.iter().filter_map(|(name, one)| Some((name.clone(), one.held.clone()?)));
        let parts = self.parts.iter();
        let parts = parts.filter_map(|(part, held)| Some((part.name().clone(), held.clone()?)));
        held.chain(parts).collect()
    }

    /// Holds back what the policies do not fit.
    pub(super) fn hold_back(&mut self, unfit: &BTreeMap<ToolName, String>) {
        for (name, why) in unfit {
            let Some(described) = self.tools.get_mut(name) else { continue };
            let held = HeldBack {
                code: Code::ToolDrifted,
                message: format!("`{name}` is held back: the policies do not fit it: {why}"),
                fix: "ask an operator to correct the policy, or to classify or refuse the tool"
                    .to_owned(),
            };
            described.held.get_or_insert(held);
        }
    }
}

impl Crossing {
    fn of(tools: &BTreeMap<ToolName, Described>, before: &Arc<Self>) -> Arc<Self> {
        let known = |(name, one): (&ToolName, &Described)| {
            one.raw.is_some().then(|| (name.clone(), one.pin.definition))
        };
        let of: BTreeMap<ToolName, Digest> = tools.iter().filter_map(known).collect();
        if of == before.of {
            return Arc::clone(before);
        }
        let mut definitions = Vec::with_capacity(of.len());
        for (name, one) in tools {
            let Some(raw) = one.raw.as_deref() else { continue };
            definitions.push(Definition { server: &one.pin.server, name, wire: wire(raw), raw });
        }
        let mut found: BTreeMap<ToolName, Vec<Finding>> = BTreeMap::new();
        for finding in contract::finding::across(&definitions) {
            if let Some(tool) = finding.tool.clone() {
                found.entry(tool).or_default().push(finding);
            }
        }
        Arc::new(Self { of, found })
    }
}

impl Described {
    /// Its contract.
    pub(crate) fn compiled(&self) -> Option<&Arc<Compiled>> {
        self.made.as_ref().and_then(|made| made.compiled.as_ref())
    }

    /// Everything that was found of it.
    pub(crate) fn findings(&self) -> impl Iterator<Item = &Finding> {
        let own = self.made.iter().flat_map(|made| &made.findings);
        own.chain(&self.across)
    }

    /// Whether its server offers it now, as it was accepted.
    pub(crate) fn is_offered(&self) -> bool {
        self.pin.state == PinState::Pinned && self.offered == Some(self.pin.definition)
    }

    /// How it stands.
    pub(crate) fn standing(&self) -> Standing {
        match self.pin.state {
            PinState::Drifted => Standing::Drifted,
            PinState::Refused => Standing::Refused,
            PinState::Pinned if self.held.is_some() => Standing::HeldBack,
            PinState::Pinned => Standing::Pinned,
        }
    }

    /// Why it cannot be used, as far as it can be seen of itself and beside others.
    fn not_usable(&self) -> Option<HeldBack> {
        let name = &self.pin.tool;
        let look = format!("ask an operator to look at `checkrein tools show {name}`");
        let held = |why: &str, fix| HeldBack {
            code: Code::ToolDrifted,
            message: format!("`{name}` is held back: {why}"),
            fix,
        };
        if self.raw.is_none() {
            let why = "its accepted definition is not at hand until its server offers it again";
            return Some(held(why, look));
        }
        let finding = self.findings().find(|one| one.severity == Severity::HeldBack);
        match finding {
            Some(finding) => Some(held(&finding.text, look)),
            None if self.compiled().is_none() => Some(held("no contract can be made of it", look)),
            None => None,
        }
    }
}

/// A name that more than one tool of the server would have here.
fn meeting(pin: &Pin) -> Finding {
    let text = "another tool of the server would have the same name here".to_owned();
    held_back(pin, (FindingCode::CollidingName, "/name", text))
}

fn held_back(pin: &Pin, (code, pointer, text): (FindingCode, &str, String)) -> Finding {
    Finding {
        code,
        severity: Severity::HeldBack,
        server: pin.server.clone(),
        tool: Some(pin.tool.clone()),
        pointer: pointer.to_owned(),
        text,
    }
}
