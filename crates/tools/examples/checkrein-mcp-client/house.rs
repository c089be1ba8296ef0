//! A gate with one server behind it: an agent with every right, a journal in memory, and contracts of all that is offered.
//!
//! In: a configured server. Out: calls, each through the one journey with its questions answered. All tools are classified
//! as reads by the operator, so that nothing waits for people.

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use checkrein_tools::mcp::credentials::KnownSecrets;
use checkrein_tools::mcp::{Definition, Means, Offer, ServerSpec, Upstreams};
use contract::discovered::{self, Classification, Given};
use contract::{Catalogue, Compiled};
use domain::{
    Agent, Amounts, Code, Consequences, EffectClass, Human, Input, KeyHolder, Mode, Name,
    OnExceeded, PrincipalChain, Proposal, Rights, Space, Status, Timestamp, ToolName, Workflow,
};
use gate::{Gate, GrantAsk, Rules, Secret, Setup, Tool, World};
use mcp::{Client, Conversations, FromTool, Line, Params, Revision};
use policy::{PolicySet, Source};
use reqwest::Url;
use runner::{Jailer, Ladder, Limits, Rung};
use serde_json::{Value, json};
use sim::journal::{SimJournal, Store};
use sim::random::Dice;
use sim::world::Clock;
use tokio::sync::oneshot;
use uuid::Uuid;

use crate::answers;
use crate::browser::Following;

pub(crate) const TIMEOUT: Duration = Duration::from_secs(20);
/// Rounds of questions that one call may take.
const ROUNDS: u32 = 8;
const POLICY: &str = "@id(\"all\")\npermit (principal, action, resource);";

pub(crate) struct House {
    gate: Gate<SimJournal, Real>,
    upstreams: Upstreams,
    conversations: Conversations,
    agent: Secret,
    revision: Revision,
}

/// The clock and ids of this machine.
struct Real;

impl World for Real {
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_millis(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
    }

    fn fresh(&self) -> Uuid {
        Uuid::now_v7()
    }

    async fn sleep(&self, wait: Duration) {
        tokio::time::sleep(wait).await;
    }
}

/// The server's name here.
pub(crate) fn server() -> Name {
    name("upstream")
}

#[expect(clippy::expect_used, reason = "names of this file are names")]
fn name(text: &str) -> Name {
    text.parse().expect("a name")
}

impl House {
    /// Connects to the server and makes contracts of what it offers.
    pub(crate) async fn open(spec: ServerSpec, url: &Url) -> Result<Self, String> {
        let conversations = Conversations::default();
        let means = Means {
            jailer: Jailer::new("/bin/false".into()),
            ladder: Ladder { rung: Rung::Refuse, findings: Vec::new() },
            limits: Limits::default(),
            conversations: conversations.clone(),
            known: KnownSecrets::new(),
            tokens: None,
            browser: Some(Arc::new(Following::new(url)?)),
        };
        let upstreams = Upstreams::start(vec![spec], means);
        let agent = Secret::new("ck_conformance");
        let gate = gate(&upstreams, &agent).await?;
        let said = std::env::var("MCP_CONFORMANCE_PROTOCOL_VERSION").ok();
        let revision = said.and_then(|text| text.parse().ok()).unwrap_or(Revision::NEWEST);
        let house = Self { gate, upstreams, conversations, agent, revision };
        let offer = house.offer().await?;
        house.furnish(&offer).await?;
        Ok(house)
    }

    pub(crate) async fn offer(&self) -> Result<Arc<Offer>, String> {
        self.upstreams.offer(&server()).await.map_err(|error| error.to_string())
    }

    pub(crate) async fn close(&self) {
        self.upstreams.stop().await;
    }

    /// Pins what is offered and puts its contracts into force.
    async fn furnish(&self, offer: &Offer) -> Result<(), String> {
        let offered: Vec<_> =
            offer.tools.iter().map(|tool| (internal(tool), tool.digest)).collect();
        let seen = self.gate.sighted(&server(), &offered).await;
        seen.map_err(|refusal| format!("{refusal:?}"))?;
        let contracts = offer.tools.iter().filter_map(contract);
        let rules = rules(Catalogue::new(contracts).map_err(|error| format!("{error:?}"))?)?;
        self.gate.set_rules(rules).await.map_err(|refusal| format!("{refusal:?}"))
    }

    /// Calls a tool, answers what it asks, and gives its result.
    pub(crate) async fn call(&self, wire: &str, arguments: Value) -> Result<Value, String> {
        let tool = mcp::names::internal(&server(), wire).to_string();
        let mut proposal = Proposal::bare(tool, arguments);
        for _ in 0..ROUNDS {
            let (answer, state) = self.propose(proposal.clone()).await;
            let code = answer.error.as_ref().map(|error| error.code);
            let output = answer.output.unwrap_or(Value::Null);
            match (answer.status, code) {
                (Status::Succeeded, _) => return Ok(output),
                (_, Some(Code::InputRequired)) => {
                    let given = told(&output, state);
                    proposal.input = Some(Input { given, answers: answer.call });
                }
                (status, _) => return Err(format!("{status:?}: {:?}", answer.error)),
            }
        }
        Err("it asks without end".to_owned())
    }

    /// One round: the answer, and the server's own state of its questions.
    async fn propose(&self, proposal: Proposal) -> (domain::Answer, Option<String>) {
        let client = Client {
            revision: self.revision,
            capabilities: Params::from_iter([("elicitation".to_owned(), json!({}))]),
            info: None,
            progress_token: None,
            log_level: None,
            trace: Vec::new(),
        };
        let (opening, mut opened) = oneshot::channel();
        // Nobody waits for it any more when the call has ended.
        let begun = |call| drop(opening.send(self.conversations.open(call, client)));
        let handled = self.gate.handle_told(&self.agent, proposal, begun);
        tokio::pin!(handled);
        let (mut line, mut begins) = (None, true);
        let answer = loop {
            tokio::select! {
                answer = &mut handled => break answer,
                open = &mut opened, if begins => (line, begins) = (open.ok(), false),
                () = listen(line.as_mut()), if line.is_some() => {}
            }
        };
        answer.call.into_iter().for_each(|call| self.gate.delivered(call));
        let line = line.or_else(|| opened.try_recv().ok());
        (answer, line.and_then(|line| line.state()))
    }
}

/// Takes what the server sends meanwhile, and answers one question.
async fn listen(line: Option<&mut Line>) {
    let Some(line) = line else { return };
    match line.from_tool.recv().await {
        Some(FromTool::Ask { request, answer }) => {
            let params = Value::Object(request.params.clone());
            let given = answers::answer(&request.method, &params);
            let given = given.as_object().cloned().unwrap_or_default();
            // A server that went away does not wait for it.
            let _gone = answer.send(Ok(given));
        }
        Some(FromTool::Notification(_)) => {}
        None => std::future::pending().await,
    }
}

/// What a caller answers to the questions of a result.
fn told(result: &Value, state: Option<String>) -> Value {
    let asked = answers::at(result, "/inputRequests").as_object().cloned().unwrap_or_default();
    let answers = asked.iter().map(|(key, asked)| {
        let method = answers::at(asked, "/method").as_str().unwrap_or_default();
        (key.clone(), answers::answer(method, answers::at(asked, "/params")))
    });
    let answers = ("inputResponses".to_owned(), Value::Object(answers.collect()));
    let state = state.map(|state| ("requestState".to_owned(), Value::from(state)));
    Value::Object([Some(answers), state].into_iter().flatten().collect())
}

fn internal(tool: &Definition) -> ToolName {
    mcp::names::internal(&server(), &tool.wire)
}

fn contract(tool: &Definition) -> Option<Compiled> {
    let (server, name) = (server(), internal(tool));
    let definition =
        discovered::Definition { server: &server, name: &name, wire: &tool.wire, raw: &tool.raw };
    let said = Classification {
        effect_class: EffectClass::Pure,
        consequences: Consequences::default(),
        resource: None,
        definition: None,
    };
    let given = Given { pack: None, classification: Some(&said), attempts: None, timeout: TIMEOUT };
    let found = discovered::contract(&definition, &given);
    if found.compiled.is_none() {
        eprintln!("`{}` has no contract: {:?}", tool.wire, found.findings);
    }
    found.compiled
}

fn rules(catalogue: Catalogue) -> Result<Rules, String> {
    let source = Source { file: "all.cedar".to_owned(), text: POLICY.to_owned() };
    let compiled = catalogue.iter().map(|compiled| &**compiled);
    let policies = PolicySet::load_compiled(&[source], compiled);
    Ok(Rules::new(catalogue, policies.map_err(|error| error.to_string())?))
}

/// A gate with one agent that may call everything.
async fn gate(upstreams: &Upstreams, agent: &Secret) -> Result<Gate<SimJournal, Real>, String> {
    let store = Arc::new(Mutex::new(Store::new(None, None)));
    let surroundings = (Clock::default(), Dice::new(1), sim::executor::Spawner::default());
    let space = name("lab");
    let nothing = Amounts::<u64>::each(|_| None);
    let setup = Setup {
        journal: SimJournal::open(&store, surroundings),
        world: Real,
        rules: rules(Catalogue::new([]).map_err(|error| format!("{error:?}"))?)?,
        tools: vec![(format!("{}.", server()), Arc::new(upstreams.clone()) as Arc<dyn Tool>)],
        workflows: vec![Workflow {
            name: name("work"),
            owner: name("olga"),
            space: space.clone(),
            budget: nothing,
            on_exceeded: OnExceeded::Stop,
        }],
        spaces: vec![Space { name: space.clone(), mode: Mode::Enforce }],
        grant_day: (nothing, OnExceeded::Stop),
        secrets: Vec::new(),
        workspace_roots: Vec::new(),
        approvals: gate::ApprovalRules::default(),
    };
    let opened = Gate::open(setup).await.map_err(|refusal| format!("{refusal:?}"))?;
    admit(&opened.0, (agent, space)).await.map_err(|refusal| format!("{refusal:?}"))?;
    Ok(opened.0)
}

async fn admit(
    gate: &Gate<SimJournal, Real>,
    (agent, space): (&Secret, Name),
) -> Result<(), gate::Refusal> {
    let (tenant, operator) = (name("local"), Secret::new("ck_operator"));
    gate.first_operator(tenant.clone(), name("olga"), &operator).await?;
    let by = gate.identify(&operator).await?.operator()?;
    let chain = PrincipalChain {
        tenant: tenant.clone(),
        human: Human(name("ada")),
        agent: Agent { name: name("builder"), version: "1".to_owned() },
        parents: Vec::new(),
    };
    let rights = Rights {
        tools: vec![format!("{}.*", server())],
        spaces: vec![space],
        workflows: Vec::new(),
    };
    let grant = gate.give_grant(&by, GrantAsk { chain, rights, expires: None }).await?;
    gate.make_key(&by, KeyHolder::Grant { tenant, grant: grant.id }, agent).await.map(drop)
}
