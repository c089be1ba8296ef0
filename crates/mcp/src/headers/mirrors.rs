//! Which arguments of a tool travel in headers too: the `x-mcp-header` annotations of its schema (specification 2026-07-28,
//! "Custom Headers from Tool Parameters").
//!
//! In: an `inputSchema`. Out: header names with the path of their argument, or why the tool has to be left out. An annotation
//! counts only on a property that is reached through `properties` alone; anywhere else it makes the tool invalid, because
//! two readers might disagree where the argument stands. What is data in a schema (`const`, `default`, …) is not searched.

use std::collections::BTreeSet;

use contract::visible::short;
use domain::limits;
use serde_json::{Map, Value};

use super::PARAM_PREFIX;

/// The annotation.
const ANNOTATION: &str = "x-mcp-header";
/// Keywords whose values are data.
const DATA: [&str; 6] = ["const", "default", "dependentRequired", "enum", "examples", "required"];
/// Keywords whose values are schemas by name.
const NAMED: [&str; 4] = ["$defs", "definitions", "dependentSchemas", "patternProperties"];

/// The arguments of one tool that travel in headers too.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mirrors(Vec<Mirror>);

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mirror {
    name: String,
    path: Vec<String>,
}

/// Why a tool's annotations are invalid. A tool with such annotations is not offered over HTTP.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadAnnotation {
    /// Not the name of a header.
    #[error(
        "`x-mcp-header` at `{at}` is {given}, expected letters, digits and the signs of a header's name"
    )]
    Name {
        /// Where.
        at: String,
        /// What stands there.
        given: String,
    },
    /// Two of one name.
    #[error(
        "`x-mcp-header` at `{at}` names `{name}` a second time, expected each name once whatever its case"
    )]
    Twice {
        /// Where the second stands.
        at: String,
        /// The name.
        name: String,
    },
    /// A type that has no form in a header.
    #[error(
        "`x-mcp-header` at `{at}` stands on another type, expected `string`, `integer` or `boolean`"
    )]
    Type {
        /// Where.
        at: String,
    },
    /// Not reached through `properties` alone.
    #[error("`x-mcp-header` at `{at}` is not reached through `properties` alone")]
    Place {
        /// Where.
        at: String,
    },
    /// Too many.
    #[error("more than {max} arguments have `x-mcp-header`", max = limits::MIRRORED_ARGUMENTS_MAX)]
    TooMany,
}

/// Whether annotations count where a search stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reach {
    /// The schema itself.
    Root,
    /// Through `properties` alone.
    Property,
    /// Any other way.
    Elsewhere,
}

/// A search through one schema.
#[derive(Default)]
struct Search<'a> {
    found: Vec<Mirror>,
    names: BTreeSet<String>,
    path: Vec<&'a str>,
}

impl Mirrors {
    /// Reads the annotations of a tool's `inputSchema`.
    ///
    /// # Errors
    /// When one breaks a rule: the tool is left out then.
    pub fn of(input_schema: &Value) -> Result<Self, BadAnnotation> {
        let mut search = Search::default();
        search.schema(input_schema, Reach::Root)?;
        Ok(Self(search.found))
    }

    /// Whether no argument travels in a header.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Mirror> {
        self.0.iter()
    }
}

impl Mirror {
    /// The header's name.
    pub(super) fn header(&self) -> String {
        format!("{PARAM_PREFIX}{}", self.name)
    }

    /// The argument; none if it is not given or null.
    pub(super) fn argument<'a>(&self, arguments: Option<&'a Value>) -> Option<&'a Value> {
        let steps = self.path.iter();
        steps.fold(arguments, |at, step| at?.get(step)).filter(|value| !value.is_null())
    }
}

impl<'a> Search<'a> {
    fn schema(&mut self, schema: &'a Value, reach: Reach) -> Result<(), BadAnnotation> {
        match schema {
            Value::Object(schema) => self.object(schema, reach),
            Value::Array(schemas) => {
                schemas.iter().try_for_each(|schema| self.schema(schema, Reach::Elsewhere))
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Ok(()),
        }
    }

    fn object(
        &mut self,
        schema: &'a Map<String, Value>,
        reach: Reach,
    ) -> Result<(), BadAnnotation> {
        if let Some(name) = schema.get(ANNOTATION) {
            self.annotation(name, schema, reach)?;
        }
        for (keyword, value) in schema {
            match (keyword.as_str(), value) {
                (keyword, _) if keyword == ANNOTATION || DATA.contains(&keyword) => {}
                ("properties", Value::Object(properties)) => {
                    let deeper = match reach {
                        Reach::Root | Reach::Property => Reach::Property,
                        Reach::Elsewhere => Reach::Elsewhere,
                    };
                    self.named(properties, deeper)?;
                }
                (keyword, Value::Object(schemas)) if NAMED.contains(&keyword) => {
                    self.named(schemas, Reach::Elsewhere)?;
                }
                (keyword, value) => self.step(keyword, value, Reach::Elsewhere)?,
            }
        }
        Ok(())
    }

    fn named(
        &mut self,
        schemas: &'a Map<String, Value>,
        reach: Reach,
    ) -> Result<(), BadAnnotation> {
        schemas.iter().try_for_each(|(name, schema)| self.step(name, schema, reach))
    }

    fn step(
        &mut self,
        name: &'a str,
        schema: &'a Value,
        reach: Reach,
    ) -> Result<(), BadAnnotation> {
        self.path.push(name);
        self.schema(schema, reach)?;
        self.path.pop();
        Ok(())
    }

    fn annotation(
        &mut self,
        name: &Value,
        schema: &Map<String, Value>,
        reach: Reach,
    ) -> Result<(), BadAnnotation> {
        let at = || short(&self.path.join("/"));
        match reach {
            Reach::Property => {}
            Reach::Root | Reach::Elsewhere => return Err(BadAnnotation::Place { at: at() }),
        }
        let Some(name) = name.as_str().filter(|name| is_token(name)) else {
            return Err(BadAnnotation::Name { at: at(), given: short(&name.to_string()) });
        };
        let kind = schema.get("type").and_then(Value::as_str);
        if !matches!(kind, Some("string" | "integer" | "boolean")) {
            return Err(BadAnnotation::Type { at: at() });
        }
        if self.names.contains(&name.to_ascii_lowercase()) {
            return Err(BadAnnotation::Twice { at: at(), name: short(name) });
        }
        if self.found.len() == limits::MIRRORED_ARGUMENTS_MAX {
            return Err(BadAnnotation::TooMany);
        }
        self.names.insert(name.to_ascii_lowercase());
        let path = self.path.iter().map(|&step| step.to_owned()).collect();
        self.found.push(Mirror { name: name.to_owned(), path });
        Ok(())
    }
}

/// Whether this can be part of a header's name (RFC 9110, section 5.6.2, `token`), and is not absurdly long.
fn is_token(name: &str) -> bool {
    let sign = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    (1..=limits::NAME_CHARS_MAX).contains(&name.len()) && name.bytes().all(sign)
}
