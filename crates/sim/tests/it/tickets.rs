//! A desk of tickets: what is made has an id that only its answer tells, and what is deleted is counted. Letters to it take
//! effect later. It keeps a log of its own, so that recovery can be honest, or not.

use std::collections::BTreeMap;
use std::sync::Mutex;

use domain::{Answer, CallId, Executed, Money, Plan, Proposal};
use gate::{
    Act, Later, Permit, Preview, Read, Recovered, Reply, Tool, ToolError, ToolErrorKind, Unfinished,
};
use serde_json::{Value, json};

use crate::installation::{Installation, TestGate};

/// Contracts of the desk: behind those of the simulation.
pub(crate) const TOOLS: &str = r#"
[[tool]]
name = "sim.create"
version = 1
effect_class = "compensable"
scope = ["ticket:**"]
resource = "ticket:{project}"
undo = { call = { tool = "sim.delete", arguments = { id = "output:/id", project = "input:/project" }, window_ms = 3_600_000 } }
timeout_ms = 6_000
cost_max = "0"
maturity = "stable"
errors = [{ code = "half", meaning = "a part was made", executed = "partly" }]
input = '{"type": "object", "properties": {"project": {"type": "string", "maxLength": 20}, "title": {"type": "string", "maxLength": 20}}, "required": ["project"], "additionalProperties": false}'
output = '{"type": "object", "properties": {"id": {"type": "string"}}, "additionalProperties": false}'
description = { what = "makes a ticket", when_to_use = "to have it", side_effects = "a ticket is there" }

[[tool]]
name = "sim.delete"
version = 1
effect_class = "irreversible"
consequences = ["delete"]
scope = ["ticket:**"]
resource = "ticket:{project}/{id}"
timeout_ms = 6_000
cost_max = "0"
maturity = "stable"
input = '{"type": "object", "properties": {"id": {"type": "string", "maxLength": 20}, "project": {"type": "string", "maxLength": 20}}, "required": ["id", "project"], "additionalProperties": false}'
output = '{"type": "object", "properties": {"deleted": {"type": "boolean"}}, "required": ["deleted"], "additionalProperties": false}'
description = { what = "deletes a ticket", when_to_use = "when it should not be", side_effects = "it is gone" }

[[tool]]
name = "sim.letter"
version = 1
effect_class = "delayed"
consequences = ["outside_communication"]
scope = ["mailbox:*"]
resource = "mailbox:{to}"
outbox = { hold_ms = 60_000 }
timeout_ms = 6_000
cost_max = "0"
maturity = "stable"
input = '{"type": "object", "properties": {"to": {"type": "string", "maxLength": 20}}, "required": ["to"], "additionalProperties": false}'
output = '{"type": "object", "properties": {"sent": {"type": "boolean"}}, "required": ["sent"], "additionalProperties": false}'
description = { what = "sends a letter", when_to_use = "to tell somebody", side_effects = "somebody reads it" }
"#;

/// How the desk behaves next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Manner {
    #[default]
    Well,
    /// It does not say the id of what it made.
    Mute,
    /// It does it, and the connection breaks.
    Breaks,
    /// It makes a part.
    Half,
    /// It refuses, and did nothing.
    Refuses,
}

#[derive(Debug, Default)]
pub(crate) struct Desk {
    pub(crate) manner: Mutex<Manner>,
    pub(crate) tickets: Mutex<BTreeMap<String, String>>,
    /// Every deletion that was asked for, also of what is gone.
    pub(crate) deletions: Mutex<Vec<Value>>,
    pub(crate) letters: Mutex<Vec<String>>,
    /// What was done, by the call that did it.
    log: Mutex<Vec<CallId>>,
    /// Whether it can tell after a crash what it did.
    pub(crate) forgets: Mutex<bool>,
}

impl Desk {
    fn does(&self, tool: &str, arguments: &Value) -> Value {
        let text = |name: &str| arguments[name].as_str().unwrap_or_default().to_owned();
        match tool {
            "sim.create" => {
                let mut tickets = self.tickets.lock().unwrap();
                let id = format!("t{}", tickets.len() + self.deletions.lock().unwrap().len());
                tickets.insert(id.clone(), text("project"));
                match *self.manner.lock().unwrap() {
                    Manner::Mute => json!({}),
                    Manner::Well | Manner::Breaks | Manner::Half | Manner::Refuses => {
                        json!({"id": id})
                    }
                }
            }
            "sim.delete" => {
                self.deletions.lock().unwrap().push(arguments.clone());
                let gone = self.tickets.lock().unwrap().remove(&text("id"));
                json!({"deleted": gone.is_some()})
            }
            "sim.letter" => {
                self.letters.lock().unwrap().push(text("to"));
                json!({"sent": true})
            }
            _other => json!({"ok": true}),
        }
    }
}

fn error(executed: Executed) -> ToolError {
    ToolError {
        kind: ToolErrorKind::Failed,
        executed,
        message: "the desk failed".to_owned(),
        own_code: None,
        effects: Vec::new(),
        asks: None,
    }
}

impl Tool for Desk {
    fn preview(&self, _: Permit<Preview>) -> Later<'_, Result<Plan, ToolError>> {
        Box::pin(async { Err(error(Executed::No)) })
    }

    fn read(&self, _: Permit<Read>) -> Later<'_, Result<Reply, ToolError>> {
        Box::pin(async { Err(error(Executed::No)) })
    }

    fn act(&self, permit: Permit<Act>) -> Later<'_, Result<Reply, ToolError>> {
        Box::pin(async move {
            // A process can end on either side of the effect.
            Pause::default().await;
            let manner = *self.manner.lock().unwrap();
            if manner == Manner::Refuses {
                return Err(error(Executed::No));
            }
            let invocation = permit.invocation();
            self.log.lock().unwrap().push(invocation.call);
            let output = self.does(invocation.tool.as_str(), &invocation.arguments);
            Pause::default().await;
            match manner {
                Manner::Breaks => return Err(error(Executed::Unknown)),
                Manner::Half => return Err(error(Executed::Partly)),
                Manner::Well | Manner::Mute | Manner::Refuses => {}
            }
            Ok(Reply {
                output,
                effects: Vec::new(),
                cost: Money::ZERO,
                read_bytes: 0,
                warnings: Vec::new(),
            })
        })
    }

    fn recover(&self, unfinished: Unfinished) -> Later<'_, Recovered> {
        Box::pin(async move {
            let call = unfinished.invocation.call;
            if *self.forgets.lock().unwrap() {
                return Recovered::Unknown { reason: "the desk keeps no log".to_owned() };
            }
            if !self.log.lock().unwrap().contains(&call) {
                return Recovered::DidNotHappen { reason: "not in its log".to_owned() };
            }
            Recovered::Happened(Reply {
                output: json!({}),
                effects: Vec::new(),
                cost: Money::ZERO,
                read_bytes: 0,
                warnings: Vec::new(),
            })
        })
    }
}

/// Lets others go on once.
#[derive(Default)]
struct Pause(bool);

impl Future for Pause {
    type Output = ();

    fn poll(
        mut self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<()> {
        if std::mem::replace(&mut self.0, true) {
            return std::task::Poll::Ready(());
        }
        context.waker().wake_by_ref();
        std::task::Poll::Pending
    }
}

/// A ticket of its own: the same one again in a run would be asked about.
pub(crate) fn create(title: &str) -> Proposal {
    Proposal::bare("sim.create".to_owned(), json!({"project": "p", "title": title}))
}

pub(crate) fn letter(to: &str) -> Proposal {
    Proposal::bare("sim.letter".to_owned(), json!({"to": to}))
}

impl Installation<Desk> {
    /// An installation whose tools are the desk, with these policies behind the usual ones.
    pub(crate) fn of_the_desk(policies: &str) -> (Self, TestGate) {
        let (world, gate) = Self::begin();
        world.desk_rules(&gate, policies);
        (world, gate)
    }

    pub(crate) fn desk_rules(&self, gate: &TestGate, policies: &str) {
        let marker = "// Policies of the simulation";
        self.change_rules(gate, |text| match text.starts_with(marker) {
            true => text + policies,
            false => text + TOOLS,
        });
    }

    pub(crate) fn manner(&self, manner: Manner) {
        *self.tool.manner.lock().unwrap() = manner;
    }

    pub(crate) fn asks(&self, gate: &TestGate, proposal: Proposal) -> Answer {
        self.finish(gate.handle(&self.agent, proposal))
    }

    /// Makes a ticket, and hears of it.
    pub(crate) fn makes(&self, gate: &TestGate) -> (CallId, Answer) {
        let answer = self.asks(gate, create("one"));
        let call = answer.call.unwrap();
        gate.delivered(call);
        (call, answer)
    }

    pub(crate) fn cell(&self, call: CallId, column: &'static str) -> String {
        let store = self.store.lock().unwrap();
        let record = store.read(gate::Table::Calls, &call.to_string()).unwrap();
        record.text(column).to_owned()
    }

    pub(crate) fn deletions(&self) -> usize {
        self.tool.deletions.lock().unwrap().len()
    }

    pub(crate) fn letters(&self) -> Vec<String> {
        self.tool.letters.lock().unwrap().clone()
    }
}
