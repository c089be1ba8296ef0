//! The tables of `checkrein.toml`: spaces, workspaces, workflows and budgets.
//! In: their twins from the file. Out: domain values; a value that is wrong is noted and its default goes on, so that
//! the next problem is found too.

use std::collections::BTreeMap;
use std::ops::Range;

use domain::{Amounts, Mode, Money, Name, OnExceeded, Space, Workflow};

use super::super::{DEFAULT_SPACE, DEFAULT_TENANT, DEFAULT_WORKFLOW, Workspace, paths};
use super::{Problem, Reader, Text, file};

impl Reader<'_> {
    pub(super) fn spaces(&mut self, written: Vec<file::Space>) -> Vec<Space> {
        let mut spaces: BTreeMap<Name, Space> = BTreeMap::new();
        let mut order = Vec::new();
        for space in written {
            let modes = (Mode::from_word as fn(&str) -> Option<Mode>, "`enforce` or `shadow`");
            let mode = self.word(space.mode, modes, Mode::Enforce);
            let Some(name) = self.parsed::<Name>(&space.name) else { continue };
            if spaces.insert(name.clone(), Space { name: name.clone(), mode }).is_some() {
                self.twice("space", &name, space.name.span());
            }
            order.push(name);
        }
        let named = order.iter().filter_map(|name| spaces.get(name).cloned()).collect::<Vec<_>>();
        let default = known_name(DEFAULT_SPACE).map(|name| Space { name, mode: Mode::Enforce });
        if named.is_empty() { default.into_iter().collect() } else { named }
    }

    pub(super) fn workspaces(
        &mut self,
        written: Vec<file::Workspace>,
        spaces: &[Space],
    ) -> Vec<Workspace> {
        let (Some(tenant), Some(first)) = (known_name(DEFAULT_TENANT), spaces.first()) else {
            return Vec::new();
        };
        if self.file.is_none() {
            let root = paths::real(&self.source.directory);
            return vec![Workspace { tenant, space: first.name.clone(), root }];
        }
        let mut found: Vec<Workspace> = Vec::new();
        for each in written {
            let root = self.homes.resolve(each.root.get_ref(), &self.base());
            self.must_be_directory(&root, Some(each.root.span()));
            let tenant = self.name(each.tenant, &tenant);
            let space = self.space(each.space, spaces, &first.name);
            if found.iter().any(|other| (&other.tenant, &other.space) == (&tenant, &space)) {
                self.twice("workspace", &space, each.root.span());
            }
            found.push(Workspace { tenant, space, root });
        }
        found
    }

    pub(super) fn workflows(
        &mut self,
        written: Vec<file::Workflow>,
        spaces: &[Space],
    ) -> Vec<Workflow> {
        let (Some(owner), Some(first)) = (known_name("operator"), spaces.first()) else {
            return Vec::new();
        };
        let mut workflows: Vec<Workflow> = Vec::new();
        for each in written {
            let Some(name) = self.parsed::<Name>(&each.name) else { continue };
            if workflows.iter().any(|other| other.name == name) {
                self.twice("workflow", &name, each.name.span());
            }
            workflows.push(Workflow {
                name,
                owner: self.name(each.owner, &owner),
                space: self.space(each.space, spaces, &first.name),
                budget: self.budget(&each.budget),
                on_exceeded: self.on_exceeded(each.on_exceeded),
            });
        }
        let default = known_name(DEFAULT_WORKFLOW);
        if let Some(name) = default.filter(|name| workflows.iter().all(|one| one.name != *name)) {
            let (space, on_exceeded) = (first.name.clone(), OnExceeded::Stop);
            let budget = Amounts::default();
            workflows.insert(0, Workflow { name, owner, space, budget, on_exceeded });
        }
        // The first is the workflow of ambient runs.
        workflows.sort_by_key(|workflow| workflow.name.as_str() != DEFAULT_WORKFLOW);
        workflows
    }

    fn space(&mut self, text: Option<Text>, spaces: &[Space], default: &Name) -> Name {
        let Some(text) = text else { return default.clone() };
        let Some(name) = self.parsed::<Name>(&text) else { return default.clone() };
        if spaces.iter().all(|space| space.name != name) {
            let known: Vec<&str> = spaces.iter().map(|space| space.name.as_str()).collect();
            let fix = format!("name one of {}, or add a [[space]]", known.join(", "));
            self.note(Problem::new(format!("unknown space `{name}`"), fix), Some(text.span()));
        }
        name
    }

    pub(super) fn grant_day(
        &mut self,
        written: file::GrantDay,
    ) -> (Amounts<Option<u64>>, OnExceeded) {
        let (budget, on_exceeded) = written.split();
        (self.budget(&budget), self.on_exceeded(on_exceeded))
    }

    fn on_exceeded(&mut self, text: Option<Text>) -> OnExceeded {
        let words = (
            OnExceeded::from_word as fn(&str) -> Option<OnExceeded>,
            "`degrade`, `escalate` or `stop`",
        );
        self.word(text, words, OnExceeded::Stop)
    }

    fn budget(&mut self, written: &file::Budget) -> Amounts<Option<u64>> {
        let money = written.money.as_ref().and_then(|text| self.parsed::<Money>(text));
        Amounts {
            calls: written.calls,
            money_micros: money.map(Money::micros),
            irreversible: written.irreversible,
            read_bytes: written.read_bytes,
            wall_ms: written.wall_ms,
        }
    }

    fn twice(&mut self, what: &str, name: &Name, at: Range<usize>) {
        let message = format!("{what} `{name}` is named twice");
        self.note(Problem::new(message, "name it once"), Some(at));
    }
}

fn known_name(text: &str) -> Option<Name> {
    text.parse().ok()
}
