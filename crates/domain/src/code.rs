//! Stable error codes: the one table of code x status x executed x fault x exit code.
//!
//! Every code has a page in `docs/errors/`. Codes never change their meaning; a code that is no longer
//! used stays in the table. CR-1xxx: what came in. CR-2xxx: what was decided. CR-3xxx: tools and their
//! outcome. CR-4xxx: who asks. CR-5xxx: the installation. CR-6xxx: the journal.

use crate::{Executed, Fault, Status};

/// One line of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// The code.
    pub code: Code,
    /// As shown, `CR-` and four digits.
    pub shown: &'static str,
    /// A title for people.
    pub title: &'static str,
    /// Status of an answer with this code.
    pub status: Status,
    /// Whether the act happened.
    pub executed: Executed,
    /// Whose fault it is.
    pub fault: Fault,
    /// Whether the same call may succeed later without a change.
    pub retryable: bool,
    /// HTTP status.
    pub http: u16,
    /// Exit code of the command line.
    pub exit: u8,
}

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $shown:literal, $title:literal, $status:ident, $executed:ident, $fault:ident, $retry:literal, $http:literal, $exit:literal;)*) => {
        /// A stable error code.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $(#[doc = $title] $name),*
        }

        impl Code {
            /// The whole table, in the order of the codes.
            pub const TABLE: &'static [Row] = &[$(Row {
                code: Self::$name, shown: $shown, title: $title, status: Status::$status,
                executed: Executed::$executed, fault: Fault::$fault, retryable: $retry, http: $http, exit: $exit,
            }),*];

            /// This code's line.
            pub const fn row(self) -> Row {
                match self {
                    $(Self::$name => Row {
                        code: Self::$name, shown: $shown, title: $title, status: Status::$status,
                        executed: Executed::$executed, fault: Fault::$fault, retryable: $retry, http: $http,
                        exit: $exit,
                    }),*
                }
            }

            /// The code as shown, such as `CR-1001`.
            pub const fn shown(self) -> &'static str {
                self.row().shown
            }

            /// The code that is shown like this.
            pub fn from_shown(shown: &str) -> Option<Self> {
                match shown { $($shown => Some(Self::$name),)* _ => None }
            }
        }
    };
}

codes! {
    MalformedJson = "CR-1001", "malformed JSON", Denied, No, Caller, false, 400, 1;
    Oversized = "CR-1002", "message too large, too deep or too many values", Denied, No, Caller, false, 413, 1;
    DuplicateKey = "CR-1003", "an object names a key twice", Denied, No, Caller, false, 400, 1;
    InvalidArguments = "CR-1004", "arguments do not match the contract", Denied, No, Caller, false, 422, 1;
    UnknownTool = "CR-1005", "unknown tool", Denied, No, Caller, false, 404, 1;
    PathEscape = "CR-1006", "path leaves the workspace", Denied, No, Caller, false, 422, 1;
    OutOfScope = "CR-1007", "resource outside the contract's scope", Denied, No, Caller, false, 422, 1;
    BoundArgument = "CR-1008", "argument is bound to the principal", Denied, No, Caller, false, 422, 1;
    MaskedArgument = "CR-1009", "argument contains a masked value", Denied, No, Caller, false, 422, 1;
    InvalidRequest = "CR-1010", "request does not have the expected form", Denied, No, Caller, false, 400, 2;
    NotFound = "CR-1011", "nothing with this id", Denied, No, Caller, false, 404, 1;
    UnknownRun = "CR-1012", "unknown run, or a run of another grant", Denied, No, Caller, false, 404, 1;
    RunEnded = "CR-1013", "the run has ended", Denied, No, Caller, false, 409, 1;
    Conflict = "CR-1014", "the thing is no longer in the state that this needs", Denied, No, Caller, false, 409, 8;
    KeyReused = "CR-1015", "the key was used with other arguments", Denied, No, Caller, false, 409, 8;
    UnsupportedRevision = "CR-1016", "the protocol revision is not served", Denied, No, Caller, false, 400, 1;

    PolicyDenied = "CR-2001", "denied by policy", Denied, No, Policy, false, 403, 3;
    Held = "CR-2002", "held: NOT EXECUTED, waiting for approval", Held, No, Policy, true, 202, 5;
    Rejected = "CR-2003", "a person rejected it", Denied, No, Policy, false, 403, 3;
    Expired = "CR-2004", "nobody decided or collected in time", Denied, No, Policy, true, 403, 5;
    Withdrawn = "CR-2005", "withdrawn", Denied, No, Caller, false, 409, 3;
    Superseded = "CR-2006", "superseded by a newer request", Denied, No, Policy, true, 409, 8;
    OverBudget = "CR-2007", "over budget", Stopped, No, Policy, false, 402, 6;
    Stopped = "CR-2008", "stopped", Stopped, No, Operator, true, 423, 9;
    RunPaused = "CR-2009", "the run is paused", Stopped, No, Operator, true, 423, 9;
    RateLimited = "CR-2010", "called too often", Denied, No, Policy, true, 429, 3;
    GrantForbids = "CR-2011", "the grant does not allow this", Denied, No, Policy, false, 403, 3;
    AlreadyDone = "CR-2012", "already done; the stored answer is no longer kept", Denied, Yes, Caller, false, 409, 8;
    DoneNowDenied = "CR-2013", "already done; policy would deny it now", Denied, Yes, Policy, false, 403, 3;
    TooManyHeld = "CR-2014", "too many calls of this grant wait for people", Denied, No, Caller, true, 429, 3;
    TooManyWaiting = "CR-2015", "too many calls in work", Denied, No, Checkrein, true, 503, 1;
    NotEligible = "CR-2016", "this person may not decide this", Denied, No, Policy, false, 403, 4;
    NotSureEnough = "CR-2017", "it must be surer that it is this person", Denied, No, Policy, false, 403, 4;
    NotConfirmed = "CR-2018", "an act that cannot be undone must be confirmed by typing", Denied, No, Caller, false, 422, 2;
    InOutbox = "CR-2019", "NOT EXECUTED YET: in the outbox until its time", Held, No, Policy, true, 202, 5;
    InvariantBroken = "CR-2040", "the plan breaks an invariant of the contract", Denied, No, Policy, false, 403, 3;
    PreconditionFailed = "CR-2041", "NOT EXECUTED: a precondition of the contract does not hold", Denied, No, Policy, true, 409, 8;
    WindowClosed = "CR-2042", "NOT EXECUTED: the contract's window is closed", Denied, No, Policy, true, 409, 8;
    VerifierDenied = "CR-2043", "the contract's verifier objects to the plan", Denied, No, Policy, false, 403, 3;
    OutOfStep = "CR-2044", "a step of a procedure is out of order", Denied, No, Policy, true, 409, 8;

    ToolFailed = "CR-3001", "the tool failed; nothing happened", Failed, No, Upstream, true, 502, 1;
    ToolFailedPartly = "CR-3002", "the tool failed after a part of the act", Partial, Partly, Upstream, false, 502, 1;
    InDoubt = "CR-3003", "it is not known whether the act happened; it is not repeated", InDoubt, Unknown, Upstream, false, 504, 1;
    AnswerWithheld = "CR-3004", "EXECUTED, answer withheld, do not repeat", Failed, Yes, Upstream, false, 502, 1;
    PreviewFailed = "CR-3005", "the change cannot be shown, so it is not made", Denied, No, Caller, false, 422, 1;
    Stale = "CR-3006", "the resource changed since the plan was made", Failed, No, Upstream, true, 409, 8;
    UndoImpossible = "CR-3007", "cannot be undone", Denied, No, Caller, false, 409, 8;
    CostExceeded = "CR-3008", "the tool cost more than its declared maximum", Failed, Yes, Upstream, false, 502, 6;
    ToolMissing = "CR-3009", "the tool's program or server is not there", Failed, No, Operator, true, 503, 1;
    InputRequired = "CR-3010", "NOT EXECUTED: the tool asks for input before it goes on", Failed, No, Caller, true, 409, 5;
    ToolDrifted = "CR-3011", "the tool is not the one that was accepted", Denied, No, Operator, false, 409, 8;
    ServerUnconfirmed = "CR-3012", "the server may not offer this until an operator says so", Denied, No, Operator, false, 403, 3;
    UpstreamAway = "CR-3020", "NOT EXECUTED: the tool or its server could not be reached several times in a row", Denied, No, Upstream, true, 503, 1;
    PostconditionFailed = "CR-3040", "EXECUTED, a postcondition of the contract does not hold", Failed, Yes, Upstream, false, 502, 1;

    NotAuthenticated = "CR-4001", "no key, or a key that is unknown or revoked", Denied, No, Caller, false, 401, 4;
    NotAllowed = "CR-4002", "this key may not do that", Denied, No, Caller, false, 403, 4;
    WrongHost = "CR-4003", "request for another host or from another origin", Denied, No, Caller, false, 421, 1;

    PortTaken = "CR-5001", "the port is taken", Denied, No, Operator, true, 500, 1;
    StoreLocked = "CR-5002", "another process uses this data directory", Denied, No, Operator, true, 500, 1;
    DiskFull = "CR-5003", "the disk is full", Denied, No, Operator, true, 507, 1;
    StoreFailed = "CR-5004", "the store failed; the process stops", Denied, Unknown, Checkrein, true, 503, 1;
    KeyFileLost = "CR-5005", "the master key file is missing or does not fit the store", Denied, No, Operator, false, 500, 78;
    BadConfiguration = "CR-5006", "configuration with an error", Denied, No, Operator, false, 500, 78;
    BadContract = "CR-5007", "contract with an error", Denied, No, Operator, false, 500, 78;
    BadPolicy = "CR-5008", "policy with an error", Denied, No, Operator, false, 500, 78;
    ClockWentBack = "CR-5009", "the clock went back", Denied, No, Operator, true, 503, 1;
    BindRefused = "CR-5010", "refusal to listen beyond loopback", Denied, No, Operator, false, 500, 78;
    Internal = "CR-5011", "an error in Checkrein", Denied, Unknown, Checkrein, false, 500, 1;

    StoreCorrupted = "CR-6001", "the store is corrupted", Denied, Unknown, Operator, false, 500, 7;
    VerificationFailed = "CR-6002", "the journal does not verify", Denied, No, Operator, false, 500, 7;
    NotReplayable = "CR-6003", "not replayable: a payload is gone", Denied, No, Caller, false, 409, 7;
    ReplayDiffers = "CR-6004", "replay gives another decision", Denied, No, Operator, false, 409, 10;
}

impl std::fmt::Display for Code {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(self.shown())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_ordered_and_read_back() {
        let shown: Vec<&str> = Code::TABLE.iter().map(|row| row.shown).collect();
        let mut sorted = shown.clone();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(shown, sorted);
        for row in Code::TABLE {
            assert_eq!(Code::from_shown(row.shown), Some(row.code));
            assert_eq!(row.code.row(), *row);
        }
    }
}
