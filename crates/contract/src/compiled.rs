//! A contract ready for use: arguments to a resource, outputs to a yes or no.
//!
//! [`Compiled::resolve`] takes arguments that were read strictly and asks, in this order: masked values, arguments
//! bound to the principal, the schema, the kinds, the resource, the scope, the command line. What comes out is what runs: paths and
//! hosts are replaced by their canonical form, and the digest is over that. [`Compiled::check_output`]
//! asks size, schema and rules after the call. Nothing here looks at the world.

mod output;
mod resolve;

use jsonschema::Validator;
use serde_json::Value;

pub use output::OutputError;

use crate::command::Line;
use crate::mask;
use crate::pointer;
use crate::resource_template::Template;
use crate::schema::{self, SchemaError, Work};
use crate::types::{ArgumentTypes, argument_types};
use domain::{ArgumentKind, CommandLine, Contract, Digest, Resource, ToolName, UpstreamTool};

/// A contract with its compiled schemas.
#[derive(Debug)]
pub struct Compiled {
    /// The contract.
    pub contract: Contract,
    /// The arguments as policy sees them.
    pub types: ArgumentTypes,
    input: Validator,
    output: Validator,
    work: Option<Works>,
    template: Template,
    kinds: Vec<Kind>,
    line: Option<Line>,
}

/// What checking costs, where a stranger wrote the schemas.
#[derive(Debug, Clone, Copy)]
struct Works {
    input: Work,
    output: Work,
}

#[derive(Debug)]
struct Kind {
    pointer: String,
    pattern: Vec<String>,
    kind: ArgumentKind,
}

impl Kind {
    fn new(pointer: &str, kind: ArgumentKind) -> Result<Self, CompileError> {
        let pattern =
            pointer::steps(pointer).ok_or_else(|| CompileError::Pointer(pointer.to_owned()))?;
        Ok(Self { pointer: pointer.to_owned(), pattern, kind })
    }
}

/// Why a contract cannot be compiled.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CompileError {
    /// The input schema.
    #[error("the input schema is not valid at `{}`: {}", .0.pointer, .0.what)]
    Input(SchemaError),
    /// The output schema.
    #[error("the output schema is not valid at `{}`: {}", .0.pointer, .0.what)]
    Output(SchemaError),
    /// The resource template.
    #[error("the resource template has {0}")]
    Resource(&'static str),
    /// A kind's pointer.
    #[error("`{0}` is not a JSON pointer; expected one such as `/path`")]
    Pointer(String),
    /// The command's words.
    #[error("the command cannot be read: {0}")]
    Command(String),
}

/// A call's arguments as they run, and what they touch.
#[derive(Debug, Clone, PartialEq)]
pub struct Resolved {
    /// The arguments with bound values set, and paths, hosts, URLs, addresses and amounts in canonical form.
    pub arguments: Value,
    /// The resource of the call.
    pub resource: Resource,
    /// The canonical bytes of `arguments`.
    pub canonical: Vec<u8>,
    /// SHA-256 of `canonical`.
    pub digest: Digest,
    /// SHA-256 over the contract's natural key, where it declares one and it is there.
    pub natural_key: Option<Digest>,
    /// Every path argument: its JSON pointer and the resolved path.
    pub paths: Vec<(String, String)>,
    /// What the call runs, for a tool that is a command.
    pub command: Option<CommandLine>,
}

impl Compiled {
    /// Compiles a contract. Does not judge it: that is the business of [`crate::load`].
    pub fn new(contract: Contract) -> Result<Self, CompileError> {
        // What a server wrote may be of another dialect; what people write for Checkrein is of one.
        let compile = match contract.upstream.is_some() {
            true => schema::compile_any,
            false => schema::compile,
        };
        let input = compile(&contract.input).map_err(CompileError::Input)?;
        let output = compile(&contract.output).map_err(CompileError::Output)?;
        let template = Template::parse(&contract.resource).map_err(CompileError::Resource)?;
        let kinds = contract.kinds.iter().map(|(pointer, kind)| Kind::new(pointer, *kind));
        let kinds = kinds.collect::<Result<Vec<_>, CompileError>>()?;
        let line = contract.command.as_ref().map(Line::new).transpose();
        let line = line.map_err(CompileError::Command)?;
        let types = argument_types(&contract);
        let works = |_: &UpstreamTool| Works {
            input: Work::of(&contract.input),
            output: Work::of(&contract.output),
        };
        let work = contract.upstream.as_ref().map(works);
        Ok(Self { contract, types, input, output, work, template, kinds, line })
    }

    /// The tool's name.
    pub fn name(&self) -> &ToolName {
        &self.contract.name
    }

    /// The arguments with every argument of kind secret masked: for entries, logs, screens and answers.
    pub fn mask_secrets(&self, arguments: &Value) -> Value {
        let mut masked = arguments.clone();
        for kind in self.kinds.iter().filter(|kind| kind.kind == ArgumentKind::Secret) {
            pointer::each_mut(&mut masked, &kind.pattern, &mut |value, _| {
                *value = Value::String(mask::mark("secret"));
            });
        }
        masked
    }

    fn is_secret(&self, pointer: &str) -> bool {
        let secrets = self.kinds.iter().filter(|kind| kind.kind == ArgumentKind::Secret);
        let steps = pointer::steps(pointer).unwrap_or_default();
        let covers = |kind: &Kind| {
            // A problem with a value around or inside a secret would quote it too.
            kind.pattern.iter().zip(&steps).all(|(pattern, step)| pattern == "*" || pattern == step)
        };
        secrets.into_iter().any(covers)
    }
}
