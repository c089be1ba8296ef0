//! What requests must carry for a set of policies: only what they read is built.
//!
//! Leaving out what nobody reads cannot change a decision; should this file ever be wrong, the missing
//! attribute is an evaluation error, and an error denies. `tests/it/index.rs` compares with everything built.

use std::collections::BTreeSet;

use crate::reads::{Reads, Root};

/// Which parts of the context are read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Needs {
    context: u16,
    arguments: BTreeSet<String>,
    all_arguments: bool,
    /// Whether attributes of the agent are read.
    pub(crate) agent: bool,
    /// Whether attributes of the resource are read.
    pub(crate) resource: bool,
    /// Whether ancestors of the resource are asked for in clauses.
    pub(crate) hierarchy: bool,
    /// Whether a head asks for the agent or its tenant.
    pub(crate) tenant: bool,
}

/// A part of the context that is built as one, as a path below `context`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u16)]
pub(crate) enum Part {
    ArgsOpaque = 1,
    Tool = 1 << 1,
    Space = 1 << 2,
    Workflow = 1 << 3,
    Plan = 1 << 4,
    /// Every path of the plan: apart, because there can be ten thousand.
    PlanPaths = 1 << 5,
    /// Every path of the plan with all directories above.
    PlanTouches = 1 << 6,
    Approvals = 1 << 7,
    Autonomy = 1 << 8,
    History = 1 << 9,
    BudgetLeft = 1 << 10,
    Labels = 1 << 11,
    Advice = 1 << 12,
    Now = 1 << 13,
    Command = 1 << 14,
}

impl Part {
    fn of(attribute: &str) -> Option<Self> {
        Some(match attribute {
            "args_opaque" => Self::ArgsOpaque,
            "tool" => Self::Tool,
            "space" => Self::Space,
            "workflow" => Self::Workflow,
            "plan" => Self::Plan,
            "approvals" => Self::Approvals,
            "autonomy" => Self::Autonomy,
            "history" => Self::History,
            "budget_left" => Self::BudgetLeft,
            "labels" => Self::Labels,
            "advice" => Self::Advice,
            "now" => Self::Now,
            "command" => Self::Command,
            _ => return None,
        })
    }
}

impl Needs {
    /// Everything.
    pub(crate) fn everything() -> Self {
        Self {
            context: u16::MAX,
            arguments: BTreeSet::new(),
            all_arguments: true,
            agent: true,
            resource: true,
            hierarchy: true,
            tenant: true,
        }
    }

    /// What one policy reads.
    pub(crate) fn of(reads: &Reads) -> Self {
        let mut needs = Self {
            agent: reads.attributes_of(Root::Principal) || reads.whole.contains(&Root::Principal),
            resource: reads.attributes_of(Root::Resource) || reads.whole.contains(&Root::Resource),
            hierarchy: reads.hierarchy,
            ..Self::default()
        };
        for access in reads.accesses.iter().filter(|access| access.root == Root::Context) {
            let path: Vec<&str> = access.path.iter().map(String::as_str).collect();
            match path.as_slice() {
                ["args"] => needs.all_arguments = true,
                ["args", name, ..] => {
                    needs.arguments.insert((*name).to_owned());
                }
                ["plan", "paths", ..] => needs.add(&[Part::Plan, Part::PlanPaths]),
                ["plan", "touches", ..] => needs.add(&[Part::Plan, Part::PlanTouches]),
                // `context.plan` as a value could be compared whole; `context has plan` cannot.
                ["plan"] if access.touch == crate::reads::Touch::Value => {
                    needs.add(&[Part::Plan, Part::PlanPaths, Part::PlanTouches]);
                }
                [first, ..] => {
                    if let Some(part) = Part::of(first) {
                        needs.add(&[part]);
                    }
                }
                [] => needs = Self::everything(),
            }
        }
        needs
    }

    fn add(&mut self, parts: &[Part]) {
        for part in parts {
            self.context |= *part as u16;
        }
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        self.context |= other.context;
        self.arguments.extend(other.arguments.iter().cloned());
        self.all_arguments |= other.all_arguments;
        self.agent |= other.agent;
        self.resource |= other.resource;
        self.hierarchy |= other.hierarchy;
        self.tenant |= other.tenant;
    }

    /// Whether anything is asked of the agent or the resource but their types.
    pub(crate) fn any_entity(&self) -> bool {
        self.agent || self.resource || self.hierarchy || self.tenant
    }

    pub(crate) fn has(&self, part: Part) -> bool {
        self.context & part as u16 != 0
    }

    /// Whether any argument is read.
    pub(crate) fn any_argument(&self) -> bool {
        self.all_arguments || !self.arguments.is_empty()
    }

    /// Whether this argument is read.
    pub(crate) fn argument(&self, name: &str) -> bool {
        self.all_arguments || self.arguments.contains(name)
    }
}
