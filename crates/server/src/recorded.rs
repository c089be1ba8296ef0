//! Policies as they were: from the texts that the journal keeps with each version.
//!
//! A version's text holds its policy files and its contracts. Contracts that are still in force are taken as they are;
//! others are read back through the loader of contract files, and must come out exactly as they were recorded.

use contract::{Catalogue, Compiled, ContractFile, Origin};
use domain::{Code, Contract, Digest};
use policy::{PolicySet, Source};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::app::App;
use crate::rescue::{Refused, Result};

/// The text of a version.
#[derive(Debug, Deserialize)]
struct Text {
    contracts: Vec<Value>,
    policies: Vec<File>,
}

#[derive(Debug, Deserialize)]
struct File {
    file: String,
    text: String,
}

/// A version's policies, or why they cannot be had again. The recorded text counts, not what is in force: a text that
/// was changed is then another version.
pub(crate) async fn policies(app: &App, version: Digest) -> Result<PolicySet> {
    let (text, known) = text(app, version).await?;
    let loaded = tokio::task::spawn_blocking(move || load(text, &known, None));
    let policies = loaded.await.map_err(Refused::internal)?.map_err(gone)?;
    let found = policies.version();
    if found == version {
        return Ok(policies);
    }
    Err(gone(format!("the recorded text of policy {version} is that of {found}")))
}

/// Other policies over the contracts of a version.
pub(crate) async fn other_policies(
    app: &App,
    version: Digest,
    sources: Vec<Source>,
) -> Result<PolicySet> {
    let (text, known) = text(app, version).await?;
    let loaded = tokio::task::spawn_blocking(move || load(text, &known, Some(sources)));
    let fix = "correct the policies; `checkrein policy check` shows the same";
    loaded.await.map_err(Refused::internal)?.map_err(|why| Refused::new(Code::BadPolicy, why, fix))
}

async fn text(app: &App, version: Digest) -> Result<(Text, Catalogue)> {
    let text = app.journal().source(version).await?;
    let text = text.ok_or_else(|| gone(format!("the text of policy {version} is not kept")))?;
    let text = serde_json::from_str(&text)
        .map_err(|error| gone(format!("the text of policy {version} is damaged: {error}")))?;
    Ok((text, app.gate.rules().catalogue.clone()))
}

fn gone(why: String) -> Refused {
    Refused::new(Code::NotReplayable, why, "verify the journal: `checkrein journal verify`")
}

fn load(
    text: Text,
    known: &Catalogue,
    sources: Option<Vec<Source>>,
) -> std::result::Result<PolicySet, String> {
    let contracts: Vec<Contract> = text
        .contracts
        .into_iter()
        .map(|one| contract(one, known))
        .collect::<std::result::Result<_, _>>()?;
    let recorded = text.policies.into_iter();
    let recorded = recorded.map(|one| Source { file: one.file, text: one.text }).collect();
    let contracts: Vec<&Contract> = contracts.iter().collect();
    PolicySet::load(&sources.unwrap_or(recorded), &contracts).map_err(|errors| errors.to_string())
}

fn contract(recorded: Value, known: &Catalogue) -> std::result::Result<Contract, String> {
    let name = recorded.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
    let same = |compiled: &&std::sync::Arc<Compiled>| {
        contract::contract_json(&compiled.contract) == recorded
    };
    if let Some(compiled) = known.find(&name).filter(same) {
        return Ok(compiled.contract.clone());
    }
    let damaged = |why: String| format!("the recorded contract of `{name}` is damaged: {why}");
    let text = file_text(&recorded).map_err(damaged)?;
    // Whatever it may say of itself, it was in force then.
    let file = ContractFile { name: "recorded", text: &text, origin: Origin::Recorded };
    let loaded = contract::load::file(&file).map_err(|errors| damaged(errors.to_string()))?;
    let found = loaded.into_iter().next().map(|compiled| compiled.contract);
    let found = found.filter(|found| contract::contract_json(found) == recorded);
    found.ok_or_else(|| damaged("it reads back as another one".to_owned()))
}

/// A recorded contract as the text of a contract file: the same words, schemas as text, no nulls.
fn file_text(recorded: &Value) -> std::result::Result<String, String> {
    let fields = recorded.as_object().ok_or("expected an object")?;
    let written = |(key, value): (&String, &Value)| match (key.as_str(), value) {
        (_, Value::Null) => None,
        ("input" | "output", schema) => Some((key.clone(), Value::String(schema.to_string()))),
        (_, value) => Some((key.clone(), value.clone())),
    };
    let tool: Map<String, Value> = fields.iter().filter_map(written).collect();
    toml::to_string(&serde_json::json!({ "tool": [tool] })).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use contract::Installation;
    use domain::{CommandRole, CredentialSource, JailNeeds, NamedCommand, Remote};

    use super::*;

    /// With what an operator may name, which is recorded as part of the contracts.
    fn built_in() -> Catalogue {
        let needs = JailNeeds {
            reads: vec!["/opt/node".to_owned()],
            caches: vec!["node_modules/.cache".to_owned()],
            hosts: Vec::new(),
            environment: [("CI".to_owned(), "1".to_owned())].into(),
        };
        let arguments = vec!["run".to_owned(), "test".to_owned()];
        let role = Some(CommandRole::Test);
        let command = NamedCommand { program: "npm".to_owned(), arguments, role, needs };
        let remote = Remote {
            name: "origin".to_owned(),
            url: "https://example.org/x".to_owned(),
            credential: Some(CredentialSource::Environment("TOKEN".to_owned())),
        };
        let installation = Installation::new(vec![command], vec![remote]).unwrap();
        contract::load::installed(&contract::builtin::FILES, &installation).unwrap()
    }

    #[test]
    fn every_built_in_contract_reads_back_from_its_record() {
        let built_in = built_in();
        let nothing = Catalogue::default();
        for compiled in built_in.iter() {
            let recorded = contract::contract_json(&compiled.contract);
            let read = contract(recorded, &nothing).unwrap();
            assert_eq!(read.digest, compiled.contract.digest, "{}", compiled.name());
        }
    }

    #[test]
    fn a_record_that_was_changed_is_refused() {
        let built_in = built_in();
        let mut recorded = contract::contract_json(&built_in.find("files.read").unwrap().contract);
        recorded["surplus"] = Value::Bool(true);
        assert!(contract(recorded, &Catalogue::default()).unwrap_err().contains("damaged"));
    }
}
