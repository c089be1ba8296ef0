//! Answers given so shortly before the end that nobody knows whether they were delivered.
//!
//! Delivery is not journalled: it would cost a write per answer. So after an end, a caller that lost its
//! connection with the process would send an identical call without a key again, and the act would happen
//! twice (P3). Changing calls without a key that ended, and may have happened, within a minute of the last
//! entry therefore stay joinable until their answer was delivered once more. The price: a caller that had its
//! answer and wants the same act again is given the old answer once, marked as replayed. Calls with a key
//! need none of this: the ledger knows them.

use std::collections::HashSet;
use std::time::Duration;

use domain::{CallId, CallState, Digest, EffectClass, Executed, GrantId, Timestamp, limits};

use super::place_of;
use crate::commit::{Query, Record};
use crate::gate::Gate;
use crate::port::{Journal, World};
use crate::refusal::Refusal;
use crate::state::live::{News, Place};
use crate::table::Table;

/// How long an answer may be on its way. Longer than any timeout between an agent and this process that
/// ends with a retry.
const ON_ITS_WAY: Duration = Duration::from_secs(60);

fn latest(grant: GrantId, limit: usize) -> Query {
    Query::all(Table::Calls).with("grant_id", grant.to_string()).latest("updated_ms", limit)
}

/// Grants by which somebody could still retry.
fn grants<J: Journal, W: World>(gate: &Gate<J, W>) -> Vec<GrantId> {
    let now = gate.world.now();
    let grants = gate.directory.grants();
    grants.iter().filter(|live| live.grant.holds(now)).map(|live| live.grant.id).collect()
}

/// When the latest known entry about a call was written. Asked grant by grant, because an index over all
/// calls would cost every commit something for this one question.
pub(super) async fn newest<J: Journal, W: World>(gate: &Gate<J, W>) -> Result<Timestamp, Refusal> {
    let mut newest = 0;
    for grant in grants(gate) {
        let last = gate.journal.select(latest(grant, 1)).await?;
        newest = last.iter().map(|record| record.count("updated_ms")).fold(newest, u64::max);
    }
    Ok(Timestamp::from_millis(newest))
}

/// Lets identical calls join what ended shortly before `last`.
pub(super) async fn restore<J: Journal, W: World>(
    gate: &Gate<J, W>,
    last: Timestamp,
) -> Result<(), Refusal> {
    let way = u64::try_from(ON_ITS_WAY.as_millis()).unwrap_or(u64::MAX);
    let since = last.millis().saturating_sub(way);
    let mut ended = Vec::new();
    for grant in grants(gate) {
        ended.extend(ended_since(gate, grant, since).await?);
        ended.sort_unstable_by_key(|(at, record)| std::cmp::Reverse((*at, record.key.clone())));
        ended.truncate(limits::UNDELIVERED_ANSWERS_MAX);
    }
    let mut identities: HashSet<Digest> = HashSet::new();
    let mut places: Vec<(CallId, Place)> = Vec::new();
    for (_, record) in &ended {
        // Of identical acts only the last can be the one whose answer is missing.
        if let Some((call, place)) = place_of(gate, record).await?
            && place.identity.is_some_and(|identity| identities.insert(identity))
        {
            places.push((call, place));
        }
    }
    // Oldest first, as they were answered.
    for (call, place) in places.into_iter().rev() {
        gate.live.restore(call, place, News::Answered);
    }
    Ok(())
}

/// Calls of a grant that could be retried, newest first.
async fn ended_since<J: Journal, W: World>(
    gate: &Gate<J, W>,
    grant: GrantId,
    since: u64,
) -> Result<Vec<(u64, Record)>, Refusal> {
    let mut found = Vec::new();
    let mut page = latest(grant, limits::PAGE_ROWS_MAX);
    loop {
        let records = gate.journal.select(page.clone()).await?;
        let full = records.len() >= limits::PAGE_ROWS_MAX;
        page.after = records.last().map(|record| record.key.clone());
        for record in records {
            let at = record.count("updated_ms");
            if at < since || found.len() >= limits::UNDELIVERED_ANSWERS_MAX {
                return Ok(found);
            }
            if may_be_retried(&record) {
                found.push((at, record));
            }
        }
        if !full {
            return Ok(found);
        }
    }
}

/// Whether an identical call would be a second act.
fn may_be_retried(record: &Record) -> bool {
    let changes =
        EffectClass::from_word(record.text("effect_class")).is_none_or(EffectClass::changes);
    let ended = matches!(
        CallState::from_word(record.text("state")),
        Some(CallState::Succeeded | CallState::Partial | CallState::Failed)
    );
    let happened = record.text("executed") != Executed::No.word();
    changes && ended && happened && record.text("ledger").is_empty()
}
