//! Promises about reading: payloads, listings, pages, digests.
//! Each takes an empty journal and the moment of its entries, and says what was found instead.

use std::collections::BTreeSet;
use std::time::Duration;

use domain::{PayloadKind, Timestamp};

use super::samples::{call_id, commit, name, opened, payload, run_id, tenant};
use super::{Kept, ensure};
use crate::commit::{Direction, Query, Urgency};
use crate::port::{Journal, KeyScope};
use crate::table::Table;

pub(super) async fn payloads_are_kept_by_call_and_kind_and_replaced<J: Journal>(
    journal: &J,
    at: Timestamp,
) -> Kept {
    let write = |entry, payloads| {
        let mut commit = commit(Urgency::Permit, [entry]);
        commit.payloads = payloads;
        journal.commit(commit)
    };
    let (facts, answer) = (PayloadKind::Facts, PayloadKind::Answer);
    let first = vec![payload(1, 1, facts, b"one"), payload(1, 1, answer, b"two")];
    write(opened(1, 9, at), first).await.map_err(|error| error.to_string())?;
    let later = super::samples::mode("a", at);
    let second = vec![payload(1, 1, facts, b"three"), payload(1, 2, facts, b"")];
    write(later, second).await.map_err(|error| error.to_string())?;
    for (call, kind, expect) in [
        (1, facts, Some(b"three".as_slice())),
        (1, answer, Some(b"two")),
        (2, facts, Some(b"")),
        (2, answer, None),
        (3, facts, None),
    ] {
        let found =
            journal.payload(call_id(call), kind).await.map_err(|error| error.to_string())?;
        ensure!(found.as_deref() == expect, "the {kind} of call {call} is {found:?}");
    }
    Ok(())
}

/// Nine runs, three at each of three moments.
async fn nine_runs<J: Journal>(journal: &J, at: Timestamp) -> Kept {
    for number in 0..9_u8 {
        let when = at.plus(Duration::from_millis(u64::from(number % 3)));
        let open = commit(Urgency::Permit, [opened(u128::from(number), 9, when)]);
        journal.commit(open).await.map_err(|error| error.to_string())?;
    }
    Ok(())
}

/// Numbers of the nine runs by moment, then by id.
const IN_ORDER: [u128; 9] = [0, 3, 6, 1, 4, 7, 2, 5, 8];

fn expected(direction: Direction) -> Vec<String> {
    let all = IN_ORDER.iter().map(|number| run_id(*number).to_string());
    match direction {
        Direction::Ascending => all.collect(),
        Direction::Descending => all.rev().collect(),
    }
}

fn by_moment(direction: Direction) -> Query {
    Query { order_by: Some("opened_ms"), direction, ..Query::all(Table::Runs) }
}

pub(super) async fn a_listing_is_in_order_in_both_directions<J: Journal>(
    journal: &J,
    at: Timestamp,
) -> Kept {
    nine_runs(journal, at).await?;
    for direction in [Direction::Ascending, Direction::Descending] {
        let found =
            journal.select(by_moment(direction)).await.map_err(|error| error.to_string())?;
        let keys: Vec<String> = found.into_iter().map(|record| record.key).collect();
        ensure!(keys == expected(direction), "{direction:?} gave {keys:?}");
    }
    let by_key =
        journal.select(Query::all(Table::Runs)).await.map_err(|error| error.to_string())?;
    let sorted = by_key.is_sorted_by(|one, other| one.key < other.key);
    ensure!(sorted && by_key.len() == 9, "without a column it is not by key");
    Ok(())
}

pub(super) async fn pages_give_every_record_once<J: Journal>(journal: &J, at: Timestamp) -> Kept {
    nine_runs(journal, at).await?;
    // All moments of `outcome` are null: pages must get past equal and absent values too.
    for column in ["opened_ms", "outcome"] {
        for direction in [Direction::Ascending, Direction::Descending] {
            let (mut keys, mut after) = (Vec::new(), None);
            for _page in 0..9 {
                let order_by = Some(column);
                let query = Query { order_by, after, limit: 2, ..by_moment(direction) };
                let page = journal.select(query).await.map_err(|error| error.to_string())?;
                ensure!(page.len() <= 2, "a page of two has {} records", page.len());
                keys.extend(page.into_iter().map(|record| record.key));
                after = keys.last().cloned();
            }
            let once: BTreeSet<&String> = keys.iter().collect();
            ensure!(keys.len() == 9 && once.len() == 9, "{column} {direction:?} gave {keys:?}");
        }
    }
    Ok(())
}

pub(super) async fn a_listing_holds_only_what_matches<J: Journal>(
    journal: &J,
    at: Timestamp,
) -> Kept {
    nine_runs(journal, at).await?;
    let asked = |query: Query| async { journal.select(query).await.map(|found| found.len()) };
    let all = Query::all(Table::Runs);
    for (query, expect) in [
        (all.clone().with("opened_ms", at.millis()), 3),
        (all.clone().with("opened_ms", at.millis()).with("tenant", "suite"), 3),
        (all.clone().with("tenant", "nobody"), 0),
        (all.clone().with("outcome", crate::table::Cell::Null), 9),
        (all.clone().latest("opened_ms", 4), 4),
    ] {
        let found = asked(query.clone()).await.map_err(|error| error.to_string())?;
        ensure!(found == expect, "{query:?} gave {found} records, expected {expect}");
    }
    Ok(())
}

pub(super) async fn digests_are_keyed_by_tenant_and_run<J: Journal>(
    journal: &J,
    at: Timestamp,
) -> Kept {
    let open = commit(Urgency::Permit, [opened(1, 9, at), opened(2, 9, at)]);
    journal.commit(open).await.map_err(|error| error.to_string())?;
    let (one, other) = (tenant(), name("other"));
    let scopes = [
        KeyScope::Tenant(&one),
        KeyScope::Tenant(&other),
        KeyScope::Run(run_id(1)),
        KeyScope::Run(run_id(2)),
    ];
    let mut seen = BTreeSet::new();
    for scope in scopes {
        let digest = journal.keyed(scope, b"value").map_err(|error| error.to_string())?;
        let again = journal.keyed(scope, b"value").map_err(|error| error.to_string())?;
        ensure!(digest == again, "{scope:?} gave two digests of one value");
        let another = journal.keyed(scope, b"valu").map_err(|error| error.to_string())?;
        ensure!(seen.insert(digest) && seen.insert(another), "{scope:?} shares a digest");
    }
    let unknown = journal.keyed(KeyScope::Run(run_id(3)), b"value");
    ensure!(unknown.is_err(), "a run that was never opened has a key");
    Ok(())
}
