//! What a caller is told of a tool's error: a code, words, and what to do next.
//!
//! In: an error as a tool gave it, and who may hear what its command did. Out: a refusal. Where a command names its
//! error, that decides; else the kind of trouble does. What happened, and what is recorded, is decided elsewhere
//! (`preview.rs`, `observe.rs`). Tests: below, and `sim/tests/it/commands.rs`.

use domain::Code;

use super::Call;
use crate::port::{ToolError, ToolErrorKind};
use crate::refusal::Refusal;
use crate::watch::Audience;

/// What to do, with a code where the stage's own one does not fit.
type Row = (&'static str, Option<Code>, &'static str);

/// Errors that only commands have, or have in their own sense (`contract::command` says what they mean).
const OF_COMMANDS: &[Row] = &[
    ("not_found", None, "name a program that is installed there, or ask an operator to install it"),
    ("no_jail", Some(Code::ToolMissing), "ask an operator to look at `checkrein doctor`"),
    ("over_time", None, "let it do less, or ask an operator for a longer timeout in its contract"),
    ("over_memory", None, "let it do less at once, or ask an operator for more under `[jail]`"),
    (
        "over_processes",
        None,
        "let it start fewer processes at once, or ask an operator for more under `[jail]`",
    ),
    ("over_output", None, "let it print less, or into a file in /tmp"),
    ("over_disk", None, "ask an operator to clear caches of commands that nobody needs"),
    ("killed", None, "run a smaller part of it to find out why it ends by a signal"),
    ("lost", None, "try again; if it goes on, ask an operator to look at the server's log"),
    (
        "not_a_repository",
        None,
        "put right what is said of the repository in the workspace or of its remote",
    ),
    ("not_plannable", None, "let it make only ordinary files, directories and links"),
    ("no_space", None, "ask an operator to make room on the disk"),
    ("no_credential", None, "ask an operator to look at the credential of this remote"),
    (
        "out_of_scope",
        Some(Code::OutOfScope),
        "let it change only what its contract names; `checkrein tools show` prints that",
    ),
];

/// Of a preview that failed. That is no failed act: nothing was tried.
pub(super) fn of_preview(call: &Call, error: &ToolError, to: Audience) -> Refusal {
    let (code, fix) = of_command(call, error, Code::PreviewFailed)
        .or_else(|| of_upstream(call, error))
        .unwrap_or(preview_by_kind(error.kind));
    Refusal::new(code, told(call, error, to), fix)
}

/// Of an attempt after which nothing had happened.
pub(super) fn of_attempt(call: &Call, error: &ToolError) -> (Code, &'static str) {
    of_command(call, error, Code::ToolFailed)
        .or_else(|| of_upstream(call, error))
        .unwrap_or(attempt_by_kind(error.kind))
}

/// A definition that changed is no resource that changed: nothing an agent looks at again would help.
fn of_upstream(call: &Call, error: &ToolError) -> Option<(Code, &'static str)> {
    call.compiled.contract.upstream.as_ref()?;
    (error.kind == ToolErrorKind::Stale).then_some((
        Code::ToolDrifted,
        "ask an operator to look at `checkrein tools diff` and to accept or refuse the tool",
    ))
}

fn of_command(call: &Call, error: &ToolError, usual: Code) -> Option<(Code, &'static str)> {
    call.resolved.command.as_ref()?;
    row(error.own_code.as_deref()?).map(|(_, code, fix)| (code.unwrap_or(usual), *fix))
}

fn row(own_code: &str) -> Option<&'static Row> {
    OF_COMMANDS.iter().find(|(known, ..)| *known == own_code)
}

/// The words of a failed preview. A command can name a file after what it read, so whoever may not hear it is told what
/// the contract says of such an error, and not what the tool found.
fn told(call: &Call, error: &ToolError, to: Audience) -> String {
    match (to, error.kind) {
        (Audience::Everybody, _)
        | (
            Audience::Operators,
            ToolErrorKind::NoPreview
            | ToolErrorKind::Missing
            | ToolErrorKind::InputRequired
            | ToolErrorKind::Unconfirmed
            | ToolErrorKind::Stopped
            | ToolErrorKind::TimedOut,
        ) => return error.message.clone(),
        (
            Audience::Operators,
            ToolErrorKind::Refused
            | ToolErrorKind::Impossible
            | ToolErrorKind::Stale
            | ToolErrorKind::Failed,
        ) => {}
    }
    let declared = &call.compiled.contract.errors;
    let declared = declared.iter().find(|case| Some(&case.code) == error.own_code.as_ref());
    match declared {
        Some(case) => case.meaning.clone(),
        None => "the preview failed; how is not told before people are asked".to_owned(),
    }
}

const fn preview_by_kind(kind: ToolErrorKind) -> (Code, &'static str) {
    match kind {
        ToolErrorKind::Refused => {
            (Code::PathEscape, "name a path inside the workspace that is not a link out of it")
        }
        ToolErrorKind::Impossible => {
            (Code::PreviewFailed, "look at the present state and propose a change that fits")
        }
        ToolErrorKind::NoPreview => {
            (Code::PreviewFailed, "ask an operator to look at `checkrein doctor`")
        }
        ToolErrorKind::Stale => (Code::Stale, "look at what changed since and decide again"),
        ToolErrorKind::Missing => (Code::ToolMissing, "ask an operator to start the tool"),
        ToolErrorKind::Stopped => (Code::Stopped, "wait until an operator lifts the stop"),
        ToolErrorKind::InputRequired => ASKS,
        ToolErrorKind::Unconfirmed => MAY_NOT,
        ToolErrorKind::TimedOut => {
            (Code::PreviewFailed, "try again later, or propose a smaller change")
        }
        ToolErrorKind::Failed => {
            (Code::PreviewFailed, "correct what the message names, or try again later")
        }
    }
}

const fn attempt_by_kind(kind: ToolErrorKind) -> (Code, &'static str) {
    match kind {
        ToolErrorKind::Stale => (Code::Stale, "look at the present state and propose again"),
        ToolErrorKind::Refused => (Code::PathEscape, "name a path inside the workspace"),
        ToolErrorKind::NoPreview => {
            (Code::PreviewFailed, "ask an operator to look at `checkrein doctor`")
        }
        ToolErrorKind::Missing => (Code::ToolMissing, "ask an operator to start the tool"),
        ToolErrorKind::InputRequired => ASKS,
        ToolErrorKind::Unconfirmed => MAY_NOT,
        ToolErrorKind::Failed
        | ToolErrorKind::Impossible
        | ToolErrorKind::TimedOut
        | ToolErrorKind::Stopped => {
            (Code::ToolFailed, "correct what the message names, or try again later")
        }
    }
}

/// What to do about a tool that asks.
const ASKS: (Code, &str) =
    (Code::InputRequired, "answer its questions and send the same call again with the answers");
/// What to do about a server that would ask, or offer, what it may not.
const MAY_NOT: (Code, &str) = (
    Code::ServerUnconfirmed,
    "ask an operator to let the server do this with `offers` in its configuration",
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_of_a_command_has_one_row_at_most_and_words_of_its_own() {
        for (at, (code, _, fix)) in OF_COMMANDS.iter().enumerate() {
            let later = OF_COMMANDS.iter().skip(at + 1);
            assert!(later.clone().all(|(other, _, told)| other != code && told != fix), "{code}");
        }
        assert!(row("changed_since").is_none(), "its kind says it");
    }
}
