//! Between the two eras of the protocol: what a modern peer needs and a legacy one may not see, and the other way round
//! (specification 2026-07-28, "Key Changes").
//!
//! ```text
//! client of era A --requests, capabilities, answers--> gateway --requests--> server of era B
//!                 <--results, errors, notifications, tools, questions--
//! ```
//! Pure functions on what a message carries; each rule names its chapter where it stands and has its line in
//! `bridge/tests.rs`. What is not named by a rule passes as it is. Not here: who may ask what, and what was called.

mod capabilities;
mod errors;
mod greeting;
mod questions;
mod requests;
mod results;
mod tools;

#[cfg(test)]
mod tests;

pub use self::capabilities::{capabilities_to_client, capabilities_to_server};
pub use self::errors::{error_to_client, questions_of};
pub use self::greeting::{Greeting, greeting};
pub use self::questions::{NotAskable, may_be_asked, question_to_legacy};
pub use self::requests::{dress, passes};
pub use self::results::{ResultKind, kind, put_server_info, result_to_client};
pub use self::tools::{needs_task, tool_to_client};
