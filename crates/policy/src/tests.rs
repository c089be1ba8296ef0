//! Tests that look inside: the mapping of arguments, and the corpus through the index.
//!
//! Whatever can be promised through the public interface is tested in `tests/it`; only what needs the schema,
//! the mapping or single buckets stands here.

#[path = "../tests/it/support.rs"]
#[expect(dead_code, reason = "shared with the integration tests, which use all of it")]
mod support;

mod corpus;
mod mapping;
