//! What a person needs to decide one request, gathered from what the journal knows.
//!
//! In: a request, and who asks. Out: whether this person may decide, who said yes, what is risky about the call, what
//! was said about it, how such calls went before, what it replaces, and what exactly was shown. Everything is masked
//! here: values, never tools, paths, hosts or recipients. Nothing here decides; `deciding` asks the same questions
//! again. Tests: `crates/sim/tests/it/brief.rs`.

use domain::{
    ApprovalId, ApprovalState, Assurance, CallId, EffectClass, Facts, Name, Operator, PayloadKind,
    Plan, Proposal, Surface, Timestamp, Vote, limits,
};
use serde_json::{Value, json};

use super::deciding::{Pending, Yes};
use super::eligible::{Party, Says};
use crate::commit::{Query, Record};
use crate::gate::Gate;
use crate::payload;
use crate::port::{Journal, World};
use crate::projection::{EVIDENCE, QUESTION};
use crate::refusal::Refusal;
use crate::table::Table;

mod difference;
mod history;
mod risk;

pub use difference::Difference;
pub use history::{Link, Past, Similar, Supersedes};

/// What a person needs to decide.
#[derive(Debug, Clone, PartialEq)]
pub struct Brief {
    /// Whether this very person may say yes, or why not.
    pub may_approve: Result<(), Refusal>,
    /// Who may not, whatever their groups.
    pub parties: Vec<Party>,
    /// Who said yes so far, the first one first.
    pub votes: Vec<Vote>,
    /// What speaks for care, the gravest first.
    pub risk: Vec<String>,
    /// What can be taken back, in one word.
    pub effect_class: String,
    /// Who is hit.
    pub consequences: Vec<String>,
    /// How it could be taken back; none if it could not.
    pub undo: Option<String>,
    /// The rule that asks, as it was loaded; none for a rule of the house, or one that is gone.
    pub rule_text: Option<String>,
    /// Whose rule it is, if it says so.
    pub rule_owner: Option<String>,
    /// Why it asks.
    pub rule_reason: Option<String>,
    /// The arguments, resolved and masked; none if they are no longer kept.
    pub arguments: Option<Value>,
    /// Answers to questions of the tool's server that the agent's client sent along, masked.
    pub input: Option<Value>,
    /// The call whose recorded questions they answer; none where nobody asked.
    pub input_answers: Option<CallId>,
    /// What the agent says it wants.
    pub intent: Option<String>,
    /// The held call on whose changes it stands.
    pub after: Option<CallId>,
    /// References that the agent gave.
    pub evidence: Vec<Said>,
    /// What people asked the agent.
    pub questions: Vec<Said>,
    /// How such requests went before.
    pub similar: Similar,
    /// The request that this one took the place of.
    pub supersedes: Option<Supersedes>,
    /// The request that took the place of this one.
    pub superseded_by: Option<Link>,
    /// What has to be typed to approve it; none where a yes is enough.
    pub confirm: Option<String>,
    /// What is shown of it.
    pub shown: Rendering,
}

/// Something said about a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// Who said it; none for the agent.
    pub by: Option<String>,
    /// When.
    pub at: Timestamp,
    /// What, masked.
    pub text: String,
}

/// What is shown of a request, in its canonical form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rendering {
    /// Its digest and length.
    pub shown: domain::Shown,
    /// Whether nothing of it is cut, gone, or masked for its looks.
    pub complete: bool,
    /// Whether something is masked because it looks like a secret.
    pub guessed: bool,
}

/// What is kept of a call that people are asked about.
#[derive(Debug, Default)]
struct Sight {
    facts: Option<Facts>,
    proposal: Option<Proposal>,
    plan: Option<Plan>,
    /// What was said about it since, the first one first.
    remarks: Vec<Record>,
}

impl<J: Journal, W: World> Gate<J, W> {
    /// Everything that a person needs to decide a request.
    ///
    /// # Errors
    /// A request that is unknown or of another tenant; a store that cannot be read.
    pub async fn brief(&self, by: &Operator, approval: ApprovalId) -> Result<Brief, Refusal> {
        let (request, record, call) = self.asked_by(by, approval).await?;
        let sight = self.kept_sight(call).await?;
        let masked = |text: &str| self.masker.mask_text(text).into_owned();
        let arguments = self.shown_arguments(&sight);
        let shown = self.rendering((&request, &record), &sight, arguments.as_ref());
        let evidence = sight.proposal.iter().flat_map(|proposal| &proposal.evidence);
        let evidence = evidence.map(|each| Said {
            by: None,
            at: Timestamp::from_millis(record.count("received_ms")),
            text: masked(&each.0),
        });
        let rules = self.rules();
        let rule = request.text("requirement");
        let decision = self.kept_answer(call).await?.and_then(|answer| answer.decision);
        let votes = self.votes(approval).await?;
        let mut risk =
            risk::lines(sight.facts.as_ref(), sight.proposal.as_ref(), arguments.as_ref());
        risk.extend(shown.guessed.then(|| risk::GUESSED.to_owned()));
        let mut may_approve = self.may_decide(by, (&request, &record), Says::Yes).await;
        if may_approve.is_ok() {
            may_approve = still_open(&request, by, &votes);
        }
        Ok(Brief {
            may_approve,
            parties: self.parties(&record).await?,
            votes,
            risk,
            effect_class: record.text("effect_class").to_owned(),
            consequences: risk::consequences(sight.facts.as_ref()),
            undo: self.undo_of(&sight),
            rule_text: rules.policies.text(rule),
            rule_owner: rules.policies.owner(rule).map(str::to_owned),
            rule_reason: decision.and_then(|decision| reason_of(&decision, rule)),
            arguments,
            input: self.shown_input(&sight),
            input_answers: sight.facts.as_ref().and_then(|facts| facts.input?.answers),
            intent: sight.proposal.as_ref().and_then(|each| each.intent.as_deref()).map(masked),
            after: sight.proposal.as_ref().and_then(|proposal| proposal.after),
            evidence: evidence.chain(said(&sight.remarks, EVIDENCE)).collect(),
            questions: said(&sight.remarks, QUESTION).collect(),
            similar: self.similar(&request).await?,
            supersedes: self.supersedes((&request, &record), &sight).await?,
            superseded_by: self.superseded_by((&request, &record)).await?,
            confirm: confirm(&record, &sight, shown.complete),
            shown,
        })
    }

    /// What has to be typed to approve a request, for surfaces that ask for nothing else.
    ///
    /// # Errors
    /// As [`Self::brief`].
    pub async fn to_confirm(
        &self,
        by: &Operator,
        approval: ApprovalId,
    ) -> Result<Option<String>, Refusal> {
        let (request, record, call) = self.asked_by(by, approval).await?;
        let sight = self.kept_sight(call).await?;
        let arguments = self.shown_arguments(&sight);
        let rendering = self.rendering((&request, &record), &sight, arguments.as_ref());
        Ok(confirm(&record, &sight, rendering.complete))
    }

    /// A request of a person's own tenant, with its call.
    pub(super) async fn asked_by(
        &self,
        by: &Operator,
        approval: ApprovalId,
    ) -> Result<(Record, Record, CallId), Refusal> {
        super::needs(by, domain::Right::See)?;
        let request = self.journal.read(Table::Approvals, &approval.to_string()).await?;
        let request = request.filter(|request| request.text("tenant") == by.tenant.as_str());
        let request = request.ok_or_else(|| Refusal::not_found(approval))?;
        let record = self.journal.read(Table::Calls, request.text("call")).await?;
        let record = record.ok_or_else(|| Refusal::not_found(approval))?;
        let call = record.key.parse().map_err(|_| Refusal::not_found(approval))?;
        Ok((request, record, call))
    }

    /// What a person was shown, if that is what is asked, and what had to be confirmed was.
    pub(super) async fn confirmed(
        &self,
        pending: &Pending,
        yes: &Yes,
    ) -> Result<domain::Shown, Refusal> {
        let Pending { request, record, call, .. } = pending;
        let sight = self.kept_sight(call.id).await?;
        let arguments = self.shown_arguments(&sight);
        let rendering = self.rendering((request, record), &sight, arguments.as_ref());
        let shows = shows(yes.surface);
        if yes.shown.is_none() && shows != Shows::Unknown {
            let message = format!("`{}` says what it showed; expected `shown`", yes.surface.word());
            let fix = "read the request anew, then decide";
            return Err(Refusal::new(domain::Code::InvalidRequest, message, fix));
        }
        // A message has no way to show the rest, and nobody types there for what they did not see.
        if shows == Shows::WholeOrNothing && !rendering.complete {
            let message = "not all of this request can be shown in a message, so that it cannot be approved by one";
            return Err(Refusal::new(domain::Code::NotConfirmed, message, "decide in the console"));
        }
        if yes.shown.is_some_and(|shown| shown != rendering.shown.digest) {
            return Err(Refusal::conflict(
                "what was shown is not what is asked now: something was added since",
            ));
        }
        let Some(text) = confirm(record, &sight, rendering.complete) else {
            return Ok(rendering.shown);
        };
        match yes.confirm.as_deref().map(str::trim) {
            Some(typed) if typed == text => Ok(rendering.shown),
            Some(_) => Err(not_confirmed(&text, "something else was typed")),
            None => Err(not_confirmed(&text, "nothing was typed")),
        }
    }

    async fn kept_sight(&self, call: CallId) -> Result<Sight, Refusal> {
        let facts = self.journal.payload(call, PayloadKind::Facts).await?;
        let proposal = self.journal.payload(call, PayloadKind::Proposal).await?;
        let plan = self.journal.payload(call, PayloadKind::Plan).await?;
        Ok(Sight {
            facts: facts.and_then(|bytes| payload::read_facts(&bytes).ok()),
            proposal: proposal.and_then(|bytes| payload::read_proposal(&bytes).ok()),
            plan: plan.and_then(|bytes| payload::read_plan(&bytes).ok()),
            remarks: self.remarks(call).await?,
        })
    }

    /// The arguments as people may see them: what the contract calls a secret is left out, and what looks like one.
    fn shown_arguments(&self, sight: &Sight) -> Option<Value> {
        let facts = sight.facts.as_ref()?;
        let rules = self.rules();
        let known = rules.catalogue.get(&facts.tool.name);
        // Without its contract nobody knows which arguments are secrets.
        let hidden = known?.mask_secrets(&facts.arguments);
        Some(self.masker.mask_value(&hidden).0)
    }

    /// What was sent along to be given to the tool's server. The server's own state, which stands beside the answers, says
    /// nothing to people.
    fn shown_input(&self, sight: &Sight) -> Option<Value> {
        let input = sight.proposal.as_ref()?.input.as_ref()?;
        Some(self.masker.mask_value(input.given.get("inputResponses")?).0)
    }

    /// The canonical form of what is shown, and whether it is whole.
    fn rendering(
        &self,
        (request, record): (&Record, &Record),
        sight: &Sight,
        arguments: Option<&Value>,
    ) -> Rendering {
        let masked = |text: &str| self.masker.mask_text(text).into_owned();
        let intent = sight.proposal.as_ref().and_then(|proposal| proposal.intent.as_deref());
        let evidence = sight.proposal.iter().flat_map(|proposal| &proposal.evidence);
        let paths = sight.plan.iter().flat_map(|plan| &plan.changes);
        let text = contract::canonical(&json!({
            "form": "checkrein-shown-1",
            "approval": request.key,
            "binding": request.text("binding"),
            "requirement": request.text("requirement"),
            "asked_of": request.text("asked_of"),
            "agent": record.text("agent"),
            "tool": record.text("tool"),
            "resource": record.text("resource"),
            "arguments": arguments,
            "input": self.shown_input(sight),
            "intent": intent.map(masked),
            "evidence": evidence.map(|each| masked(&each.0)).collect::<Vec<_>>(),
            "said": sight.remarks.iter().map(|each| each.text("text")).collect::<Vec<_>>(),
            "paths": paths.map(|change| masked(&change.path)).collect::<Vec<_>>(),
            "diff": sight.plan.as_ref().map(|plan| masked(&plan.diff)),
        }));
        let written = String::from_utf8_lossy(&text);
        let (chars, guessed) = (written.chars().count(), contract::mask::guessed(&written));
        let shown = domain::Shown {
            digest: contract::digest(&text),
            chars: u64::try_from(chars).unwrap_or(u64::MAX),
        };
        let whole = sight.plan.as_ref().is_none_or(Plan::diff_is_whole);
        Rendering { shown, complete: whole && arguments.is_some() && !guessed, guessed }
    }

    fn undo_of(&self, sight: &Sight) -> Option<String> {
        let rules = self.rules();
        let contract = &rules.catalogue.get(&sight.facts.as_ref()?.tool.name)?.contract;
        let plan = sight.plan.as_ref();
        match &contract.undo {
            domain::UndoMeans::None => None,
            domain::UndoMeans::Call(means) => Some(format!(
                "`checkrein undo`, by a call of `{}`, for {} h afterwards",
                means.tool,
                means.window.as_secs() / 3_600
            )),
            domain::UndoMeans::InversePlan { window }
                if plan.is_some_and(|plan| plan.restorable) =>
            {
                Some(format!("`checkrein undo`, for {} h afterwards", window.as_secs() / 3_600))
            }
            domain::UndoMeans::InversePlan { .. } => None,
        }
    }

    /// Who said yes to a request, the first one first.
    pub(crate) async fn votes(&self, approval: ApprovalId) -> Result<Vec<Vote>, Refusal> {
        let mut query = Query::all(Table::Votes).with("approval", approval.to_string());
        query.order_by = Some("at_ms");
        Ok(self.journal.select(query).await?.iter().filter_map(vote_of).collect())
    }

    async fn remarks(&self, call: CallId) -> Result<Vec<Record>, Refusal> {
        let mut query = Query::all(Table::Remarks).with("call", call.to_string());
        query.order_by = Some("at_ms");
        Ok(self.journal.select(query).await?)
    }
}

/// What a surface makes of a request that it shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shows {
    /// Nobody says what a person saw there.
    Unknown,
    /// It says what it showed.
    Told,
    /// It says what it showed, which is all of it.
    WholeOrNothing,
}

const fn shows(surface: Surface) -> Shows {
    match surface {
        Surface::Api | Surface::Cli => Shows::Unknown,
        Surface::Console => Shows::Told,
        Surface::Slack | Surface::Webhook => Shows::WholeOrNothing,
    }
}

/// Whether somebody who may decide still can.
fn still_open(request: &Record, by: &Operator, votes: &[Vote]) -> Result<(), Refusal> {
    let state = request.text("state");
    if state != ApprovalState::Pending.word() {
        return Err(Refusal::conflict(format!("it is {state}, not pending")));
    }
    if votes.iter().any(|vote| vote.by == by.name) {
        let message = format!("not eligible: `{}` already said yes", by.name);
        let fix = "ask another person of the group";
        return Err(Refusal::new(domain::Code::NotEligible, message, fix));
    }
    Ok(())
}

/// Reads a vote back from its record.
fn vote_of(record: &Record) -> Option<Vote> {
    let shown = record.text("shown").parse().ok();
    Some(Vote {
        by: record.text("voter").parse::<Name>().ok()?,
        at: Timestamp::from_millis(record.count("at_ms")),
        reason: Some(record.text("reason")).filter(|text| !text.is_empty()).map(str::to_owned),
        assurance: Assurance::from_word(record.text("assurance"))?,
        surface: Surface::from_word(record.text("surface"))?,
        shown: shown.map(|digest| domain::Shown { digest, chars: record.count("shown_chars") }),
    })
}

fn said<'a>(remarks: &'a [Record], kind: &'a str) -> impl Iterator<Item = Said> + 'a {
    remarks.iter().filter(move |remark| remark.text("kind") == kind).map(|remark| Said {
        by: Some(remark.text("said_by")).filter(|by| !by.is_empty()).map(str::to_owned),
        at: Timestamp::from_millis(remark.count("at_ms")),
        text: remark.text("text").to_owned(),
    })
}

/// What the rule itself says; where it says nothing, why the call waits at all.
fn reason_of(decision: &domain::Decision, rule: &str) -> Option<String> {
    let holds = || decision.reasons.iter().filter(|each| each.strength == domain::Strength::Hold);
    let own = holds().find(|each| each.policy.as_ref().is_some_and(|place| place.id == rule));
    let house = || holds().find(|each| each.policy.is_none());
    own.or_else(house).map(|reason| reason.text.clone())
}

/// What has to be typed: the resource's last part, or the tool where that says little. None for an act that can be
/// taken back and is shown whole.
fn confirm(record: &Record, sight: &Sight, complete: bool) -> Option<String> {
    let recoverable = sight.facts.as_ref().is_some_and(|facts| {
        let seen = facts.plan.as_ref().is_none_or(|plan| plan.restorable);
        seen && facts.no_preview.is_none() && !facts.tool.effect_class.cannot_be_undone()
    });
    let class = EffectClass::from_word(record.text("effect_class"));
    let known = class.is_some_and(|class| !class.cannot_be_undone());
    if recoverable && known && complete {
        return None;
    }
    let resource = record.text("resource");
    let last = resource.rsplit(['/', ':']).next().unwrap_or_default();
    let says_something = last.chars().any(char::is_alphanumeric)
        && last.chars().all(|each| each.is_ascii_graphic())
        && last.len() <= limits::CONFIRM_CHARS_MAX;
    Some(if says_something { last } else { record.text("tool") }.to_owned())
}

fn not_confirmed(text: &str, why: &str) -> Refusal {
    Refusal::new(
        domain::Code::NotConfirmed,
        format!("this cannot be undone or was not shown whole, and {why}; expected `{text}`"),
        "read what it does, then type exactly that to approve it",
    )
}
