//! Checkrein's rules as values.
//!
//! What goes in and comes out here are plain values: ids, contracts, calls, facts, verdicts, approvals,
//! budgets, stops, plans, effects and answers. Every life cycle is one enum with one `apply`; the
//! journal's reader, recovery, the console and the simulator all use that same function.
//!
//! Left out on purpose: async, clocks, files, logs and randomness. No type here derives `Serialize`:
//! what travels or is stored has twin types where it travels or is stored.

pub mod limits;

mod digest;
mod id;
mod money;
mod name;
mod time;

mod command;
mod contract;
mod grant;
mod person;
mod principal;
mod proposal;
mod resource;
mod role;
mod run;
mod space;

mod facts;
mod label;
mod verdict;

mod approval;
mod budget;
mod call;
mod pin;
mod receipt;
mod stop;
mod undo;
mod upstream;

mod content;
mod effect;
mod plan;

mod answer;
mod code;
mod event;

pub use answer::{
    Answer, Decision, Executed, Failure, Fault, JournalPosition, Spent, Status, UndoOffer,
};
pub use approval::{
    Approval, ApprovalEvent, ApprovalState, Escalation, Requirement, Shown, Surface, Vote,
};
pub use budget::{
    Amounts, Budget, BudgetScope, Dimension, OnExceeded, Reservation, ReservationState,
};
pub use call::{CallEvent, CallState};
pub use code::{Code, Row as CodeRow};
pub use command::{
    CommandFacts, CommandLine, CommandMeans, CommandRole, CommandTemplate, Contact,
    CredentialSource, Execution, HostPort, JailNeeds, NamedCommand, Printed, Profile, Remote, Rung,
    TemplateWord,
};
pub use content::Content;
pub use contract::{
    ArgumentKind, BoundTo, Consequence, Consequences, Contract, EffectClass, ErrorCase,
    Idempotency, Maturity, OutputRule, PreviewMeans, PrincipalPart, Provenance, RateLimit,
    UndoMeans, VerifyMeans,
};
pub use digest::{Digest, DigestError};
pub use effect::{Effect, EffectKind, ExpectedEffect, Observation};
pub use event::{
    Entry, Event, Exported, KeyHolder, PayloadKind, Replaced, Replay, Settled, Subject,
};
pub use facts::{Advice, Facts, History, InputFacts, PlanFacts, ToolFacts};
pub use grant::{Grant, GrantState, Rights};
pub use id::{
    ApprovalId, CallId, EntryId, GrantId, IdError, KeyId, PermitId, RunId, StopId, WriterId,
};
pub use label::{Label, Labels};
pub use money::{Money, MoneyError};
pub use name::{Name, NameError, ToolName};
pub use person::{Login, Passkey, PasskeyUse, Person, PersonState, SessionEnd, TicketKind};
pub use pin::{Classification, Classified, Pin, PinEvent, PinState};
pub use plan::{Change, DIFF_CUT, FileState, Node, Plan, PlanDigest, Witness};
pub use principal::{Agent, Caller, HOME_TENANT, Human, Operator, PrincipalChain};
pub use proposal::{Confidence, ConfidenceError, Evidence, Input, Proposal};
pub use receipt::{Lever, LeverReceipt, ReceiptError, RolledBack, Stopped, StoppedCall};
pub use resource::{Resource, Scope, ScopeError};
pub use role::{Assurance, Groups, Right, Role, Roles, RolesError};
pub use run::{Outcome, OutcomeStatus, Run, RunEvent, RunState, Workflow};
pub use space::{Mode, Space};
pub use stop::{Fence, Stop, StopEvent, StopLevel, StopScope, StopScopeError, StopState};
pub use time::Timestamp;
pub use undo::{UndoEvent, UndoState};
pub use upstream::{UpstreamPart, UpstreamTool};
pub use verdict::{
    Duty, DutyKind, NO_PREVIEW_RULE, PolicyPlace, RAISE_RULE, REPEAT_RULE, Reason, ReviewVerdict,
    STANDS_ON_RULE, Strength, Tier, Verdict,
};
