//! What the command writes: kept up to the bound, and passed on as it comes.
//!
//! In: bytes read from the two pipes. Out: the kept bytes, with a count of all. A listener that is slow gets what it
//! missed with a later chunk, so that nothing is lost and the command never waits for it. Tests are at the end.

use std::time::Duration;

use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;

use crate::finished::{Captured, Chunk, Stream};

/// Both streams of one command.
#[derive(Debug)]
pub(super) struct Output {
    room: usize,
    stdout: Kept,
    stderr: Kept,
    watch: Option<mpsc::Sender<Chunk>>,
}

#[derive(Debug, Default)]
struct Kept {
    captured: Captured,
    passed_on: usize,
}

/// Whether the bound still holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Room {
    Left,
    Passed,
}

impl Output {
    pub(super) fn new(bytes_max: u64, watch: Option<mpsc::Sender<Chunk>>) -> Self {
        let room = usize::try_from(bytes_max).unwrap_or(usize::MAX);
        Self { room, stdout: Kept::default(), stderr: Kept::default(), watch }
    }

    /// Keeps what fits, and passes it on if the listener has room.
    pub(super) fn take(&mut self, stream: Stream, bytes: &[u8]) -> Room {
        let fits = bytes.get(..self.room.min(bytes.len())).unwrap_or_default();
        self.room -= fits.len();
        let kept = self.kept(stream);
        kept.captured.bytes.extend_from_slice(fits);
        kept.captured.total += u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        self.pass_on(stream);
        if fits.len() < bytes.len() { Room::Passed } else { Room::Left }
    }

    fn kept(&mut self, stream: Stream) -> &mut Kept {
        match stream {
            Stream::Out => &mut self.stdout,
            Stream::Err => &mut self.stderr,
        }
    }

    fn pass_on(&mut self, stream: Stream) {
        let Some(watch) = self.watch.clone() else { return };
        if watch.capacity() == 0 && !watch.is_closed() {
            // It gets this with the next chunk; nothing is copied in vain until then.
            return;
        }
        let kept = self.kept(stream);
        let Some(chunk) = kept.waiting(stream) else { return };
        let length = chunk.bytes.len();
        match watch.try_send(chunk) {
            Ok(()) => kept.passed_on += length,
            Err(TrySendError::Full(_)) => {}
            Err(TrySendError::Closed(_)) => self.watch = None,
        }
    }

    /// Passes on what is left, to a listener that may take so long, and gives everything away.
    pub(super) async fn finish(mut self, at_most: Duration) -> (Captured, Captured) {
        if let Some(watch) = self.watch.take() {
            for (kept, stream) in [(&self.stdout, Stream::Out), (&self.stderr, Stream::Err)] {
                if let Some(chunk) = kept.waiting(stream) {
                    // Who does not listen any more has the whole in the answer.
                    let _too_slow = watch.send_timeout(chunk, at_most).await;
                }
            }
        }
        (self.stdout.captured, self.stderr.captured)
    }
}

impl Kept {
    /// What the listener does not have yet.
    fn waiting(&self, stream: Stream) -> Option<Chunk> {
        let bytes = self.captured.bytes.get(self.passed_on..).unwrap_or_default();
        (!bytes.is_empty()).then(|| Chunk { stream, bytes: bytes.to_vec() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn bytes_beyond_the_bound_are_counted_and_not_kept() {
        let mut output = Output::new(5, None);
        assert_eq!(output.take(Stream::Out, b"abc"), Room::Left);
        assert_eq!(output.take(Stream::Err, b"de"), Room::Left);
        assert_eq!(output.take(Stream::Out, b"f"), Room::Passed);
        let (out, err) = output.finish(Duration::ZERO).await;
        assert_eq!((out.bytes.as_slice(), out.total), (b"abc".as_slice(), 4));
        assert_eq!((err.bytes.as_slice(), err.total), (b"de".as_slice(), 2));
    }

    #[tokio::test]
    async fn slow_listener_gets_everything_in_order() {
        let (tx, mut rx) = mpsc::channel(1);
        let mut output = Output::new(100, Some(tx));
        for bytes in [b"ab", b"cd", b"ef"] {
            output.take(Stream::Out, bytes);
        }
        let reader = async {
            let mut all = Vec::new();
            while let Some(chunk) = rx.recv().await {
                all.extend(chunk.bytes);
            }
            all
        };
        let (_, all) = tokio::join!(output.finish(Duration::from_secs(10)), reader);
        assert_eq!(all, b"abcdef");
    }
}
