//! Duties: notices to see, and reviews of what ran alone.
//!
//! A review says whether an act may stand. If not, it is taken back by the gate's own undo where that is armed; where it
//! is not, or fails, an incident is recorded with the review. Tests: `crates/sim/tests/it/reviews.rs`.

use domain::{
    CallId, Code, DutyKind, Entry, Event, Operator, ReviewVerdict, Right, Status, UndoState,
};

use super::eligible::{Says, stands_in};
use super::{UndoOrder, needs};
use crate::commit::Record;
use crate::gate::Gate;
use crate::port::{Journal, World};
use crate::refusal::Refusal;
use crate::runs::state_is;
use crate::table::Table;

/// How a duty is done.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Done {
    /// What the person notes; for a review that rejects, why.
    pub note: Option<String>,
    /// What the person says of the act; without it a review accepts.
    pub verdict: Option<ReviewVerdict>,
}

impl<J: Journal, W: World> Gate<J, W> {
    /// Marks a notice as seen, or makes a review.
    ///
    /// # Errors
    /// A duty that is not open or of another tenant; a person who is not asked, or accepts an act that this person is a
    /// party to; a verdict on a notice; a rejection without a reason.
    pub async fn done(&self, by: &Operator, duty: String, done: Done) -> Result<(), Refusal> {
        needs(by, Right::Decide)?;
        let note = done.note.map(|note| self.said(&note)).transpose()?;
        let record = self.journal.read(Table::Duties, &duty).await?;
        let record = record.filter(|record| record.text("tenant") == by.tenant.as_str());
        let record = record.ok_or_else(|| Refusal::not_found(format!("duty `{duty}`")))?;
        let verdict = verdict(&record, done.verdict)?;
        self.may_review(by, &record, verdict).await?;
        let open = || state_is(Table::Duties, record.key.clone(), "open");
        if record.text("state") != "open" {
            return Err(Refusal::conflict(format!(
                "`{duty}` is {}, not open",
                record.text("state")
            )));
        }
        let said = |verdict| Event::DutyDone {
            duty: duty.clone(),
            by: by.name.clone(),
            note: note.clone(),
            verdict,
        };
        let mut events = vec![said(verdict)];
        if verdict == Some(ReviewVerdict::Rejected) {
            let Some(why) = note.as_deref().filter(|note| !note.is_empty()) else {
                let message = "a rejection says why; expected a `note`";
                return Err(Refusal::new(Code::InvalidRequest, message, "add a note"));
            };
            // Taken back first: a process that ends here leaves the review open, and it is made again.
            if let Err(failed) = self.taken_back(by, &record).await? {
                let reason = format!("{why}; {failed}");
                let (duty, by) = (duty.clone(), by.name.clone());
                events.push(Event::IncidentOpened { duty, by, reason });
            }
        }
        let entry = |event| Entry {
            at: self.world.now(),
            tenant: Some(by.tenant.clone()),
            run: record.text("run").parse().ok(),
            call: record.text("call").parse().ok(),
            event,
        };
        Ok(self.commit_all(events.into_iter().map(entry).collect(), vec![open()]).await?)
    }

    /// Closes an incident: says what became of it. Its review and its call stay as they are.
    ///
    /// # Errors
    /// An incident that is not open or of another tenant; a person who could not accept its act in a review; a reason that is
    /// too long.
    pub async fn close_incident(
        &self,
        by: &Operator,
        duty: String,
        reason: &str,
    ) -> Result<(), Refusal> {
        needs(by, Right::Decide)?;
        let own = |record: &Record| record.text("tenant") == by.tenant.as_str();
        let incident = self.journal.read(Table::Incidents, &duty).await?.filter(own);
        let incident = incident.ok_or_else(|| Refusal::not_found(format!("incident `{duty}`")))?;
        let reason = self.said(reason)?;
        // Closing an incident says that its act is dealt with: whoever could not say so in the review cannot here.
        let review = self.journal.read(Table::Duties, &duty).await?;
        let review = review.ok_or_else(|| Refusal::not_found(format!("duty `{duty}`")))?;
        self.may_review(by, &review, Some(ReviewVerdict::Accepted)).await?;
        if incident.text("state") != "open" {
            let state = incident.text("state");
            return Err(Refusal::conflict(format!("the incident `{duty}` is {state}, not open")));
        }
        let guard = state_is(Table::Incidents, duty.clone(), "open");
        let entry = Entry {
            at: self.world.now(),
            tenant: Some(by.tenant.clone()),
            run: incident.text("run").parse().ok(),
            call: incident.text("call").parse().ok(),
            event: Event::IncidentClosed { duty, by: by.name.clone(), reason },
        };
        Ok(self.commit_all(vec![entry], vec![guard]).await?)
    }

    /// Reviews are made by the group that is asked; once overdue, by everybody who may decide. No party accepts.
    async fn may_review(
        &self,
        by: &Operator,
        record: &Record,
        verdict: Option<ReviewVerdict>,
    ) -> Result<(), Refusal> {
        let overdue = record.integer("overdue_ms").is_some();
        let group = record.text("asked_of");
        if !overdue && !stands_in(&by.groups, group) {
            let message = format!("not eligible: `{}` does not stand in {group}", by.name);
            let fix = "ask somebody of that group";
            return Err(Refusal::new(Code::NotEligible, message, fix));
        }
        let says = match verdict {
            Some(ReviewVerdict::Accepted) => Says::Yes,
            Some(ReviewVerdict::Rejected) | None => Says::No,
        };
        if says == Says::No {
            return Ok(());
        }
        let call = self.journal.read(Table::Calls, record.text("call")).await?;
        // Without its call nobody knows whose it was.
        let call =
            call.ok_or_else(|| Refusal::not_found(format!("call of duty `{}`", record.key)))?;
        let parties = self.parties(&call).await?;
        match parties.iter().find(|party| party.name == by.name) {
            None => Ok(()),
            Some(party) => {
                let message = format!("not eligible: `{}` {}", party.name, party.because);
                let fix = "ask somebody else of the group to review it";
                Err(Refusal::new(Code::NotEligible, message, fix))
            }
        }
    }

    /// Takes the act of a review back; says why it could not be, if so.
    async fn taken_back(
        &self,
        by: &Operator,
        record: &Record,
    ) -> Result<Result<(), String>, Refusal> {
        let Ok(call) = record.text("call").parse::<CallId>() else {
            return Ok(Err("its call cannot be told".to_owned()));
        };
        let act = self.journal.read(Table::Calls, &call.to_string()).await?;
        match act.and_then(|act| UndoState::from_word(act.text("undo"))) {
            Some(UndoState::Undone) => return Ok(Ok(())),
            Some(UndoState::Armed) => {}
            Some(state) => return Ok(Err(format!("its undo is {state}"))),
            None => return Ok(Err("nothing could take it back".to_owned())),
        }
        let answer = Box::pin(self.take_back(by, call, UndoOrder::Asked)).await;
        if answer.status == Status::Succeeded {
            return Ok(Ok(()));
        }
        let why = answer.error.map_or_else(String::new, |error| format!(": {}", error.message));
        Ok(Err(format!("taking it back ended as {}{why}", answer.status)))
    }
}

/// What is said of an act; of a notice nothing can be.
fn verdict(record: &Record, said: Option<ReviewVerdict>) -> Result<Option<ReviewVerdict>, Refusal> {
    match (DutyKind::from_word(record.text("kind")), said) {
        (Some(DutyKind::Review), said) => Ok(Some(said.unwrap_or(ReviewVerdict::Accepted))),
        (Some(DutyKind::Notice) | None, None) => Ok(None),
        (Some(DutyKind::Notice) | None, Some(_)) => {
            let message = "a notice has no verdict; it is only seen";
            Err(Refusal::new(Code::InvalidRequest, message, "leave out `verdict`"))
        }
    }
}
