//! Promises about commits: whole or not at all, in order, readable after the receipt.
//! Each takes an empty journal and the moment of its entries, and says what was found instead.

use std::time::Duration;

use domain::{PayloadKind, Timestamp, limits};

use super::samples::{
    call_id, commit, digest, guarded, held, mode, opened, payload, run_id, tenant,
};
use super::{Kept, ensure};
use crate::commit::{CommitError, Guard, SourceText, Urgency};
use crate::port::Journal;
use crate::table::{Cell, Table};

pub(super) async fn what_was_committed_is_read_after_the_receipt<J: Journal>(
    journal: &J,
    at: Timestamp,
) -> Kept {
    let absent = journal.read(Table::Modes, "staging").await;
    ensure!(absent == Ok(None), "before the commit there was {absent:?}");
    let done = journal.commit(commit(Urgency::Permit, [mode("staging", at)])).await;
    ensure!(done.is_ok(), "the commit came out as {done:?}");
    let found = journal.read(Table::Modes, "staging").await;
    let set = found.as_ref().ok().and_then(Option::as_ref).map(|record| record.text("mode"));
    ensure!(set == Some("enforce"), "after the receipt there was {found:?}");
    Ok(())
}

pub(super) async fn positions_go_up_by_one_and_name_the_run<J: Journal>(
    journal: &J,
    at: Timestamp,
) -> Kept {
    let entries = [opened(1, 9, at), held(1, 1, digest(1), at), mode("a", at)];
    let first =
        journal.commit(commit(Urgency::Permit, entries)).await.map_err(|e| e.to_string())?;
    let then = commit(Urgency::Outcome, [mode("b", at)]);
    let then = journal.commit(then).await.map_err(|error| error.to_string())?;
    let all: Vec<_> = first.positions().iter().chain(then.positions()).copied().collect();
    ensure!(all.len() == 4, "four entries gave {} positions", all.len());
    for pair in all.windows(2) {
        let [before, after] = pair else { continue };
        ensure!(after.seq == before.seq + 1, "after {} came {}", before.seq, after.seq);
        ensure!(after.hash != before.hash, "two entries have one hash");
    }
    let runs: Vec<_> = all.iter().map(|position| position.run).collect();
    let expected = [Some(run_id(1)), Some(run_id(1)), None, None];
    ensure!(runs == expected, "the runs of the positions were {runs:?}");
    Ok(())
}

pub(super) async fn a_refused_commit_writes_nothing<J: Journal>(
    journal: &J,
    at: Timestamp,
) -> Kept {
    let before = journal.commit(commit(Urgency::Permit, [opened(1, 9, at)])).await;
    let before = before.map_err(|error| error.to_string())?;
    let missing = Guard::Is {
        table: Table::Modes,
        key: "staging".to_owned(),
        column: "mode",
        value: Cell::from("enforce"),
    };
    let mut refused = guarded([missing], [held(1, 1, digest(1), at), mode("b", at)]);
    refused.payloads = vec![payload(1, 1, PayloadKind::Facts, b"facts")];
    refused.sources = vec![SourceText { version: digest(9), text: "{}".to_owned() }];
    let found = journal.commit(refused).await.map(drop);
    ensure!(matches!(found, Err(CommitError::Guard { index: 0, .. })), "it came out as {found:?}");
    let row = journal.read(Table::Modes, "b").await;
    ensure!(row == Ok(None), "a row was written: {row:?}");
    let bytes = journal.payload(call_id(1), PayloadKind::Facts).await;
    ensure!(bytes == Ok(None), "a payload was written: {bytes:?}");
    let after = journal.commit(commit(Urgency::Permit, [mode("c", at)])).await;
    let after = after.map_err(|error| error.to_string())?;
    let numbers = (before.last().map(|last| last.seq + 1), after.last().map(|last| last.seq));
    ensure!(numbers.0 == numbers.1, "the refused commit left a gap: {numbers:?}");
    Ok(())
}

pub(super) async fn a_commit_holds_one_to_the_most_entries<J: Journal>(
    journal: &J,
    at: Timestamp,
) -> Kept {
    for (count, fits) in [
        (0, false),
        (1, true),
        (limits::COMMIT_ENTRIES_MAX, true),
        (limits::COMMIT_ENTRIES_MAX + 1, false),
    ] {
        let entries = std::iter::repeat_n(mode("a", at), count);
        let found = journal.commit(commit(Urgency::Permit, entries)).await.map(drop);
        ensure!(found.is_ok() == fits, "{count} entries came out as {found:?}");
    }
    Ok(())
}

pub(super) async fn the_clock_may_go_back_a_little_only<J: Journal>(
    journal: &J,
    at: Timestamp,
) -> Kept {
    let back = u64::try_from(limits::CLOCK_BACK_MAX.as_millis()).unwrap_or(u64::MAX);
    let now = at.plus(Duration::from_millis(back * 2));
    for (millis, expect) in [
        (now.millis(), Ok(())),
        (now.millis() - back, Ok(())),
        (now.millis() - back - 1, Err(CommitError::ClockWentBack(back + 1))),
        (now.millis(), Ok(())),
    ] {
        let entry = mode("a", Timestamp::from_millis(millis));
        let found = journal.commit(commit(Urgency::Outcome, [entry])).await.map(drop);
        ensure!(found == expect, "{millis} after {} came out as {found:?}", now.millis());
    }
    Ok(())
}

pub(super) async fn a_run_is_opened_once<J: Journal>(journal: &J, at: Timestamp) -> Kept {
    let open = || commit(Urgency::Permit, [opened(1, 9, at)]);
    let first = journal.commit(open()).await.map(drop);
    ensure!(first.is_ok(), "the first opening came out as {first:?}");
    let digest = journal.keyed(crate::KeyScope::Run(run_id(1)), b"x");
    let second = journal.commit(open()).await.map(drop);
    ensure!(matches!(second, Err(CommitError::Guard { .. })), "the second came out as {second:?}");
    let after = journal.keyed(crate::KeyScope::Run(run_id(1)), b"x");
    ensure!(digest.is_ok() && digest == after, "the run's key changed");
    Ok(())
}

pub(super) async fn of_two_commits_that_exclude_each_other_one_is_written<J: Journal>(
    journal: &J,
    at: Timestamp,
) -> Kept {
    let both = || async {
        let free = Guard::Free { table: Table::Runs, key: run_id(1).to_string() };
        journal.commit(guarded([free], [opened(1, 9, at)])).await.map(drop)
    };
    let (one, other) = tokio::join!(both(), both());
    let written = [&one, &other].iter().filter(|result| result.is_ok()).count();
    ensure!(written == 1, "for {} came out {one:?} and {other:?}", tenant());
    Ok(())
}
