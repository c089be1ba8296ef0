//! What the guard lets through: addresses, reach, redirects and bounds, against real servers on loopback.
//! Names are answered by the tests themselves; nothing but loopback is connected to.

mod addresses;
mod fetching;
mod reaching;
pub(in crate::mcp) mod server;
