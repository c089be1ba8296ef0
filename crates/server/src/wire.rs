//! The types that travel: what requests and answers of the HTTP API look like.
//!
//! Twins of domain values with serde, used by the handlers and by the command line alike. Ids, digests, names
//! and money travel as text, enums as their words, moments as milliseconds since 1970, so that every client
//! reads the same value. Request types refuse keys they do not know; answer types may gain keys.

mod answer;
mod approval;
mod attention;
mod budget;
mod call;
mod dead_letter;
mod identity;
mod journal;
mod outlet;
mod output;
mod page;
mod person;
mod place;
mod policy;
mod problem;
mod run;
mod server;
mod stop;
mod suggestion;
mod tool;
mod undo;

pub use answer::{
    Answer, Cost, Decision, Duty, Effect, Escalation, Failure, JournalPosition, PolicyPlace,
    Reason, Requirement, UndoOffer,
};
pub use approval::{
    Approval, ApprovalDetails, ApprovalLink, Approve, AskAgent, Confirm, Done, DutyRecord,
    EditCall, EffectView, Escalate, Excluded, MayDecide, Needs, PastApproval, Reject, Remark,
    RequestChange, Rule, Shown, Similar, Supersedes, Vote,
};
pub use attention::{
    AgentAttention, Attention, CloseIncident, GroupAttention, Incident, PersonAttention,
};
pub use budget::{Amounts, Budget, Limits, Raise};
pub use call::{
    Call, CallDetails, Change, Contact, Execution, ExpectedEffect, Explanation, FileState,
    PlanView, Printed, Proposal, Resolve, Withdraw,
};
pub use dead_letter::{DeadLetter, DeadLetterDetails, Probed, SettleLetter};
pub use identity::{Agent, Grant, Key, MadeAgent, MadeKey, NewAgent, NewKey, Revoke, WhoAmI};
pub use journal::{Entry, Head, Verification, Verify};
pub use outlet::{LinkPerson, Outlet, OutletTest, SignedDecision, TestOutlet};
pub use output::{Begun, Missed, Output};
pub use page::Page;
pub use person::{
    AddPasskey, BeginNewPasskey, BeginPasskey, ChangePerson, GoTo, Invitation, Invite,
    LinkIdentity, LoggedOut, LoginIssuer, NewPerson, Passkey, PasskeyOptions, Person,
    RecoveryCodes, Session, UseLink, UsePasskey, UseRecoveryCode,
};
pub use place::{SetMode, Space, Workflow};
pub use policy::{CheckPolicies, CheckedPolicies, Policies, PolicyFile, PolicyProblem, PolicyRule};
pub use problem::Problem;
pub use run::{
    Difference, EndRun, OpenRun, Replay, ReplayReport, ResumeRun, Run, RunScore, UndoLast, Undone,
    UndoneCall,
};
pub use server::{LeftOut, Pack, PackTool, RestartServer, Server};
pub use stop::{
    Drill, KillAct, KillPlan, Lever, Lift, OrderDrill, OrderKill, OrderStop, PlanKill, Reach,
    RolledBack, Stop, StopReceipt, StopReport, StoppedCall,
};
pub use suggestion::Suggestion;
pub use tool::{
    AcceptTool, ClassView, Classified, ClassifyTool, DiffLine, Finding, HeldBack, RefuseTool, Tool,
    ToolDetails, ToolDiff, UpstreamTool,
};
pub use undo::{UndoAct, UndoAsk, UndoReport};
