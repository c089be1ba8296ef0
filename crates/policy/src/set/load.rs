//! Sources and contracts to a checked, indexed version.
//!
//! ```text
//! contracts -> tools (or quarantine) -> schema
//! sources   -> rules -> refusals of ours -> Cedar's strict validation -> index
//! ```
//! Everything that is wrong is reported at once. A rule that names only tools that are not in the catalogue is
//! dormant: it is read and kept, but neither validated nor evaluated.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use cedar_policy::{Entities, Entity, PolicySet as CedarSet, Schema, ValidationMode, Validator};
use contract::{ArgumentTypes, argument_types, closest, digest};
use domain::{Contract, Digest, ToolName, limits};

use super::{PolicySet, Tool};
use crate::annotation::Kind;
use crate::argument;
use crate::check;
use crate::entity::Types;
use crate::error::{LoadError, Place, Problem};
use crate::index::{Bucket, Index, Indexed, Role};
use crate::needs::Needs;
use crate::prospects::Outlook;
use crate::rule::{self, Rule};
use crate::schema;
use crate::suggest::hint;
use crate::{LoadErrors, Source};

/// Attributes of this call's own agent and resource, and no other entity's.
const DEREFERENCES_MAX: u32 = 1;
/// Bumped when the meaning of a version changes although sources and schema do not.
const MEANING: &str = "checkrein-policy 1";

pub(super) fn load(sources: &[Source], catalogue: &[&Contract]) -> Result<PolicySet, LoadErrors> {
    let mut errors = Vec::new();
    let sources = sorted(sources, &mut errors);
    let mut rules: Vec<Rule> =
        sources.iter().flat_map(|source| rule::parse(source, &mut errors)).collect();
    unique(&rules, &mut errors);
    let Tools { mut tools, mut quarantined } = tools(catalogue);
    let types = Types::new().map_err(|error| internal(&error))?;
    let fragment = schema_of(&mut tools, &mut quarantined, &rules)?;
    let action = |name: &str, groups: Vec<String>| {
        let groups: HashSet<_> = groups.iter().map(|group| types.action(group)).collect();
        Entity::new_no_attrs(types.action(name), groups)
    };
    for rule in &mut rules {
        place_rule(rule, &tools, &mut errors);
    }
    validate(&rules, &fragment.schema, &sources, &mut errors);
    if !errors.is_empty() {
        errors.sort();
        errors.dedup();
        return Err(LoadErrors(errors));
    }
    let (index, everything) = index(&rules, &tools).map_err(|error| internal(&error))?;
    let keys = |(name, (contract, _)): (&ToolName, &(&Contract, ArgumentTypes))| {
        let groups = groups(contract).into_iter().map(|group| action_key(&group));
        (name.clone(), groups.chain([action_key(name.as_str())]).collect())
    };
    let outlook = Outlook::new(rules.iter().filter(|rule| !rule.dormant), tools.iter().map(keys));
    let version = version(&sources, &tools, &fragment.text);
    let by_id = rules.iter().enumerate().map(|(at, rule)| (rule.id().to_owned(), at)).collect();
    let tools = tools.into_iter().map(|(name, (contract, types))| {
        let action = action(name.as_str(), groups(contract));
        let alone = Entities::from_entities([action.clone()], None);
        let alone = alone.map_err(|error| internal(&error))?;
        let key = action_key(name.as_str());
        Ok((name, Tool { contract: contract.clone(), types, action, alone, key }))
    });
    let tools = tools.collect::<Result<_, LoadErrors>>()?;
    Ok(PolicySet {
        version,
        sources,
        schema: fragment.text,
        types,
        tools,
        quarantined,
        rules,
        by_id,
        index,
        outlook,
        everything,
    })
}

fn sorted(sources: &[Source], errors: &mut Vec<LoadError>) -> Vec<Source> {
    let mut sources = sources.to_vec();
    sources.sort();
    for (one, next) in sources.iter().zip(sources.iter().skip(1)) {
        if one.file == next.file {
            let what = "another source has the same file name";
            errors.push(Problem::new(what, "give every file its own name").at(&start(&next.file)));
        }
    }
    sources
}

fn start(file: &str) -> Place {
    Place { file: file.to_owned(), line: 1, column: 1 }
}

/// An error of ours: it names no file of the author.
fn internal(error: &dyn std::fmt::Display) -> LoadErrors {
    let what = format!("the policies cannot be put together: {error}");
    let fix = "report this with the policies and contracts that cause it";
    LoadErrors(vec![Problem::new(what, fix).at(&start("policies"))])
}

fn unique(rules: &[Rule], errors: &mut Vec<LoadError>) {
    let mut first: HashMap<&str, &Rule> = HashMap::new();
    for rule in rules {
        if let Some(before) = first.get(rule.id()) {
            let what = format!(
                "`@id(\"{}\")` is used already, at {}:{}",
                rule.id(),
                before.at.file,
                before.at.line
            );
            errors.push(Problem::new(what, "give every policy an id of its own").at(&rule.at));
        } else {
            first.insert(rule.id(), rule);
        }
    }
    if let Some(rule) = rules.get(limits::POLICIES_MAX) {
        let what = format!("there are {} policies", rules.len());
        let fix = format!("at most {}", limits::POLICIES_MAX);
        errors.push(Problem::new(what, fix).at(&rule.at));
    }
}

type ByName<'a> = BTreeMap<ToolName, (&'a Contract, ArgumentTypes)>;

struct Tools<'a> {
    tools: ByName<'a>,
    quarantined: BTreeMap<ToolName, String>,
}

fn tools<'a>(catalogue: &[&'a Contract]) -> Tools<'a> {
    let mut tools = ByName::new();
    let mut quarantined = BTreeMap::new();
    for contract in catalogue {
        let types = argument_types(contract);
        let size: usize = types.fields.values().map(|(of, _)| argument::size(of)).sum();
        let name = contract.name.clone();
        if size > limits::ARGUMENT_TYPES_MAX {
            let why = format!(
                "its arguments have {size} parts, and policies can see {}",
                limits::ARGUMENT_TYPES_MAX
            );
            quarantined.insert(name, why);
        } else if tools.insert(name.clone(), (*contract, types)).is_some() {
            quarantined.insert(name, "two contracts describe it".to_owned());
        }
    }
    tools.retain(|name, _| !quarantined.contains_key(name));
    Tools { tools, quarantined }
}

fn groups(contract: &Contract) -> Vec<String> {
    schema::groups(contract.name.as_str(), contract.effect_class, &contract.consequences)
}

fn action_key(name: &str) -> String {
    format!("Action::{name}")
}

/// Names of actions in a rule's head, without their type.
fn scope_actions(rule: &Rule) -> impl Iterator<Item = &str> {
    let actions = rule.scope.actions.iter().flatten();
    actions.filter_map(|key| key.strip_prefix("Action::"))
}

/// Names of actions anywhere in a rule.
fn action_names(rule: &Rule) -> impl Iterator<Item = &str> {
    scope_actions(rule).chain(rule.reads.actions.iter().map(String::as_str))
}

struct Fragment {
    schema: Schema,
    text: String,
}

/// The schema over all tools; if Cedar refuses it, over those that it takes one by one.
fn schema_of(
    tools: &mut ByName<'_>,
    quarantined: &mut BTreeMap<ToolName, String>,
    rules: &[Rule],
) -> Result<Fragment, LoadErrors> {
    if let Ok(fragment) = fragment(tools.iter(), rules) {
        return Ok(fragment);
    }
    let alone: Vec<(ToolName, String)> = tools
        .iter()
        .filter_map(|tool| {
            let why = fragment(std::iter::once(tool), &[]).err()?;
            Some((tool.0.clone(), format!("its arguments cannot be mapped: {why}")))
        })
        .collect();
    for (name, why) in alone {
        tools.remove(&name);
        quarantined.insert(name, why);
    }
    fragment(tools.iter(), rules).map_err(|error| internal(&error))
}

fn fragment<'a>(
    tools: impl Iterator<Item = (&'a ToolName, &'a (&'a Contract, ArgumentTypes))>,
    rules: &[Rule],
) -> Result<Fragment, String> {
    let tools: Vec<(&str, Vec<String>, &ArgumentTypes)> =
        tools.map(|(name, (contract, types))| (name.as_str(), groups(contract), types)).collect();
    let present: BTreeSet<&str> = tools.iter().map(|(name, ..)| *name).collect();
    let absent = rules.iter().flat_map(action_names);
    let absent: BTreeSet<&str> =
        absent.filter(|name| !present.contains(name) && !name.contains(':')).collect();
    let json = schema::schema(
        tools.iter().map(|(name, groups, types)| (*name, groups.as_slice(), *types)),
        absent.into_iter().filter(|name| name.parse::<ToolName>().is_ok()),
    );
    let text = json.to_string();
    let schema = Schema::from_json_value(json).map_err(|error| error.to_string())?;
    Ok(Fragment { schema, text })
}

/// Finds the tools a rule applies to, and checks it against them.
fn place_rule(rule: &mut Rule, tools: &ByName<'_>, errors: &mut Vec<LoadError>) {
    let known_groups = schema::all_groups();
    let mut absent = Vec::new();
    for name in action_names(rule) {
        if name.contains(':') {
            if !known_groups.iter().any(|group| group == name) {
                let known: Vec<&str> = known_groups.iter().map(String::as_str).collect();
                let what = format!("`{}` names the unknown group `{name}`", rule.id());
                errors.push(Problem::new(what, hint(name, &known)).at(&rule.at));
            }
        } else if let Err(error) = name.parse::<ToolName>() {
            let what = format!("`{}` names a tool that cannot exist", rule.id());
            errors.push(Problem::new(what, error.to_string()).at(&rule.at));
        } else if !tools.keys().any(|tool| tool.as_str() == name) {
            let near = closest(name, tools.keys().map(ToolName::as_str));
            absent.push((name.to_owned(), near.map(str::to_owned)));
        }
    }
    let named: BTreeSet<String> = scope_actions(rule).map(str::to_owned).collect();
    let applies = |name: &ToolName, contract: &Contract| {
        rule.scope.actions.is_none()
            || named.contains(name.as_str())
            || groups(contract).iter().any(|group| named.contains(group))
    };
    let types: Vec<&ArgumentTypes> = tools
        .iter()
        .filter(|(name, (contract, _))| applies(name, contract))
        .map(|(_, (_, types))| types)
        .collect();
    if let Err(problem) = check::check(rule, &types) {
        errors.push(problem.at(&rule.at));
    }
    absent.sort();
    absent.dedup();
    rule.dormant = types.is_empty();
    rule.absent = absent;
}

/// Cedar's strict validation of every rule that is awake and in which nothing was found before.
fn validate(rules: &[Rule], schema: &Schema, sources: &[Source], errors: &mut Vec<LoadError>) {
    let before: BTreeSet<(String, u32, u32)> =
        errors.iter().map(|error| (error.file.clone(), error.line, error.column)).collect();
    let place = |at: &Place| (at.file.clone(), at.line, at.column);
    let awake = || rules.iter().filter(|rule| !rule.dormant && !before.contains(&place(&rule.at)));
    let mut set = CedarSet::new();
    for rule in awake() {
        // A double id was reported before.
        if let Err(error) = set.add(rule.policy.clone())
            && errors.is_empty()
        {
            errors.push(Problem::new(error.to_string(), "rename it").at(&rule.at));
        }
    }
    let validator = Validator::new(schema.clone());
    let found = validator.validate_with_level(&set, ValidationMode::Strict, DEREFERENCES_MAX);
    let mut add = |id: &cedar_policy::PolicyId, error: &dyn miette::Diagnostic| {
        let Some(rule) = awake().find(|rule| rule.id() == AsRef::<str>::as_ref(id)) else {
            let place = start("policies");
            return errors.push(rule::diagnosed(error).at(&place));
        };
        let text = sources.iter().find(|source| source.file == rule.at.file);
        let at = match (text, rule::offset(error)) {
            (Some(source), Some(offset)) => Place::of(&source.file, &source.text, offset),
            (None, _) | (_, None) => rule.at.clone(),
        };
        errors.push(rule::diagnosed(error).at(&at));
    };
    for error in found.validation_errors() {
        add(error.policy_id(), error);
    }
    // A warning is a rule that can never match, or text that does not say what it shows: both are mistakes
    // that nobody would notice later.
    for warning in found.validation_warnings() {
        add(warning.policy_id(), warning);
    }
}

fn index(
    rules: &[Rule],
    tools: &ByName<'_>,
) -> Result<(Index, Bucket), Box<cedar_policy::PolicySetError>> {
    let indexed: Vec<Indexed<'_>> = rules
        .iter()
        .filter(|rule| !rule.dormant)
        .map(|rule| Indexed {
            policy: &rule.policy,
            scope: &rule.scope,
            premise: rule.premise.as_ref(),
            needs: Needs::of(&rule.reads),
            role: role(&rule.kind),
            reads_plan: rule.reads.touches("plan"),
            unconditional: rule.unconditional,
        })
        .collect();
    let actions = tools.iter().map(|(name, (contract, _))| {
        let above = groups(contract).iter().map(|group| action_key(group)).collect();
        (action_key(name.as_str()), above)
    });
    Ok((Index::build(&indexed, actions)?, Bucket::unindexed(&indexed)?))
}

fn role(kind: &Kind) -> Role {
    match kind {
        Kind::Permit => Role::Permit,
        Kind::Forbid => Role::Forbid,
        Kind::Hold(_) | Kind::Notify { .. } | Kind::Review { .. } => Role::Ask,
    }
}

/// Each part is preceded by its length, so that no two versions have the same bytes. The contracts count
/// beside the schema made from them, because a call under another contract is denied.
fn version(sources: &[Source], tools: &ByName<'_>, schema: &str) -> Digest {
    let engine = format!(
        "cedar {} language {}",
        cedar_policy::get_sdk_version(),
        cedar_policy::get_lang_version()
    );
    let files = sources.iter().flat_map(|source| [source.file.clone(), source.text.clone()]);
    let pinned = tools.iter().map(|(name, (contract, _))| format!("{name} {}", contract.digest));
    let parts = [MEANING.to_owned(), engine].into_iter().chain(files).chain(pinned);
    let mut bytes = Vec::new();
    for part in parts.chain([schema.to_owned()]) {
        bytes.extend_from_slice(format!("{}:", part.len()).as_bytes());
        bytes.extend_from_slice(part.as_bytes());
    }
    digest(&bytes)
}
