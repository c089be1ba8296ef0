//! Our corpus in the format of Cedar's integration tests: what Cedar says is what the files expect, and what
//! the index says is what Cedar says, although it evaluates fewer policies and in several sets.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use cedar_policy::{
    Authorizer, Context, Decision, Entities, EntityUid, PolicySet as CedarSet, Request, Schema,
    ValidationMode, Validator, pst,
};
use serde::Deserialize;
use serde_json::Value;

use crate::index::{Index, Indexed, Role};
use crate::needs::Needs;
use crate::rule::Scope;
use crate::tally::tally;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Corpus {
    schema: String,
    policies: String,
    entities: String,
    should_validate: bool,
    requests: Vec<Asked>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    description: String,
    principal: Value,
    action: Value,
    resource: Value,
    context: Value,
    decision: Decision,
    reason: BTreeSet<String>,
    errors: BTreeSet<String>,
}

/// Decision, reasons and erring policies.
type Said = (Decision, BTreeSet<String>, BTreeSet<String>);

struct Loaded {
    corpus: Corpus,
    schema: Schema,
    policies: CedarSet,
    entities: Entities,
}

fn load(name: &str) -> Loaded {
    let text = |file: &str| {
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/corpus").join(file);
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    };
    let corpus: Corpus = serde_json::from_str(&text(name)).unwrap();
    let (schema, _) = Schema::from_cedarschema_str(&text(&corpus.schema)).unwrap();
    let policies: CedarSet = text(&corpus.policies).parse().unwrap();
    let entities = Entities::from_json_str(&text(&corpus.entities), Some(&schema)).unwrap();
    Loaded { corpus, schema, policies, entities }
}

fn request(loaded: &Loaded, asked: &Asked) -> Request {
    let uid = |value: &Value| EntityUid::from_json(value.clone()).unwrap();
    let action = uid(&asked.action);
    let context =
        Context::from_json_value(asked.context.clone(), Some((&loaded.schema, &action))).unwrap();
    Request::new(uid(&asked.principal), action, uid(&asked.resource), context, Some(&loaded.schema))
        .unwrap()
}

fn bare(loaded: &Loaded, request: &Request) -> Said {
    let response = Authorizer::new().is_authorized(request, &loaded.policies, &loaded.entities);
    let reasons = response.diagnostics().reason().map(ToString::to_string).collect();
    let errors = response.diagnostics().errors().map(
        |cedar_policy::AuthorizationError::PolicyEvaluationError(error)| {
            error.policy_id().to_string()
        },
    );
    (response.decision(), reasons, errors.collect())
}

fn through_index(loaded: &Loaded, request: &Request) -> Said {
    let policies: Vec<cedar_policy::Policy> = loaded.policies.policies().cloned().collect();
    let scopes: Vec<Scope> = policies
        .iter()
        .map(|policy| match policy.to_pst().unwrap() {
            pst::Policy::Static(tree) => Scope::of(tree.body()),
            pst::Policy::Linked(_) => panic!("the corpus has no templates"),
        })
        .collect();
    let indexed: Vec<Indexed<'_>> = policies
        .iter()
        .zip(&scopes)
        .map(|(policy, scope)| Indexed {
            policy,
            scope,
            premise: None,
            needs: Needs::everything(),
            role: match policy.effect() {
                cedar_policy::Effect::Permit => Role::Permit,
                cedar_policy::Effect::Forbid => Role::Forbid,
            },
            reads_plan: false,
            unconditional: false,
        })
        .collect();
    let key = |uid: &EntityUid| format!("{}::{}", uid.type_name(), uid.id().unescaped());
    let chain = |uid: &EntityUid| -> Vec<String> {
        let above = loaded.entities.ancestors(uid).into_iter().flatten();
        std::iter::once(uid).chain(above).map(key).collect()
    };
    let actions = loaded.schema.actions().map(|action| (key(action), chain(action).split_off(1)));
    let index = Index::build(&indexed, actions).unwrap();
    let places = index.places(&key(request.action().unwrap())).unwrap();
    let scoped =
        places.scoped(&chain(request.principal().unwrap()), &chain(request.resource().unwrap()));
    let buckets: Vec<_> = places.open().chain(scoped).collect();
    let evaluated: usize = buckets.iter().map(|bucket| bucket.decide.policies().count()).sum();
    assert!(evaluated < policies.len(), "the index leaves out nothing");
    let found = tally(buckets.iter().map(|bucket| &bucket.decide), request, &loaded.entities);
    let errors = found.errors.into_keys().collect();
    if found.forbids.is_empty() && !found.permits.is_empty() {
        (Decision::Allow, found.permits, errors)
    } else {
        (Decision::Deny, found.forbids, errors)
    }
}

fn check(name: &str, at_least: usize) {
    let loaded = load(name);
    let validated =
        Validator::new(loaded.schema.clone()).validate(&loaded.policies, ValidationMode::Strict);
    assert_eq!(validated.validation_passed(), loaded.corpus.should_validate, "{name}: {validated}");
    assert!(loaded.corpus.requests.len() >= at_least, "{name}");
    for asked in &loaded.corpus.requests {
        let request = request(&loaded, asked);
        let expect = (asked.decision, asked.reason.clone(), asked.errors.clone());
        assert_eq!(bare(&loaded, &request), expect, "{name}, Cedar: {}", asked.description);
        assert_eq!(
            through_index(&loaded, &request),
            expect,
            "{name}, index: {}",
            asked.description
        );
    }
}

#[test]
fn hierarchies_patterns_and_erring_forbids_are_what_the_corpus_says() {
    check("documents.json", 25);
}

#[test]
fn addresses_decimals_moments_and_unions_are_what_the_corpus_says() {
    check("arguments.json", 30);
}
