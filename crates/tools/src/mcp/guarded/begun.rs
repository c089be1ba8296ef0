//! The moment at which a request leaves: until then a stop is in time, and nothing can have arrived.
//!
//! In: the bytes of a body. Out: the same bytes, and a mark that is set when the connection takes them, which is right before
//! the head of the request is written out too. A request without a body counts as left from the start.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

/// Whether a request can have left. Cheap to clone: all clones are of one request.
#[derive(Debug, Clone, Default)]
pub struct Begun(Arc<Marks>);

#[derive(Debug, Default)]
struct Marks {
    now: AtomicBool,
    ever: AtomicBool,
}

impl Begun {
    /// Whether the present attempt can.
    pub fn has(&self) -> bool {
        self.0.now.load(Ordering::Acquire)
    }

    /// Whether any attempt can: a refusal of an earlier one is the server's word.
    pub fn ever(&self) -> bool {
        self.0.ever.load(Ordering::Acquire)
    }

    /// It can from now on.
    pub(super) fn mark(&self) {
        self.0.ever.store(true, Ordering::Release);
        self.0.now.store(true, Ordering::Release);
    }

    /// It was refused, and is sent again.
    pub fn again(&self) {
        self.0.now.store(false, Ordering::Release);
    }
}

/// A body that says when it is taken.
#[derive(Debug)]
pub(super) struct Noted {
    pub(super) bytes: Bytes,
    pub(super) begun: Begun,
}

impl Body for Noted {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.begun.mark();
        let bytes = std::mem::take(&mut self.bytes);
        Poll::Ready((!bytes.is_empty()).then(|| Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        self.bytes.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.bytes.len() as u64)
    }
}
