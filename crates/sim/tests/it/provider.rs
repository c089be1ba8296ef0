//! A provider as the gate meets it: busy, away, and losing answers as a test says; it keeps what was really made, and under
//! which key. With tools whose contracts try again, look, and stand in.

use std::collections::VecDeque;
use std::pin::pin;
use std::sync::Mutex;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use checkrein_sim::rules::{self, Version};
use contract::{Catalogue, Compiled, ContractFile, Origin, contract_digest};
use domain::{Answer, CallId, Executed, KeyPlace, Money, Name, Plan, Proposal, ProviderKey, RunId};
use gate::{
    Act, Later, Permit, Preview, Read, Recovered, Reply, Rules, RunAsk, Table, Tool, ToolError,
    ToolErrorKind, Unfinished,
};
use policy::PolicySet;
use serde_json::{Value, json};

use crate::installation::{Installation, TestGate};

/// What the provider does with one attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Does {
    /// Makes it.
    Makes,
    /// Nothing, and says so.
    Busy,
    /// Nothing; it cannot be reached.
    Away,
    /// Nothing, for good.
    Refuses,
    /// Makes it, and its answer is lost.
    LosesAnswer,
    /// Nothing, and nobody knows.
    LosesRequest,
}

/// One attempt that reached it: for which call, with which key.
pub(crate) type Reached = (CallId, Option<String>);

#[derive(Debug, Default)]
pub(crate) struct Provider {
    pub(crate) does: Mutex<VecDeque<Does>>,
    pub(crate) reached: Mutex<Vec<Reached>>,
    /// What was really made: titles, with the key of the attempt that made it.
    pub(crate) made: Mutex<Vec<(String, Option<String>)>>,
    /// What the tool of the probe was asked.
    pub(crate) looked: Mutex<Vec<Value>>,
}

impl Provider {
    fn makes(&self, title: &str, key: Option<String>) {
        let mut made = self.made.lock().unwrap();
        let known = key.is_some() && made.iter().any(|(_, other)| *other == key);
        if !known {
            made.push((title.to_owned(), key));
        }
    }

    fn acts(&self, permit: &Permit<Act>) -> Result<Reply, ToolError> {
        let invocation = permit.invocation();
        let key = invocation.key.as_ref().map(|passed| passed.key.clone());
        self.reached.lock().unwrap().push((invocation.call, key.clone()));
        let title = invocation.arguments.get("title").and_then(Value::as_str).unwrap().to_owned();
        let does = self.does.lock().unwrap().pop_front().unwrap_or(Does::Makes);
        match does {
            Does::Makes => {
                self.makes(&title, key);
                Ok(reply(json!({"ok": true})))
            }
            Does::Busy => Err(ToolError {
                own_code: Some("busy".to_owned()),
                ..error(ToolErrorKind::Failed, Executed::No)
            }),
            Does::Away => Err(error(ToolErrorKind::Missing, Executed::No)),
            Does::Refuses => Err(error(ToolErrorKind::Failed, Executed::No)),
            Does::LosesAnswer => {
                self.makes(&title, key);
                Err(error(ToolErrorKind::TimedOut, Executed::Unknown))
            }
            Does::LosesRequest => Err(error(ToolErrorKind::TimedOut, Executed::Unknown)),
        }
    }
}

fn error(kind: ToolErrorKind, executed: Executed) -> ToolError {
    let message = "the provider says no".to_owned();
    ToolError { kind, executed, message, own_code: None, effects: Vec::new(), asks: None }
}

fn reply(output: Value) -> Reply {
    Reply { output, effects: Vec::new(), cost: Money::ZERO, read_bytes: 0, warnings: Vec::new() }
}

impl Tool for Provider {
    fn preview(&self, _: Permit<Preview>) -> Later<'_, Result<Plan, ToolError>> {
        Box::pin(async { Err(error(ToolErrorKind::NoPreview, Executed::No)) })
    }

    fn read(&self, permit: Permit<Read>) -> Later<'_, Result<Reply, ToolError>> {
        Box::pin(async move {
            let arguments = permit.invocation().arguments.clone();
            self.looked.lock().unwrap().push(arguments.clone());
            let does = self.does.lock().unwrap().pop_front();
            if does == Some(Does::Away) {
                return Err(error(ToolErrorKind::Missing, Executed::No));
            }
            let made = self.made.lock().unwrap();
            let wanted = |(title, key): &&(String, Option<String>)| {
                arguments.get("title") == Some(&json!(title))
                    || (key.is_some() && arguments.get("key") == Some(&json!(key)))
            };
            let items: Vec<Value> =
                made.iter().filter(wanted).map(|(title, _)| json!({"id": title})).collect();
            Ok(reply(json!({"items": items})))
        })
    }

    fn act(&self, permit: Permit<Act>) -> Later<'_, Result<Reply, ToolError>> {
        Box::pin(async move { self.acts(&permit) })
    }

    fn recover(&self, _: Unfinished) -> Later<'_, Recovered> {
        Box::pin(async { Recovered::Unknown { reason: "the provider keeps no log".to_owned() } })
    }
}

const TOOLS: &str = r#"
[[tool]]
name = "sim.make"
version = 1
effect_class = "irreversible"
scope = ["ticket:*"]
resource = "ticket:{title}"
errors = [{ code = "busy", meaning = "nothing was made", executed = "no" }]
retry = { on = ["busy", "unreachable"], attempts_max = 3, first_ms = 200, most_ms = 2_000, within_ms = 20_000 }
timeout_ms = 5_000
cost_max = "0.01"
maturity = "stable"
output_bytes_max = 400
input = '{"type": "object", "properties": {"title": {"type": "string", "maxLength": 20}}, "required": ["title"], "additionalProperties": false}'
output = '{"type": "object"}'
description = { what = "makes a ticket", when_to_use = "to have one", side_effects = "others see it" }
[tool.probe]
tool = "sim.find"
arguments = { title = "/title" }
happened = { pointer = "/items/0/id", exists = true }
not_happened = { pointer = "/items", equals = [] }
settles_ms = 60_000

[[tool]]
name = "sim.keyed"
version = 1
effect_class = "irreversible"
scope = ["ticket:*"]
resource = "ticket:{title}"
timeout_ms = 5_000
cost_max = "0.01"
maturity = "stable"
output_bytes_max = 400
input = '{"type": "object", "properties": {"title": {"type": "string", "maxLength": 20}}, "required": ["title"], "additionalProperties": false}'
output = '{"type": "object"}'
errors = [{ code = "busy", meaning = "nothing was made", executed = "no" }]
retry = { on = ["busy", "unreachable"], attempts_max = 3, first_ms = 200, most_ms = 2_000, within_ms = 20_000 }
description = { what = "makes a ticket", when_to_use = "to have one", side_effects = "others see it" }

[[tool]]
name = "sim.fragile"
version = 1
effect_class = "irreversible"
scope = ["ticket:*"]
resource = "ticket:{title}"
failover = "sim.make"
timeout_ms = 5_000
cost_max = "0.01"
maturity = "stable"
output_bytes_max = 400
input = '{"type": "object", "properties": {"title": {"type": "string", "maxLength": 40}}, "required": ["title"], "additionalProperties": false}'
output = '{"type": "object"}'
description = { what = "makes a ticket", when_to_use = "to have one", side_effects = "others see it" }

[[tool]]
name = "sim.find"
version = 1
effect_class = "pure"
provenance = "confirmed"
scope = ["tickets:*"]
resource = "tickets:all"
errors = [{ code = "busy", meaning = "nothing was read", executed = "no" }]
retry = { on = ["unreachable"], attempts_max = 2, first_ms = 200, most_ms = 2_000, within_ms = 20_000 }
timeout_ms = 5_000
cost_max = "0"
maturity = "stable"
output_bytes_max = 4_000
input = '{"type": "object", "properties": {"title": {"type": "string"}, "key": {"type": "string"}}, "additionalProperties": false}'
output = '{"type": "object"}'
description = { what = "finds tickets", when_to_use = "to know", side_effects = "none" }
"#;

/// The simulation's rules with the provider's tools. `sim.keyed` passes a key on, and is tried again when nobody knows.
pub(crate) fn rules() -> Rules {
    let Rules { catalogue, policies, held_back } = rules::copy(Version::First).unwrap();
    let file = ContractFile { name: "provider.toml", text: TOOLS, origin: Origin::BuiltIn };
    let own = contract::load::all(&[file]).unwrap();
    let own = own.iter().map(|compiled| {
        let mut contract = compiled.contract.clone();
        if contract.name.as_str() == "sim.keyed" {
            let place = KeyPlace::Meta(contract::attempts::KEY_FIELD.to_owned());
            let horizon = Duration::from_secs(3_600);
            contract.attempts.provider_key = Some(ProviderKey { place, horizon });
            let retry = contract.attempts.retry.as_mut().unwrap();
            retry.on.push(domain::Retry::TIMED_OUT.to_owned());
            contract.digest = contract_digest(&contract);
        }
        Compiled::new(contract).unwrap()
    });
    let known = catalogue.iter().map(|compiled| Compiled::new(compiled.contract.clone()).unwrap());
    let catalogue = Catalogue::new(known.chain(own)).unwrap();
    let compiled = catalogue.iter().map(|compiled| &**compiled);
    let policies = PolicySet::load_compiled(policies.sources(), compiled).unwrap();
    Rules { catalogue, policies: policies.into(), held_back }
}

/// A proposal to make a ticket.
pub(crate) fn of(tool: &str, title: &str) -> Proposal {
    Proposal::bare(tool.to_owned(), json!({"title": title}))
}

impl Installation<Provider> {
    pub(crate) fn provided() -> (Self, TestGate) {
        let (this, gate) = Self::begin();
        this.finish(gate.set_rules(rules())).unwrap();
        (this, gate)
    }

    /// Another life with the same rules.
    pub(crate) fn again(&self) -> (TestGate, gate::RecoveryReport) {
        let (gate, report) = self.open();
        self.finish(gate.set_rules(rules())).unwrap();
        (gate, report)
    }

    pub(crate) fn does(&self, what: &[Does]) {
        *self.tool.does.lock().unwrap() = what.iter().copied().collect();
    }

    pub(crate) fn reached(&self) -> usize {
        self.tool.reached.lock().unwrap().len()
    }

    pub(crate) fn made(&self) -> usize {
        self.tool.made.lock().unwrap().len()
    }

    /// Runs to the end; virtual time passes whenever nothing else can happen.
    pub(crate) fn passing<O>(&self, future: impl Future<Output = O>) -> O {
        self.passing_until(u32::MAX, future).unwrap()
    }

    /// As `passing`, until so many timers have gone off.
    pub(crate) fn passing_until<O>(
        &self,
        timers: u32,
        future: impl Future<Output = O>,
    ) -> Option<O> {
        let mut future = pin!(future);
        let mut context = Context::from_waker(Waker::noop());
        let mut left = timers;
        loop {
            for _ in 0..200 {
                if let Poll::Ready(value) = future.as_mut().poll(&mut context) {
                    return Some(value);
                }
            }
            if left == 0 || !self.clock.advance() {
                return None;
            }
            left -= 1;
        }
    }

    /// Proposes, and confirms that the answer arrived.
    pub(crate) fn ask(&self, gate: &TestGate, proposal: Proposal) -> Answer {
        let answer = self.passing(gate.handle(&self.agent, proposal));
        answer.call.into_iter().for_each(|call| gate.delivered(call));
        answer
    }

    /// A run of its own, so that it can be named before anything is in it.
    pub(crate) fn own_run(&self, gate: &TestGate) -> RunId {
        let caller = self.finish(gate.identify(&self.agent)).unwrap().agent().unwrap();
        let workflow: Name = "work".parse().unwrap();
        let limit = domain::Amounts::<u64>::each(|_| None);
        let ask = RunAsk { workflow, purpose: "to see".to_owned(), limit };
        self.finish(gate.open_run(&caller, ask)).unwrap().id
    }

    /// Events of a call, in order, by the names of their kinds.
    pub(crate) fn kinds(&self, call: CallId) -> Vec<String> {
        let store = self.store.lock().unwrap();
        let own = store.entries().iter().filter(|(entry, _)| entry.call == Some(call));
        let debug = own.map(|(entry, _)| format!("{:?}", entry.event));
        debug.map(|text| text.split([' ', '{']).next().unwrap_or_default().to_owned()).collect()
    }

    /// A column of a call's record.
    pub(crate) fn column(&self, (table, call): (Table, CallId), column: gate::Column) -> String {
        let record = self.store.lock().unwrap().read(table, &call.to_string());
        record.map(|record| record.text(column).to_owned()).unwrap_or_default()
    }
}
