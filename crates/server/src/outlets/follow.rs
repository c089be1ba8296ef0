//! The task of an outlet: reads the journal from where it was, and tells what there is to tell.
//!
//! ```text
//! entries after the place -> bulletins -> wanted? -> deliver: told or given up -> the new place
//! ```
//! In: durable entries. Out: entries about what was told or given up. One thing after the other, so that a receiver sees
//! the journal's order; a service that is away holds up only itself, as what waits for it is in the journal. Where people are
//! told and notices are behind, many become one message. Killed between telling and recording, it tells once more, with the
//! same id. Tests: `tests/it/outlets/`.

use std::sync::Arc;
use std::time::Duration;

use domain::{CallId, CallState, Event, StopScope, Timestamp, limits};
use gate::{Direction, Journal as _, Part, Query, Refusal, Table, World as _, goes_on_as};
use journal::{EntryFilter, EntryPage, StoredEntry};

use super::bulletin::{self, Kind};
use super::deliver::deliver;
use super::tending::{Tasks, tend};
use super::{About, Bulletin, Line};
use crate::app::App;
use crate::clock::Clock;

/// Entries read at once.
const AT_ONCE: usize = 100;
/// The pause after the store could not be read.
const STORE_PAUSE: Duration = Duration::from_secs(1);

/// Follows the journal for every outlet until the server stops.
pub(crate) async fn follow(app: Arc<App>) {
    let begin = |line: Arc<Line>| one(Arc::clone(&app), line);
    let ended = |line: &Arc<Line>, why: &str, pause: Duration| {
        let why = app.masker.mask_text(why).into_owned();
        tracing::error!(outlet = %line.name, reason = why, "the task of an outlet ended");
        let now = Clock.now();
        line.standing.troubled(format!("a fault in Checkrein: {why}"), (now, now.plus(pause)));
    };
    let tasks = Tasks { begin, ended, pause: app.config.outlet_pause };
    tend(app.stopping.clone(), app.outlets.lines.clone(), tasks).await;
}

/// One outlet, for ever.
async fn one(app: Arc<App>, line: Arc<Line>) {
    let mut news = app.journal().tail();
    let mut at = loop {
        match begin(&app, &line).await {
            Ok(at) => break at,
            Err(refusal) => away(&line, &refusal).await,
        }
    };
    line.standing.well();
    loop {
        if let Err(refusal) = catch_up(&app, &line, &mut at).await {
            away(&line, &refusal).await;
            continue;
        }
        match news.recv().await {
            Ok(_) | Err(tokio::sync::broadcast::error::RecvError::Lagged(_)) => {}
            Err(tokio::sync::broadcast::error::RecvError::Closed) => return,
        }
    }
}

async fn away(line: &Line, refusal: &Refusal) {
    tracing::warn!(outlet = %line.name, %refusal, "an outlet could not read or write the journal");
    tokio::time::sleep(STORE_PAUSE).await;
}

/// Where an outlet is.
#[derive(Debug, Clone, Copy)]
struct At {
    position: u64,
    /// The last part of that entry that is done; none where all of it is.
    part: Option<u64>,
    /// Where it is as the journal has it.
    recorded: u64,
    /// Notices up to here were told in one message.
    summed: u64,
}

impl At {
    fn new(position: u64, part: Option<u64>) -> Self {
        Self { position, part, recorded: position, summed: 0 }
    }

    /// Whether this is told, or given up.
    fn is_past(&self, Part { position, part }: Part) -> bool {
        let within = |done| position == self.position && part <= done;
        position < self.position || self.part.is_some_and(within)
    }
}

/// Goes on where it was. A new outlet begins with what happens from now on.
async fn begin(app: &App, line: &Line) -> Result<At, Refusal> {
    if let Some(known) = app.gate.outlet(&line.name).await? {
        return Ok(At::new(known.position, known.part));
    }
    let newest = newest(app).await?;
    app.gate.outlet_moved((&line.tenant, &line.name), newest).await?;
    Ok(At::new(newest, None))
}

/// The newest entry of the journal.
pub(crate) async fn newest(app: &App) -> Result<u64, Refusal> {
    let page = EntryPage { after: None, direction: Direction::Descending, limit: 1 };
    Ok(entries(app, page).await?.first().map_or(0, |entry| entry.position))
}

async fn entries(app: &App, page: EntryPage) -> Result<Vec<StoredEntry>, Refusal> {
    let found = app.journal().entries(EntryFilter::default(), page).await;
    let found = found
        .map_err(|error| Refusal::new(error.code(), error.to_string(), "see the server's log"))?;
    Ok(found.entries)
}

/// Tells everything that is durable by now.
async fn catch_up(app: &Arc<App>, line: &Line, at: &mut At) -> Result<(), Refusal> {
    loop {
        // An entry of which a part is told is read once more.
        let after = at.part.map_or(at.position, |_| at.position.saturating_sub(1));
        let page =
            EntryPage { after: Some(after), direction: Direction::Ascending, limit: AT_ONCE };
        let found = entries(app, page).await?;
        if found.is_empty() {
            return Ok(());
        }
        for (place, entry) in found.iter().enumerate() {
            let rest = found.get(place + 1..).unwrap_or_default();
            tell_all(app, line, (entry, rest, at)).await?;
            // Where one thing could not be told and the next one was, it is further by now.
            if at.position <= entry.position {
                (at.position, at.part) = (entry.position, None);
            }
            line.standing.at(at.position);
        }
        let moved = at.position.saturating_sub(at.recorded) >= limits::OUTLET_MOVED_EVERY;
        if moved || at.summed > at.recorded {
            app.gate.outlet_moved((&line.tenant, &line.name), at.position).await?;
            at.recorded = at.position;
        }
    }
}

/// Tells what there is to tell of one entry, beside the parts that were told before. The rest of the page is looked at to find
/// what is behind.
async fn tell_all(
    app: &Arc<App>,
    line: &Line,
    (entry, rest, at): (&StoredEntry, &[StoredEntry], &mut At),
) -> Result<(), Refusal> {
    for mut bulletin in concerning(line, entry) {
        // Asked each time anew: the place moves while it tells.
        let summed = is_notice(line, &bulletin) && entry.position <= at.summed;
        if summed || at.is_past(bulletin.part) || !wanted(app, line, &bulletin).await? {
            continue;
        }
        bulletin.more = behind(app, line, (&bulletin, entry, rest)).await?;
        let came = deliver(app, line, &bulletin).await;
        (at.position, at.part) = (came.at.position, Some(came.at.part));
        at.recorded = at.position;
        if came.told && bulletin.more > 0 {
            at.summed = rest.last().map_or(entry.position, |last| last.position);
        }
    }
    Ok(())
}

/// What an entry says that an outlet could tell.
fn concerning(line: &Line, entry: &StoredEntry) -> Vec<Bulletin> {
    let of = &entry.record.entry;
    // What concerns everybody has no tenant: stops.
    if of.tenant.as_ref().is_some_and(|tenant| *tenant != line.tenant) {
        return Vec::new();
    }
    // Which other outlet a caller named is nothing to this one.
    if matches!(&of.event, Event::CallbackAsked { outlet } if *outlet != line.name) {
        return Vec::new();
    }
    bulletin::of(entry)
}

/// The next thing that an outlet tells after this part, if there is one by now.
pub(super) async fn next(app: &App, line: &Line, part: Part) -> Result<Option<Bulletin>, Refusal> {
    let (mut after, mut looked) = (part.position.saturating_sub(1), 0);
    while looked < limits::OUTLET_LOOKED_MAX {
        let page =
            EntryPage { after: Some(after), direction: Direction::Ascending, limit: AT_ONCE };
        let found = entries(app, page).await?;
        let Some(last) = found.last() else { return Ok(None) };
        (after, looked) = (last.position, looked + found.len());
        for bulletin in found.iter().flat_map(|entry| concerning(line, entry)) {
            let Part { position, part: number } = bulletin.part;
            let later = (position, number) > (part.position, part.part);
            if later && wanted(app, line, &bulletin).await? {
                return Ok(Some(bulletin));
            }
        }
    }
    Ok(None)
}

/// Whether it is one of those of which many may become one message.
fn is_notice(line: &Line, bulletin: &Bulletin) -> bool {
    bulletin.kind == Kind::Noticed && line.way.sums_up()
}

/// How many further notices are told with this one: those of the page, if it is late and they are many. One by one they would
/// keep what people are asked waiting behind them.
async fn behind(
    app: &App,
    line: &Line,
    (bulletin, entry, rest): (&Bulletin, &StoredEntry, &[StoredEntry]),
) -> Result<usize, Refusal> {
    let late = |one: &Bulletin| Clock.now().since(one.at) >= app.config.notice_age;
    if !is_notice(line, bulletin) || !late(bulletin) {
        return Ok(0);
    }
    let all = std::iter::once(entry).chain(rest).flat_map(|entry| concerning(line, entry));
    let others = all.filter(|one| is_notice(line, one) && late(one) && one.part != bulletin.part);
    let mut more = 0;
    for other in others {
        more += usize::from(wanted(app, line, &other).await?);
    }
    Ok(if more >= limits::NOTICES_BEHIND_MAX { more } else { 0 })
}

/// Whether an outlet tells this.
async fn wanted(app: &App, line: &Line, bulletin: &Bulletin) -> Result<bool, Refusal> {
    if let (Kind::Ended, About::Call(call)) = (bulletin.kind, &bulletin.about) {
        return ended_wanted(app, line, *call).await;
    }
    if !line.tells.kind(bulletin.kind.word()) {
        return Ok(false);
    }
    match &bulletin.about {
        About::Approval { approval, .. } => {
            let record = app.journal().read(Table::Approvals, &approval.to_string()).await?;
            Ok(record.is_some_and(|record| asked_of(line, &record)))
        }
        About::Duty { group: Some(group), .. } => Ok(line.tells.asked_of(&[group])),
        About::Duty { duty, group: None, .. } => {
            let record = app.journal().read(Table::Duties, duty).await?;
            Ok(record.is_none_or(|record| line.tells.asked_of(&[record.text("asked_of")])))
        }
        About::Stop { stop, scope } => stop_concerns(app, line, (stop, scope.as_deref())).await,
        About::Call(_) | About::Nothing => Ok(true),
    }
}

/// Whether a stop reaches the tenant of an outlet. Its entry names none.
async fn stop_concerns(
    app: &App,
    line: &Line,
    (stop, scope): (&str, Option<&str>),
) -> Result<bool, Refusal> {
    let tenant = line.tenant.as_str();
    let record = app.journal().read(Table::Stops, stop).await?;
    let scope = scope.or(record.as_ref().map(|record| record.text("scope")));
    let of = match scope.unwrap_or_default().parse::<StopScope>() {
        Ok(StopScope::Everything | StopScope::Tool(_)) => return Ok(true),
        Ok(StopScope::Tenant(of) | StopScope::Workflow(of, _) | StopScope::Agent(of, _)) => {
            return Ok(of.as_str() == tenant);
        }
        Ok(StopScope::Run(run)) => app.journal().read(Table::Runs, &run.to_string()).await?,
        Ok(StopScope::Call(call)) => app.journal().read(Table::Calls, &call.to_string()).await?,
        Err(_) => None,
    };
    Ok(of.is_some_and(|record| record.text("tenant") == tenant))
}

fn asked_of(line: &Line, record: &gate::Record) -> bool {
    let groups = [record.text("asked_of"), record.text("escalate_to")];
    let groups: Vec<&str> = groups.into_iter().filter(|group| !group.is_empty()).collect();
    line.tells.asked_of(&groups)
}

/// The end of a call is told where people were asked about it, and to whom its caller named, once. Most ends concern nobody:
/// what is known without reading is asked first.
async fn ended_wanted(app: &App, line: &Line, call: CallId) -> Result<bool, Refusal> {
    let (tells, callers) = (line.tells.kind(Kind::Ended.word()), line.way.callers());
    if !tells && !callers {
        return Ok(false);
    }
    let record = app.journal().read(Table::Calls, &call.to_string()).await?;
    let state = record.as_ref().and_then(|record| CallState::from_word(record.text("state")));
    if !state.is_some_and(has_ended) {
        return Ok(false);
    }
    if callers && app.gate.wants_callback(call, &line.name).await?.is_some() {
        // The same proposal goes on as another call: the end of that one is meant.
        if record.as_ref().and_then(goes_on_as).is_some() {
            return Ok(false);
        }
        let told = app.gate.place_of(&line.name, &callback(call)).await?;
        return Ok(told.is_none());
    }
    if !tells {
        return Ok(false);
    }
    let asked = Query::all(Table::Approvals).with("call", call.to_string());
    let asked = app.journal().select(asked).await?;
    Ok(asked.iter().any(|record| asked_of(line, record)))
}

/// What a callback is kept as.
pub(super) fn callback(call: CallId) -> String {
    format!("callback/{call}")
}

/// Whether there is an end to tell. What is in doubt is one: nothing more comes by itself.
fn has_ended(state: CallState) -> bool {
    state.is_final() || state == CallState::InDoubt
}

/// A bulletin for trying whether it arrives.
pub(crate) fn test(by: &str, at: Timestamp) -> Bulletin {
    Bulletin {
        id: format!("test-{}", at.millis()),
        part: gate::Part { position: 0, part: 0 },
        at,
        kind: Kind::Test,
        about: About::Nothing,
        by: Some(by.to_owned()),
        reason: None,
        more: 0,
    }
}
