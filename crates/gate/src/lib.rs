//! The journey of a tool call, and the ports it needs from the world.
//!
//! ```text
//! identify -> resolve -> judge -> recall -> preview -> judge -> admit -> dispatch -> observe -> settle
//! ```
//! Proposals go in, answers come out, and everything in between is readable in `journey.rs`. The gate holds
//! no store, clock, socket or tool of its own: it needs a `Journal`, a `World` and `Tool`s.

mod gate;
mod journey;
mod outlets;
mod people;
mod recovery;
mod runs;
mod sighting;
mod tick;
mod visible;
mod wait;

mod record;
mod refusal;
mod rescue;
mod state;

mod commit;
pub mod conformance;
pub mod payload;
mod permit;
mod port;
pub mod projection;
mod table;
mod watch;

pub use commit::{
    Commit, CommitError, Direction, Guard, Payload, Query, Receipt, Record, Row, SourceText,
    StoreError, Urgency,
};
pub use gate::{Gate, HeldBack, Rules, Setup};
pub use journey::{Identity, decide};
pub use outlets::{Message, OutletAt, Part, Place, goes_on_as};
pub use people::{
    ActReport, ActUndo, ApprovalRules, Brief, Difference, Done, FourEyes, GrantAsk, Link,
    LoginProof, No, OpenedSession, Outside, Party, Past, PersonAsk, PersonChange, Reach, Rendering,
    Said, SessionView, Similar, StopAsk, StopReceipt, Supersedes, UndoAsk, UndoOrder, UndoScope,
    Yes,
};
pub use permit::{Act, Permit, Preview, Read};
pub use port::{
    Invocation, Journal, KeyScope, Later, Recovered, Reply, Tool, ToolError, ToolErrorKind,
    Unfinished, World,
};
pub use recovery::RecoveryReport;
pub use refusal::{Credential, Refusal, Secret, VerifiedAgent};
pub use runs::RunAsk;
pub use sighting::Offered;
pub use table::{Cell, Column, Kind, Table, budget_columns};
pub use visible::Visible;
pub use watch::{Heard, Listener, Output, Stream, Watch};
