//! The endpoint for clients of the Model Context Protocol, as such clients see it: real requests on loopback.
//!
//! Each file asks one question; `peer.rs` speaks both eras, `upstream.rs` is a scripted server behind the endpoint.

mod bad_input;
mod changes;
mod legacy;
mod modern;
mod parking;
pub(crate) mod peer;
mod questions;
mod servers;
pub(crate) mod upstream;
