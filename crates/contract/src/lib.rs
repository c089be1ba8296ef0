//! Contract text to contract values: strict JSON, compiled schemas, canonical form, argument kinds.
