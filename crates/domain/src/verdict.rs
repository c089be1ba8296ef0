//! A verdict: what policy says of a call, with every reason, the strictest one winning.
//!
//! How a verdict is reached is the business of `policy`; what is done with it, of `gate`.

use std::fmt;
use std::time::Duration;

use crate::contract::words;
use crate::{Digest, Requirement};

/// The rule of the house that asks before something builds on an act of which nobody knows whether it happened.
pub const IN_DOUBT_RULE: &str = "in-doubt-before";
/// The rule of the house that asks before an act that cannot be restored is repeated. Also its requirement.
pub const REPEAT_RULE: &str = "done-before";
/// The rule of the house that asks for a higher budget. Approving it raises the budget.
pub const RAISE_RULE: &str = "over-budget";
/// The rule of the house that asks before a call runs whose contract counts on a preview that this machine cannot make.
pub const NO_PREVIEW_RULE: &str = "no-preview";
/// The rule of the house that asks for changes that stand on those of a call which itself waits for people.
pub const STANDS_ON_RULE: &str = "stands-on";
/// The rule of the house that asks where a contract's verifier wants people to look.
pub const VERIFIER_RULE: &str = "verifier";

/// How strict a verdict is, weakest first. Everything that matches is combined to the strictest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Strength {
    /// Runs.
    Allow,
    /// Runs, and people are told.
    Notify,
    /// Waits for people.
    Hold,
    /// Does not run.
    Deny,
}

/// Who is needed: nobody, a reviewer afterwards, or people before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tier {
    /// Runs alone, perhaps with a notice.
    One,
    /// Runs and is reviewed afterwards.
    Two,
    /// Waits for people.
    Three,
}

/// Where a policy stands: file and line, for people.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PolicyPlace {
    /// The policy's `@id`.
    pub id: String,
    /// File name as loaded.
    pub file: String,
    /// Line of the policy, from 1.
    pub line: u32,
}

impl fmt::Display for PolicyPlace {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} ({}:{})", self.id, self.file, self.line)
    }
}

/// One reason of a verdict.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reason {
    /// What this reason alone asks for.
    pub strength: Strength,
    /// What it says to people, from `@reason` or made from the rule.
    pub text: String,
    /// The policy; none for the rules that hold without policy (nothing permits, an error denies).
    pub policy: Option<PolicyPlace>,
}

/// Something that must be done beside running the call.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Duty {
    /// What.
    pub kind: DutyKind,
    /// The policy's id that asks for it.
    pub id: String,
    /// Who is told or reviews, such as `group:oncall`.
    pub group: String,
    /// How long a review may take before it counts against the agent; none for a notice.
    pub within: Option<Duration>,
}

/// Kinds of duties.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DutyKind {
    /// Tell people.
    Notice,
    /// Let a person look at it afterwards.
    Review,
}

/// What a person says of an act that is reviewed afterwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReviewVerdict {
    /// It may stand.
    Accepted,
    /// It may not: it is undone where that is possible, else an incident is recorded.
    Rejected,
}

/// What policy says of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// The strictest of all that matches.
    pub strength: Strength,
    /// Who is needed.
    pub tier: Tier,
    /// Every reason, strictest first, then by policy id.
    pub reasons: Vec<Reason>,
    /// What people are asked for, if the strength is `Hold`; each is satisfied only by its own approval.
    pub requirements: Vec<Requirement>,
    /// Notices and reviews.
    pub duties: Vec<Duty>,
    /// Digest of the policy version that decided.
    pub policy: Digest,
}

impl Verdict {
    /// A denial that no policy but a rule of the house gives.
    pub fn denied(text: impl Into<String>, policy: Digest) -> Self {
        let reason = Reason { strength: Strength::Deny, text: text.into(), policy: None };
        Self {
            strength: Strength::Deny,
            tier: Tier::Three,
            reasons: vec![reason],
            requirements: Vec::new(),
            duties: Vec::new(),
            policy,
        }
    }

    /// The stricter of two verdicts; of equals the first, with the duties of both.
    #[must_use]
    pub fn stricter(self, other: Self) -> Self {
        let (mut kept, dropped) =
            if other.strength > self.strength { (other, self) } else { (self, other) };
        kept.duties.extend(dropped.duties);
        kept.duties.sort();
        kept.duties.dedup();
        kept.tier = kept.tier.max(dropped.tier);
        kept
    }
}

words! {
    Strength { Allow = "allow", Notify = "notify", Hold = "hold", Deny = "deny" }
    Tier { One = "1", Two = "2", Three = "3" }
    DutyKind { Notice = "notice", Review = "review" }
    ReviewVerdict { Accepted = "accepted", Rejected = "rejected" }
}
