//! Undo of several acts at once: what is asked, and what became of each act.
//! One act alone is undone by its own route, whose answer is an envelope (`calls`).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::Answer;

/// Which acts are to be taken back. Exactly one of `call`, `run` and `agent` is given.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct UndoAsk {
    /// This act.
    pub call: Option<String>,
    /// The acts of this run.
    pub run: Option<String>,
    /// The acts of this agent, across its runs.
    pub agent: Option<String>,
    /// How many of the last ones, at least 1; all of a run without it. An agent's are always counted.
    pub last: Option<u32>,
    /// Arguments of the inverse call that the act's answer did not tell; for a single act only.
    pub set: BTreeMap<String, Value>,
}

/// What becomes of the acts that were asked for, newest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct UndoReport {
    /// Each act.
    pub acts: Vec<UndoAct>,
    /// Whether nothing of these acts is left.
    pub whole: bool,
}

/// One act of an undo report.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct UndoAct {
    /// The act.
    pub call: String,
    /// Its run.
    pub run: String,
    /// Its tool.
    pub tool: String,
    /// What it touched, masked.
    pub resource: String,
    /// When it was admitted; none for a call in the outbox.
    pub admitted_ms: Option<u64>,
    /// `can_be_undone`, `undone`, `withdrawn`, `partly_undone`, `not_undoable`, `not_undone` or `in_doubt`.
    pub outcome: String,
    /// Why, or how it would be taken back.
    pub why: String,
    /// Until when it can be taken back.
    pub until_ms: Option<u64>,
    /// The answer of the call that took it back, or of the withdrawal; none where nothing was tried.
    pub answer: Option<Answer>,
}
