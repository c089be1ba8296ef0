//! JSON Schema as Checkrein uses it: draft 2020-12, nothing fetched, bounded patterns.
//!
//! `format` is an annotation, as draft 2020-12 has it by default: what must be asserted is an argument kind, whose
//! rules are ours and exact. `pattern` runs on an engine without look-around whose time is linear in the
//! text, and whose compiled size is bounded. A `$ref` resolves inside its own document only, or to documents
//! given by the caller (`compile_with`, for the test suite). The suite runs in `tests/it/json_schema_suite.rs`.

mod explain;
mod work;

use jsonschema::error::ValidationErrorKind;
use jsonschema::{Draft, PatternOptions, Retrieve, Uri, ValidationError, Validator};
use serde_json::Value;

pub(crate) use explain::{briefly, explain};
pub(crate) use work::Work;

/// Bytes of one compiled pattern.
const PATTERN_BYTES_MAX: usize = 1 << 20;
/// The only `$schema` that is understood.
pub const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// Why a schema cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what}")]
pub struct SchemaError {
    /// What is wrong and what would be right.
    pub what: String,
    /// JSON pointer into the schema.
    pub pointer: String,
}

/// Compiles a schema. Anything remote is refused.
pub fn compile(schema: &Value) -> Result<Validator, SchemaError> {
    if let Some(other) = schema.get("$schema").filter(|dialect| !is_dialect(dialect)) {
        let what = format!("the dialect `{}` is not supported; expected `{DIALECT}`", text(other));
        return Err(SchemaError { what, pointer: "/$schema".into() });
    }
    compile_with(schema, Nowhere)
}

/// Compiles a schema that a stranger wrote: also one of draft-07, if it says so.
///
/// # Errors
/// What is wrong with the schema. Other dialects, and anything remote, are refused.
pub(crate) fn compile_any(schema: &Value) -> Result<Validator, SchemaError> {
    match is_draft_07(schema) {
        true => build(schema, Nowhere, Draft::Draft7),
        false => compile(schema),
    }
}

/// Whether a schema says that it is of draft-07.
pub(crate) fn is_draft_07(schema: &Value) -> bool {
    let dialect = schema.get("$schema").and_then(Value::as_str);
    dialect.is_some_and(|text| {
        let text = text.trim_end_matches('#');
        text == "http://json-schema.org/draft-07/schema"
            || text == "https://json-schema.org/draft-07/schema"
    })
}

/// As [`compile`], with documents from elsewhere. Of use to tests and to importers that bundle first.
pub fn compile_with(
    schema: &Value,
    documents: impl Retrieve + 'static,
) -> Result<Validator, SchemaError> {
    build(schema, documents, Draft::Draft202012)
}

fn build(
    schema: &Value,
    documents: impl Retrieve + 'static,
    draft: Draft,
) -> Result<Validator, SchemaError> {
    jsonschema::options()
        .with_draft(draft)
        .with_retriever(documents)
        .should_validate_formats(false)
        .with_pattern_options(
            PatternOptions::regex().size_limit(PATTERN_BYTES_MAX).dfa_size_limit(PATTERN_BYTES_MAX),
        )
        .build(schema)
        .map_err(|error| SchemaError {
            what: told(&error),
            pointer: error.instance_path().to_string(),
        })
}

fn told(error: &ValidationError<'_>) -> String {
    const CHARACTERS: usize = 300;
    let text: String = crate::visible::line(&error.to_string()).chars().take(CHARACTERS).collect();
    match matches!(error.kind(), ValidationErrorKind::Referencing(_)) {
        true => {
            format!("{text}; nothing is fetched: put it under `$defs` and refer to `#/$defs/…`")
        }
        false => text,
    }
}

fn is_dialect(dialect: &Value) -> bool {
    dialect.as_str().is_some_and(|text| text.trim_end_matches('#') == DIALECT)
}

fn text(value: &Value) -> String {
    crate::visible::short(value.as_str().unwrap_or("not text"))
}

struct Nowhere;

impl Retrieve for Nowhere {
    fn retrieve(
        &self,
        uri: &Uri<String>,
    ) -> Result<Value, Box<dyn std::error::Error + Send + Sync>> {
        Err(format!("`{uri}` is remote").into())
    }
}
