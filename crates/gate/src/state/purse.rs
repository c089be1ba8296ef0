//! Slices of budgets leased to memory, so that a read need not wait for the disk before it runs.
//!
//! A slice is reserved durably first; reads then take from it under a lock, so reservations never exceed a
//! budget (P6). What is left of a slice goes back when its run ends, and after a crash.

use std::collections::HashMap;
use std::sync::Mutex;

use domain::{Amounts, BudgetScope, Dimension, Reservation, RunId};

use super::lock;

/// Reads that one slice is meant for.
pub(crate) const READS_PER_SLICE: u64 = 8;

#[derive(Debug, Default)]
pub(crate) struct Purse {
    slices: Mutex<HashMap<RunId, Reservation>>,
}

impl Purse {
    /// Takes `wanted` out of the run's slice, if the slice is of exactly these scopes and has that much.
    pub(crate) fn take(
        &self,
        run: RunId,
        scopes: &[BudgetScope],
        wanted: Amounts,
    ) -> Option<Reservation> {
        let mut slices = lock(&self.slices);
        let slice = slices.get_mut(&run).filter(|slice| slice.scopes == scopes)?;
        let enough = Dimension::ALL.iter().all(|each| slice.amounts.of(*each) >= wanted.of(*each));
        if !enough {
            return None;
        }
        slice.amounts = slice.amounts.minus(wanted);
        Some(Reservation { scopes: scopes.to_vec(), amounts: wanted })
    }

    /// Adds a freshly leased slice. A slice of other scopes (yesterday's) is given out to be returned.
    pub(crate) fn put(&self, run: RunId, leased: Reservation) -> Option<Reservation> {
        let mut slices = lock(&self.slices);
        match slices.get_mut(&run) {
            Some(slice) if slice.scopes == leased.scopes => {
                slice.amounts = slice.amounts.plus(leased.amounts);
                None
            }
            Some(slice) => Some(std::mem::replace(slice, leased)),
            None => slices.insert(run, leased),
        }
    }

    /// Puts back what a read took and did not use, if its slice is still there.
    pub(crate) fn give_back(&self, run: RunId, taken: &Reservation) {
        if let Some(slice) =
            lock(&self.slices).get_mut(&run).filter(|slice| slice.scopes == taken.scopes)
        {
            slice.amounts = slice.amounts.plus(taken.amounts);
        }
    }

    /// Takes what is left of a run's slice, to be returned.
    pub(crate) fn empty(&self, run: RunId) -> Option<Reservation> {
        lock(&self.slices).remove(&run)
    }
}
