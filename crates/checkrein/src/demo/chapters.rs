//! The chapters, in the order in which they are told. Each fits one screen and stands alone.
//!
//! In: the story's teller, the place, the cast. Out: a part of the story whose every claim was looked at. A chapter
//! leaves the workspace in a state that the next one names; nothing is kept in memory between them.

pub(super) mod bounds;
pub(super) mod commit;
pub(super) mod crash;
pub(super) mod delete;
pub(super) mod deploy;
pub(super) mod drift;
pub(super) mod edit;
pub(super) mod end;
pub(super) mod hook;
pub(super) mod jail;
pub(super) mod journal;
pub(super) mod last_three;
pub(super) mod notes;
pub(super) mod production;
pub(super) mod push;
pub(super) mod reads;
pub(super) mod setting;
pub(super) mod sight;
pub(super) mod testing;
pub(super) mod twice;
pub(super) mod wrong;
