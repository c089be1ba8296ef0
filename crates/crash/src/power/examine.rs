//! Opens an image as the product would, recovers, and looks for everything that was answered before the cut.
//! In: the directory of an image and the answers. Out: nothing, or the first promise that does not hold.

use std::path::Path;

use journal::Synchronous;

use super::workload;
use crate::given::Given;
use crate::installation::Site;
use crate::ledger::{self, Ledger};
use crate::problem::Outcome;

/// Whether an image keeps every promise.
pub(crate) fn examine(root: &Path, answered: &[Given]) -> Outcome<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let (gate, _) = Site::at(root).open_with(workload::tools(), Synchronous::Full).await?;
        ledger::verify(gate.journal(), None).await?;
        let mut ledger = Ledger::default();
        ledger.read_on(gate.journal()).await?;
        answered.iter().try_for_each(|given| ledger.holds(given, gate.journal()))
    })
}
