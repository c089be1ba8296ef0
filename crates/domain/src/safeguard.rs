//! What a contract asks for beside policy before an act of high stakes, and after it.
//!
//! ```text
//! plan -> invariants -> verifier -> (people) -> window, preconditions, step -> act -> postconditions -> step
//! ```
//! Written by people in contract files; here only values. A safeguard can only make a decision stricter: each of them
//! denies, holds or takes back, and none permits. What a breach is, is said in `contract::safeguards`; who asks
//! the other tools, in `gate`. Tests: `contract/tests/it/safeguards.rs`, `sim/tests/it/safeguards.rs`.

use std::time::Duration;

use serde_json::Value;

use crate::contract::words;
use crate::{CallId, Money, Name, Scope, Timestamp, ToolName};

/// Everything that a contract asks for beside policy.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Safeguards {
    /// What must hold for the plan and the arguments.
    pub invariants: Invariants,
    /// When the act may happen at all; at any time without one.
    pub window: Option<Window>,
    /// What other tools must find before the act.
    pub preconditions: Vec<Check>,
    /// Who looks at the plan and may object.
    pub verifier: Option<Verifier>,
    /// What other tools must find after the act.
    pub postconditions: Vec<Postcondition>,
    /// Which step of a procedure the act is.
    pub step: Option<Step>,
}

impl Safeguards {
    /// Whether nothing is asked for.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// What must hold for a plan and its arguments. Each is checked on its own; what is absent asks for nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Invariants {
    /// Paths that change.
    pub files_max: Option<u64>,
    /// Bytes of all files that are there afterwards.
    pub bytes_max: Option<u64>,
    /// Hosts that the command reached or tried to.
    pub hosts_max: Option<u64>,
    /// Items of a list among the arguments.
    pub rows_max: Option<RowsMax>,
    /// Every changed path lies in one of these; empty asks for nothing.
    pub only: Vec<Scope>,
    /// No changed path lies in one of these.
    pub never: Vec<Scope>,
    /// Whether nothing may be deleted.
    pub no_delete: bool,
    /// An amount of money among the arguments.
    pub amount_max: Option<AmountMax>,
    /// A shape that is known to be safe, and that the plan must have.
    pub shape: Option<PlanShape>,
}

impl Invariants {
    /// Whether one of them can be checked on a plan only.
    pub fn need_plan(&self) -> bool {
        self.files_max.is_some()
            || self.bytes_max.is_some()
            || self.hosts_max.is_some()
            || !self.only.is_empty()
            || !self.never.is_empty()
            || self.no_delete
            || self.shape.is_some()
    }
}

/// At most so many items of the list that an argument is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowsMax {
    /// JSON pointer into the arguments.
    pub argument: String,
    /// Items.
    pub most: u64,
}

/// At most so much of the money that an argument is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AmountMax {
    /// JSON pointer to an argument of the kind money.
    pub argument: String,
    /// The amount.
    pub most: Money,
}

/// Shapes of plans that are known to be safe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PlanShape {
    /// Every path is new.
    CreatesOnly,
    /// Every path is there before and after.
    EditsOnly,
    /// Nothing that is run later: no hook, build script or editor task.
    NoCode,
    /// One path at most.
    OneFile,
}

/// A question to another tool, and the answer that it must give.
#[derive(Debug, Clone, PartialEq)]
pub struct Check {
    /// What it is called where it is told of.
    pub name: String,
    /// Which tool: confirmed and pure, or a command whose plan is thrown away.
    pub tool: ToolName,
    /// Its arguments. A text `{/pointer}` stands for an argument of the act, `{output:/pointer}` for a part of its output.
    pub arguments: Value,
    /// What its output must say, all of it.
    pub expect: Vec<Expect>,
    /// For how long an answer counts, when a held call is taken up again.
    pub fresh: Duration,
}

/// What a part of an output must be.
#[derive(Debug, Clone, PartialEq)]
pub struct Expect {
    /// JSON pointer into the output.
    pub pointer: String,
    /// What must stand there.
    pub value: Expected,
}

/// What must stand at a place. Texts may name arguments of the act, as a check's arguments do.
#[derive(Debug, Clone, PartialEq)]
pub enum Expected {
    /// Exactly this.
    Equals(Value),
    /// Anything.
    Present,
    /// Nothing.
    Absent,
    /// An integer that is not larger.
    AtMost(i64),
    /// An integer that is not smaller.
    AtLeast(i64),
    /// A text with this in it.
    Contains(String),
    /// A text without this in it.
    Lacks(String),
}

/// A check after the act.
#[derive(Debug, Clone, PartialEq)]
pub struct Postcondition {
    /// What is asked.
    pub check: Check,
    /// How long it is asked again until it holds.
    pub within: Duration,
}

/// Days and hours in which an act may happen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    /// On these days.
    pub days: Vec<Day>,
    /// From this minute of the day on.
    pub from_minute: u32,
    /// Until before this minute of the day; later than `from_minute`.
    pub to_minute: u32,
    /// Minutes that local time is ahead of UTC.
    pub offset_minutes: i32,
}

/// A day of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Day {
    /// Monday.
    Monday,
    /// Tuesday.
    Tuesday,
    /// Wednesday.
    Wednesday,
    /// Thursday.
    Thursday,
    /// Friday.
    Friday,
    /// Saturday.
    Saturday,
    /// Sunday.
    Sunday,
}

/// A tool that looks at a plan and says `ok`, `hold` or `deny`.
#[derive(Debug, Clone, PartialEq)]
pub struct Verifier {
    /// Which tool.
    pub tool: ToolName,
    /// Its arguments, with places such as `{/plan/diff}` and `{/arguments/path}`; without them it gets all there is.
    pub arguments: Option<Value>,
    /// What an error, silence or an unknown answer counts as.
    pub otherwise: Otherwise,
}

/// What it counts as that a verifier said nothing that is understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Otherwise {
    /// People are asked.
    Hold,
    /// The call is denied.
    Deny,
}

/// Which step of a procedure an act is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The procedure.
    pub procedure: Name,
    /// What goes through the procedure: a template over the arguments, such as `deploy:{app}`.
    pub resource: String,
    /// States from which the step may be taken; with none it begins the procedure anew.
    pub after: Vec<Name>,
    /// The state that a person's approval of this very call makes, before the act.
    pub approved: Option<Name>,
    /// The state that the act makes.
    pub makes: Name,
    /// The state that the act's postconditions make.
    pub verified: Option<Name>,
    /// The state after a failure or an undo; none to begin anew.
    pub failed: Option<Name>,
    /// How long a state counts.
    pub lasts: Duration,
}

impl Step {
    /// The state after the act and everything that is checked of it.
    pub fn end(&self) -> &Name {
        self.verified.as_ref().unwrap_or(&self.makes)
    }
}

/// How a resource stands in a procedure after an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepMove {
    /// The procedure.
    pub procedure: Name,
    /// In which space.
    pub space: Name,
    /// Which resource, masked.
    pub resource: String,
    /// Its state; none at the beginning.
    pub state: Option<Name>,
    /// The state that a call is about to make; none while nothing moves it.
    pub taking: Option<Name>,
    /// The state it has if that call fails, or is taken back.
    pub failed: Option<Name>,
    /// The call that moved it.
    pub by: CallId,
    /// Until when the state counts.
    pub until: Timestamp,
}

/// When a check is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CheckKind {
    /// Before the act.
    Precondition,
    /// Of the plan.
    Verifier,
    /// After the act.
    Postcondition,
}

/// What a check found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CheckVerdict {
    /// What was expected.
    Passed,
    /// Something else.
    Failed,
    /// People must be asked.
    Held,
    /// Nothing that can be relied on.
    Unknown,
}

words! {
    PlanShape {
        CreatesOnly = "creates_only", EditsOnly = "edits_only", NoCode = "no_code", OneFile = "one_file",
    }
    Day {
        Monday = "mon", Tuesday = "tue", Wednesday = "wed", Thursday = "thu", Friday = "fri",
        Saturday = "sat", Sunday = "sun",
    }
    Otherwise { Hold = "hold", Deny = "deny" }
    CheckKind { Precondition = "precondition", Verifier = "verifier", Postcondition = "postcondition" }
    CheckVerdict { Passed = "passed", Failed = "failed", Held = "held", Unknown = "unknown" }
}
