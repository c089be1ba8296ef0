//! Memory of our own processes: this one, and the two of each jail that are not the command.
//!
//! In: `/proc`. Out: megabytes, with what all processes share counted once, and how many commands run. Memory that a
//! jail's processes share with each other is counted for each: the number is never too small. What the kernel keeps for
//! namespaces is not in it.

use std::collections::HashMap;
use std::fs;

use crate::Outcome;

const PAGE_BYTES: f64 = 4_096.0;
const MEGABYTE: f64 = 1_048_576.0;

/// What was found.
#[derive(Debug, Clone, Copy)]
pub(super) struct Found {
    pub(super) megabytes: f64,
    /// Children of a jail's first process.
    pub(super) commands: usize,
}

/// Looks at this process and at everything below it.
pub(super) fn of_ours() -> Outcome<Found> {
    let mut children: HashMap<u32, Vec<u32>> = HashMap::new();
    for process in fs::read_dir("/proc")? {
        let name = process?.file_name();
        let Some(id) = name.to_str().and_then(|name| name.parse::<u32>().ok()) else { continue };
        // Gone since the directory was read.
        let Some(parent) = parent(id) else { continue };
        children.entry(parent).or_default().push(id);
    }
    let below = |ids: &[u32]| -> Vec<u32> {
        ids.iter().filter_map(|id| children.get(id)).flatten().copied().collect()
    };
    let own = [std::process::id()];
    let outers = below(&own);
    let inits = below(&outers);
    let commands = below(&inits).len();
    let (mut private, mut shared) = (0.0, 0.0_f64);
    for id in own.iter().chain(&outers).chain(&inits) {
        let Some((of_it, of_all)) = pages(*id) else { continue };
        private += of_it;
        shared = shared.max(of_all);
    }
    Ok(Found { megabytes: (private + shared) * PAGE_BYTES / MEGABYTE, commands })
}

fn parent(id: u32) -> Option<u32> {
    let text = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    // The name in brackets may hold anything; what follows the last bracket is numbers.
    text.rsplit_once(") ")?.1.split(' ').nth(1)?.parse().ok()
}

/// Private and shared pages in memory.
fn pages(id: u32) -> Option<(f64, f64)> {
    let text = fs::read_to_string(format!("/proc/{id}/statm")).ok()?;
    let mut numbers = text.split(' ').map(|number| number.parse::<f64>().unwrap_or(0.0)).skip(1);
    let (resident, shared) = (numbers.next()?, numbers.next()?);
    Some((resident - shared, shared))
}
