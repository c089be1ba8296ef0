//! Contracts and facts for tests: plain ones, which each test changes where it differs.
//!
//! The facts are of a call with nothing unusual, so that a verdict comes from what a test adds. Nothing here
//! asserts anything but that the starter policy loads; the crate's inner tests use this file too.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use checkrein_policy::{LoadErrors, PolicySet, Source};
use contract::{Catalogue, ContractFile, Origin};
use domain::{
    Advice, Agent, Amounts, Confidence, Consequence, Contract, EffectClass, Facts, History, Human,
    Idempotency, Labels, Maturity, Money, PlanFacts, PreviewMeans, PrincipalChain, Provenance,
    Resource, Timestamp, ToolFacts, UndoMeans, VerifyMeans,
};
use serde_json::{Value, json};

/// A contract with an input schema, of a class and with consequences.
pub(crate) fn tool(name: &str, class: EffectClass, input: Value) -> Contract {
    let mut contract = Contract {
        name: name.parse().unwrap(),
        version: 1,
        what: "does something".to_owned(),
        when_to_use: "in tests".to_owned(),
        side_effects: "none".to_owned(),
        input,
        output: json!({ "type": "object" }),
        output_rules: Vec::new(),
        errors: Vec::new(),
        effect_class: class,
        consequences: BTreeSet::new(),
        provenance: Provenance::Declared,
        scope: vec!["**".parse().unwrap()],
        kinds: BTreeMap::new(),
        bound: Vec::new(),
        resource: "test:one".to_owned(),
        idempotency: Idempotency::CallerKey,
        preview: PreviewMeans::None,
        undo: UndoMeans::None,
        outbox: None,
        verify: VerifyMeans::None,
        command: None,
        upstream: None,
        attempts: domain::Attempts::default(),
        timeout: Duration::from_secs(1),
        rate: None,
        cost_max: Money::ZERO,
        maturity: Maturity::Stable,
        output_labels: Labels::new(),
        output_bytes_max: 1_000,
        safeguards: domain::Safeguards::default(),
        digest: domain::Digest::default(),
    };
    contract.digest = contract::contract_digest(&contract);
    contract
}

/// The same contract with consequences.
pub(crate) fn hitting(mut contract: Contract, consequences: &[Consequence]) -> Contract {
    contract.consequences = consequences.iter().copied().collect();
    contract.digest = contract::contract_digest(&contract);
    contract
}

/// An object schema with these properties, none required, closed.
pub(crate) fn object(properties: Value) -> Value {
    json!({ "type": "object", "properties": properties, "additionalProperties": false })
}

/// Facts of a call of a tool, with nothing unusual.
pub(crate) fn facts(contract: &Contract, arguments: Value) -> Facts {
    Facts {
        now: Timestamp::from_millis(1_700_000_000_000),
        chain: PrincipalChain {
            tenant: "local".parse().unwrap(),
            human: Human("ada".parse().unwrap()),
            agent: Agent { name: "builder".parse().unwrap(), version: "1".to_owned() },
            parents: Vec::new(),
        },
        workflow: "work".parse().unwrap(),
        space: "experiment".parse().unwrap(),
        tool: ToolFacts {
            name: contract.name.clone(),
            contract: contract.digest,
            effect_class: contract.effect_class,
            consequences: contract.consequences.clone(),
            provenance: contract.provenance,
            maturity: contract.maturity,
            preview: contract.preview,
        },
        resource: Resource::new("test:one"),
        arguments,
        labels: Labels::new(),
        command: None,
        plan: None,
        no_preview: None,
        objection: None,
        input: None,
        approvals: BTreeSet::new(),
        autonomy: BTreeSet::new(),
        history: History::default(),
        budget_left: Amounts::<u64>::each(|_| None),
        advice: Advice {
            confidence: Confidence::from_hundredths(97),
            intent_stated: true,
            effects_stated: true,
        },
    }
}

/// A plan that touches these paths.
pub(crate) fn plan(paths: &[&str], restorable: bool) -> PlanFacts {
    PlanFacts {
        digest: domain::Digest::default(),
        paths: paths.iter().map(|path| (*path).to_owned()).collect(),
        creations: 0,
        overwrites: paths.len() as u64,
        deletions: 0,
        content_bytes: 10,
        restorable,
        ..PlanFacts::default()
    }
}

/// One file of policies over contracts.
pub(crate) fn load(text: &str, contracts: &[Contract]) -> Result<PolicySet, LoadErrors> {
    let sources = [Source { file: "test.cedar".to_owned(), text: text.to_owned() }];
    PolicySet::load(&sources, &contracts.iter().collect::<Vec<_>>())
}

/// Contracts of files tools and of the starter policy's fixtures.
pub(crate) fn starter_catalogue() -> Catalogue {
    let fixtures = ContractFile {
        name: checkrein_policy::STARTER_FIXTURES.file,
        text: checkrein_policy::STARTER_FIXTURES.text,
        origin: Origin::Project,
    };
    let files: Vec<ContractFile<'_>> =
        contract::builtin::FILES.into_iter().chain([fixtures]).collect();
    contract::load::all(&files).unwrap_or_else(|errors| panic!("{errors}"))
}

/// The starter policy over a catalogue.
pub(crate) fn starter_over(catalogue: &Catalogue) -> PolicySet {
    let compiled = catalogue.iter().map(|compiled| &**compiled);
    PolicySet::load_compiled(&checkrein_policy::starter(), compiled)
        .unwrap_or_else(|errors| panic!("{errors}"))
}
