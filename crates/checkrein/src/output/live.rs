//! What a command prints while it runs, shown to the person who waits for it.
//!
//! In: pieces of output as they come. Out: lines on standard error, made visible like everything that an agent's
//! program wrote; and whether all of it was shown, so that the answer need not repeat it.

use crate::client::Heard;

use super::{Out, Printed};

/// Shows output as it comes.
#[derive(Debug)]
pub(crate) struct Live {
    out: Out,
    shown: bool,
    missed: bool,
}

impl Live {
    pub(crate) const fn new(out: Out) -> Self {
        Self { out, shown: false, missed: false }
    }

    pub(crate) fn hear(&mut self, heard: &Heard) {
        match heard {
            Heard::Output(output) => {
                self.shown = true;
                self.out.talk(output.text.strip_suffix('\n').unwrap_or(&output.text));
            }
            Heard::Missed => self.missed = true,
        }
    }

    /// Whether the person has seen everything.
    pub(crate) const fn printed(&self) -> Printed {
        if self.shown && !self.missed { Printed::Seen } else { Printed::Unseen }
    }
}
