//! An installation with one agent and one operator over the simulated store, for stories told call by call.
//! Each `open` is another life of the gate; dropping it is the end of the process. Time passes only by `jump`.

use std::cell::Cell;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use checkrein_sim::executor::Spawner;
use checkrein_sim::journal::{SimJournal, Store};
use checkrein_sim::random::Dice;
use checkrein_sim::rules::{self, Version};
use checkrein_sim::world::{Clock, SimWorld};
use domain::{
    Agent, Amounts, Answer, CallId, Groups, Human, KeyHolder, Mode, Name, OnExceeded, Operator,
    PrincipalChain, Rights, Role, Roles, Run, Space, Workflow,
};
use gate::{
    ApprovalRules, FourEyes, Gate, GrantAsk, RecoveryReport, RunAsk, Secret, Setup, Table, Tool,
    Yes,
};

pub(crate) type TestGate = Gate<SimJournal, SimWorld>;

/// A credential of this installation, of several lines.
pub(crate) const CREDENTIAL: &str =
    "-----BEGIN SIMULATED KEY-----\nfirst-line-of-it\nsecond-line-of-it\n";

/// What goes on from life to life.
pub(crate) struct Installation<T> {
    pub(crate) clock: Clock,
    pub(crate) store: Arc<Mutex<Store>>,
    pub(crate) tool: Arc<T>,
    pub(crate) operator: Secret,
    pub(crate) agent: Secret,
    /// The budget of each grant and day.
    pub(crate) day: Cell<Amounts<Option<u64>>>,
    /// How people decide; one person alone, unless a test says otherwise.
    pub(crate) approvals: Cell<ApprovalRules>,
}

impl<T: Tool + Default> Installation<T> {
    /// Polls until it ends or nothing more can happen; time passes when nothing else does.
    pub(crate) fn until<O>(&self, polls: usize, future: impl Future<Output = O>) -> Option<O> {
        let mut future = pin!(future);
        let mut context = Context::from_waker(Waker::noop());
        for _ in 0..polls {
            if let Poll::Ready(value) = future.as_mut().poll(&mut context) {
                return Some(value);
            }
        }
        None
    }

    pub(crate) fn finish<O>(&self, future: impl Future<Output = O>) -> O {
        self.until(10_000, future).unwrap()
    }

    pub(crate) fn open(&self) -> (TestGate, RecoveryReport) {
        self.open_with(rules::copy(Version::First).unwrap())
    }

    /// As `open`, with these rules in force from the beginning.
    pub(crate) fn open_with(&self, rules: gate::Rules) -> (TestGate, RecoveryReport) {
        let surroundings = (self.clock.clone(), Dice::new(1), Spawner::default());
        let lab: Name = "lab".parse().unwrap();
        let nothing = Amounts::<u64>::each(|_| None);
        // One for each thing to do about a budget that is used up; the first is the one of ambient runs.
        let workflow = |(name, on_exceeded): (&str, OnExceeded)| Workflow {
            name: name.parse().unwrap(),
            owner: "olga".parse().unwrap(),
            space: lab.clone(),
            budget: nothing,
            on_exceeded,
        };
        let workflows = [
            ("work", OnExceeded::Stop),
            ("raised", OnExceeded::Escalate),
            ("degraded", OnExceeded::Degrade),
        ];
        let setup = Setup {
            journal: SimJournal::open(&self.store, surroundings),
            world: SimWorld(self.clock.clone()),
            rules,
            tools: ["sim.", "up.", "checkrein."]
                .map(|prefix| (prefix.to_owned(), Arc::clone(&self.tool) as Arc<dyn Tool>))
                .to_vec(),
            workflows: workflows.map(workflow).to_vec(),
            spaces: vec![Space { name: lab, mode: Mode::Enforce }],
            grant_day: (self.day.get(), OnExceeded::Stop),
            secrets: vec![CREDENTIAL.to_owned()],
            workspace_roots: Vec::new(),
            approvals: self.approvals.get(),
        };
        self.finish(Gate::open(setup)).unwrap()
    }

    /// An installation with one agent, and its first life.
    pub(crate) fn begin() -> (Self, TestGate) {
        let this = Self {
            clock: Clock::default(),
            store: Arc::new(Mutex::new(Store::new(None, None))),
            tool: Arc::default(),
            operator: Secret::new("ck_operator"),
            agent: Secret::new("ck_agent"),
            day: Cell::new(Amounts::<u64>::each(|_| None)),
            approvals: Cell::new(ApprovalRules {
                four_eyes: FourEyes::Waived,
                ..ApprovalRules::default()
            }),
        };
        let (gate, _) = this.open();
        let tenant: Name = "local".parse().unwrap();
        this.finish(async {
            gate.first_operator(tenant.clone(), "olga".parse().unwrap(), &this.operator)
                .await
                .unwrap();
            let by = gate.identify(&this.operator).await.unwrap().operator().unwrap();
            let chain = PrincipalChain {
                tenant: tenant.clone(),
                human: Human("ada".parse().unwrap()),
                agent: Agent { name: "builder".parse().unwrap(), version: "1".to_owned() },
                parents: Vec::new(),
            };
            let rights = Rights {
                tools: vec!["sim.*".to_owned(), "up.*".to_owned()],
                spaces: vec!["lab".parse().unwrap()],
                workflows: Vec::new(),
            };
            let ask = GrantAsk { chain, rights, expires: None };
            let grant = gate.give_grant(&by, ask).await.unwrap();
            let holder = KeyHolder::Grant { tenant, grant: grant.id };
            gate.make_key(&by, holder, &this.agent).await.unwrap();
        });
        (this, gate)
    }

    /// Another person of the tenant, with these roles, in these groups.
    pub(crate) fn somebody(
        &self,
        gate: &TestGate,
        (name, roles, groups): (&str, &[Role], &[&str]),
    ) -> Operator {
        let secret = Secret::new(format!("ck_{name}"));
        let groups = groups.iter().map(|group| group.parse().unwrap()).collect();
        let holder = KeyHolder::Operator {
            tenant: "local".parse().unwrap(),
            name: name.parse().unwrap(),
            roles: Roles::of(roles),
            groups: Groups::Named(groups),
        };
        let by = self.person(gate);
        self.finish(gate.make_key(&by, holder, &secret)).unwrap();
        self.finish(gate.identify(&secret)).unwrap().operator().unwrap()
    }

    /// Puts rules into force that were changed like this: policies, then tools.
    pub(crate) fn change_rules(&self, gate: &TestGate, change: impl Fn(String) -> String) {
        self.finish(gate.set_rules(Self::changed_rules(change))).unwrap();
    }

    /// The rules of the simulation, changed like this: policies, then tools.
    pub(crate) fn changed_rules(change: impl Fn(String) -> String) -> gate::Rules {
        const TOOLS: &str = include_str!("../../src/rules/tools.toml");
        const POLICY: &str = include_str!("../../src/rules/policy.cedar");
        let (tools, policies) = (change(TOOLS.to_owned()), change(POLICY.to_owned()));
        assert!(tools != TOOLS || policies != POLICY, "nothing was changed");
        let file = contract::ContractFile {
            name: "changed.toml",
            text: &tools,
            origin: contract::Origin::BuiltIn,
        };
        let catalogue: contract::Catalogue = contract::load::all(&[file]).unwrap();
        let source = policy::Source { file: "changed.cedar".to_owned(), text: policies.clone() };
        let compiled = catalogue.iter().map(|compiled| &**compiled);
        let policies = policy::PolicySet::load_compiled(&[source], compiled).unwrap();
        gate::Rules::new(catalogue, policies)
    }

    /// The operator, to decide as.
    pub(crate) fn person(&self, gate: &TestGate) -> Operator {
        self.finish(gate.identify(&self.operator)).unwrap().operator().unwrap()
    }

    /// Every request of a call, by requirement.
    pub(crate) fn asked(&self, call: CallId) -> Vec<(String, domain::ApprovalId)> {
        let store = self.store.lock().unwrap();
        let records = store.all(Table::Approvals);
        let own = records.iter().filter(|record| record.text("call") == call.to_string());
        own.map(|record| (record.text("requirement").to_owned(), record.key.parse().unwrap()))
            .collect()
    }

    /// Says yes to everything that is asked for a call.
    pub(crate) fn approve(&self, gate: &TestGate, call: CallId) {
        let person = self.person(gate);
        for (_, approval) in self.asked(call) {
            self.finish(gate.approve(&person, approval, self.yes(gate, approval))).unwrap();
        }
    }

    /// A yes that types what has to be typed.
    pub(crate) fn yes(&self, gate: &TestGate, approval: domain::ApprovalId) -> Yes {
        let confirm = self.finish(gate.to_confirm(&self.person(gate), approval)).unwrap();
        Yes { confirm, ..Yes::from(None) }
    }

    /// Asks for the answer of a call without waiting for people.
    pub(crate) fn collect(&self, gate: &TestGate, call: CallId) -> Answer {
        let caller = self.finish(gate.identify(&self.agent)).unwrap().agent().unwrap();
        self.finish(gate.wait(&caller, call, std::time::Duration::ZERO))
    }

    /// A run of a workflow that may make so many calls.
    pub(crate) fn run(&self, gate: &TestGate, workflow: &str, calls: u64) -> Run {
        let caller = self.finish(gate.identify(&self.agent)).unwrap().agent().unwrap();
        let limit = Amounts { calls: Some(calls), ..Amounts::<u64>::each(|_| None) };
        let (workflow, purpose) = (workflow.parse().unwrap(), "to see".to_owned());
        self.finish(gate.open_run(&caller, RunAsk { workflow, purpose, limit })).unwrap()
    }
}
