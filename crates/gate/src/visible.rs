//! What a caller may see of the catalogue: what it could call, by its grant, its pins and the index of the policies.
//!
//! In: a known caller. Out: the rules in force, and the tools of theirs that it may see, by name. A tool is visible unless
//! the grant does not name it, it is held back, or policy could never permit it; in a space in shadow mode policy hides
//! nothing. That a tool is held back is no secret to whoever may see it: it is not listed, and its calls are told why.
//! Seeing is no right: every call is judged. Tests: `sim/tests/it/visible.rs`.

use std::sync::Arc;

use contract::Compiled;
use domain::{Caller, Mode, ToolName, Workflow};
use policy::Prospects;

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

/// How far one caller sees: by its grant, and by what policy could ever permit.
struct Sight<'r> {
    live: Arc<LiveGrant>,
    prospects: Prospects<'r>,
    /// Whether it could call in a space where policy hides nothing.
    shadow: bool,
}

impl Sight<'_> {
    fn reaches(&self, tool: &ToolName) -> bool {
        !is_of_the_house(tool.as_str())
            && self.live.grant.rights.allow_tool(tool)
            && (self.shadow || self.prospects.may_ever(tool))
    }
}

impl<J: Journal, W: World> Gate<J, W> {
    /// What a caller may see now.
    pub fn visible_tools(&self, caller: &Caller) -> Visible {
        let rules = self.rules();
        let Some(live) = self.live_grant(caller.grant) else {
            return Visible { rules, tools: Vec::new() };
        };
        let sight = self.sight((&rules, &live), caller);
        let tools = rules
            .catalogue
            .iter()
            .filter(|compiled| {
                sight.reaches(compiled.name()) && barred(self, &rules, &compiled.contract).is_none()
            })
            .cloned()
            .collect();
        Visible { rules, tools }
    }

    /// Whether a caller may see a tool, held back or not: to whom may not, it is not there.
    pub fn sees(&self, caller: &Caller, tool: &ToolName) -> bool {
        let rules = self.rules();
        let live = self.live_grant(caller.grant);
        let known = rules.catalogue.get(tool).is_some();
        known && live.is_some_and(|live| self.sight((&rules, &live), caller).reaches(tool))
    }

    /// Whether a caller may go on hearing of what it reads with a tool: it could still call it, and nothing of that is
    /// suspended.
    pub fn may_hear(&self, caller: &Caller, tool: &ToolName) -> bool {
        let rules = self.rules();
        let contract = rules.catalogue.get(tool).map(|compiled| &compiled.contract);
        let offered = contract.is_some_and(|contract| barred(self, &rules, contract).is_none());
        offered && self.sees(caller, tool) && !self.stops.silences(&caller.chain, tool)
    }

    /// The known name nearest to an unknown one, of those that a caller may see.
    pub(crate) fn near(&self, caller: &Caller, name: &str) -> Option<String> {
        let visible = self.visible_tools(caller).tools;
        let names = visible.iter().map(|compiled| compiled.name().as_str());
        contract::closest(name, names).map(str::to_owned)
    }

    fn sight<'r>(&self, (rules, live): (&'r Rules, &Arc<LiveGrant>), caller: &Caller) -> Sight<'r> {
        Sight {
            live: Arc::clone(live),
            prospects: rules.policies.prospects(&caller.chain),
            shadow: self.watches_only(live),
        }
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
