//! The form of a file of table tests, as `toml` reads it; the fields' own texts are its reference.
//!
//! Unknown keys are errors, because a misspelt expectation would otherwise pass without being looked at. Words
//! and names stay text here: `table::facts` reads them, and says in its case what is wrong with one.

use serde::Deserialize;
use serde_json::Value;
use toml::Spanned;

/// A whole file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// Contract files that the cases speak of, relative to this file.
    #[serde(default)]
    pub contracts: Vec<String>,
    /// Facts of every case that does not say otherwise.
    #[serde(default)]
    pub defaults: Given,
    /// The cases.
    pub case: Vec<Case>,
}

/// One case.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// What it promises, as a sentence.
    pub name: Spanned<String>,
    /// The tool, which the catalogue must have.
    pub tool: String,
    /// What is given beside the defaults.
    #[serde(default)]
    pub facts: Given,
    /// The resource; by default the contract's template as it stands.
    pub resource: Option<String>,
    /// The arguments; by default none.
    pub arguments: Option<Value>,
    /// Which command it is; by default none.
    pub command: Option<Command>,
    /// What the call would change; by default nothing is shown.
    pub plan: Option<Plan>,
    /// What the policy must say.
    pub expect: Expect,
}

/// Facts that a case or the defaults can give.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Given {
    /// The tenant; `local` if not given.
    pub tenant: Option<String>,
    /// On whose behalf; `ada` if not given.
    pub human: Option<String>,
    /// The agent; `builder` if not given.
    pub agent: Option<String>,
    /// The agent's version; `1` if not given.
    pub agent_version: Option<String>,
    /// The space; `experiment` if not given.
    pub space: Option<String>,
    /// The workflow; `work` if not given.
    pub workflow: Option<String>,
    /// The moment in milliseconds since 1970; 0 if not given.
    pub now_ms: Option<u64>,
    /// How sure the agent says it is, such as `0.85`, or `not stated`.
    pub confidence: Option<String>,
    /// Whether the agent says what it wants; true if not given.
    pub intent_stated: Option<bool>,
    /// Whether the agent says what will change; true if not given.
    pub effects_stated: Option<bool>,
    /// Failures in a row before this call.
    pub failures_in_row: Option<u64>,
    /// Identical calls before in this run.
    pub identical_calls: Option<u64>,
    /// Calls before in this run.
    pub calls: Option<u64>,
    /// Ids of rules whose approval is there.
    pub approvals: Option<Vec<String>>,
    /// Classes of action with earned autonomy.
    pub autonomy: Option<Vec<String>>,
    /// Labels of the arguments.
    pub labels: Option<Vec<String>>,
    /// What is left of the run's budget.
    pub budget_left: Option<BudgetLeft>,
}

/// What is left of a budget; what is not given is not limited.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BudgetLeft {
    /// Calls.
    pub calls: Option<u64>,
    /// Millionths of the accounting currency.
    pub money_micros: Option<u64>,
    /// Acts that cannot be undone.
    pub irreversible: Option<u64>,
    /// Bytes read by tools.
    pub read_bytes: Option<u64>,
    /// Milliseconds in tools.
    pub wall_ms: Option<u64>,
}

/// What a call would change.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// Paths touched.
    pub paths: Vec<String>,
    /// How many are new; 0 if not given.
    #[serde(default)]
    pub creations: u64,
    /// How many change; 0 if not given.
    #[serde(default)]
    pub overwrites: u64,
    /// How many go; 0 if not given.
    #[serde(default)]
    pub deletions: u64,
    /// Bytes of content before and after; 0 if not given.
    #[serde(default)]
    pub content_bytes: u64,
    /// Whether the inverse restores everything exactly.
    pub restorable: bool,
    /// What follows from the changed paths themselves; nothing if not given.
    #[serde(default)]
    pub consequences: Vec<String>,
    /// How many changes the agent did not declare; 0 if not given.
    #[serde(default)]
    pub unintended: u64,
    /// What follows from those; nothing if not given.
    #[serde(default)]
    pub unintended_consequences: Vec<String>,
    /// How the command ended whose changes these are; no command if not given.
    pub exit_code: Option<i32>,
}

/// Which command a call runs.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Command {
    /// The program's name without its directory.
    pub program: String,
    /// What the operator lists it as: `test`, `build` or `lint`; nothing if not given.
    pub role: Option<String>,
    /// Whether it starts programs that its arguments or files name.
    pub starts_programs: bool,
}

/// What a policy must say. What is not given is not looked at.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expect {
    /// `allow`, `notify`, `hold` or `deny`.
    pub verdict: String,
    /// 1, 2 or 3.
    pub tier: Option<u8>,
    /// Ids that must be among the reasons.
    pub policies: Option<Vec<String>>,
    /// Exactly the rules whose approval is asked for.
    pub requirements: Option<Vec<String>>,
    /// Exactly the rules that tell people.
    pub notices: Option<Vec<String>>,
    /// Exactly the rules that ask for a review afterwards.
    pub reviews: Option<Vec<String>>,
}
