//! Tools as they travel: contracts, pins, findings and classes as texts.
//!
//! In: contracts and what the catalogue knows of servers' tools. Out: wire types. Agents are told the contract and nothing of what
//! people think of a tool.

use contract::definition_diff::DiffLine;
use contract::{Class, Compiled, Finding, Severity};
use domain::{Classified, Consequences, Contract, UpstreamPart};
use serde_json::Value;

use crate::app::App;
use crate::catalogue::{Built, Described};
use crate::wire;

/// A contract in short.
pub(super) fn short(contract: &Contract) -> wire::Tool {
    wire::Tool {
        tool: contract.name.to_string(),
        version: contract.version,
        what: contract.what.clone(),
        effect_class: contract.effect_class.word().to_owned(),
        consequences: words(&contract.consequences),
        provenance: contract.provenance.word().to_owned(),
        digest: contract.digest.to_string(),
        server: contract.upstream.as_ref().map(|upstream| upstream.server.to_string()),
        wire: None,
        standing: None,
        offered: None,
        findings: Vec::new(),
    }
}

/// A tool that an agent could call.
pub(super) fn for_agents(compiled: &Compiled, built: &Built) -> wire::Tool {
    let described = built.tools.get(compiled.name());
    let tool = short(&compiled.contract);
    wire::Tool { standing: described.map(|one| one.standing().word().to_owned()), ..tool }
}

/// A tool of a server, for operators.
pub(super) fn of_server(app: &App, described: &Described) -> wire::Tool {
    let pin = &described.pin;
    let tool = described.compiled().map(|compiled| short(&compiled.contract));
    let tool = tool.unwrap_or_else(|| without_contract(described));
    let findings = described.findings().map(finding).collect();
    wire::Tool {
        server: Some(pin.server.to_string()),
        wire: wire_name(described),
        standing: Some(described.standing().word().to_owned()),
        offered: app.tools.has_seen(&pin.server).then_some(described.offered.is_some()),
        findings,
        ..tool
    }
}

fn without_contract(described: &Described) -> wire::Tool {
    let class = described.made.as_ref().map(|made| class(&made.class));
    wire::Tool {
        tool: described.pin.tool.to_string(),
        version: 0,
        what: String::new(),
        effect_class: class
            .as_ref()
            .map_or("unknown", |class| class.effect_class.as_str())
            .to_owned(),
        consequences: class.as_ref().map(|class| class.consequences.clone()).unwrap_or_default(),
        provenance: class.map_or_else(|| "inferred".to_owned(), |class| class.provenance),
        digest: String::new(),
        server: None,
        wire: None,
        standing: None,
        offered: None,
        findings: Vec::new(),
    }
}

fn wire_name(described: &Described) -> Option<String> {
    let name = described.raw.as_ref()?.get("name")?.as_str()?;
    Some(contract::visible::line(name).into_owned())
}

/// A contract whole.
pub(super) fn details(contract: &Contract) -> wire::ToolDetails {
    wire::ToolDetails {
        tool: short(contract),
        when_to_use: contract.when_to_use.clone(),
        side_effects: contract.side_effects.clone(),
        input: contract.input.clone(),
        output: contract.output.clone(),
        text: contract::render(contract),
        upstream: None,
    }
}

/// A contract whole, for an agent.
pub(super) fn details_for_agents(compiled: &Compiled, built: &Built) -> wire::ToolDetails {
    let details = details(&compiled.contract);
    let Some(described) = built.tools.get(compiled.name()) else { return details };
    // What people found and said is theirs.
    let upstream = wire::UpstreamTool {
        by: None,
        reason: None,
        class_reasons: Vec::new(),
        sensitive: Vec::new(),
        classified: None,
        raw: None,
        ..upstream(described)
    };
    let upstream = is_tool(&compiled.contract).then_some(upstream);
    // A model reads what a person sees.
    let clean = |schema: Value| contract::outside::clean(schema).0;
    let (input, output) = (clean(details.input), clean(details.output));
    wire::ToolDetails { tool: for_agents(compiled, built), upstream, input, output, ..details }
}

fn is_tool(contract: &Contract) -> bool {
    contract.upstream.as_ref().is_some_and(|upstream| upstream.part == UpstreamPart::Tool)
}

/// A tool of a server whole, for operators.
pub(super) fn details_of_server(app: &App, described: &Described) -> wire::ToolDetails {
    let details = described.compiled().map(|compiled| details(&compiled.contract));
    let details = details.unwrap_or_else(|| wire::ToolDetails {
        tool: without_contract(described),
        when_to_use: String::new(),
        side_effects: String::new(),
        input: Value::Object(serde_json::Map::new()),
        output: Value::Object(serde_json::Map::new()),
        text: String::new(),
        upstream: None,
    });
    let tool = of_server(app, described);
    wire::ToolDetails { tool, upstream: Some(upstream(described)), ..details }
}

fn upstream(described: &Described) -> wire::UpstreamTool {
    let pin = &described.pin;
    let class = described.made.as_ref().map(|made| &made.class);
    let held_back = described
        .held
        .as_ref()
        .map(|held| wire::HeldBack { message: held.message.clone(), fix: held.fix.clone() });
    wire::UpstreamTool {
        server: pin.server.to_string(),
        wire: wire_name(described).unwrap_or_default(),
        definition: pin.definition.to_string(),
        seen: pin.seen.map(|seen| seen.to_string()),
        by: pin.by.as_ref().map(ToString::to_string),
        at_ms: pin.at.millis(),
        reason: pin.reason.clone(),
        class_reasons: class.map(|class| class.reasons.clone()).unwrap_or_default(),
        sensitive: class.map(|class| class.sensitive.clone()).unwrap_or_default(),
        classified: pin.classified.as_ref().map(classified),
        held_back: held_back.or_else(|| drifted(described)),
        raw: described.raw.as_deref().cloned(),
    }
}

/// What the gate says of a tool whose pin does not accept what is offered.
fn drifted(described: &Described) -> Option<wire::HeldBack> {
    use crate::catalogue::Standing as S;
    let tool = &described.pin.tool;
    let why = match described.standing() {
        S::Drifted => "its server describes it in another way than was accepted",
        S::Refused => "a person refused it as it is offered",
        S::Pinned | S::HeldBack => return None,
    };
    Some(wire::HeldBack {
        message: format!("`{tool}` is held back: {why}"),
        fix: format!("look at `checkrein tools diff {tool}`, then accept or refuse it"),
    })
}

fn classified(said: &Classified) -> wire::Classified {
    wire::Classified {
        effect_class: said.classification.effect_class.word().to_owned(),
        consequences: words(&said.classification.consequences),
        resource: said.classification.resource.clone(),
        definition: said.definition.to_string(),
        by: said.by.to_string(),
        at_ms: said.at.millis(),
        reason: said.reason.clone(),
    }
}

pub(crate) fn finding(finding: &Finding) -> wire::Finding {
    let severity = match finding.severity {
        Severity::Shown => "shown",
        Severity::HeldBack => "held_back",
    };
    wire::Finding {
        code: finding.code.word().to_owned(),
        severity: severity.to_owned(),
        pointer: finding.pointer.clone(),
        text: finding.text.clone(),
    }
}

pub(super) fn class(class: &Class) -> wire::ClassView {
    wire::ClassView {
        effect_class: class.effect_class.word().to_owned(),
        consequences: words(&class.consequences),
        provenance: class.provenance.word().to_owned(),
        reasons: class.reasons.clone(),
    }
}

pub(super) fn line(line: DiffLine) -> wire::DiffLine {
    let text = line.to_string();
    let DiffLine { pointer, before, after, words } = line;
    wire::DiffLine { pointer, before, after, words, text }
}

fn words(consequences: &Consequences) -> Vec<String> {
    consequences.iter().map(|one| one.word().to_owned()).collect()
}
