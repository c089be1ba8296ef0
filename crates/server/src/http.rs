//! How HTTP is spoken: connections, who asks, strict bodies, and what a response says of itself.
//!
//! ```text
//! listen -> guard (host, origin) -> who (key -> identity) -> body (strict JSON) -> handlers -> delivery
//! ```
//! What a request means is the business of `handlers`.

pub(crate) mod body;
pub(crate) mod delivery;
pub(crate) mod flood;
pub(crate) mod guard;
pub(crate) mod listen;
pub(crate) mod who;
