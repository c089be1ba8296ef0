//! Steps of procedures: where a resource stands, who may move it, and where a call leaves it.
//!
//! ```text
//! look: the state allows the step -> permit's commit: guard that nobody moved it, `taking` -> settle: done, back or failed
//! ```
//! The state is a projection of entries. A call that takes a step holds it from its permit to its end; one in doubt holds it
//! until the doubt is settled. A state whose time is over counts as none.

use domain::{CallId, Code, Entry, Event, Executed, Mode, Name, Step, StepMove, Timestamp};

use crate::commit::{CommitError, Guard, Query, Record};
use crate::gate::Gate;
use crate::journey::Call;
use crate::port::{Journal, World};
use crate::projection::step_key;
use crate::refusal::Refusal;
use crate::table::{Cell, Table};

/// A step that a call takes.
#[derive(Debug, Clone)]
pub(in crate::journey) struct Stepping {
    key: String,
    /// The call that moved the resource last; none if nothing ever did.
    last: Option<String>,
    /// The state before.
    from: Option<Name>,
    /// The state that a person's approval of this call makes.
    approved: Option<Name>,
    /// The state if everything goes well.
    end: Name,
    /// As it stands while the call is under way.
    begun: StepMove,
}

/// How a call leaves a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::journey) enum Landed {
    /// Taken.
    Done,
    /// Nothing happened: the resource stands where it did.
    Back,
    /// Something happened, but not what should have.
    Failed,
}

/// Whether people were asked about the call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    /// They are asked now.
    Now,
    /// So many of their approvals are used.
    Done(usize),
}

impl Stepping {
    /// Nobody moved the resource since it was looked at.
    pub(in crate::journey) fn guard(&self) -> Guard {
        let (table, key) = (Table::Procedures, self.key.clone());
        match &self.last {
            None => Guard::Free { table, key },
            Some(last) => {
                Guard::Is { table, key, column: "moved_by", value: Cell::from(last.as_str()) }
            }
        }
    }

    /// The call begins to take it: a person's approval of it is a state of its own.
    pub(in crate::journey) fn begins(&self) -> Vec<Event> {
        let approved = |state: &Name| StepMove {
            state: Some(state.clone()),
            taking: None,
            ..self.begun.clone()
        };
        let approved = self.approved.as_ref().map(approved);
        let moves = approved.into_iter().chain([self.begun.clone()]);
        moves.map(|moved| Event::StepMoved { moved }).collect()
    }

    /// The call is over.
    pub(in crate::journey) fn ends(&self, landed: Landed) -> Event {
        let state = match landed {
            Landed::Done => Some(self.end.clone()),
            Landed::Back => self.from.clone(),
            Landed::Failed => self.begun.failed.clone(),
        };
        Event::StepMoved { moved: StepMove { state, taking: None, ..self.begun.clone() } }
    }
}

/// Whether the step may be taken now.
pub(super) async fn look<J: Journal, W: World>(
    gate: &Gate<J, W>,
    call: &Call,
    (step, asked): (&Step, Asked),
) -> Result<Stepping, Refusal> {
    let resource = contract::safeguards::step_resource(step, &call.resolved.arguments);
    let resource = resource.map_err(|argument| {
        let message = format!("the argument `{argument}` names no resource of a procedure");
        Refusal::new(Code::OutOfStep, message, "give it as plain text")
    })?;
    let resource = gate.masker.mask_text(resource.as_str()).into_owned();
    let space = &call.run.run.space;
    let key = step_key(&call.caller.chain.tenant, (space, &step.procedure), &resource);
    let record = gate.journal.read(Table::Procedures, &key).await?;
    let now = gate.world.now();
    let from = record.as_ref().and_then(|record| standing(record, now));
    in_order((call, step, &resource), (record.as_ref(), from.as_ref()), asked)?;
    let approved = step.approved.clone().filter(|_| matches!(asked, Asked::Done(1..)));
    let begun = StepMove {
        procedure: step.procedure.clone(),
        space: space.clone(),
        resource,
        state: from.clone(),
        taking: Some(step.end().clone()),
        failed: step.failed.clone(),
        by: call.id,
        until: now.plus(step.lasts),
    };
    let last = record.map(|record| record.text("moved_by").to_owned());
    Ok(Stepping { key, last, from, approved, end: step.end().clone(), begun })
}

/// The state that counts.
fn standing(record: &Record, now: Timestamp) -> Option<Name> {
    let until = Timestamp::from_millis(record.count("until_ms"));
    record.text("state").parse().ok().filter(|_| now < until)
}

fn in_order(
    (call, step, resource): (&Call, &Step, &str),
    (record, from): (Option<&Record>, Option<&Name>),
    asked: Asked,
) -> Result<(), Refusal> {
    let procedure = &step.procedure;
    let refused = |message: String, fix: String| Err(Refusal::new(Code::OutOfStep, message, fix));
    if let Some(record) = record.filter(|record| !record.text("taking").is_empty()) {
        let (by, to) = (record.text("moved_by"), record.text("taking"));
        let message = format!("`{procedure}` of `{resource}`: {by} is taking it to `{to}`");
        return refused(message, format!("wait for {by}, or let an operator settle it"));
    }
    let next = step.after.is_empty() || from.is_some_and(|from| step.after.contains(from));
    let states: Vec<String> = step.after.iter().map(|state| format!("`{state}`")).collect();
    if !next {
        let stands = from.map_or_else(|| "at its beginning".to_owned(), |from| format!("`{from}`"));
        let message = format!(
            "`{procedure}` of `{resource}` is {stands}; `{}` expects {}",
            call.compiled.name(),
            states.join(" or ")
        );
        return refused(message, format!("take the step that makes {} first", states.join(" or ")));
    }
    match (&step.approved, asked, call.mode) {
        (Some(approved), Asked::Done(0), Mode::Enforce) => refused(
            format!(
                "`{procedure}` of `{resource}` is not `{approved}`: no person approved this call"
            ),
            "let a policy hold this tool, so that people are asked".to_owned(),
        ),
        (Some(_) | None, _, _) => Ok(()),
    }
}

/// A read that is a step takes it in a commit of its own: it has no permit, and nothing happened if it cannot.
pub(super) async fn read<J: Journal, W: World>(
    gate: &Gate<J, W>,
    call: &Call,
    step: &Stepping,
) -> Result<(), Refusal> {
    let entry = Entry {
        at: gate.world.now(),
        tenant: Some(call.caller.chain.tenant.clone()),
        run: Some(call.run.run.id),
        call: Some(call.id),
        event: step.ends(Landed::Done),
    };
    match gate.commit_all(vec![entry], vec![step.guard()]).await {
        Err(CommitError::Guard { .. }) => {
            let message = "another call moved this procedure at the same moment";
            Err(Refusal::new(Code::OutOfStep, message, "look where it stands, then try again"))
        }
        other => Ok(other?),
    }
}

/// What becomes of the step that an act took which this call took back.
pub(in crate::journey) async fn undone<J: Journal, W: World>(
    gate: &Gate<J, W>,
    (act, by): (CallId, CallId),
) -> Option<Event> {
    let record = moved_by(gate, act).await?;
    let moved = read_back(&record)?;
    let state = moved.failed.clone();
    Some(Event::StepMoved { moved: StepMove { state, taking: None, by, ..moved } })
}

/// What becomes of the step of a call when it is found out whether it happened. What nobody checked counts as failed.
pub(crate) async fn resolved<J: Journal, W: World>(
    gate: &Gate<J, W>,
    (call, executed): (CallId, Executed),
) -> Option<Event> {
    let record = moved_by(gate, call).await?;
    let moved = read_back(&record).filter(|moved| moved.taking.is_some())?;
    let rules = gate.rules();
    let act = gate.journal.read(Table::Calls, &call.to_string()).await.ok().flatten();
    let tool = act.and_then(|act| rules.catalogue.find(act.text("tool")).cloned());
    let checked = tool.is_some_and(|tool| tool.contract.safeguards.postconditions.is_empty());
    let state = match executed {
        Executed::No => moved.state.clone(),
        Executed::Yes if checked => moved.taking.clone(),
        Executed::Yes | Executed::Partly | Executed::Unknown => moved.failed.clone(),
    };
    Some(Event::StepMoved { moved: StepMove { state, taking: None, ..moved } })
}

async fn moved_by<J: Journal, W: World>(gate: &Gate<J, W>, call: CallId) -> Option<Record> {
    let query = Query::all(Table::Procedures).with("moved_by", call.to_string());
    // A store that cannot be read leaves the step as it is: nothing may take it then.
    gate.journal.select(query).await.ok()?.into_iter().next()
}

fn read_back(record: &Record) -> Option<StepMove> {
    Some(StepMove {
        procedure: record.text("procedure").parse().ok()?,
        space: record.text("space").parse().ok()?,
        resource: record.text("resource").to_owned(),
        state: record.text("state").parse().ok(),
        taking: record.text("taking").parse().ok(),
        failed: record.text("failed").parse().ok(),
        by: record.text("moved_by").parse().ok()?,
        until: Timestamp::from_millis(record.count("until_ms")),
    })
}
