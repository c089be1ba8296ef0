//! Packets between a jail and its supervisor over a Unix socket, each with at most one file.
//!
//! In and out: [`crate::report`] values. One packet is one value, so there is no framing to get wrong. It waits only in
//! [`receive`], and not even there if the socket does not: the supervisor's side waits in `supervisor/control.rs`.

use std::io::{self, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::net::{
    AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, ReturnFlags,
    SendAncillaryBuffer, SendAncillaryMessage, SendFlags, SocketFlags, SocketType,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::limits::REPORT_BYTES_MAX;

/// One end of a connection.
#[derive(Debug)]
pub(crate) struct Channel {
    socket: OwnedFd,
}

/// A value and the file that came along.
#[derive(Debug)]
pub(crate) struct Packet<T> {
    pub(crate) value: T,
    pub(crate) file: Option<OwnedFd>,
}

impl Channel {
    /// Two ends that are connected with each other, neither inherited by programs.
    pub(crate) fn pair() -> io::Result<(Self, Self)> {
        let (one, other) = rustix::net::socketpair(
            AddressFamily::UNIX,
            SocketType::SEQPACKET,
            SocketFlags::CLOEXEC,
            None,
        )?;
        Ok((Self { socket: one }, Self { socket: other }))
    }

    pub(crate) fn from_socket(socket: OwnedFd) -> Self {
        Self { socket }
    }

    pub(crate) fn into_socket(self) -> OwnedFd {
        self.socket
    }

    /// As [`send`].
    pub(crate) fn send<T: Serialize>(
        &self,
        value: &T,
        file: Option<BorrowedFd<'_>>,
    ) -> io::Result<()> {
        send(&self.socket, value, file)
    }

    /// As [`receive`].
    pub(crate) fn receive<T: DeserializeOwned>(&self) -> io::Result<Option<Packet<T>>> {
        receive(&self.socket)
    }
}

impl AsFd for Channel {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

/// Sends a value, with a file if there is one.
pub(crate) fn send<T: Serialize>(
    socket: impl AsFd,
    value: &T,
    file: Option<BorrowedFd<'_>>,
) -> io::Result<()> {
    let text = serde_json::to_vec(value)?;
    if text.len() > REPORT_BYTES_MAX {
        return Err(io::Error::other("the report is too long"));
    }
    let files: Vec<BorrowedFd<'_>> = file.into_iter().collect();
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut ancillary = SendAncillaryBuffer::new(&mut space);
    if !files.is_empty() && !ancillary.push(SendAncillaryMessage::ScmRights(&files)) {
        return Err(io::Error::other("a packet takes one file"));
    }
    // A peer that is gone is an error here, not a signal.
    rustix::net::sendmsg(socket, &[IoSlice::new(&text)], &mut ancillary, SendFlags::NOSIGNAL)?;
    Ok(())
}

/// The next value, or `None` when the other end is gone.
pub(crate) fn receive<T: DeserializeOwned>(socket: impl AsFd) -> io::Result<Option<Packet<T>>> {
    let mut bytes = vec![0; REPORT_BYTES_MAX];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut ancillary = RecvAncillaryBuffer::new(&mut space);
    let received = rustix::net::recvmsg(
        socket,
        &mut [IoSliceMut::new(&mut bytes)],
        &mut ancillary,
        RecvFlags::CMSG_CLOEXEC,
    )?;
    if received.bytes == 0 {
        return Ok(None);
    }
    if received.flags.intersects(ReturnFlags::TRUNC | ReturnFlags::CTRUNC) {
        return Err(io::Error::other("a packet was cut"));
    }
    let file = ancillary.drain().find_map(|message| match message {
        RecvAncillaryMessage::ScmRights(mut files) => files.next(),
        // Others were not asked for, and the type may grow.
        RecvAncillaryMessage::ScmCredentials(_) | _ => None,
    });
    let text = bytes.get(..received.bytes).unwrap_or_default();
    Ok(Some(Packet { value: serde_json::from_slice(text)?, file }))
}
