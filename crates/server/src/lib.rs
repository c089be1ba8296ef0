//! The outside contract: HTTP API, authentication, configuration, wiring.
