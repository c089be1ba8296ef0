//! Promises about guards: each kind holds for exactly what it says.
//! Each takes an empty journal and the moment of its entries, and says what was found instead.

use domain::{Amounts, BudgetScope, Timestamp};

use super::samples::{
    call_id, commit, digest, guarded, held, leased, mode, opened, returned, run_id, superseded,
};
use super::{Kept, ensure};
use crate::commit::{CommitError, Guard, Urgency};
use crate::port::Journal;
use crate::table::{Cell, Column, Table};

/// Whether a guard holds, asked by a commit that changes nothing else of interest.
async fn holds<J: Journal>(journal: &J, guard: Guard, at: Timestamp) -> Result<bool, String> {
    match journal.commit(guarded([guard.clone()], [mode("asked", at)])).await {
        Ok(_) => Ok(true),
        Err(CommitError::Guard { index: 0, .. }) => Ok(false),
        Err(other) => Err(format!("{guard:?} came out as {other:?}")),
    }
}

pub(super) async fn free_holds_for_what_is_absent_or_freed<J: Journal>(
    journal: &J,
    at: Timestamp,
) -> Kept {
    let key = digest(1);
    let free = || Guard::Free { table: Table::Ledger, key: key.to_string() };
    ensure!(holds(journal, free(), at).await?, "an absent key is not free");
    let take = commit(Urgency::Permit, [opened(1, 9, at), held(1, 1, key, at)]);
    journal.commit(take).await.map_err(|error| error.to_string())?;
    ensure!(!holds(journal, free(), at).await?, "a taken key is free");
    let end = commit(Urgency::Outcome, [superseded(1, 1, key, at)]);
    journal.commit(end).await.map_err(|error| error.to_string())?;
    ensure!(holds(journal, free(), at).await?, "a freed key is not free");
    Ok(())
}

pub(super) async fn is_compares_one_column<J: Journal>(journal: &J, at: Timestamp) -> Kept {
    let begin = commit(Urgency::Permit, [opened(1, 9, at), held(1, 1, digest(1), at)]);
    journal.commit(begin).await.map_err(|error| error.to_string())?;
    let call = call_id(1).to_string();
    let cases: [(&str, Column, Cell, bool); 6] = [
        (&call, "state", "held".into(), true),
        (&call, "state", "admitted".into(), false),
        (&call, "plan", Cell::Null, true),
        (&call, "detached", Cell::Integer(0), true),
        (&call, "detached", Cell::Integer(1), false),
        ("call_of_nobody", "state", Cell::Null, false),
    ];
    for (key, column, value, expect) in cases {
        let key = key.to_owned();
        let guard = Guard::Is { table: Table::Calls, key, column, value: value.clone() };
        let found = holds(journal, guard, at).await?;
        ensure!(found == expect, "{column} is {value:?}: expected {expect}, found {found}");
    }
    Ok(())
}

pub(super) async fn left_counts_what_is_reserved_and_spent<J: Journal>(
    journal: &J,
    at: Timestamp,
) -> Kept {
    let scope = BudgetScope::Run(run_id(1));
    let left = |calls| Guard::Left { scope, amounts: Amounts { calls, ..Amounts::ZERO } };
    ensure!(!holds(journal, left(0), at).await?, "a budget that does not exist has something left");
    let steps = [
        (opened(1, 3, at), 3),
        (leased(1, 2, at), 1),
        (returned(1, 1, at), 2),
        (leased(1, 2, at), 0),
    ];
    for (entry, rest) in steps {
        let change = commit(Urgency::Permit, [entry]);
        journal.commit(change).await.map_err(|error| error.to_string())?;
        ensure!(holds(journal, left(rest), at).await?, "{rest} calls should be left");
        ensure!(!holds(journal, left(rest + 1), at).await?, "{} calls are left", rest + 1);
    }
    let money = Amounts { money_micros: u64::MAX, ..Amounts::ZERO };
    let unlimited = Guard::Left { scope, amounts: money };
    ensure!(holds(journal, unlimited, at).await?, "a dimension without a limit is limited");
    Ok(())
}

pub(super) async fn the_first_broken_guard_is_named<J: Journal>(
    journal: &J,
    at: Timestamp,
) -> Kept {
    let absent = |key: &str| Guard::Free { table: Table::Modes, key: key.to_owned() };
    let broken = || Guard::Left { scope: BudgetScope::Run(run_id(9)), amounts: Amounts::ZERO };
    let guards = [absent("a"), broken(), broken()];
    let found = journal.commit(guarded(guards, [mode("b", at)])).await.map(drop);
    match found {
        Err(CommitError::Guard { index: 1, .. }) => Ok(()),
        other => {
            Err(format!("the second of three guards was broken, and it came out as {other:?}"))
        }
    }
}
