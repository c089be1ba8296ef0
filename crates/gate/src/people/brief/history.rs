//! What came before a request: similar ones and how they went, and the one that it took the place of.
//!
//! In: records. Out: counts and links. Similar is: the same policy asks for the same agent and tool. How many earlier
//! ones are looked at is bounded; what is told of them are facts of the journal, never an opinion.

use domain::{ApprovalId, ApprovalState, CallId, CallState, Timestamp, limits};

use super::Sight;
use super::difference::{Difference, Side, between};
use crate::commit::{Query, Record};
use crate::gate::Gate;
use crate::port::{Journal, World};
use crate::refusal::Refusal;
use crate::table::Table;

/// How such requests went before.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Similar {
    /// How many there were, of those that were looked at.
    pub asked: u64,
    /// How many were approved.
    pub approved: u64,
    /// How many were rejected.
    pub rejected: u64,
    /// How many gave way to another one.
    pub superseded: u64,
    /// How many ran over their time.
    pub expired: u64,
    /// How many of the approved ones failed, wholly or in part, or nobody knows.
    pub failed: u64,
    /// The latest ones.
    pub latest: Vec<Past>,
}

/// One earlier request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Past {
    /// The request.
    pub approval: String,
    /// Its call.
    pub call: String,
    /// How it was decided.
    pub state: String,
    /// Who decided.
    pub decided_by: Option<String>,
    /// What the person said.
    pub reason: Option<String>,
    /// When it was asked.
    pub asked: Timestamp,
    /// How the call ended, if it did.
    pub outcome: Option<String>,
}

/// Another request, of another call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// The call.
    pub call: CallId,
    /// The request for the same policy; none if that one asks nobody for it.
    pub approval: Option<ApprovalId>,
}

/// The request that another one took the place of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Supersedes {
    /// Which.
    pub link: Link,
    /// Why.
    pub why: String,
    /// Who edited it; none where it moved by itself.
    pub edited_by: Option<String>,
    /// Where the two differ.
    pub changes: Vec<Difference>,
}

impl<J: Journal, W: World> Gate<J, W> {
    /// How requests of the same policy for the same agent and tool went.
    pub(super) async fn similar(&self, request: &Record) -> Result<Similar, Refusal> {
        let mut query = Query::all(Table::Approvals);
        for column in ["tool", "tenant", "agent", "requirement"] {
            query = query.with(column, request.text(column));
        }
        let earlier = self.journal.select(query.latest("asked_ms", limits::SIMILAR_MAX)).await?;
        let mut similar = Similar::default();
        for record in earlier.iter().filter(|record| record.key != request.key) {
            similar.asked += 1;
            match ApprovalState::from_word(record.text("state")) {
                Some(ApprovalState::Approved | ApprovalState::Used) => similar.approved += 1,
                Some(ApprovalState::Rejected) => similar.rejected += 1,
                Some(ApprovalState::Superseded) => similar.superseded += 1,
                Some(ApprovalState::Expired) => similar.expired += 1,
                Some(ApprovalState::Pending | ApprovalState::Withdrawn) | None => {}
            }
            let used = record.text("state") == ApprovalState::Used.word();
            let named = similar.latest.len() < limits::SIMILAR_NAMED_MAX;
            let call = match used || named {
                true => self.journal.read(Table::Calls, record.text("call")).await?,
                false => None,
            };
            similar.failed += u64::from(used && call.as_ref().is_some_and(went_wrong));
            if named {
                similar.latest.push(past(record, call.as_ref()));
            }
        }
        Ok(similar)
    }

    /// The request that this one took the place of, with the differences between the two.
    pub(super) async fn supersedes(
        &self,
        (request, record): (&Record, &Record),
        sight: &Sight,
    ) -> Result<Option<Supersedes>, Refusal> {
        let query = Query::all(Table::Calls).with("superseded_by", record.key.as_str());
        let before = self.journal.select(query.latest("updated_ms", 1)).await?;
        let Some(before) = before.first() else { return Ok(None) };
        let Ok(call) = before.key.parse::<CallId>() else { return Ok(None) };
        let old = self.kept_sight(call).await?;
        let (was, is) = (self.shown_arguments(&old), self.shown_arguments(sight));
        let old_request = self.request_of(call, request.text("requirement")).await?;
        let asked = old_request.as_ref().map(asked).unwrap_or_default();
        let now = self::asked(request);
        let old_side = Side { arguments: was.as_ref(), plan: old.plan.as_ref(), asked: &asked };
        let new_side = Side { arguments: is.as_ref(), plan: sight.plan.as_ref(), asked: &now };
        let masked = |text: &str| self.masker.mask_text(text).into_owned();
        let text = |column| Some(before.text(column)).filter(|text| !text.is_empty());
        Ok(Some(Supersedes {
            link: Link { call, approval: old_request.and_then(|record| record.key.parse().ok()) },
            why: text("superseded_why").unwrap_or_default().to_owned(),
            edited_by: text("edited_by").map(str::to_owned),
            changes: between(old_side, new_side, &masked),
        }))
    }

    /// The request that took the place of this one.
    pub(super) async fn superseded_by(
        &self,
        (request, record): (&Record, &Record),
    ) -> Result<Option<Link>, Refusal> {
        let Ok(call) = record.text("superseded_by").parse::<CallId>() else { return Ok(None) };
        let approval = self.request_of(call, request.text("requirement")).await?;
        Ok(Some(Link { call, approval: approval.and_then(|record| record.key.parse().ok()) }))
    }

    /// The request that a call made because of a policy.
    async fn request_of(&self, call: CallId, rule: &str) -> Result<Option<Record>, Refusal> {
        let query =
            Query::all(Table::Approvals).with("call", call.to_string()).with("requirement", rule);
        Ok(self.journal.select(query).await?.into_iter().next())
    }
}

/// What was asked of people, in one line.
fn asked(request: &Record) -> String {
    let (quorum, group) = (request.count("quorum").max(1), request.text("asked_of"));
    format!("{quorum} of {group} with assurance {}", request.text("assurance"))
}

fn past(record: &Record, call: Option<&Record>) -> Past {
    let text = |record: &Record, column| {
        Some(record.text(column)).filter(|text| !text.is_empty()).map(str::to_owned)
    };
    Past {
        approval: record.key.clone(),
        call: record.text("call").to_owned(),
        state: record.text("state").to_owned(),
        decided_by: text(record, "decided_by"),
        reason: text(record, "reason"),
        asked: Timestamp::from_millis(record.count("asked_ms")),
        outcome: call.and_then(|call| text(call, "status")),
    }
}

fn went_wrong(call: &Record) -> bool {
    matches!(
        CallState::from_word(call.text("state")),
        Some(CallState::Failed | CallState::Partial | CallState::InDoubt)
    )
}
