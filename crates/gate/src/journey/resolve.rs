//! Which run, which tool and contract, which arguments: a proposal becomes a `Call`, or is refused with
//! what would have been right.

use std::borrow::Cow;
use std::time::Duration;

use domain::{
    ApprovalState, Assurance, CallId, CallState, Caller, Code, Escalation, GrantId, Name,
    PayloadKind, PrincipalChain, Proposal, Requirement, RunId, Timestamp, limits,
};

use super::{Authority, Before, Call, Digests, Request, TakesBack, asking, stacking};
use crate::commit::{Query, Record};
use crate::gate::Gate;
use crate::payload;
use crate::port::{Invocation, Journal, KeyScope, PassedKey, World};
use crate::refusal::Refusal;
use crate::state::directory::LiveRun;
use crate::state::lock;
use crate::table::Table;

/// What the names of the house's own tools begin with.
const HOUSE: &str = "checkrein.";

/// A proposal that did not become a call: refused, with what is known of it.
#[derive(Debug)]
pub(crate) struct Unresolved {
    pub(crate) id: CallId,
    pub(crate) caller: Caller,
    pub(crate) run: Option<RunId>,
    pub(crate) proposal: Proposal,
    pub(crate) refusal: Refusal,
}

/// Resolves a new proposal.
pub(super) async fn resolve<J: Journal, W: World>(
    gate: &Gate<J, W>,
    caller: Caller,
    proposal: Proposal,
) -> Result<Call, Unresolved> {
    let id = CallId::new(gate.world.fresh());
    let kept = proposal.clone();
    let unresolved = |caller: &Caller, run: Option<RunId>, refusal: Refusal| Unresolved {
        id,
        caller: caller.clone(),
        run,
        proposal: kept.clone(),
        refusal,
    };
    if let Err(refusal) = within_limits(&proposal) {
        return Err(unresolved(&caller, None, refusal));
    }
    let run = match gate.run_for(&caller, proposal.run).await {
        Ok(run) => run,
        Err(refusal) => return Err(unresolved(&caller, None, refusal)),
    };
    let run_id = run.run.id;
    let ask =
        Ask { id, received: gate.world.now(), authority: Authority::Agent, before: Before::New };
    let founded = async {
        let mut call = build(gate, (caller.clone(), run), (proposal, ask))?;
        call.over = stacking::bases(gate, &call).await?;
        call.asked = asking::asked(gate, &call).await?;
        Ok(call)
    };
    founded.await.map_err(|refusal| unresolved(&caller, Some(run_id), refusal))
}

/// What distinguishes a new call from one that is taken up again or ordered by an operator.
#[derive(Debug)]
pub(crate) struct Ask {
    pub(crate) id: CallId,
    pub(crate) received: Timestamp,
    pub(crate) authority: Authority,
    pub(crate) before: Before,
}

type Whose = (Caller, std::sync::Arc<LiveRun>);

/// Checks tool, grant and arguments against the rules in force.
pub(crate) fn build<J: Journal, W: World>(
    gate: &Gate<J, W>,
    (caller, run): Whose,
    (proposal, ask): (Proposal, Ask),
) -> Result<Call, Refusal> {
    let rules = gate.rules();
    let compiled = rules
        .catalogue
        .find(&proposal.tool)
        .ok_or_else(|| unknown_tool(gate, &caller, &proposal.tool))?
        .clone();
    if let Authority::Agent = ask.authority {
        allowed_by_grant(gate, caller.grant, &proposal.tool)?;
    }
    let space = gate
        .space(&run.run.space)
        .ok_or_else(|| Refusal::not_found(format!("space `{}`", run.run.space)))?;
    let root = gate.workspace_root(&caller.chain.tenant, &run.run.space);
    let resolved = compiled.resolve(&proposal.arguments, &caller.chain, root).map_err(|error| {
        let fix = format!(
            "`checkrein tools show {}` prints the contract with every argument",
            proposal.tool
        );
        Refusal::new(error.code(), error.to_string(), fix)
    })?;
    let mut digests = digests(gate, (&caller, &run), &proposal, (&compiled, &resolved))?;
    match ask.authority {
        Authority::Agent => {}
        // An undo is guarded by the state of what it undoes; one that failed may be asked for again.
        // A key would tell two tries apart from each other, and an undo that was refused may be tried again.
        Authority::Operator { .. } => (digests.identity, digests.ledger) = (None, None),
        // Each look is a new one, also where the tool names a natural key: nothing joins it.
        Authority::Probe | Authority::House => (digests.identity, digests.ledger) = (None, None),
    }
    let barred = barred(gate, &rules, &compiled.contract);
    let Ask { id, received, authority, before } = ask;
    let mode = space.mode;
    Ok(Call {
        id,
        caller,
        authority,
        run,
        mode,
        proposal,
        rules,
        compiled,
        resolved,
        digests,
        received,
        before,
        leaves: None,
        asked: None,
        over: Vec::new(),
        unfounded: None,
        barred,
        told: Vec::new(),
        instead: None,
    })
}

/// Why a tool may not be called as it is offered now: its pin says so, or the rules. Holds in every mode.
pub(crate) fn barred<J: Journal, W: World>(
    gate: &Gate<J, W>,
    rules: &crate::gate::Rules,
    contract: &domain::Contract,
) -> Option<Refusal> {
    let by_rules = rules.held_back.get(&contract.name).map(|held| {
        let message = format!("NOT EXECUTED: {}", held.message);
        Refusal::new(held.code, message, held.fix.clone())
    });
    by_rules.or_else(|| gate.pins.bar(contract))
}

fn within_limits(proposal: &Proposal) -> Result<(), Refusal> {
    let too_long = |what: &str, max: usize| {
        let message = format!("the {what} is longer than {max} characters");
        Err(Refusal::new(Code::Oversized, message, format!("shorten the {what}")))
    };
    let chars = |text: &Option<String>| text.as_ref().map_or(0, |text| text.chars().count());
    if chars(&proposal.intent) > limits::INTENT_CHARS_MAX {
        return too_long("intent", limits::INTENT_CHARS_MAX);
    }
    if chars(&proposal.key) > limits::KEY_CHARS_MAX {
        return too_long("key", limits::KEY_CHARS_MAX);
    }
    if proposal.expected_effects.len() > limits::EXPECTED_EFFECTS_MAX {
        return too_long("list of expected effects", limits::EXPECTED_EFFECTS_MAX);
    }
    if proposal.evidence.len() > limits::EVIDENCE_MAX {
        return too_long("evidence", limits::EVIDENCE_MAX);
    }
    proposal.input.as_ref().map_or(Ok(()), |input| fitting_input(&input.given))
}

/// What a caller answered to a tool's questions is bounded as arguments are.
fn fitting_input(input: &serde_json::Value) -> Result<(), Refusal> {
    if !input.is_object() {
        let message = "the input is not an object; expected the answers by their questions";
        return Err(Refusal::new(Code::InvalidRequest, message, "send an object as `input`"));
    }
    if contract::canonical(input).len() > limits::ARGUMENTS_BYTES_MAX {
        let message = format!("the input has more than {} bytes", limits::ARGUMENTS_BYTES_MAX);
        return Err(Refusal::new(Code::Oversized, message, "answer the questions with less"));
    }
    Ok(())
}

/// Names only what the caller may see: what is near says nothing of what is hidden.
fn unknown_tool<J: Journal, W: World>(gate: &Gate<J, W>, caller: &Caller, name: &str) -> Refusal {
    let shown: String = contract::visible::short(name);
    let near = gate.near(caller, name);
    let near = near.map(|near| format!(", did you mean `{near}`?")).unwrap_or_default();
    let message = format!("unknown tool `{shown}`{near}");
    Refusal::new(
        Code::UnknownTool,
        message,
        "`GET /v1/tools` or `checkrein tools ls` lists the tools",
    )
}

/// Whether a tool is one of the house's own.
pub(crate) fn is_of_the_house(tool: &str) -> bool {
    tool.starts_with(HOUSE)
}

fn allowed_by_grant<J: Journal, W: World>(
    gate: &Gate<J, W>,
    grant: GrantId,
    tool: &str,
) -> Result<(), Refusal> {
    let live = gate.directory.grant(grant);
    // Tools of the house act for operators alone, whatever a grant says and in whatever mode a space is.
    let house = is_of_the_house(tool);
    let allowed = !house
        && live
            .is_some_and(|live| tool.parse().is_ok_and(|name| live.grant.rights.allow_tool(&name)));
    if allowed {
        return Ok(());
    }
    let message = format!("the grant does not allow the tool `{}`", contract::visible::short(tool));
    Err(Refusal::new(
        Code::GrantForbids,
        message,
        "ask an operator for a grant that names this tool",
    ))
}

fn digests<J: Journal, W: World>(
    gate: &Gate<J, W>,
    (caller, run): (&Caller, &LiveRun),
    proposal: &Proposal,
    (compiled, resolved): (&contract::Compiled, &contract::Resolved),
) -> Result<Digests, Refusal> {
    let tenant = KeyScope::Tenant(&caller.chain.tenant);
    let own_key = proposal.key.as_deref().map(|key| contract::digest(key.as_bytes()));
    let key = own_key.or(resolved.natural_key);
    let alike = Alike {
        chain: &caller.chain,
        grant: caller.grant,
        space: &run.run.space,
        tool: &proposal.tool,
    };
    let ledger = key.map(|key| alike.digest(gate, ("ledger", key))).transpose()?;
    let identity = match ledger {
        Some(ledger) => Some(ledger),
        None if compiled.contract.effect_class.changes() => {
            Some(alike.digest(gate, (&Beside::of(proposal).identical(), resolved.digest))?)
        }
        None => None,
    };
    Ok(Digests {
        arguments: gate.journal.keyed(KeyScope::Run(run.run.id), &resolved.canonical)?,
        ledger,
        ledger_arguments: gate.journal.keyed(tenant, &Beside::of(proposal).ledger(resolved))?,
        identity,
    })
}

/// What makes two calls the same but for key and arguments: who acts by which grant, where, with which
/// tool. The space belongs to it, because the same path in another space is another file.
struct Alike<'a> {
    chain: &'a PrincipalChain,
    grant: GrantId,
    space: &'a Name,
    tool: &'a str,
}

impl Alike<'_> {
    /// Keyed per tenant, so that the ledger reveals nothing and tenants share nothing.
    fn digest<J: Journal, W: World>(
        &self,
        gate: &Gate<J, W>,
        (about, digest): (&str, domain::Digest),
    ) -> Result<domain::Digest, Refusal> {
        let Self { chain, grant, space, tool } = self;
        let (human, agent) = (&chain.human.0, &chain.agent.name);
        let text = format!("{about}\n{human}\n{agent}\n{grant}\n{space}\n{tool}\n{digest}");
        Ok(gate.journal.keyed(KeyScope::Tenant(&chain.tenant), text.as_bytes())?)
    }
}

/// What beside its arguments makes a call another one: what it stands on, and what was answered to the tool's questions.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Beside {
    after: Option<CallId>,
    input: Option<domain::Digest>,
}

impl Beside {
    pub(crate) fn of(proposal: &Proposal) -> Self {
        Self {
            after: proposal.after,
            input: proposal.input.as_ref().map(|input| contract::digest_of(&input.given)),
        }
    }

    /// What the ledger knows of a call's arguments: a key stands for them over the same changes and with the same input.
    fn ledger(self, resolved: &contract::Resolved) -> Cow<'_, [u8]> {
        let Self { after, input } = self;
        if after.is_none() && input.is_none() {
            return Cow::Borrowed(&resolved.canonical);
        }
        // Canonical JSON has no line breaks, so no arguments look like this.
        let after = after.map(|after| format!("\nafter {after}")).unwrap_or_default();
        let input = input.map(|input| format!("\ninput {input}")).unwrap_or_default();
        Cow::Owned([&*resolved.canonical, after.as_bytes(), input.as_bytes()].concat())
    }

    /// The same command over other changes, or with other answers, is another one.
    fn identical(self) -> String {
        let after = self.after.map(|after| format!(" after {after}")).unwrap_or_default();
        let input = self.input.map(|input| format!(" input {input}")).unwrap_or_default();
        format!("identical{after}{input}")
    }
}

/// The identity of an open call without a key, made again from its facts after a restart.
pub(crate) fn identity_of<J: Journal, W: World>(
    gate: &Gate<J, W>,
    grant: GrantId,
    (facts, beside): (&domain::Facts, Beside),
) -> Option<domain::Digest> {
    let tool = facts.tool.name.as_str();
    let alike = Alike { chain: &facts.chain, grant, space: &facts.space, tool };
    alike.digest(gate, (&beside.identical(), contract::digest_of(&facts.arguments))).ok()
}

/// Resolves a held call again, from its record and its kept proposal, against the rules in force now.
pub(super) async fn again<J: Journal, W: World>(
    gate: &Gate<J, W>,
    id: CallId,
) -> Result<Call, Refusal> {
    let record = gate.journal.read(Table::Calls, &id.to_string()).await?;
    let record = record.ok_or_else(|| Refusal::not_found(id))?;
    let gone = || {
        Refusal::new(
            Code::NotReplayable,
            "the proposal of this call is no longer kept",
            "propose it again",
        )
    };
    let bytes = gate.journal.payload(id, PayloadKind::Proposal).await?.ok_or_else(gone)?;
    let proposal = payload::read_proposal(&bytes).map_err(|_| gone())?;
    let grant: GrantId = record.text("grant_id").parse().map_err(|_| gone())?;
    let run: RunId = record.text("run").parse().map_err(|_| gone())?;
    let live = gate.live_grant(grant).ok_or_else(|| {
        Refusal::new(
            Code::GrantForbids,
            "the grant of this call no longer holds",
            "ask an operator for a new grant",
        )
    })?;
    let caller = Caller {
        chain: live.grant.chain.clone(),
        grant,
        key: domain::KeyId::new(uuid::Uuid::nil()),
    };
    let run = gate.known_run(run).await?.ok_or_else(gone)?;
    let requests = requests(gate, id).await?;
    let received = Timestamp::from_millis(record.count("received_ms"));
    let ask = Ask { id, received, authority: Authority::Agent, before: Before::Held(requests) };
    let mut call = build(gate, (caller, run), (proposal, ask))?;
    // The key it took when it was held, also if its contract names another one since.
    call.digests.ledger = record.text("ledger").parse().ok();
    if record.text("state") == CallState::Queued.word() {
        call.leaves = Some(Timestamp::from_millis(record.count("leaves_ms")));
    }
    call.asked = asking::asked(gate, &call).await?;
    match stacking::bases(gate, &call).await {
        Ok(over) => call.over = over,
        Err(refusal) if refusal.code == Code::StoreFailed => return Err(refusal),
        // It ends as a call that was held, not here.
        Err(refusal) => call.unfounded = Some(refusal),
    }
    Ok(call)
}

async fn requests<J: Journal, W: World>(
    gate: &Gate<J, W>,
    call: CallId,
) -> Result<Vec<Request>, Refusal> {
    let records =
        gate.journal.select(Query::all(Table::Approvals).with("call", call.to_string())).await?;
    Ok(records.iter().filter_map(request).collect())
}

/// Reads a request back from its record; one that cannot be read approves nothing.
fn request(record: &Record) -> Option<Request> {
    let requirement = record.text("requirement").to_owned();
    let asked = Requirement {
        quorum: u8::try_from(record.count("quorum")).ok()?,
        assurance: Assurance::from_word(record.text("assurance"))?,
        escalate: escalated(record),
        ..Requirement::usual(&*requirement, record.text("asked_of"))
    };
    Some(Request {
        id: record.key.parse().ok()?,
        requirement,
        asked,
        state: ApprovalState::from_word(record.text("state"))?,
        binding: record.text("binding").parse().ok()?,
        execute_by: record
            .integer("execute_by_ms")
            .and_then(|at| u64::try_from(at).ok())
            .map(Timestamp::from_millis),
    })
}

/// The second group, if it was asked by now: it may have said yes.
fn escalated(record: &Record) -> Option<Escalation> {
    record.integer("escalated_ms")?;
    let (asked, later) = (record.count("asked_ms"), record.count("escalates_ms"));
    let after = Duration::from_millis(later.saturating_sub(asked));
    Some(Escalation { after, group: record.text("escalate_to").to_owned() })
}

/// What a tool is asked for a call.
pub(crate) fn invocation(call: &Call) -> Invocation {
    let basis = match &call.authority {
        Authority::Agent | Authority::Probe | Authority::House => None,
        Authority::Operator { inverse: TakesBack::ByPlan(plan), .. } => Some((**plan).clone()),
        Authority::Operator { inverse: TakesBack::ByCall(_), .. } => None,
    };
    Invocation {
        tool: call.compiled.name().clone(),
        arguments: call.resolved.arguments.clone(),
        tenant: call.caller.chain.tenant.clone(),
        space: call.run.run.space.clone(),
        agent: call.caller.chain.agent.name.clone(),
        run: call.run.run.id,
        call: call.id,
        basis,
        scopes: call.compiled.contract.scope.clone(),
        command: call.resolved.command.clone(),
        upstream: call.compiled.contract.upstream.clone(),
        input: call.proposal.input.as_ref().map(|input| input.given.clone()),
        over: call.over.iter().map(|base| base.plan.clone()).collect(),
        key: provider_key(&call.compiled.contract, call.id),
    }
}

/// How a call is called to its provider, where its contract says that the provider takes a key. All attempts of one call
/// have the same, no two calls ever do, and it says nothing of the caller's own key.
pub(crate) fn provider_key(contract: &domain::Contract, call: CallId) -> Option<PassedKey> {
    let means = contract.attempts.provider_key.as_ref()?;
    Some(PassedKey { place: means.place.clone(), key: key_of(call) })
}

/// The key of a call for its provider.
pub(crate) fn key_of(call: CallId) -> String {
    contract::digest(format!("checkrein provider key {call}").as_bytes()).to_string()
}

/// Counts the call for its run, so that loops can be seen. What it stands on does not make it another one here.
pub(super) fn count(call: &Call) {
    let mut counts = lock(&call.run.counts);
    counts.count(call.digests.arguments, call.received);
}
