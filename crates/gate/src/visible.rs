//! What a caller may see of the catalogue: what it could call, by its grant, its pins and the index of the policies.
//!
//! In: a known caller. Out: the rules in force, and the tools of theirs that it may see, by name. A tool is visible unless
//! the grant does not name it, it is held back, or policy could never permit it; in a space in shadow mode policy hides
//! nothing. Seeing is no right: every call is judged. Tests: `sim/tests/it/visible.rs`.

use std::sync::Arc;

use contract::Compiled;
use domain::{Caller, Mode, ToolName, Workflow};

use crate::gate::{Gate, Rules};
use crate::journey::{barred, is_of_the_house};
use crate::port::{Journal, World};
use crate::state::directory::LiveGrant;

/// The tools that one caller may see, under one version of the rules.
#[derive(Debug, Clone)]
pub struct Visible {
    /// The rules in force.
    pub rules: Arc<Rules>,
    /// The tools, by name.
    pub tools: Vec<Arc<Compiled>>,
}

impl<J: Journal, W: World> Gate<J, W> {
    /// What a caller may see now.
    pub fn visible_tools(&self, caller: &Caller) -> Visible {
        let rules = self.rules();
        let live = self.directory.grant(caller.grant);
        let live = live.filter(|live| live.grant.holds(self.world.now()));
        let Some(live) = live else { return Visible { rules, tools: Vec::new() } };
        let prospects = rules.policies.prospects(&caller.chain);
        let shadow = self.watches_only(&live);
        let may = |name: &ToolName| shadow || prospects.may_ever(name);
        let tools = rules
            .catalogue
            .iter()
            .filter(|compiled| {
                let name = compiled.name();
                !is_of_the_house(name.as_str())
                    && live.grant.rights.allow_tool(name)
                    && may(name)
                    && barred(self, &rules, &compiled.contract).is_none()
            })
            .cloned()
            .collect();
        Visible { rules, tools }
    }

    /// Whether a call of this grant could be made in a space in shadow mode.
    fn watches_only(&self, live: &LiveGrant) -> bool {
        let rights = &live.grant.rights;
        let open_to = |workflow: &&Workflow| {
            rights.allow_workflow(&workflow.name) && rights.spaces.contains(&workflow.space)
        };
        let spaces =
            self.workflows.iter().filter(open_to).filter_map(|each| self.space(&each.space));
        spaces.into_iter().any(|space| space.mode == Mode::Shadow)
    }
}
