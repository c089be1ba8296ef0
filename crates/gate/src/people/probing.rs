//! Looking whether an act in doubt happened: by the read that its contract names, as a call of the house's own.
//!
//! ```text
//! in doubt -> probe: a confirmed pure call through the journey -> CallProbed -> one sign seen: settled by `settle_doubt`
//!                                                                           `-> neither, both, too early: still in doubt
//! ```
//! In: a call in doubt. Out: what was found. Nothing is ever sent again here; a stop holds for a probe as for any read.
//! Right after sight was lost the house looks a few times, then by the clock with growing pauses, and a person may ask for
//! it. Tests: `sim/tests/it/doubts.rs`.

use std::time::Duration;

use domain::{
    Agent, Answer, CallId, CallState, Caller, Code, Event, Executed, GrantId, Human, KeyId, Name,
    Operator, PayloadKind, PrincipalChain, Probe, ProbeArgument, Proposal, Right, RunId, Status,
    Timestamp, limits,
};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::deciding::HeldCall;
use super::needs;
use crate::commit::Record;
use crate::gate::Gate;
use crate::journey::{Ask, Authority, Before, Call, build, key_of};
use crate::payload;
use crate::port::{Journal, World};
use crate::refusal::Refusal;
use crate::runs::state_is;
use crate::table::Table;

/// The name under which the house looks by itself.
const HOUSE: &str = "checkrein";
/// By what a doubt is said to be settled.
const BY_PROBE: &str = "probe";

/// What a probe found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probed {
    /// The call by which was looked.
    pub probe: CallId,
    /// Whether the act happened; `Unknown` leaves it in doubt.
    pub found: Executed,
    /// Why that is said.
    pub reason: String,
}

impl<J: Journal, W: World> Gate<J, W> {
    /// Looks whether a call in doubt happened, for a person.
    ///
    /// # Errors
    /// A call that is not in doubt, or whose contract names no probe; a person without the right to operate.
    pub async fn probe(&self, by: &Operator, call: CallId) -> Result<Probed, Refusal> {
        needs(by, Right::Operate)?;
        let record = self.journal.read(Table::Calls, &call.to_string()).await?;
        let record = record.filter(|record| record.text("tenant") == by.tenant.as_str());
        let record = record.ok_or_else(|| Refusal::not_found(call))?;
        self.look(&record, &by.name).await
    }

    /// Calls in doubt that are due to be looked at; whoever takes them calls [`Self::probe_due`] for each.
    pub fn take_probes(&self) -> Vec<CallId> {
        let rules = self.rules();
        let probes = |tool: &domain::ToolName| {
            let contract = rules.catalogue.get(tool).map(|compiled| &compiled.contract);
            contract.is_some_and(|contract| contract.attempts.probe.is_some())
        };
        self.doubts.take_due(self.world.now(), probes)
    }

    /// Looks at a call in doubt for the house. What cannot be looked at stays in doubt and is looked at again.
    pub async fn probe_due(&self, call: CallId) {
        let _found = self.look_for_house(call).await;
    }

    async fn look_for_house(&self, call: CallId) -> Result<Executed, Refusal> {
        let house: Name = HOUSE.parse().map_err(|_| Refusal::not_found(call))?;
        let record = self.journal.read(Table::Calls, &call.to_string()).await?;
        let record = record.ok_or_else(|| Refusal::not_found(call))?;
        Ok(self.look(&record, &house).await?.found)
    }

    /// Looks right after sight of an act was lost, while its caller still waits. Gives the answer that counts then.
    pub(crate) async fn look_at_once(&self, call: &Call, answer: Answer) -> Answer {
        if call.compiled.contract.attempts.probe.is_none() || answer.journal.is_none() {
            return answer;
        }
        let mut pause = limits::PROBE_FIRST;
        for _ in 0..limits::PROBES_AT_ONCE {
            self.world.sleep(pause).await;
            pause = pause.saturating_mul(4);
            match self.look_for_house(call.id).await {
                Ok(Executed::Yes | Executed::No | Executed::Partly) => {
                    let mut known = self.last_answer(call.id).await;
                    let run = call.run.run.id;
                    let given = self.given_again(&call.caller.chain.tenant, run, &mut known).await;
                    return if given.is_ok() { known } else { answer };
                }
                Ok(Executed::Unknown) => {}
                // It is settled by now, or cannot be looked at.
                Err(_) => return answer,
            }
        }
        answer
    }

    async fn look(&self, record: &Record, by: &Name) -> Result<Probed, Refusal> {
        let held = HeldCall::of(record).ok_or_else(|| Refusal::not_found(&record.key))?;
        if record.text("state") != CallState::InDoubt.word() {
            let message = format!("{} is {}, not in doubt", held.id, record.text("state"));
            return Err(Refusal::conflict(message));
        }
        let probe = self.probe_of(record)?;
        let call = self.probing_call(record, (&probe, by)).await?;
        let id = call.id;
        let answer = self.walk(call).await;
        let quiet = self.world.now().since(lost_at(record));
        let (found, reason) = read(&probe, (&answer, quiet));
        let event = Event::CallProbed {
            probe: id,
            found,
            by: by.as_str().to_owned(),
            reason: reason.clone(),
        };
        let guard = state_is(Table::Calls, record.key.clone(), CallState::InDoubt.word());
        self.commit_all(vec![self.entry_about(&held, event)], vec![guard]).await?;
        if found != Executed::Unknown {
            let reason = format!("{reason} ({id})");
            self.settle_doubt(record, (found, BY_PROBE, reason)).await?;
        }
        Ok(Probed { probe: id, found, reason })
    }

    /// The probe that the contract in force names.
    fn probe_of(&self, record: &Record) -> Result<Probe, Refusal> {
        let rules = self.rules();
        let compiled = rules.catalogue.find(record.text("tool"));
        let probe = compiled.and_then(|compiled| compiled.contract.attempts.probe.clone());
        probe.ok_or_else(|| {
            let message = format!("the contract of `{}` names no probe", record.text("tool"));
            let fix = "look at the resource, and settle it with `checkrein calls resolve`";
            Refusal::new(Code::InvalidRequest, message, fix)
        })
    }

    /// The call that looks: of the same run, for the operator or the house, by the tool of the probe.
    async fn probing_call(
        &self,
        record: &Record,
        (probe, by): (&Probe, &Name),
    ) -> Result<Call, Refusal> {
        let gone = || {
            let message = "what was asked is no longer kept, so nothing can be looked for";
            Refusal::new(Code::NotReplayable, message, "settle it with `checkrein calls resolve`")
        };
        let of: CallId = record.key.parse().map_err(|_| gone())?;
        let facts = self.journal.payload(of, PayloadKind::Facts).await?.ok_or_else(gone)?;
        let facts = payload::read_facts(&facts).map_err(|_| gone())?;
        let run: RunId = record.text("run").parse().map_err(|_| gone())?;
        let run = self.known_run(run).await?.ok_or_else(gone)?;
        let chain = PrincipalChain {
            tenant: record.text("tenant").parse().map_err(|_| gone())?,
            human: Human(by.clone()),
            agent: Agent { name: HOUSE.parse().map_err(|_| gone())?, version: "1".to_owned() },
            parents: Vec::new(),
        };
        let nobody = Uuid::nil();
        let caller = Caller { chain, grant: GrantId::new(nobody), key: KeyId::new(nobody) };
        let arguments = arguments(probe, (of, &facts.arguments)).ok_or_else(gone)?;
        let mut proposal = Proposal::bare(probe.tool.to_string(), arguments);
        proposal.intent = Some(format!("look whether {of} happened"));
        proposal.run = Some(run.run.id);
        let id = CallId::new(self.world.fresh());
        let received = self.world.now();
        let ask = Ask { id, received, authority: Authority::Probe, before: Before::New };
        let call = build(self, (caller, run), (proposal, ask))?;
        if !call.is_confirmed_pure() {
            let message = format!(
                "`{}` is not confirmed `pure`, so looking could change something",
                probe.tool
            );
            let fix =
                "let an operator confirm it, or settle the call with `checkrein calls resolve`";
            return Err(Refusal::new(Code::InvalidRequest, message, fix));
        }
        Ok(call)
    }
}

/// When sight was lost. Records of an earlier version do not say; their last change is no earlier.
fn lost_at(record: &Record) -> Timestamp {
    let lost = record.integer("doubt_ms").and_then(|at| u64::try_from(at).ok());
    Timestamp::from_millis(lost.unwrap_or_else(|| record.count("updated_ms")))
}

/// The arguments of a probe; none where the act had not what is looked for.
fn arguments(probe: &Probe, (of, given): (CallId, &Value)) -> Option<Value> {
    let value = |argument: &ProbeArgument| match argument {
        ProbeArgument::Key => Some(Value::from(key_of(of))),
        ProbeArgument::Input(pointer) => given.pointer(pointer).cloned(),
        ProbeArgument::Value(value) => Some(value.clone()),
    };
    let each =
        probe.arguments.iter().map(|(name, argument)| Some((name.clone(), value(argument)?)));
    each.collect::<Option<Map<String, Value>>>().map(Value::Object)
}

/// What the answer of a probe says.
fn read(probe: &Probe, (answer, quiet): (&Answer, Duration)) -> (Executed, String) {
    let output = match (&answer.output, answer.status) {
        (Some(output), Status::Succeeded) => output,
        (_, status) => {
            let why = answer.error.as_ref().map_or("", |error| error.message.as_str());
            return (Executed::Unknown, format!("the probe is {status}: {why}"));
        }
    };
    let found = probe.found(output, quiet);
    let (happened, not) = (probe.happened.shows(output), probe.not_happened.shows(output));
    let reason = match (happened, not) {
        (true, false) => "the probe sees that it happened",
        (false, true) if found == Executed::No => "the probe sees that it did not happen",
        (false, true) => "the probe does not see it, and it may still be under way",
        (true, true) => "the probe sees signs of both",
        (false, false) => "the probe sees neither sign",
    };
    (found, reason.to_owned())
}
