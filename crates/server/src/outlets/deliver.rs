//! Tells one thing, as often as it takes, and records how that came out.
//!
//! ```text
//! tell -> told: recorded, as often as that takes
//!     `-> trouble: pause (doubled each time) -> again | given up
//!                 `-> after some tries: can the next one be told? then it is this one that cannot, and holds up no other
//! ```
//! In: a bulletin. Out: how far the outlet is. What was told is never told again because the store could not be written.
//! Tests: at the end, and `tests/it/outlets/`.

use std::sync::Arc;
use std::time::Duration;

use domain::limits;
use gate::{Part, Place, Refusal, World as _};
use tokio::time::timeout;

use super::standing::Standing;
use super::tending::doubled;
use super::{Bulletin, Line, Trouble, follow};
use crate::app::App;
use crate::clock::Clock;

/// How long all requests for one bulletin may take.
const TELL_WITHIN: Duration = Duration::from_secs(60);

/// How something came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Came {
    /// The last part that is done.
    pub(super) at: Part,
    /// Whether it was told.
    pub(super) told: bool,
}

/// Tells it until it is told, or given up.
pub(super) async fn deliver(app: &Arc<App>, line: &Line, bulletin: &Bulletin) -> Came {
    let mut tries = 0_u64;
    loop {
        tries += 1;
        let trouble = match once(app, line, bulletin).await {
            Ok(place) => {
                told(app, line, (bulletin.part, place)).await;
                return Came { at: bulletin.part, told: true };
            }
            Err(trouble) => trouble,
        };
        let now = Clock.now();
        let text = app.masker.mask_text(&trouble.to_string()).into_owned();
        if tries >= tries_max(&trouble, now.since(bulletin.at)) {
            gave_up(app, line, (bulletin.part, tries, &text)).await;
            return Came { at: bulletin.part, told: false };
        }
        if tries >= limits::OUTLET_PROBED_AFTER
            && matches!(trouble, Trouble::Away(_))
            && let Some(came) = passed_by(app, line, (bulletin, tries, &text)).await
        {
            return came;
        }
        let pause = pause(app.config.outlet_pause, tries, &trouble);
        line.standing.troubled(text, (now, now.plus(pause)));
        tokio::time::sleep(pause).await;
    }
}

/// One try.
async fn once(app: &Arc<App>, line: &Line, bulletin: &Bulletin) -> Result<Option<Place>, Trouble> {
    let told = timeout(TELL_WITHIN, line.way.outlet().tell(app, bulletin)).await;
    let told = told.unwrap_or_else(|_| Err(Trouble::Away("it took too long".to_owned())));
    if told.is_err() {
        app.metrics.outlet_failed(line.name.as_str());
    }
    told
}

/// Tells the next thing where this one cannot be told: a service that is away takes neither, and nothing is given up for it.
async fn passed_by(
    app: &Arc<App>,
    line: &Line,
    (bulletin, tries, why): (&Bulletin, u64, &str),
) -> Option<Came> {
    let next = match follow::next(app, line, bulletin.part).await {
        Ok(next) => next?,
        Err(refusal) => {
            tracing::warn!(outlet = %line.name, %refusal, "an outlet could not read the journal");
            return None;
        }
    };
    let place = once(app, line, &next).await.ok()?;
    // The service may have come back just now.
    let late = once(app, line, bulletin).await;
    let was_told = late.is_ok();
    match late {
        Ok(place) => told(app, line, (bulletin.part, place)).await,
        Err(_) => gave_up(app, line, (bulletin.part, tries + 1, why)).await,
    }
    told(app, line, (next.part, place)).await;
    Some(Came { at: next.part, told: was_told })
}

async fn told(app: &App, line: &Line, (part, place): (Part, Option<Place>)) {
    app.metrics.outlet_told(line.name.as_str());
    let whose = (&line.tenant, &line.name);
    let record = || app.gate.outlet_told(whose, part, place.clone());
    kept(&line.standing, app.config.outlet_pause, record).await;
    line.standing.well();
}

async fn gave_up(app: &App, line: &Line, (part, tries, why): (Part, u64, &str)) {
    tracing::warn!(outlet = %line.name, tries, reason = why, "an outlet gave something up");
    app.metrics.outlet_gave_up(line.name.as_str());
    let whose = (&line.tenant, &line.name);
    let record = || app.gate.outlet_gave_up(whose, part, (tries, why));
    kept(&line.standing, app.config.outlet_pause, record).await;
    let now = Clock.now();
    line.standing.troubled(why.to_owned(), (now, now));
}

/// Writes it, as often as that takes.
async fn kept<F>(standing: &Standing, first: Duration, mut record: impl FnMut() -> F)
where
    F: Future<Output = Result<(), Refusal>>,
{
    let mut tries = 0_u64;
    while let Err(refusal) = record().await {
        tries = tries.saturating_add(1);
        let (now, pause) = (Clock.now(), doubled(first, tries));
        let text = format!("how it came out cannot be recorded: {}", refusal.message);
        tracing::warn!(%refusal, tries, "an outlet could not write the journal");
        standing.troubled(text, (now, now.plus(pause)));
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
        Trouble::Away(_) | Trouble::Refused(_) => doubled(first, tries),
    }
}

#[cfg(test)]
mod tests {
    use domain::Code;

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

    /// With a full disk the same message was told again each second, for ever.
    #[tokio::test(start_paused = true)]
    async fn what_was_told_is_recorded_as_often_as_it_takes_and_told_once() {
        let (standing, mut records) = (Standing::default(), 0_u64);
        let begun = tokio::time::Instant::now();
        let record = || {
            records += 1;
            let full = || Refusal::new(Code::DiskFull, "the disk is full", "make room");
            std::future::ready(if records < 4 { Err(full()) } else { Ok(()) })
        };
        kept(&standing, Duration::from_secs(1), record).await;
        assert_eq!((records, begun.elapsed().as_secs()), (4, 1 + 2 + 4));
        let why = standing.now().trouble.unwrap();
        assert_eq!(why, "how it came out cannot be recorded: the disk is full");
    }
}
