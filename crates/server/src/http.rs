//! How HTTP is spoken: connections, who asks, strict bodies, and what a response says of itself.
//!
//! ```text
//! listen (tls) -> guard (host, origin: site) -> allow (rights) -> who (key, session -> identity) -> body (strict JSON) -> handlers -> delivery
//! ```
//! What a request means is the business of `handlers`.

pub(crate) mod allow;
pub(crate) mod body;
pub(crate) mod control;
pub(crate) mod delivery;
pub(crate) mod flood;
pub(crate) mod guard;
pub(crate) mod listen;
pub(crate) mod site;
pub(crate) mod tls;
pub(crate) mod who;
