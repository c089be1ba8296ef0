//! Which tools could ever be permitted to somebody, by the heads of the policies alone: what a listing shows.
//!
//! ```text
//! version   -> by action: whom its permits can reach, and whom a forbid without any condition always reaches
//! principal -> each of these looked at once
//! tool      -> some permit can reach it, and no such forbid does
//! ```
//! Not a judgement: what could be permitted may be denied all the same. But what any facts could allow is never left out;
//! `tests/it/prospects.rs` tries that with random policies and facts.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use domain::{PrincipalChain, ToolName};

use crate::PolicySet;
use crate::annotation::Kind;
use crate::entity;
use crate::rule::Rule;

/// The key of any action or principal. No entity has it: theirs contain `::`.
const ANY: &str = "";

/// What the heads of the policies say, made once per version.
#[derive(Debug, Clone, Default)]
pub(crate) struct Outlook {
    heads: Vec<Heads>,
    /// Places in `heads`, by tool.
    of: HashMap<ToolName, Vec<usize>>,
}

/// Principals in the heads of the policies for one action or group, the empty key for any.
#[derive(Debug, Clone, Default)]
struct Heads {
    /// Whom a permit can reach.
    permits: BTreeSet<String>,
    /// Whom a forbid reaches whatever the facts are.
    forbids: BTreeSet<String>,
}

impl Outlook {
    /// From the rules that are awake and the tools, each with the keys of its action and of the groups above it.
    pub(crate) fn new<'a>(
        rules: impl Iterator<Item = &'a Rule>,
        tools: impl Iterator<Item = (ToolName, Vec<String>)>,
    ) -> Self {
        let mut by_action: BTreeMap<String, Heads> = BTreeMap::new();
        for rule in rules {
            let any = || vec![ANY.to_owned()];
            for action in rule.scope.actions.clone().unwrap_or_else(any) {
                let principal = rule.scope.principal.clone().unwrap_or_else(|| ANY.to_owned());
                let heads = by_action.entry(action).or_default();
                match rule.kind {
                    Kind::Permit => heads.permits.insert(principal),
                    Kind::Forbid if rule.unconditional => heads.forbids.insert(principal),
                    Kind::Forbid | Kind::Hold(_) | Kind::Notify { .. } | Kind::Review { .. } => {
                        false
                    }
                };
            }
        }
        let places: HashMap<&str, usize> =
            by_action.keys().enumerate().map(|(place, key)| (key.as_str(), place)).collect();
        let placed = |keys: Vec<String>| {
            let keys = keys.iter().map(String::as_str).chain([ANY]);
            keys.filter_map(|key| places.get(key).copied()).collect()
        };
        let of = tools.map(|(tool, keys)| (tool, placed(keys))).collect();
        Self { heads: by_action.into_values().collect(), of }
    }
}

/// What could be permitted to one principal under one version.
#[derive(Debug, Clone)]
pub struct Prospects<'a> {
    outlook: &'a Outlook,
    /// For each of the outlook's heads: whether a permit can reach the principal, and whether a forbid always does.
    reached: Vec<(bool, bool)>,
}

impl Prospects<'_> {
    /// Whether some facts could allow a call of this tool by this principal: some permit can match, and no forbid without
    /// a condition does. Tools that are unknown or quarantined never are.
    pub fn may_ever(&self, tool: &ToolName) -> bool {
        let places = self.outlook.of.get(tool).into_iter().flatten();
        let (mut permitted, mut forbidden) = (false, false);
        for (permits, forbids) in places.filter_map(|place| self.reached.get(*place)) {
            permitted |= permits;
            forbidden |= forbids;
        }
        permitted && !forbidden
    }
}

impl PolicySet {
    /// What could be permitted to a principal, for a listing.
    pub fn prospects(&self, chain: &PrincipalChain) -> Prospects<'_> {
        let outlook = self.outlook();
        let principals = entity::principals(chain);
        let reaches = |keys: &BTreeSet<String>| {
            keys.contains(ANY) || principals.iter().any(|principal| keys.contains(principal))
        };
        let reached =
            outlook.heads.iter().map(|heads| (reaches(&heads.permits), reaches(&heads.forbids)));
        Prospects { outlook, reached: reached.collect() }
    }
}
