//! An upstream server as the gate meets it: tools whose definitions change, that ask for input, and that err. It keeps
//! every invocation that reached it, so that tests can look at them.

use std::sync::Mutex;

use checkrein_sim::rules::{self, Version};
use contract::{Catalogue, Compiled, ContractFile, Origin, contract_digest, digest};
use domain::{
    Answer, Digest, Executed, Input, Money, Name, Plan, Proposal, ToolName, UpstreamPart,
    UpstreamTool,
};
use gate::{
    Act, Invocation, Later, Permit, Preview, Read, Recovered, Reply, Rules, Tool, ToolError,
    ToolErrorKind, Unfinished,
};
use policy::{PolicySet, Source};
use serde_json::{Value, json};

use crate::installation::{Installation, TestGate};

/// What the server does with a call.
#[derive(Debug, Clone, Default)]
pub(crate) enum Does {
    /// What it is asked.
    #[default]
    Works,
    /// Asks, until it is told.
    Asks(Value),
    /// Says that something went wrong.
    Errs(Executed),
    /// Asks although nobody lets it.
    AsksUnasked,
    /// Works, and has this to say.
    Warns(Vec<String>),
    /// Works, and costs more than it may.
    Costs,
    /// Works, and answers something else than its contract says.
    Babbles,
}

/// The server `up`.
#[derive(Debug, Default)]
pub(crate) struct Server {
    pub(crate) does: Mutex<Does>,
    /// The definition that it has by now, if it is another one than was listed.
    pub(crate) redefined: Mutex<Option<Digest>>,
    pub(crate) reached: Mutex<Vec<Invocation>>,
}

pub(crate) const PUSH: &str = "up.push";
pub(crate) const LOOK: &str = "up.look";
pub(crate) const ASKED: &str = "up.asked";

/// What the server asks.
pub(crate) fn questions() -> Value {
    json!({"resultType": "input_required", "inputRequests": {"sure": {"method": "elicitation/create"}}})
}

/// What a caller answers.
pub(crate) fn answers(word: &str) -> Value {
    json!({"inputResponses": {"sure": {"action": "accept", "content": {"word": word}}}})
}

/// The definition of a tool, by what it says.
pub(crate) fn defined(tool: &str, text: &str) -> Digest {
    digest(format!("{tool} {text}").as_bytes())
}

impl Server {
    fn answers(&self, invocation: &Invocation) -> Result<Reply, ToolError> {
        self.reached.lock().unwrap().push(invocation.clone());
        let listed = invocation.upstream.as_ref().map(|upstream| upstream.definition);
        if self.redefined.lock().unwrap().is_some_and(|now| Some(now) != listed) {
            return Err(said(ToolErrorKind::Stale, "the server describes it in another way now"));
        }
        let works = |warnings| Reply {
            output: json!({"ok": true}),
            effects: Vec::new(),
            cost: Money::ZERO,
            read_bytes: 0,
            warnings,
        };
        match self.does.lock().unwrap().clone() {
            Does::Works => Ok(works(Vec::new())),
            Does::Warns(warnings) => Ok(works(warnings)),
            Does::Babbles => Ok(Reply { output: json!("done"), ..works(Vec::new()) }),
            Does::Costs => Ok(Reply { cost: Money::from_micros(5_000_000), ..works(Vec::new()) }),
            Does::Asks(_) if invocation.input.is_some() => Ok(works(Vec::new())),
            Does::Asks(what) => Err(ToolError {
                asks: Some(what),
                ..said(ToolErrorKind::InputRequired, "the tool asks for input")
            }),
            Does::AsksUnasked => {
                Err(said(ToolErrorKind::Unconfirmed, "it asks, and nobody lets it"))
            }
            Does::Errs(executed) => Err(ToolError {
                executed,
                own_code: Some("tool_error".to_owned()),
                asks: Some(
                    json!({"isError": true, "content": [{"type": "text", "text": "no disk"}]}),
                ),
                ..said(ToolErrorKind::Failed, "no disk")
            }),
        }
    }
}

fn said(kind: ToolErrorKind, message: &str) -> ToolError {
    ToolError {
        kind,
        executed: Executed::No,
        message: message.to_owned(),
        own_code: None,
        effects: Vec::new(),
        asks: None,
    }
}

impl Tool for Server {
    fn preview(&self, _: Permit<Preview>) -> Later<'_, Result<Plan, ToolError>> {
        Box::pin(async { Err(said(ToolErrorKind::NoPreview, "there is none")) })
    }

    fn read(&self, permit: Permit<Read>) -> Later<'_, Result<Reply, ToolError>> {
        Box::pin(async move { self.answers(permit.invocation()) })
    }

    fn act(&self, permit: Permit<Act>) -> Later<'_, Result<Reply, ToolError>> {
        Box::pin(async move { self.answers(permit.invocation()) })
    }

    fn recover(&self, _: Unfinished) -> Later<'_, Recovered> {
        Box::pin(async { Recovered::Unknown { reason: "nobody can tell".to_owned() } })
    }
}

const TOOLS: &str = r#"
[[tool]]
name = "up.push"
version = 1
effect_class = "unknown"
scope = ["repository:*"]
resource = "repository:{name}"
timeout_ms = 5_000
cost_max = "0.01"
maturity = "stable"
output_bytes_max = 400
errors = [{ code = "declared_no", meaning = "nothing happened", executed = "no" }]
input = '{"type": "object", "properties": {"name": {"type": "string", "maxLength": 20}}, "required": ["name"], "additionalProperties": false}'
output = '{"type": "object"}'
description = { what = "pushes", when_to_use = "to publish", side_effects = "others see it" }

[[tool]]
name = "up.look"
version = 1
effect_class = "pure"
provenance = "confirmed"
scope = ["repository:*"]
resource = "repository:{name}"
timeout_ms = 5_000
rate = { calls = 6, per_ms = 60_000 }
cost_max = "0"
maturity = "stable"
output_bytes_max = 400
input = '{"type": "object", "properties": {"name": {"type": "string", "maxLength": 20}}, "required": ["name"], "additionalProperties": false}'
output = '{"type": "object"}'
description = { what = "looks", when_to_use = "to know", side_effects = "none" }

[[tool]]
name = "up.asked"
version = 1
effect_class = "irreversible"
scope = ["repository:*"]
resource = "repository:{name}"
timeout_ms = 5_000
cost_max = "0"
maturity = "stable"
output_bytes_max = 400
input = '{"type": "object", "properties": {"name": {"type": "string", "maxLength": 20}}, "required": ["name"], "additionalProperties": false}'
output = '{"type": "object"}'
description = { what = "publishes", when_to_use = "when people agree", side_effects = "others see it" }
"#;

const POLICY: &str = r#"
@id("never")
forbid (principal, action == Action::"up.push", resource == Resource::"repository:forbidden");

@id("tell-push")
@notify("group:operators")
@reason("somebody wants to know")
forbid (principal, action == Action::"up.push", resource == Resource::"repository:watched");

@id("ask-publish")
@hold("group:operators")
@reason("people look before it is published")
forbid (principal, action == Action::"up.asked", resource)
unless { context.approvals.contains("ask-publish") };
"#;

/// The simulation's rules with the tools of the server, as these definitions have them.
pub(crate) fn rules(text: &str) -> Rules {
    let Rules { catalogue, policies, held_back } = rules::copy(Version::First).unwrap();
    let file = ContractFile { name: "up.toml", text: TOOLS, origin: Origin::BuiltIn };
    let own = contract::load::all(&[file]).unwrap();
    let own = own.iter().map(|compiled| {
        let mut contract = compiled.contract.clone();
        contract.upstream = Some(UpstreamTool {
            server: server(),
            wire: contract.name.as_str().replace("up.", ""),
            part: UpstreamPart::Tool,
            definition: defined(contract.name.as_str(), text),
        });
        contract.digest = contract_digest(&contract);
        Compiled::new(contract).unwrap()
    });
    let known = catalogue.iter().map(|compiled| Compiled::new(compiled.contract.clone()).unwrap());
    let catalogue = Catalogue::new(known.chain(own)).unwrap();
    let mut sources = policies.sources().to_vec();
    sources.push(Source { file: "up.cedar".to_owned(), text: POLICY.to_owned() });
    let compiled = catalogue.iter().map(|compiled| &**compiled);
    let policies = PolicySet::load_compiled(&sources, compiled).unwrap();
    Rules { catalogue, policies: policies.into(), held_back }
}

pub(crate) fn server() -> Name {
    "up".parse().unwrap()
}

pub(crate) fn name(tool: &str) -> ToolName {
    tool.parse().unwrap()
}

/// What the server offers, by what its definitions say.
pub(crate) fn offer(text: &str) -> Vec<gate::Offered> {
    [ASKED, LOOK, PUSH].map(|tool| (name(tool), defined(tool, text))).to_vec()
}

/// A proposal to one of its tools.
pub(crate) fn of(tool: &str, repository: &str) -> Proposal {
    Proposal::bare(tool.to_owned(), json!({"name": repository}))
}

pub(crate) fn with_key(proposal: Proposal, key: &str) -> Proposal {
    Proposal { key: Some(key.to_owned()), ..proposal }
}

/// Answers questions, of this call if it is known which one asked.
pub(crate) fn answering(proposal: Proposal, word: &str, asked: &Answer) -> Proposal {
    Proposal { input: Some(Input { given: answers(word), answers: asked.call }), ..proposal }
}

/// Answers questions that nobody asked.
pub(crate) fn volunteering(proposal: Proposal, word: &str) -> Proposal {
    Proposal { input: Some(Input { given: answers(word), answers: None }), ..proposal }
}

impl Installation<Server> {
    /// An installation whose server offers its tools as pinned.
    pub(crate) fn connected() -> (Self, TestGate) {
        let (this, gate) = Self::begin();
        this.connect(&gate);
        (this, gate)
    }

    pub(crate) fn connect(&self, gate: &TestGate) {
        self.finish(gate.sighted(&server(), &offer("as listed"))).unwrap();
        self.finish(gate.set_rules(rules("as listed"))).unwrap();
    }

    pub(crate) fn ask(&self, gate: &TestGate, proposal: Proposal) -> Answer {
        let answer = self.finish(gate.handle(&self.agent, proposal));
        answer.call.into_iter().for_each(|call| gate.delivered(call));
        answer
    }

    /// Asks without its answer ever being confirmed as delivered.
    pub(crate) fn ask_unheard(&self, gate: &TestGate, proposal: Proposal) -> Answer {
        self.finish(gate.handle(&self.agent, proposal))
    }

    pub(crate) fn does(&self, what: Does) {
        *self.tool.does.lock().unwrap() = what;
    }

    pub(crate) fn reached(&self) -> usize {
        self.tool.reached.lock().unwrap().len()
    }

    /// Events of one kind in the journal, in order.
    pub(crate) fn events(&self, matching: impl Fn(&domain::Event) -> bool) -> Vec<domain::Event> {
        let store = self.store.lock().unwrap();
        let events = store.entries().iter().map(|(entry, _)| entry.event.clone());
        events.filter(|event| matching(event)).collect()
    }
}
