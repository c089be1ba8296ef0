//! The Model Context Protocol as values: what both of its ends share.
//!
//! ```text
//! bytes -> lines, sse, message -> Request | Notification | Response -> bytes
//!          headers    what HTTP repeats of a body, compared        names   a server's names and ours
//!          revision   the revisions that are served                rpc     errors of the protocol
//!          meta       keys that travel in `_meta`                  conversation   a call's line to its client
//!          bridge     between the two eras                         cursor  pages of our lists
//! ```
//! Messages are kept as JSON objects with every field they came with, known or not: what is not interpreted passes through
//! untouched. Not here: sockets and processes (`tools`, `server`), and what may be called (`gate`).

pub mod bridge;
pub mod cursor;
pub mod headers;
pub mod lines;
pub mod meta;
pub mod names;
pub mod sse;

mod conversation;
mod message;
mod revision;
mod rpc;

pub use conversation::{Client, Conversation, Conversations, FromTool, Line, Trace};
pub use message::{Id, Message, MessageError, Notification, Params, Request, Response};
pub use revision::{Era, Revision, UnknownRevision};
pub use rpc::{RpcCode, RpcError};
