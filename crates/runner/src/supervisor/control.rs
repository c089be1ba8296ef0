//! The supervisor's end of the channel, waited for together with everything else.
//!
//! In: a connected channel. Out: reports as they come. Closing it, by dropping, ends the jail. The runtime's stream type
//! is used only to wait: packets are read and written by `channel.rs`.

use std::io;
use std::os::unix::net::UnixStream as Socket;

use tokio::io::Interest;
use tokio::net::UnixStream;

use crate::channel::{self, Channel, Packet};
use crate::report::{Report, Request};

/// The channel to one jail.
#[derive(Debug)]
pub(super) struct Control {
    socket: UnixStream,
}

impl Control {
    pub(super) fn new(channel: Channel) -> io::Result<Self> {
        let socket = Socket::from(channel.into_socket());
        socket.set_nonblocking(true)?;
        Ok(Self { socket: UnixStream::from_std(socket)? })
    }

    /// The next report, or `None` when no process of the jail holds the channel any more.
    pub(super) async fn receive(&self) -> io::Result<Option<Packet<Report>>> {
        loop {
            let received =
                self.socket.async_io(Interest::READABLE, || channel::receive(&self.socket)).await;
            match received {
                // The jail ended without having read a request. The kernel says so once, and then gives the reports
                // that came before.
                Err(error) if error.kind() == io::ErrorKind::ConnectionReset => {}
                received => return received,
            }
        }
    }

    /// A report that is here already.
    pub(super) fn receive_now(&self) -> io::Result<Option<Packet<Report>>> {
        loop {
            match channel::receive(&self.socket) {
                Err(error) if error.kind() == io::ErrorKind::ConnectionReset => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(None),
                received => return received,
            }
        }
    }

    /// Asks the jail to kill the command and to say what it took.
    pub(super) fn stop(&self) -> io::Result<()> {
        channel::send(&self.socket, &Request::Stop, None)
    }
}
