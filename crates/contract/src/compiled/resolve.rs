//! Arguments as given to arguments as they run.
//!
//! Each step only narrows what the next one sees, so the order of the steps is part of the rule. Tests: `tests/it/resolve.rs`.

use serde_json::{Map, Value};

use super::{Compiled, Kind, Resolved};
use crate::canonical::{canonical, digest, digest_of};
use crate::kinds::{self, KindError};
use crate::mask;
use crate::path::WorkspacePath;
use crate::pointer;
use crate::problem::{ArgumentError, Problem, ProblemKind};
use crate::schema::{briefly, explain};
use crate::visible::short;
use domain::{ArgumentKind, Idempotency, PrincipalChain, PrincipalPart, Resource};

impl Compiled {
    /// Checks and resolves the arguments of one call. `arguments` were read by [`crate::strict`]; `root` is the
    /// workspace's absolute path if callers may use it.
    pub fn resolve(
        &self,
        arguments: &Value,
        chain: &PrincipalChain,
        root: Option<&str>,
    ) -> Result<Resolved, ArgumentError> {
        if let Some(pointer) = mask::place_of_mark(arguments) {
            let text = "contains a mask in place of a secret; give the real value, or leave this part as it is";
            return Err(ArgumentError::one(ProblemKind::Masked, &pointer, text));
        }
        let mut arguments = self.bind(arguments, chain)?;
        self.check_input(&arguments)?;
        let paths = self.canonicalise(&mut arguments, root)?;
        let resource = self.name_resource(&arguments)?;
        self.check_scope(&resource, &paths)?;
        let canonical = canonical(&arguments);
        let digest = digest(&canonical);
        let natural_key = self.natural_key(&arguments);
        let line = self.line.as_ref().map(|line| line.fill(&self.contract, &arguments));
        let command = line.transpose()?;
        Ok(Resolved { arguments, resource, canonical, digest, natural_key, paths, command })
    }

    fn check_input(&self, arguments: &Value) -> Result<(), ArgumentError> {
        let work = self.work.map(|work| work.input);
        if work.is_some_and(|work| !work.allows(arguments)) {
            let text = "are too many for this tool's schema, which checks each of them too often; give fewer values";
            return Err(ArgumentError::one(ProblemKind::Schema, "", text));
        }
        if self.input.is_valid(arguments) {
            return Ok(());
        }
        let problems = match work.is_none_or(|work| work.explains(arguments)) {
            true => {
                let secret = |pointer: &str| self.is_secret(pointer);
                explain(&self.input, &self.contract.input, arguments, &secret)
            }
            false => briefly(&self.contract.input, arguments),
        };
        Err(ArgumentError { problems })
    }

    /// Sets bound arguments, or compares them where given.
    fn bind(&self, given: &Value, chain: &PrincipalChain) -> Result<Value, ArgumentError> {
        let mut arguments = given.clone();
        let Value::Object(fields) = &mut arguments else { return Ok(arguments) };
        for bound in &self.contract.bound {
            let right = match bound.part {
                PrincipalPart::Tenant => chain.tenant.as_str(),
                PrincipalPart::Human => chain.human.0.as_str(),
                PrincipalPart::Agent => chain.agent.name.as_str(),
            };
            let value = fields.entry(bound.argument.clone()).or_insert_with(|| right.into());
            if value.as_str() != Some(right) {
                let text = format!(
                    "is set from the caller's {}; leave it out or give `{right}`",
                    bound.part.word()
                );
                let pointer = pointer::join("", &bound.argument);
                return Err(ArgumentError::one(ProblemKind::Bound, &pointer, text));
            }
        }
        Ok(arguments)
    }

    fn canonicalise(
        &self,
        arguments: &mut Value,
        root: Option<&str>,
    ) -> Result<Vec<(String, String)>, ArgumentError> {
        let mut problems = Vec::new();
        let mut paths = Vec::new();
        for Kind { pattern, kind, .. } in &self.kinds {
            pointer::each_mut(arguments, pattern, &mut |value, at| match canonical_value(
                *kind, value, root,
            ) {
                Ok(None) => {}
                Ok(Some(canonical)) => {
                    if *kind == ArgumentKind::Path {
                        paths.push((at.to_owned(), canonical.clone()));
                    }
                    *value = Value::String(canonical);
                }
                Err((kind, text)) => problems.push(Problem::new(kind, at, text)),
            });
        }
        if problems.is_empty() {
            return Ok(paths);
        }
        problems.truncate(crate::problem::PROBLEMS_MAX);
        Err(ArgumentError { problems })
    }

    fn name_resource(&self, arguments: &Value) -> Result<Resource, ArgumentError> {
        let kind = |name: &str| {
            let pointer = pointer::join("", name);
            self.kinds.iter().find(|kind| kind.pointer == pointer).map(|kind| kind.kind)
        };
        self.template.fill(arguments, kind).map_err(|name| {
            let text = "is needed to name the resource of this call; give it as plain text, in parts without `.` and `..` where it has several";
            ArgumentError::one(ProblemKind::Missing, &pointer::join("", &name), text)
        })
    }

    /// The call's resource and every path it names must lie in the contract's scope.
    fn check_scope(
        &self,
        resource: &Resource,
        paths: &[(String, String)],
    ) -> Result<(), ArgumentError> {
        let mut touched = vec![("", resource.clone())];
        for (at, path) in paths {
            touched.push((at.as_str(), Resource::new(format!("workspace:{path}"))));
        }
        for (pointer, resource) in touched {
            if !self.contract.scope.iter().any(|scope| scope.contains(&resource)) {
                let scopes: Vec<String> =
                    self.contract.scope.iter().map(|scope| format!("`{scope}`")).collect();
                let text = format!(
                    "`{}` is outside what `{}` may touch: {}",
                    short(resource.as_str()),
                    self.contract.name,
                    scopes.join(", ")
                );
                return Err(ArgumentError::one(ProblemKind::Scope, pointer, text));
            }
        }
        Ok(())
    }

    fn natural_key(&self, arguments: &Value) -> Option<domain::Digest> {
        let Idempotency::Natural(pointers) = &self.contract.idempotency else { return None };
        let found: Map<String, Value> = pointers
            .iter()
            .filter_map(|pointer| Some((pointer.clone(), arguments.pointer(pointer)?.clone())))
            .collect();
        (!found.is_empty()).then(|| digest_of(&Value::Object(found)))
    }
}

/// The canonical text of a value of this kind; `None` where it stays as it is.
fn canonical_value(
    kind: ArgumentKind,
    value: &Value,
    root: Option<&str>,
) -> Result<Option<String>, (ProblemKind, String)> {
    let text =
        || value.as_str().ok_or((ProblemKind::Kind, format!("expected text that is a {kind}")));
    let read = |read: fn(&str) -> Result<String, KindError>| {
        read(text()?).map(Some).map_err(|error| (ProblemKind::Kind, error.to_string()))
    };
    match kind {
        ArgumentKind::Path => WorkspacePath::parse(text()?, root)
            .map(|path| Some(path.as_str().to_owned()))
            .map_err(|error| (ProblemKind::Path, error.to_string())),
        ArgumentKind::Host => read(kinds::host),
        ArgumentKind::Url => read(kinds::url),
        ArgumentKind::Email => read(kinds::email),
        ArgumentKind::Money => kinds::money(value)
            .map(|money| value.is_string().then(|| money.to_string()))
            .map_err(|error| (ProblemKind::Kind, error.to_string())),
        ArgumentKind::Secret => Ok(None),
    }
}
