//! Test support: what every `Journal` must keep, run by the tests of each implementation.
//!
//! In: a function that makes an empty journal, and a moment not before its last entry. Out: the promises
//! that were broken. The suite knows nothing of files or tables; what only one store can do (crash, lose
//! power, be altered) is tested there. `out_of_space` is for a journal that its test has filled up.

mod commits;
mod guards;
mod pins;
mod reads;
mod samples;

use domain::Timestamp;

use crate::commit::{CommitError, Urgency};
use crate::port::Journal;

/// Whether a promise was kept; what was found if it was not.
pub type Kept = Result<(), String>;

/// Checks that something holds, or says what does not.
macro_rules! ensure {
    ($holds:expr, $($said:tt)+) => {
        if !$holds {
            return Err(format!($($said)+));
        }
    };
}
use ensure;

/// Runs every promise on a fresh journal. The error names each that was broken.
pub async fn run_all<J: Journal>(make: impl AsyncFn() -> J, at: Timestamp) -> Kept {
    let mut broken = Vec::new();
    macro_rules! promises {
        ($($module:ident::$promise:ident),* $(,)?) => {$(
            let journal = make().await;
            if let Err(found) = $module::$promise(&journal, at).await {
                broken.push(format!("{}: {found}", stringify!($promise)));
            }
        )*};
    }
    promises!(
        commits::what_was_committed_is_read_after_the_receipt,
        commits::positions_go_up_by_one_and_name_the_run,
        commits::a_refused_commit_writes_nothing,
        commits::a_commit_holds_one_to_the_most_entries,
        commits::the_clock_may_go_back_a_little_only,
        commits::a_run_is_opened_once,
        commits::of_two_commits_that_exclude_each_other_one_is_written,
        guards::free_holds_for_what_is_absent_or_freed,
        guards::is_compares_one_column,
        guards::left_counts_what_is_reserved_and_spent,
        guards::the_first_broken_guard_is_named,
        pins::a_pin_is_read_as_its_entries_say,
        pins::a_tool_is_seen_first_once,
        reads::payloads_are_kept_by_call_and_kind_and_replaced,
        reads::a_listing_is_in_order_in_both_directions,
        reads::pages_give_every_record_once,
        reads::a_listing_holds_only_what_matches,
        reads::digests_are_keyed_by_tenant_and_run,
    );
    if broken.is_empty() { Ok(()) } else { Err(broken.join("\n")) }
}

/// For a journal without room for new permits: new work is refused, outcomes are still written.
pub async fn out_of_space<J: Journal>(journal: &J, at: Timestamp) -> Kept {
    ensure!(!journal.takes_permits(), "it says that there is room for permits");
    let permit = samples::commit(Urgency::Permit, [samples::mode("a", at)]);
    let found = journal.commit(permit).await.map(drop);
    ensure!(found == Err(CommitError::DiskFull), "new work came out as {found:?}");
    let outcome = samples::commit(Urgency::Outcome, [samples::mode("a", at)]);
    let found = journal.commit(outcome).await.map(drop);
    ensure!(found.is_ok(), "an outcome came out as {found:?}");
    Ok(())
}
