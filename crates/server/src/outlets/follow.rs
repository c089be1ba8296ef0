//! The task of an outlet: reads the journal from where it was, tells what there is to tell, and records it.
//!
//! ```text
//! entries after the place -> bulletins -> wanted? -> tell -> told: the new place
//!                                                      `-> trouble: pause (doubled each time) -> again, or given up
//! ```
//! In: durable entries. Out: entries about what was told or given up. One thing after the other, so that a receiver sees
//! the journal's order; a service that is away holds up only itself, as what waits for it is in the journal. Killed between
//! telling and recording, it tells once more, with the same id. Tests: `tests/it/outlets/`.

use std::sync::Arc;
use std::time::Duration;

use domain::{CallId, CallState, Event, StopScope, Timestamp, limits};
use gate::{Direction, Journal as _, Query, Refusal, Table, World as _};
use journal::{EntryFilter, EntryPage, StoredEntry};
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::bulletin::{self, Kind};
use super::{About, Bulletin, Line, Trouble};
use crate::app::App;
use crate::clock::Clock;
use crate::http::listen::asked;

/// Entries read at once.
const AT_ONCE: usize = 100;
/// How long all requests for one bulletin may take.
const TELL_WITHIN: Duration = Duration::from_secs(60);
/// The pause after the store could not be read.
const STORE_PAUSE: Duration = Duration::from_secs(1);

/// Follows the journal for every outlet until the server stops.
pub(crate) async fn follow(app: Arc<App>) {
    let mut lines = JoinSet::new();
    for line in &app.outlets.lines {
        lines.spawn(one(Arc::clone(&app), Arc::clone(line)));
    }
    let mut stopping = app.stopping.clone();
    asked(&mut stopping).await;
    // What was told and is not recorded yet is told again, with the same id.
    lines.shutdown().await;
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
}

/// Goes on where it was. A new outlet begins with what happens from now on.
async fn begin(app: &App, line: &Line) -> Result<At, Refusal> {
    if let Some(known) = app.gate.outlet(&line.name).await? {
        let (position, part) = (known.position, known.part);
        return Ok(At { position, part, recorded: position });
    }
    let newest = newest(app).await?;
    app.gate.outlet_moved((&line.tenant, &line.name), newest).await?;
    Ok(At { position: newest, part: None, recorded: newest })
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
        for entry in &found {
            let done = (entry.position == at.position).then_some(at.part).flatten();
            tell_all(app, line, (entry, done, at)).await?;
            (at.position, at.part) = (entry.position, None);
            line.standing.at(at.position);
        }
        if at.position.saturating_sub(at.recorded) >= limits::OUTLET_MOVED_EVERY {
            app.gate.outlet_moved((&line.tenant, &line.name), at.position).await?;
            at.recorded = at.position;
        }
    }
}

/// Tells what there is to tell of one entry, beside the parts that were told before.
async fn tell_all(
    app: &Arc<App>,
    line: &Line,
    (entry, done, at): (&StoredEntry, Option<u64>, &mut At),
) -> Result<(), Refusal> {
    let of = &entry.record.entry;
    // What concerns everybody has no tenant: stops.
    if of.tenant.as_ref().is_some_and(|tenant| *tenant != line.tenant) {
        return Ok(());
    }
    // Which other outlet a caller named is nothing to this one.
    if matches!(&of.event, Event::CallbackAsked { outlet } if *outlet != line.name) {
        return Ok(());
    }
    for bulletin in bulletin::of(entry) {
        let part = bulletin.part.part;
        if done.is_some_and(|done| part <= done) || !wanted(app, line, &bulletin).await? {
            continue;
        }
        deliver(app, line, &bulletin).await?;
        (at.position, at.part, at.recorded) = (entry.position, Some(part), entry.position);
    }
    Ok(())
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
        Ok(StopScope::Everything | StopScope::Tool(_) | StopScope::Server(_)) => return Ok(true),
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

/// The end of a call is told where people were asked about it, and to whom its caller named, once.
async fn ended_wanted(app: &App, line: &Line, call: CallId) -> Result<bool, Refusal> {
    let record = app.journal().read(Table::Calls, &call.to_string()).await?;
    let state = record.as_ref().and_then(|record| CallState::from_word(record.text("state")));
    if !state.is_some_and(has_ended) {
        return Ok(false);
    }
    if app.gate.wants_callback(call, &line.name).await? {
        let told = app.gate.place_of(&line.name, &callback(call)).await?;
        return Ok(told.is_none());
    }
    if !line.tells.kind(Kind::Ended.word()) {
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

/// Tells it, as often as it takes, and records how that came out.
async fn deliver(app: &Arc<App>, line: &Line, bulletin: &Bulletin) -> Result<(), Refusal> {
    let whose = (&line.tenant, &line.name);
    let mut tries = 0_u64;
    loop {
        tries += 1;
        let told = timeout(TELL_WITHIN, line.way.outlet().tell(app, bulletin)).await;
        let told = told.unwrap_or_else(|_| Err(Trouble::Away("it took too long".to_owned())));
        let trouble = match told {
            Ok(place) => {
                line.standing.well();
                app.metrics.outlet_told(line.name.as_str());
                return app.gate.outlet_told(whose, bulletin.part, place).await;
            }
            Err(trouble) => trouble,
        };
        app.metrics.outlet_failed(line.name.as_str());
        let now = Clock.now();
        let text = app.masker.mask_text(&trouble.to_string()).into_owned();
        if tries >= tries_max(&trouble, now.since(bulletin.at)) {
            line.standing.troubled(text.clone(), (now, now));
            tracing::warn!(outlet = %line.name, tries, reason = text, "an outlet gave something up");
            app.metrics.outlet_gave_up(line.name.as_str());
            return app.gate.outlet_gave_up(whose, bulletin.part, (tries, &text)).await;
        }
        let pause = pause(app.config.outlet_pause, tries, &trouble);
        line.standing.troubled(text, (now, now.plus(pause)));
        tokio::time::sleep(pause).await;
    }
}

fn tries_max(trouble: &Trouble, age: Duration) -> u64 {
    match trouble {
        Trouble::Away(_) | Trouble::Slow(_) if age > limits::OUTLET_AGE_MAX => 1,
        Trouble::Away(_) | Trouble::Slow(_) => limits::OUTLET_TRIES_MAX,
        Trouble::Refused(_) => limits::OUTLET_REFUSED_TRIES_MAX,
    }
}

/// Twice as long each time, up to a bound; as long as the service asks where it asks.
fn pause(first: Duration, tries: u64, trouble: &Trouble) -> Duration {
    match trouble {
        Trouble::Slow(asked) => (*asked).clamp(first, limits::OUTLET_PAUSE_MAX),
        Trouble::Away(_) | Trouble::Refused(_) => {
            let doubled = u32::try_from(tries.saturating_sub(1)).unwrap_or(u32::MAX).min(16);
            first.saturating_mul(1 << doubled).min(limits::OUTLET_PAUSE_MAX)
        }
    }
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
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_a_bound_and_are_as_long_as_a_service_asks() {
        let first = Duration::from_secs(1);
        let away = Trouble::Away(String::new());
        let seconds = |tries| pause(first, tries, &away).as_secs();
        assert_eq!([1, 2, 3, 9, 10, 150].map(seconds), [1, 2, 4, 256, 300, 300]);
        let slow = Trouble::Slow(Duration::from_secs(30));
        assert_eq!(pause(first, 1, &slow).as_secs(), 30);
        let for_ever = Trouble::Slow(Duration::from_secs(1_000_000));
        assert_eq!(pause(first, 1, &for_ever), limits::OUTLET_PAUSE_MAX);
    }

    #[test]
    fn what_is_old_is_tried_once_and_what_is_refused_a_few_times() {
        let away = Trouble::Away(String::new());
        assert_eq!(tries_max(&away, Duration::ZERO), limits::OUTLET_TRIES_MAX);
        assert_eq!(tries_max(&away, limits::OUTLET_AGE_MAX + Duration::from_secs(1)), 1);
        assert_eq!(tries_max(&Trouble::Refused(String::new()), Duration::ZERO), 4);
    }
}
