//! Who may say yes to a request: in its group, sure enough who it is, and not a party to the call.
//!
//! A party is the person on whose behalf the agent acts, whoever gave the agent its rights, the owner of its
//! workflow, and whoever edited what it would do: they asked, in a way. A party may still say no. An installation of one person waives that, in its
//! configuration and nowhere else. Tests: `crates/sim/tests/it/voting.rs`.

use domain::{
    ApprovalId, Assurance, Code, Groups, Name, Operator, Person, PersonState, Right, limits,
};

use super::needs;
use crate::commit::{Query, Record};
use crate::gate::Gate;
use crate::port::{Journal, World};
use crate::refusal::Refusal;
use crate::table::Table;

/// How people decide in an installation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ApprovalRules {
    /// Whether a party to a call may approve it.
    pub four_eyes: FourEyes,
    /// Calls of one agent that people are asked for within `limits::ASKS_WINDOW` before the agent is suspended.
    pub asks_max: u32,
}

impl Default for ApprovalRules {
    fn default() -> Self {
        Self { four_eyes: FourEyes::Kept, asks_max: limits::ASKS_MAX }
    }
}

/// Whether the one who asks and the one who approves must be two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FourEyes {
    /// They must.
    Kept,
    /// They may be one: there is only one person.
    Waived,
}

/// What somebody wants to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Says {
    /// That it may happen, or may stand.
    Yes,
    /// That it may not.
    No,
}

/// Somebody who may not approve a call, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Party {
    /// Who.
    pub name: Name,
    /// What makes this person a party, as the end of "because this person …".
    pub because: &'static str,
}

/// A refusal of one person; another one may.
fn not_eligible(message: String, fix: &str) -> Refusal {
    Refusal::new(Code::NotEligible, message, fix)
}

/// Whether somebody stands in a group as policies write it, `group:name`. What is no group has nobody in it.
pub(crate) fn stands_in(groups: &Groups, group: &str) -> bool {
    group.strip_prefix("group:").is_some_and(|name| groups.hold(name))
}

/// The groups that a request is asked of by now.
pub(crate) fn asked_of(request: &Record) -> Vec<&str> {
    let second = request.integer("escalated_ms").map(|_| request.text("escalate_to"));
    std::iter::once(request.text("asked_of")).chain(second).collect()
}

/// Whether somebody stands in a group that is asked by now.
pub(crate) fn among(by: &Operator, request: &Record) -> Result<(), Refusal> {
    let groups = asked_of(request);
    if groups.iter().any(|group| stands_in(&by.groups, group)) {
        return Ok(());
    }
    let message = format!("not eligible: `{}` does not stand in {}", by.name, groups.join(" or "));
    Err(not_eligible(message, "ask somebody of that group, or an admin to put you into it"))
}

impl<J: Journal, W: World> Gate<J, W> {
    /// Whether somebody may say this about a request of a call, by its records.
    pub(crate) async fn may_decide(
        &self,
        by: &Operator,
        (request, call): (&Record, &Record),
        says: Says,
    ) -> Result<(), Refusal> {
        needs(by, Right::Decide)?;
        let parties = self.parties(call).await?;
        let party = parties.iter().find(|party| party.name == by.name);
        match (says, party) {
            // Who asked for it may also take it back.
            (Says::No, Some(_)) => Ok(()),
            (Says::No, None) => among(by, request),
            (Says::Yes, Some(party)) => among(by, request).and(Err(is_party(party))),
            (Says::Yes, None) => among(by, request).and(sure_enough(by, request)),
        }
    }

    /// Everybody with an account who may say yes to a request as it stands now, but for how sure it must be who they are.
    ///
    /// # Errors
    /// A request that is unknown or of another tenant; a store that cannot be read.
    pub async fn who_may_approve(
        &self,
        by: &Operator,
        approval: ApprovalId,
    ) -> Result<Vec<Name>, Refusal> {
        let (request, record, _) = self.asked_by(by, approval).await?;
        let parties = self.parties(&record).await?;
        let mut people = self.people(&by.tenant);
        people.retain(|person| {
            may_still(person, &request) && parties.iter().all(|party| party.name != person.name)
        });
        Ok(people.into_iter().map(|person| person.name).collect())
    }

    /// Whose yes to a request still counts: of people who are not disabled, in the group, no party to the call. Somebody without
    /// an account has a key, and whether that may decide was seen when it did.
    ///
    /// # Errors
    /// A request that is unknown or of another tenant; a store that cannot be read.
    pub async fn standing_yes(
        &self,
        by: &Operator,
        approval: ApprovalId,
    ) -> Result<Vec<Name>, Refusal> {
        let (request, record, _) = self.asked_by(by, approval).await?;
        self.standing_of((approval, &request, &record)).await
    }

    /// How many yeses to a request count by now.
    ///
    /// # Errors
    /// A request without its call; a store that cannot be read.
    pub async fn yes_so_far(&self, request: &Record) -> Result<usize, Refusal> {
        if request.count("votes") == 0 {
            return Ok(0);
        }
        let missing = || Refusal::not_found(&request.key);
        let approval = request.key.parse().map_err(|_| missing())?;
        let call = self.journal.read(Table::Calls, request.text("call")).await?;
        let call = call.ok_or_else(missing)?;
        Ok(self.standing_of((approval, request, &call)).await?.len())
    }

    pub(super) async fn standing_of(
        &self,
        (approval, request, call): (ApprovalId, &Record, &Record),
    ) -> Result<Vec<Name>, Refusal> {
        let votes = self.votes(approval).await?;
        if votes.is_empty() {
            return Ok(Vec::new());
        }
        let parties = self.parties(call).await?;
        let tenant = call.text("tenant").parse::<Name>().ok();
        let stands = |name: &Name| {
            let party = parties.iter().any(|party| party.name == *name);
            let person = tenant.as_ref().and_then(|tenant| self.person(tenant, name));
            !party && person.is_none_or(|person| may_still(&person, request))
        };
        Ok(votes.into_iter().map(|vote| vote.by).filter(stands).collect())
    }

    /// Everybody who may not approve a call because of what they are to it.
    pub(crate) async fn parties(&self, call: &Record) -> Result<Vec<Party>, Refusal> {
        if self.approvals.four_eyes == FourEyes::Waived {
            return Ok(Vec::new());
        }
        let grant = self.journal.read(Table::Grants, call.text("grant_id")).await?;
        let run = self.journal.read(Table::Runs, call.text("run")).await?;
        let of_grant = |column| grant.as_ref().and_then(|grant| grant.text(column).parse().ok());
        let owner = run
            .and_then(|run| run.text("workflow").parse().ok())
            .and_then(|workflow: Name| Some(self.workflow(&workflow)?.owner.clone()));
        let known = [
            (of_grant("human"), "is the one on whose behalf the agent acts"),
            (of_grant("given_by"), "gave the agent its rights"),
            (owner, "owns the agent's workflow"),
        ];
        let mut parties: Vec<Party> = Vec::new();
        for (name, because) in known {
            let new = name.filter(|name| parties.iter().all(|party| party.name != *name));
            parties.extend(new.map(|name| Party { name, because }));
        }
        self.with_editors(call, parties).await
    }

    /// Also whoever edited a call that this one took the place of, over however many steps.
    async fn with_editors(
        &self,
        call: &Record,
        mut parties: Vec<Party>,
    ) -> Result<Vec<Party>, Refusal> {
        let because = "edited what it would do";
        let mut later = call.key.clone();
        loop {
            let query = Query::all(Table::Calls).with("superseded_by", later.as_str());
            let Some(before) = self.journal.select(query).await?.into_iter().next() else {
                return Ok(parties);
            };
            if let Ok(name) = before.text("edited_by").parse::<Name>()
                && parties.iter().all(|party| party.name != name)
            {
                parties.push(Party { name, because });
            }
            later = before.key;
        }
    }
}

fn may_still(person: &Person, request: &Record) -> bool {
    let grouped = asked_of(request).iter().any(|group| stands_in(&person.groups, group));
    person.state == PersonState::Active && person.roles.allow(Right::Decide) && grouped
}

fn is_party(party: &Party) -> Refusal {
    not_eligible(
        format!("not eligible: `{}` {}", party.name, party.because),
        "ask somebody else of the group; an installation of one person says `requester_may_decide = true` under `[approvals]`",
    )
}

fn sure_enough(by: &Operator, request: &Record) -> Result<(), Refusal> {
    // What cannot be read counts as the strictest.
    let needed = Assurance::from_word(request.text("assurance")).unwrap_or(Assurance::Passkey);
    if by.assurance >= needed {
        return Ok(());
    }
    let message =
        format!("this needs the assurance `{needed}`, and this is only a `{}`", by.assurance);
    let fix = match needed {
        Assurance::Passkey => "confirm with your passkey in the console, then decide there",
        Assurance::Session | Assurance::Key => "log in to the console, then decide there",
    };
    Err(Refusal::new(Code::NotSureEnough, message, fix))
}
