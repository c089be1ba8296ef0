//! Grants: the rights an agent has, given by a person, narrowed never widened.
//!
//! This version knows root grants. A call is allowed only if the grant allows its tool and its space; what
//! the call does with them is then a matter of policy.

use crate::contract::words;
use crate::{GrantId, Name, PrincipalChain, Timestamp, ToolName};

/// Rights given to one agent for one tenant and human.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// Its id.
    pub id: GrantId,
    /// Whom it lets act.
    pub chain: PrincipalChain,
    /// What it allows.
    pub rights: Rights,
    /// When it ends by itself.
    pub expires: Option<Timestamp>,
    /// Whether it holds.
    pub state: GrantState,
}

/// What a grant allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rights {
    /// Tool names, or prefixes that end in `.*`, or `*` for all.
    pub tools: Vec<String>,
    /// Spaces in which runs may be opened. Each run lives in one.
    pub spaces: Vec<Name>,
    /// Workflows that may be worked on; empty for all.
    pub workflows: Vec<Name>,
}

/// Life of a grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum GrantState {
    /// Holds until it expires.
    Active,
    /// Taken away for good.
    Revoked,
}

impl Rights {
    /// Whether these rights name the tool.
    pub fn allow_tool(&self, tool: &ToolName) -> bool {
        self.tools.iter().any(|pattern| match pattern.strip_suffix('*') {
            Some(prefix) => {
                tool.as_str().starts_with(prefix) && (prefix.is_empty() || prefix.ends_with('.'))
            }
            None => pattern == tool.as_str(),
        })
    }

    /// Whether these rights name the workflow.
    pub fn allow_workflow(&self, workflow: &Name) -> bool {
        self.workflows.is_empty() || self.workflows.contains(workflow)
    }
}

impl Grant {
    /// Whether the grant holds at `now`.
    pub fn holds(&self, now: Timestamp) -> bool {
        match self.state {
            GrantState::Active => self.expires.is_none_or(|end| now < end),
            GrantState::Revoked => false,
        }
    }
}

words! { GrantState { Active = "active", Revoked = "revoked" } }
