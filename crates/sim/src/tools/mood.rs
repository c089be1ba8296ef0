//! How a tool behaves once: well, badly, or falsely.
//!
//! In: dice and how often tools misbehave. Out: one mood for one attempt, from what the kind of tool can do: a tool
//! with a plan does not arrive late, a read has no effect to lie about. What a mood does to the world is in
//! `tools`.

use domain::Money;
use gate::Reply;
use serde_json::json;

use super::SECRET;
use crate::random::Dice;
use crate::rules::UNDO;

/// What a tool does with one attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mood {
    /// What it was asked.
    Works,
    /// Nothing, and says so.
    Fails,
    /// Nothing, and says that it was done.
    SaysDone,
    /// What it was asked, and says that nothing happened.
    SaysFailed,
    /// Nothing, for ever.
    HangsBefore,
    /// What it was asked, and never answers.
    HangsAfter,
    /// What it was asked, when nobody waits any more.
    ArrivesLate,
    /// What it was asked, and does not know whether it did.
    CannotTell,
    /// A part, and says so.
    SaysPartly,
    /// What it was asked, and says that something went wrong afterwards.
    FailsAfterwards,
    /// What it was asked, at too high a price.
    TooDear,
    /// What it was asked, and answers what its contract does not allow.
    BreaksSchema,
    /// What it was asked, and answers with a credential.
    TellsSecret,
    /// What it was asked, without naming what changed.
    Silent,
    /// What it was asked, on a machine that cannot show it before.
    CannotShow,
    /// Nothing before it has answers to its questions.
    Asks,
    /// Nothing, and says that it may be tried again.
    Busy,
}

/// How often tools misbehave, of a hundred.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moods {
    /// Acts and reads.
    pub(crate) bad: u64,
    /// Previews.
    pub(crate) bad_previews: u64,
    /// Previews of commands that this machine cannot make.
    pub(crate) no_previews: u64,
}

const ACTS: &[Mood] = &[
    Mood::Fails,
    Mood::Fails,
    Mood::Fails,
    Mood::SaysDone,
    Mood::SaysFailed,
    Mood::HangsBefore,
    Mood::HangsAfter,
    Mood::HangsAfter,
    Mood::ArrivesLate,
    Mood::CannotTell,
    Mood::SaysPartly,
    Mood::FailsAfterwards,
    Mood::TooDear,
    Mood::BreaksSchema,
    Mood::TellsSecret,
    Mood::Silent,
    Mood::Asks,
    Mood::Asks,
    Mood::Asks,
    Mood::Busy,
    Mood::Busy,
    Mood::Busy,
    Mood::Busy,
];
/// What a tool with a plan can do: it does not arrive late.
const PLANNED: &[Mood] = &[
    Mood::Fails,
    Mood::SaysDone,
    Mood::SaysFailed,
    Mood::HangsBefore,
    Mood::HangsAfter,
    Mood::CannotTell,
    Mood::SaysPartly,
    Mood::FailsAfterwards,
    Mood::TooDear,
    Mood::BreaksSchema,
];
const READS: &[Mood] = &[
    Mood::Fails,
    Mood::Fails,
    Mood::HangsBefore,
    Mood::TooDear,
    Mood::BreaksSchema,
    Mood::TellsSecret,
];

impl Moods {
    pub(super) fn act(self, dice: &Dice, tool: &str) -> Mood {
        let all = match tool {
            "sim.write" | "sim.run" | UNDO => PLANNED,
            "sim.count" => READS,
            _others => ACTS,
        };
        self.draw(dice, (self.bad, all))
    }

    pub(super) fn read(self, dice: &Dice) -> Mood {
        self.draw(dice, (self.bad, READS))
    }

    pub(super) fn preview(self, dice: &Dice, tool: &str) -> Mood {
        if tool == "sim.run" && dice.chance(self.no_previews) {
            return Mood::CannotShow;
        }
        self.draw(dice, (self.bad_previews, &[Mood::Fails, Mood::HangsBefore]))
    }

    fn draw(self, dice: &Dice, (chance, all): (u64, &[Mood])) -> Mood {
        if dice.chance(chance) {
            dice.pick(all).copied().unwrap_or(Mood::Works)
        } else {
            Mood::Works
        }
    }
}

impl Mood {
    /// Whether what the tool says is what it did.
    pub(super) fn honest(self) -> bool {
        !matches!(self, Self::SaysDone | Self::SaysFailed)
    }

    /// A reply as this mood gives it.
    pub(super) fn colours(self, mut reply: Reply) -> Reply {
        match self {
            Self::TooDear => reply.cost = Money::from_micros(90_000),
            Self::BreaksSchema => reply.output = json!({ "ok": "perhaps" }),
            Self::TellsSecret => reply.output = json!({ "ok": true, "note": SECRET }),
            Self::Silent => reply.effects.clear(),
            Self::Works
            | Self::Fails
            | Self::SaysDone
            | Self::SaysFailed
            | Self::HangsBefore
            | Self::HangsAfter
            | Self::ArrivesLate
            | Self::CannotTell
            | Self::SaysPartly
            | Self::FailsAfterwards
            | Self::CannotShow
            | Self::Asks
            | Self::Busy => {}
        }
        reply
    }
}
