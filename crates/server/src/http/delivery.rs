//! Whether an answer really left: the gate is told of a delivered answer only when its bytes were handed to the
//! socket. A repeated call then is a new call; before that it joins the first one.
//!
//! ```text
//! Answered, Streamed (bodies) -- read to its end --> Outbox --(next flush of the connection)--> Gate::delivered
//! ```

use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::task::{Context, Poll};

use axum::body::{Body, Bytes, HttpBody};
use domain::CallId;
use hyper::body::{Frame, SizeHint};
use hyper::rt::{Read, ReadBufCursor, Write};

use crate::app::Gate;

/// Answers of one connection that were written and not yet flushed.
#[derive(Clone)]
pub(crate) struct Outbox(Arc<Waiting>);

struct Waiting {
    gate: Arc<Gate>,
    any: AtomicBool,
    calls: Mutex<Vec<CallId>>,
}

impl Outbox {
    pub(crate) fn new(gate: Arc<Gate>) -> Self {
        Self(Arc::new(Waiting { gate, any: AtomicBool::new(false), calls: Mutex::default() }))
    }

    fn add(&self, call: CallId) {
        self.0.calls.lock().unwrap_or_else(PoisonError::into_inner).push(call);
        self.0.any.store(true, Ordering::Release);
    }

    /// Everything that was written has reached the socket.
    pub(crate) fn flushed(&self) {
        if self.0.any.swap(false, Ordering::AcqRel) {
            let calls =
                std::mem::take(&mut *self.0.calls.lock().unwrap_or_else(PoisonError::into_inner));
            calls.into_iter().for_each(|call| self.0.gate.delivered(call));
        }
    }
}

/// The body of an answer: one piece of bytes that tells when it was taken.
pub(crate) struct Answered {
    bytes: Option<Bytes>,
    call: Option<CallId>,
    outbox: Option<Outbox>,
}

impl Answered {
    pub(crate) fn body(bytes: Bytes, call: Option<CallId>, outbox: Option<Outbox>) -> Body {
        Body::new(Self { bytes: Some(bytes), call, outbox })
    }
}

impl HttpBody for Answered {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        Poll::Ready(self.bytes.take().map(|bytes| Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        self.bytes.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        let length = self.bytes.as_ref().map_or(0, Bytes::len);
        SizeHint::with_exact(u64::try_from(length).unwrap_or(u64::MAX))
    }
}

impl Drop for Answered {
    fn drop(&mut self) {
        // Dropped with its bytes still here, it was never written.
        if let (None, Some(call), Some(outbox)) = (&self.bytes, self.call, &self.outbox) {
            outbox.add(call);
        }
    }
}

/// The body of a stream that ends with an answer: it tells when its end was taken.
pub(crate) struct Streamed {
    inner: Body,
    ended: bool,
    /// The call of the answer, once that was put into the stream.
    answers: Arc<OnceLock<CallId>>,
    outbox: Option<Outbox>,
}

impl Streamed {
    pub(crate) fn body(
        inner: Body,
        answers: Arc<OnceLock<CallId>>,
        outbox: Option<Outbox>,
    ) -> Body {
        Body::new(Self { inner, ended: false, answers, outbox })
    }
}

impl HttpBody for Streamed {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let polled = Pin::new(&mut self.inner).poll_frame(context);
        self.ended |= matches!(polled, Poll::Ready(None));
        polled
    }
}

impl Drop for Streamed {
    fn drop(&mut self) {
        if let (true, Some(call), Some(outbox)) = (self.ended, self.answers.get(), &self.outbox) {
            outbox.add(*call);
        }
    }
}

/// A socket that tells its outbox whenever everything was written.
pub(crate) struct Told<IO> {
    inner: IO,
    outbox: Outbox,
}

impl<IO> Told<IO> {
    pub(crate) fn new(inner: IO, outbox: Outbox) -> Self {
        Self { inner, outbox }
    }
}

impl<IO: Read + Unpin> Read for Told<IO> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.inner).poll_read(context, buffer)
    }
}

impl<IO: Write + Unpin> Write for Told<IO> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write(context, bytes)
    }

    /// Called by hyper when its own buffer is empty: all that was written before is with the kernel.
    fn poll_flush(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<std::io::Result<()>> {
        let flushed = Pin::new(&mut self.inner).poll_flush(context);
        if matches!(flushed, Poll::Ready(Ok(()))) {
            self.outbox.flushed();
        }
        flushed
    }

    fn poll_shutdown(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(context)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffers: &[std::io::IoSlice<'_>],
    ) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write_vectored(context, buffers)
    }
}
