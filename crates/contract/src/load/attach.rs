//! Safeguards of tools that another file describes, such as those that come with the program.
//!
//! In: every tool that was loaded, and the `[[safeguards]]` of one file. Out: the same tools, some of them stricter, with a
//! digest that covers that. A project may attach to any tool: safeguards only deny, hold and take back.

use domain::Contract;

use super::findings::Findings;
use super::{convert, judge, twin};
use crate::compiled::Compiled;
use crate::contract_form::contract_digest;
use crate::suggest;

pub(super) fn attach(
    loaded: &mut [Compiled],
    safeguards: Vec<(usize, twin::Safeguards)>,
    findings: &mut Findings<'_>,
) {
    for (index, given) in safeguards {
        let mut at = findings.in_list(twin::SAFEGUARDS, index);
        let name = given.tool.clone();
        let Some(place) = loaded.iter().position(|one| one.name().as_str() == name) else {
            let near = suggest::hint(&name, loaded.iter().map(|one| one.name().as_str()));
            let shown = crate::visible::short(&name);
            let what = format!("no contract file describes the tool `{shown}`{near}");
            at.add(&["tool"], what, "name a tool that has a contract file, or a built-in one");
            continue;
        };
        let Some(safeguards) = convert::safeguards(given, &mut at) else { continue };
        let Some(tool) = loaded.get_mut(place) else { continue };
        if !tool.contract.safeguards.is_empty() {
            let what = format!("`{name}` has safeguards already, here or in another file");
            at.add(&["tool"], what, "write all of them in one place");
            continue;
        }
        let contract = Contract { safeguards, ..tool.contract.clone() };
        let contract = Contract { digest: contract_digest(&contract), ..contract };
        judge::safeguards(&contract, &mut at);
        if !at.is_clean() {
            continue;
        }
        match Compiled::new(contract) {
            Ok(compiled) => *tool = compiled,
            Err(error) => at.add(&["tool"], error.to_string(), "correct it"),
        }
    }
}
