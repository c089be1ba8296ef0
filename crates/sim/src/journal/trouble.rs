//! What goes wrong with a store, and how often.
//!
//! All chances are of a hundred and zero at first: a calm store answers at once.

use crate::random::Dice;

/// How a store misbehaves.
#[derive(Debug, Clone, Default)]
pub struct Trouble {
    /// Chance that a commit or read waits for others.
    pub slow: u64,
    /// Turns that others get at most meanwhile.
    pub turns: u64,
    /// Chance that a commit also takes virtual time.
    pub late: u64,
    /// Chance that a commit is refused because too many wait.
    pub busy: u64,
    /// Chance in ten thousand that the store fails before it writes.
    pub lost: u64,
    /// Chance in ten thousand that the store fails after it wrote.
    pub unknown: u64,
    /// Whether there is no room for new permits.
    pub full: bool,
}

/// What becomes of one commit.
#[derive(Debug, Clone, Copy)]
pub struct Fate {
    /// Turns and milliseconds before it is written.
    pub before: (u64, u64),
    /// Turns and milliseconds after it was written.
    pub after: (u64, u64),
    /// Whether it is refused.
    pub busy: bool,
    /// Whether the store fails instead.
    pub lost: bool,
    /// Whether the store fails afterwards.
    pub unknown: bool,
}

impl Trouble {
    /// Draws what becomes of the next commit.
    pub fn fate(&self, dice: &Dice) -> Fate {
        Fate {
            before: self.wait(dice),
            after: self.wait(dice),
            busy: dice.chance(self.busy),
            lost: dice.below(10_000) < self.lost,
            unknown: dice.below(10_000) < self.unknown,
        }
    }

    /// Draws how long the next read takes on its way back.
    pub fn read_wait(&self, dice: &Dice) -> (u64, u64) {
        let turns = if dice.chance(self.slow) { dice.below(self.turns + 1) } else { 0 };
        (turns, 0)
    }

    fn wait(&self, dice: &Dice) -> (u64, u64) {
        let turns = if dice.chance(self.slow) { dice.below(self.turns + 1) } else { 0 };
        let millis = if dice.chance(self.late) { dice.below(3_000) } else { 0 };
        (turns, millis)
    }
}
