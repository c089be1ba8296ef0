//! Receipts of stops: what each lever reached, and what answered.
//!
//! A stop pulls several levers: the fence, work under way, processes, requests to servers, runs, held calls, a rollback.
//! Each says how many it reached, how many acknowledged, of how many nobody knows, and how many did not answer in time.
//! Values only: the gate counts (`people/receipts.rs`), the journal keeps the count as one entry of the stop.

use crate::contract::words;
use crate::{CallId, UndoState};

/// What a stop pulls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Lever {
    /// The fence: from here on nothing new starts. Its time is until the order was durable.
    Fence,
    /// Calls that had a permit and of which nothing happened.
    NotStarted,
    /// Calls whose work was cancelled.
    Cancelled,
    /// Processes of commands that were ended, with everything that they had started.
    Processes,
    /// Requests that tool servers were asked to cancel.
    Requests,
    /// Open runs that were ended by a kill.
    Runs,
    /// Held calls that were cancelled by a kill.
    Held,
    /// The connection to a tool server.
    Server,
    /// Acts that a kill takes back.
    Rollback,
    /// The control socket, in a rehearsal.
    Socket,
    /// The stop file, in a rehearsal.
    File,
}

/// How one lever answered. `reached` is the sum of the other three counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct LeverReceipt {
    /// The lever.
    pub lever: Lever,
    /// How many it was pulled for.
    pub reached: u64,
    /// How many have certainly ended, or were taken back.
    pub acknowledged: u64,
    /// Of how many nobody knows whether their act happened.
    pub unknown: u64,
    /// How many gave no answer in time, or could not be taken back.
    pub missing: u64,
    /// From the order to the last answer, in milliseconds.
    pub took_ms: u64,
}

/// How the work of one call answered to a stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stopped {
    /// Nothing of its act happened, and nothing will.
    NotStarted,
    /// Nothing of it runs any more, and what became of it is known.
    Acknowledged,
    /// Nothing of it runs here any more, and nobody knows whether its act happened.
    Unknown,
    /// It still ran at the deadline of the receipt.
    Running,
}

/// One call that was in work when a stop came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct StoppedCall {
    /// The call.
    pub call: CallId,
    /// How it answered.
    pub became: Stopped,
    /// From the order to its answer, in milliseconds.
    pub took_ms: u64,
}

/// What became of one act of a rollback.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RolledBack {
    /// The act.
    pub act: CallId,
    /// How its undo stands; none where there never was one.
    pub became: Option<UndoState>,
    /// Why it is not undone.
    pub reason: Option<String>,
}

impl LeverReceipt {
    /// A lever for which everything that it reached answered.
    pub const fn all(lever: Lever, reached: u64, took_ms: u64) -> Self {
        Self { lever, reached, acknowledged: reached, unknown: 0, missing: 0, took_ms }
    }

    /// Whether everything that it reached gave an answer.
    pub const fn is_answered(&self) -> bool {
        self.missing == 0
    }
}

/// Why a text is no line of a receipt.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a line of a receipt; expected a lever or call with its counts")]
pub struct ReceiptError;

impl std::fmt::Display for LeverReceipt {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { lever, reached, acknowledged, unknown, missing, took_ms } = self;
        write!(out, "{lever} {reached} {acknowledged} {unknown} {missing} {took_ms}")
    }
}

impl std::str::FromStr for LeverReceipt {
    type Err = ReceiptError;

    fn from_str(text: &str) -> Result<Self, ReceiptError> {
        let mut words = text.split(' ');
        let lever = words.next().and_then(Lever::from_word).ok_or(ReceiptError)?;
        let mut next = || words.next().and_then(|word| word.parse().ok()).ok_or(ReceiptError);
        let (reached, acknowledged, unknown, missing, took_ms) =
            (next()?, next()?, next()?, next()?, next()?);
        Ok(Self { lever, reached, acknowledged, unknown, missing, took_ms })
    }
}

impl std::fmt::Display for StoppedCall {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{} {} {}", self.call, self.became, self.took_ms)
    }
}

impl std::str::FromStr for StoppedCall {
    type Err = ReceiptError;

    fn from_str(text: &str) -> Result<Self, ReceiptError> {
        let mut words = text.split(' ');
        let mut next = || words.next().ok_or(ReceiptError);
        let call = next()?.parse().map_err(|_| ReceiptError)?;
        let became = Stopped::from_word(next()?).ok_or(ReceiptError)?;
        let took_ms = next()?.parse().map_err(|_| ReceiptError)?;
        Ok(Self { call, became, took_ms })
    }
}

impl std::fmt::Display for RolledBack {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let became = self.became.map_or("none", UndoState::word);
        write!(out, "{} {became}", self.act)?;
        // One act is one line.
        let reason = self.reason.as_deref().map(|reason| reason.replace(['\n', '\r'], " "));
        reason.map_or(Ok(()), |reason| write!(out, " {reason}"))
    }
}

impl std::str::FromStr for RolledBack {
    type Err = ReceiptError;

    fn from_str(text: &str) -> Result<Self, ReceiptError> {
        let mut words = text.splitn(3, ' ');
        let act = words.next().and_then(|act| act.parse().ok()).ok_or(ReceiptError)?;
        let became = match words.next() {
            Some("none") => None,
            Some(word) => Some(UndoState::from_word(word).ok_or(ReceiptError)?),
            None => return Err(ReceiptError),
        };
        Ok(Self { act, became, reason: words.next().map(str::to_owned) })
    }
}

words! {
    Lever {
        Fence = "fence", NotStarted = "not_started", Cancelled = "cancelled", Processes = "processes",
        Requests = "requests", Runs = "runs", Held = "held", Server = "server", Rollback = "rollback",
        Socket = "socket", File = "file",
    }
    Stopped {
        NotStarted = "not_started", Acknowledged = "acknowledged", Unknown = "unknown", Running = "running",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_a_receipt_are_read_back_as_they_were_written() {
        for (place, lever) in Lever::ALL.iter().enumerate() {
            let count = u64::try_from(place).unwrap();
            let line =
                LeverReceipt { unknown: 1, missing: 2, ..LeverReceipt::all(*lever, count, 9) };
            assert_eq!(line.to_string().parse(), Ok(line));
        }
        let call = CallId::new(uuid::Uuid::from_u128(7));
        for became in Stopped::ALL {
            let line = StoppedCall { call, became: *became, took_ms: 3 };
            assert_eq!(line.to_string().parse(), Ok(line));
        }
        for became in UndoState::ALL.iter().copied().map(Some).chain([None]) {
            for reason in [None, Some("the file `a b` changed since".to_owned())] {
                let line = RolledBack { act: call, became, reason };
                assert_eq!(line.to_string().parse(), Ok(line));
            }
        }
        for wrong in ["", "fence", "fence 1 1 0 0", "pedal 1 1 0 0 3", "fence a 1 0 0 3"] {
            assert_eq!(wrong.parse::<LeverReceipt>(), Err(ReceiptError), "{wrong}");
        }
        assert_eq!("call_1 running 3".parse::<StoppedCall>(), Err(ReceiptError));
    }
}
