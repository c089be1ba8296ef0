//! Credentials against real authorization servers on loopback: every way to a token, and every refusal on the way.
//! Each test has servers of its own, on loopback only.

mod around;
mod bearers;
mod clients;
mod discovery;
mod logins;
mod secrets;
mod sources;
mod stored;
mod tokens;
