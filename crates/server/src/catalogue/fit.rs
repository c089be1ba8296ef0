//! Policies over the tools that they fit: one tool that makes a rule wrong is held back and harms no other.
//!
//! ```text
//! all contracts fit -> done.   own contracts do not fit -> the policies are wrong, for whoever wrote them.
//! else: halves, and halves of halves, until it is known which tools of servers do not fit
//! ```
//! In: sources, our own contracts, all contracts. Out: policies over all but the unfit, and why those are. A rule that names only
//! unfit tools sleeps, which is safe: nothing reaches them. Tests are at the end.

use std::collections::BTreeMap;
use std::sync::Arc;

use contract::Catalogue;
use domain::{Contract, ToolName, limits};
use policy::{LoadErrors, PolicySet, Source};

/// Policies, and the tools that they were made without.
#[derive(Debug)]
pub(super) struct Fitted {
    pub(super) policies: Arc<PolicySet>,
    pub(super) unfit: BTreeMap<ToolName, String>,
}

/// Loads policies over as many of the contracts as they fit.
///
/// # Errors
/// Policies that do not fit our own contracts.
pub(super) fn fit(
    sources: &[Source],
    (own, all): (&Catalogue, &Catalogue),
) -> Result<Fitted, LoadErrors> {
    let of_servers = all.iter().filter(|compiled| own.get(compiled.name()).is_none());
    let of_servers: Vec<&Contract> = of_servers.map(|compiled| &compiled.contract).collect();
    let own: Vec<&Contract> = own.iter().map(|compiled| &compiled.contract).collect();
    among(sources, &own, &of_servers)
}

fn among(sources: &[Source], own: &[&Contract], tools: &[&Contract]) -> Result<Fitted, LoadErrors> {
    let load = |some: &[&Contract]| PolicySet::load(sources, &[own, some].concat());
    let wrong = match load(tools) {
        Ok(policies) => {
            return Ok(Fitted { policies: Arc::new(policies), unfit: BTreeMap::new() });
        }
        Err(errors) if tools.is_empty() => return Err(errors),
        Err(errors) => errors,
    };
    // What does not fit without them is no fault of theirs.
    let without = load(&[])?;
    let mut search = Search { load: &load, left: limits::POLICY_FITS_MAX, unfit: BTreeMap::new() };
    let fit = search.fitting_of(tools, &wrong);
    match load(&fit) {
        Ok(policies) => Ok(Fitted { policies: Arc::new(policies), unfit: search.unfit }),
        // Each fits and together they do not: nobody can say which of them to trust.
        Err(errors) => {
            let unfit = tools.iter().map(|tool| (tool.name.clone(), first(&errors)));
            Ok(Fitted { policies: Arc::new(without), unfit: unfit.collect() })
        }
    }
}

struct Search<'a, Load> {
    load: &'a Load,
    /// How often policies may still be loaded.
    left: usize,
    unfit: BTreeMap<ToolName, String>,
}

impl<Load: Fn(&[&Contract]) -> Result<PolicySet, LoadErrors>> Search<'_, Load> {
    /// Those that fit of some tools that do not fit together; the others are noted.
    fn fitting_of<'c>(&mut self, tools: &[&'c Contract], wrong: &LoadErrors) -> Vec<&'c Contract> {
        if let [one] = tools {
            self.unfit.insert(one.name.clone(), first(wrong));
            return Vec::new();
        }
        let (one, other) = tools.split_at(tools.len() / 2);
        let mut fit = Vec::new();
        for half in [one, other] {
            match self.fits(half) {
                Some(Ok(())) => fit.extend_from_slice(half),
                Some(Err(wrong)) => fit.extend(self.fitting_of(half, &wrong)),
                None => {
                    let why = "too many tools do not fit the policies to find out which";
                    self.unfit.extend(half.iter().map(|tool| (tool.name.clone(), why.to_owned())));
                }
            }
        }
        fit
    }

    fn fits(&mut self, tools: &[&Contract]) -> Option<Result<(), LoadErrors>> {
        self.left = self.left.checked_sub(1)?;
        Some((self.load)(tools).map(|_| ()))
    }
}

/// The first error, in one line.
fn first(errors: &LoadErrors) -> String {
    errors.0.first().map(ToString::to_string).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use contract::discovered::{self, Definition, Given};
    use serde_json::json;

    use super::*;

    /// A tool with one argument of this type.
    fn tool(name: &str, kind: &str) -> Contract {
        let server = "srv".parse().unwrap();
        let raw = json!({ "name": name, "description": "Lists things.",
            "inputSchema": { "type": "object", "properties": { "a": { "type": kind } }, "required": ["a"] } });
        let full = format!("srv.{name}").parse().unwrap();
        let definition = Definition { server: &server, name: &full, wire: name, raw: &raw };
        let given = Given {
            pack: None,
            classification: None,
            attempts: None,
            timeout: std::time::Duration::from_secs(1),
        };
        discovered::contract(&definition, &given).compiled.unwrap().contract
    }

    fn source(text: &str) -> Vec<Source> {
        vec![Source { file: "p.cedar".to_owned(), text: text.to_owned() }]
    }

    const OVER_ALL: &str = r#"@id("a") @reason("r")
        permit (principal, action in [Action::"srv.one", Action::"srv.two", Action::"srv.three"], resource)
        when { context.args.a == 1 };"#;

    #[test]
    fn a_tool_that_makes_a_rule_wrong_is_held_back_alone() {
        let tools = [tool("one", "integer"), tool("two", "string"), tool("three", "integer")];
        let tools: Vec<&Contract> = tools.iter().collect();
        let fitted = among(&source(OVER_ALL), &[], &tools).unwrap();
        let unfit: Vec<&str> = fitted.unfit.keys().map(ToolName::as_str).collect();
        assert_eq!(unfit, ["srv.two"]);
        assert!(fitted.unfit.values().all(|why| why.contains("p.cedar:")), "{:?}", fitted.unfit);
        assert!(fitted.policies.contract(&"srv.one".parse().unwrap()).is_some());
        assert!(fitted.policies.contract(&"srv.two".parse().unwrap()).is_none());
        assert!(fitted.policies.rules().all(|rule| !rule.dormant));
    }

    #[test]
    fn what_is_wrong_without_any_server_is_the_authors_fault() {
        let one = tool("one", "integer");
        assert!(among(&source("permit ("), &[], &[&one]).is_err());
        assert!(among(&source("permit ("), &[], &[]).is_err());
    }

    #[test]
    fn finding_out_ends_and_what_nobody_looked_at_is_held_back() {
        let many: Vec<Contract> =
            (0..limits::POLICY_FITS_MAX * 2).map(|at| tool(&format!("t{at}"), "string")).collect();
        let many: Vec<&Contract> = many.iter().collect();
        let text = r#"@id("a") @reason("r") permit (principal, action, resource) when { context.args.a == 1 };"#;
        let fitted = among(&source(text), &[], &many).unwrap();
        assert_eq!(fitted.unfit.len(), many.len());
    }
}
