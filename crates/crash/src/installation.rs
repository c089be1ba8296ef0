//! An installation as the product has it: a real journal, real files, real jails, a real policy; only one tool is
//! ours.
//!
//! ```text
//! site/  data/ (the store)   keys/master.key   caches/   recorder.sock   effects   handed
//!        workspace/ (d…: whole files, for all tools)   workspace/trees/ (t…: each the shape of one command)
//! ```
//! Opening it recovers what the last process left. The agent and the operator are made on first opening, step by
//! step, since any step may be the last of its process.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use contract::{ContractFile, Origin};
use domain::{
    Agent, Amounts, Groups, Human, KeyHolder, Mode, Name, OnExceeded, Operator, PrincipalChain,
    Rights, Role, Roles, Space, Workflow,
};
use gate::{
    ApprovalRules, FourEyes, Gate, GrantAsk, Identity, RecoveryReport, Rules, Secret, Setup, Tool,
};
use journal::{Options, Sqlite, Synchronous};
use policy::{PolicySet, Source};
use runner::Rung;
use tools::files::Files;
use tools::workspaces::Workspaces;

use crate::commands;
use crate::counter;
use crate::problem::{Outcome, Promise, Trouble};
use crate::world::Clock;

/// The gate of an installation.
pub(crate) type Installed = Gate<Sqlite, Clock>;

/// Who runs calls, and who takes them back.
#[derive(Debug)]
pub(crate) struct People {
    pub(crate) agent: Secret,
    pub(crate) operator: Operator,
    /// Somebody else who may decide.
    pub(crate) second: Operator,
}

/// Everything runs; large amounts wait for people, and larger ones for two of them. For some there is little time.
const POLICY: &str = r#"
@id("everything") @reason("this is a test of crashes")
permit (principal, action, resource);

@id("ask-large") @hold("group:operators") @reason("large amounts wait for people")
forbid (principal, action == Action::"counter.add", resource)
when { context.args.amount > 950 }
unless { context.approvals.contains("ask-large") };

@id("ask-two") @hold("group:operators") @quorum("2") @reason("the largest wait for two")
forbid (principal, action == Action::"counter.add", resource)
when { context.args.amount > 975 }
unless { context.approvals.contains("ask-two") };

@id("ask-soon") @hold("group:operators") @decide_by("1s") @reason("nobody has time for these")
forbid (principal, action == Action::"counter.add", resource)
when { context.args.amount > 995 }
unless { context.approvals.contains("ask-soon") };
"#;

/// The rules of that policy that an amount waits for, with how many people must say yes to each.
pub(crate) fn asks_of(amount: u64) -> impl Iterator<Item = (&'static str, usize)> {
    let all = [(950, "ask-large", 1), (975, "ask-two", 2), (995, "ask-soon", 1)];
    all.into_iter()
        .filter(move |(above, ..)| amount > *above)
        .map(|(_, rule, quorum)| (rule, quorum))
}

const AGENT_SECRET: &str = "ck_agent_crash-test-crash-test-crash-test-crash-test-c";
const OPERATOR_SECRET: &str = "ck_operator_crash-test-crash-test-crash-test-crash-te";
const SECOND_SECRET: &str = "ck_operator_crash-test-crash-test-crash-test-crash-tw";
const TENANT: &str = "local";
/// The one space, and the one workflow.
const SPACE: &str = "work";
/// Inside the workspace.
pub(crate) const TREES: &str = "trees";

/// The directories of an installation.
#[derive(Debug, Clone)]
pub(crate) struct Site(PathBuf);

impl Site {
    /// In a directory.
    pub(crate) fn at(root: &Path) -> Self {
        Self(root.to_owned())
    }

    /// The directory of all.
    pub(crate) fn root(&self) -> &Path {
        &self.0
    }

    /// Where the recorder listens.
    pub(crate) fn socket(&self) -> PathBuf {
        self.0.join("recorder.sock")
    }

    /// Where the process that is killed takes calls of its clients.
    pub(crate) fn front(&self) -> PathBuf {
        self.0.join("front.sock")
    }

    /// What the recorder wrote.
    pub(crate) fn effects(&self) -> PathBuf {
        self.0.join("effects")
    }

    /// The directory of the files tools.
    pub(crate) fn workspace(&self) -> PathBuf {
        self.0.join("workspace")
    }

    /// The directory of trees that commands alone change.
    pub(crate) fn trees(&self) -> PathBuf {
        self.workspace().join(TREES)
    }

    /// What a life is told of the trees.
    pub(crate) fn handed(&self) -> PathBuf {
        self.0.join("handed")
    }

    /// The directory of the store.
    pub(crate) fn data(&self) -> PathBuf {
        self.0.join("data")
    }

    /// How the store is opened.
    pub(crate) fn options(&self, synchronous: Synchronous) -> Options {
        let options = Options::new(self.data(), self.0.join("keys").join("master.key"));
        Options { synchronous, ..options }
    }

    /// Opens the installation with its real tools, and recovers.
    pub(crate) async fn open(&self, rung: Rung) -> Outcome<(Installed, RecoveryReport)> {
        let counter = Arc::new(counter::Counter::new(self.socket()));
        let root = (name(TENANT)?, name(SPACE)?, self.workspace());
        let workspaces = Workspaces::open([root])
            .map_err(|error| Trouble::during("opening the workspace")(error.into()))?;
        let workspaces = Arc::new(workspaces);
        let files = Arc::new(Files::of(Arc::clone(&workspaces)));
        let commands = commands::tool(workspaces, rung, self.0.join("caches"))?;
        let all: Vec<(String, Arc<dyn Tool>)> = vec![
            ("counter.".to_owned(), counter),
            ("command.".to_owned(), Arc::new(commands)),
            ("files.".to_owned(), Arc::clone(&files) as Arc<dyn Tool>),
            ("checkrein.".to_owned(), files),
        ];
        self.open_with(all, Synchronous::Full).await
    }

    /// Opens it with other tools.
    pub(crate) async fn open_with(
        &self,
        tools: Vec<(String, Arc<dyn Tool>)>,
        synchronous: Synchronous,
    ) -> Outcome<(Installed, RecoveryReport)> {
        let journal = Sqlite::open(self.options(synchronous))
            .map_err(|error| Trouble::broken(Promise::StoreOpens, error))?;
        let root = self.workspace().display().to_string();
        let setup = Setup {
            journal,
            world: Clock,
            rules: rules()?,
            tools,
            spaces: vec![Space { name: name(SPACE)?, mode: Mode::Enforce }],
            workflows: vec![Workflow {
                name: name(SPACE)?,
                owner: name("ada")?,
                space: name(SPACE)?,
                budget: Amounts::<u64>::each(|_| None),
                on_exceeded: OnExceeded::Stop,
            }],
            grant_day: (Amounts::<u64>::each(|_| None), OnExceeded::Stop),
            secrets: Vec::new(),
            workspace_roots: vec![(name(TENANT)?, name(SPACE)?, root)],
            // Nobody is suspended for asking much: that is all that the load does.
            approvals: ApprovalRules { four_eyes: FourEyes::Waived, asks_max: u32::MAX },
        };
        Gate::open(setup).await.map_err(|refusal| Trouble::broken(Promise::StoreOpens, refusal))
    }
}

fn rules() -> Outcome<Rules> {
    let counter =
        ContractFile { name: "counter.toml", text: counter::CONTRACT, origin: Origin::Operator };
    let files: Vec<ContractFile<'_>> =
        contract::builtin::FILES.into_iter().chain([counter]).collect();
    let catalogue = contract::load::installed(&files, &commands::installation()?)
        .map_err(|errors| Trouble::other(errors.to_string()))?;
    let sources = [Source { file: "crash.cedar".to_owned(), text: POLICY.to_owned() }];
    let compiled = catalogue.iter().map(|compiled| &**compiled);
    let policies = PolicySet::load_compiled(&sources, compiled)
        .map_err(|errors| Trouble::other(errors.to_string()))?;
    Ok(Rules::new(catalogue, policies))
}

/// The agent and the operator, made where they are not there yet.
pub(crate) async fn people(gate: &Installed) -> Outcome<People> {
    let operator = operator(gate).await?;
    let agent = Secret::new(AGENT_SECRET);
    if gate.identify(&agent).await.is_err() {
        let ask = GrantAsk {
            chain: PrincipalChain {
                tenant: name(TENANT)?,
                human: Human(name("ada")?),
                agent: Agent { name: name("builder")?, version: "1".to_owned() },
                parents: Vec::new(),
            },
            rights: Rights {
                tools: vec!["*".to_owned()],
                spaces: vec![name(SPACE)?],
                workflows: Vec::new(),
            },
            expires: None,
        };
        let grant = gate.give_grant(&operator, ask).await?;
        let holder = KeyHolder::Grant { tenant: name(TENANT)?, grant: grant.id };
        gate.make_key(&operator, holder, &agent).await?;
    }
    let second = second(gate, &operator).await?;
    Ok(People { agent, operator, second })
}

async fn second(gate: &Installed, first: &Operator) -> Outcome<Operator> {
    let secret = Secret::new(SECOND_SECRET);
    if gate.identify(&secret).await.is_err() {
        let holder = KeyHolder::Operator {
            tenant: name(TENANT)?,
            name: name("bo")?,
            roles: Roles::of(&[Role::Approver]),
            groups: Groups::All,
        };
        gate.make_key(first, holder, &secret).await?;
    }
    Ok(gate.identify(&secret).await.and_then(Identity::operator)?)
}

async fn operator(gate: &Installed) -> Outcome<Operator> {
    let secret = Secret::new(OPERATOR_SECRET);
    if gate.identify(&secret).await.is_err() {
        gate.first_operator(name(TENANT)?, name("ada")?, &secret).await?;
    }
    Ok(gate.identify(&secret).await.and_then(Identity::operator)?)
}

/// A name that is known to be one.
fn name(text: &str) -> Outcome<Name> {
    text.parse().map_err(|error: domain::NameError| Trouble::other(error.to_string()))
}
