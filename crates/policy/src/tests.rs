//! Tests that look inside: the mapping of arguments, and the corpus through the index.

#[path = "../tests/it/support.rs"]
#[expect(dead_code, reason = "shared with the integration tests, which use all of it")]
mod support;

mod corpus;
mod mapping;
