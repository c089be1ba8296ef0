//! Whoever acts in a simulation: agents, operators, time and chance. All of them are hostile or clumsy.
//!
//! `Cast` outlives a crash of the gate: what agents still want, which keys people have, what was in flight.
//! `Scene` is one life: a gate that is open, and the tasks that use it.

mod agent;
mod finale;
mod nature;
mod opening;
mod operator;
mod proposals;

use std::fmt::Write as _;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use domain::{Answer, CallId, Caller, Code, GrantId, Operator, PrincipalChain, Proposal, RunId};
use gate::{Gate, Secret};

pub(crate) use opening::{SECOND, chains, open, secret};

use crate::auditor::{Asked, Auditor};
use crate::executor::{Kind, Spawner};
use crate::journal::{Store, Trouble};
use crate::lock;
use crate::outside::Outside;
use crate::random::Dice;
use crate::scenario::Shape;
use crate::world::{Clock, SimWorld};

/// The gate of a simulation.
pub(crate) type SimGate = Gate<crate::journal::SimJournal, SimWorld>;

/// What happened, line by line.
#[derive(Debug, Clone, Default)]
pub(crate) struct Story(Arc<Mutex<String>>);

impl Story {
    /// Adds a line.
    pub(crate) fn tell(&self, clock: &Clock, line: std::fmt::Arguments<'_>) {
        let millis = clock.elapsed();
        // Writing to a text cannot fail.
        let _written = writeln!(lock(&self.0), "{millis:>9} ms  {line}");
    }

    /// All of it.
    pub(crate) fn text(&self) -> String {
        lock(&self.0).clone()
    }
}

/// An agent with its key.
#[derive(Debug)]
pub(crate) struct Agent {
    pub(crate) chain: PrincipalChain,
    pub(crate) secret: Secret,
}

/// What survives a crash.
#[derive(Debug)]
pub(crate) struct Cast {
    pub(crate) shape: Shape,
    pub(crate) agents: Vec<Agent>,
    pub(crate) operators: Vec<Secret>,
    pub(crate) dice: Dice,
    pub(crate) clock: Clock,
    pub(crate) story: Story,
    pub(crate) auditor: Arc<Mutex<Auditor>>,
    pub(crate) outside: Arc<Mutex<Outside>>,
    pub(crate) store: Arc<Mutex<Store>>,
    pub(crate) plans: Mutex<Plans>,
}

/// What everybody still wants to do, and knows.
#[derive(Debug, Default)]
pub(crate) struct Plans {
    /// Actions left, by agent and by operator.
    pub(crate) agents_left: Vec<u64>,
    pub(crate) operators_left: Vec<u64>,
    /// Proposals that were sent and not answered, by agent.
    pub(crate) in_flight: Vec<(usize, Proposal)>,
    /// The last proposals of each agent.
    pub(crate) last: Vec<Vec<Proposal>>,
    /// Calls that each agent knows to be held.
    pub(crate) held: Vec<Vec<CallId>>,
    /// Runs that each agent opened.
    pub(crate) runs: Vec<Vec<RunId>>,
    pub(crate) grants: Vec<GrantId>,
}

/// One life of the gate.
pub(crate) struct Scene {
    pub(crate) gate: SimGate,
    pub(crate) cast: Arc<Cast>,
    pub(crate) spawner: Spawner,
    pub(crate) trouble: Arc<Mutex<Trouble>>,
    /// Whether nature rests, so that the end can be seen.
    pub(crate) over: AtomicBool,
}

impl Scene {
    /// Everybody goes on with what is left to do.
    pub(crate) fn begin(self: &Arc<Self>) {
        for place in 0..self.cast.agents.len() {
            self.spawner.start(Kind::Counted, agent::works(Arc::clone(self), place));
        }
        for place in 0..self.cast.operators.len() {
            self.spawner.start(Kind::Counted, operator::works(Arc::clone(self), place));
        }
        nature::begins(self);
    }

    /// When everybody is done: what may run does run, and nothing is left over.
    pub(crate) fn end(self: &Arc<Self>) {
        *lock(&self.trouble) = Trouble::default();
        self.over.store(true, Ordering::Relaxed);
        self.spawner.start(Kind::Counted, finale::plays(Arc::clone(self)));
    }

    pub(crate) fn tell(&self, line: std::fmt::Arguments<'_>) {
        self.cast.story.tell(&self.cast.clock, line);
    }

    /// The known caller behind an agent's key, while it holds.
    pub(crate) async fn caller(&self, place: usize) -> Option<Caller> {
        let agent = self.cast.agents.get(place)?;
        self.gate.identify(&agent.secret).await.ok()?.agent().ok()
    }

    /// The operator behind a key.
    pub(crate) async fn operator(&self, place: usize) -> Option<Operator> {
        let secret = self.cast.operators.get(place)?;
        self.gate.identify(secret).await.ok()?.operator().ok()
    }

    /// Hands an answer to the auditor and the story.
    pub(crate) fn answered(&self, place: usize, proposal: Option<&Proposal>, answer: &Answer) {
        let Some(agent) = self.cast.agents.get(place) else { return };
        let asked = Asked { chain: &agent.chain, proposal };
        lock(&self.cast.auditor).answered(asked, answer, &lock(&self.cast.store));
        let code = answer.error.as_ref().map(|error| error.code);
        let why = answer.error.as_ref().filter(|_| code == Some(Code::Conflict));
        let why = why.map(|error| format!(" ({})", error.message)).unwrap_or_default();
        let code = code.map(Code::shown).unwrap_or_default();
        let replayed = if answer.replayed { " (given before)" } else { "" };
        let call = answer.call.map(|call| call.to_string()).unwrap_or_default();
        let what = proposal.map_or_else(|| "waited".to_owned(), shown);
        self.tell(format_args!(
            "agent {place}: {what} -> {} {code} executed {}{replayed} {call}{why}",
            answer.status, answer.executed
        ));
    }
}

fn shown(proposal: &Proposal) -> String {
    let key = proposal.key.as_deref().map(|key| format!(" key {key}")).unwrap_or_default();
    let after = proposal.after.map(|after| format!(" after {after}")).unwrap_or_default();
    format!("{} {}{key}{after}", proposal.tool, proposal.arguments)
}
