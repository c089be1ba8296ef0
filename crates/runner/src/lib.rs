//! The jail: runs one program in one place, once or for as long as it is talked with, and tells what happened.
//!
//! ```text
//! supervisor (the caller's process)            the same program again, as `<self> __jail`
//!   Jailer::run(order) --- order, limits --->   outer: new namespaces, identities
//!     reads output, keeps the clock             init (process 1): empty root, mounts, watch, report
//!     serves the connecting proxy  <--- fds --- upper layer, proxy's listener
//!   Finished                                    the command: no rights, Landlock, seccomp, limits
//!   Jailer::start(order) -> Session, Pipes      the same for a program that is talked with
//! ```
//! In: an [`Order`]. Out: a [`Finished`], with the upper layer as a directory that vanishes when it is closed. It knows
//! nothing of calls, contracts or plans, and never asks whether a command may run. Tests are in `tests/it`.

mod channel;
mod error;
mod finished;
mod jail;
mod ladder;
pub mod limits;
mod order;
mod proxy;
mod report;
mod supervisor;
mod sys;

pub use self::error::Error;
pub use self::finished::{
    Captured, Cause, Chunk, Contact, Ended, Finished, SessionEnd, Stream, Took, Upper,
};
pub use self::jail::entry;
pub use self::ladder::{Finding, Ladder, Rung};
pub use self::limits::{Lifetime, Limits};
pub use self::order::{
    Access, Cache, Cover, HostRule, Mount, MountAccess, Network, Order, Unjailed,
};
pub use self::report::Step;
pub use self::supervisor::{Jailer, Pipes, Session};
