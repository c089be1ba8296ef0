//! The outside contract: HTTP API, authentication, configuration, wiring.
//!
//! ```text
//! config -> rules -> serve -> routes -> http (guard, allow, who, body) -> handlers -> gate
//! ```
//! In: configuration and requests. Out: a running server, answers, an OpenAPI document. `wire` holds what
//! travels, for the command line too. Nothing is decided here: that is the gate's and the policies' business.

pub mod config;
pub mod jail;
pub mod login;
pub mod logs;
pub mod offline;
pub mod rights;
pub mod routes;
pub mod rules;
pub mod serve;
pub mod wire;

mod app;
mod auth;
mod briefs;
mod catalogue;
mod clock;
mod console;
mod convert;
mod deciders;
mod drill;
mod explain;
mod handlers;
mod http;
mod key_text;
mod listing;
mod logins;
mod mcp;
mod metrics;
mod outlets;
mod passkey;
mod plans;
mod recorded;
mod rescue;
mod rows;
mod secrets;
mod stop_file;
mod suggest;

pub use config::Config;
pub use http::control::path as control_socket;
pub use serve::{Ended, FirstKeys, Running, ShowKeys, serve};
