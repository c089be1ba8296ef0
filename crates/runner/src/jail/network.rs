//! The jail's own network: a loopback, and the place where the proxy listens.
//!
//! In: nothing. Out: a loopback that is up, and a listener that the supervisor will serve. There is no other interface
//! and no route, so nothing else can be reached. Tests are in `tests/it`.

use std::io;
use std::net::{Ipv4Addr, TcpListener};

use rustix::net::{AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType};

/// Where the proxy listens inside every jail that has one.
pub(crate) const PROXY_PORT: u16 = 3128;

/// The index of the loopback, the first interface of every network namespace.
const LOOPBACK: u32 = 1;
const RTM_NEWLINK: u16 = 16;
const NLM_F_REQUEST_ACK: u16 = 1 | 4;
const NLMSG_ERROR: u16 = 2;
const IFF_UP: u32 = 1;

pub(super) fn listen() -> io::Result<TcpListener> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, PROXY_PORT))
}

/// Asks the kernel over netlink, which needs no unsafe code, unlike `ioctl`.
pub(super) fn raise_loopback() -> io::Result<()> {
    // No protocol is the one for routes and interfaces.
    let socket = rustix::net::socket_with(
        AddressFamily::NETLINK,
        SocketType::RAW,
        SocketFlags::CLOEXEC,
        None,
    )?;
    rustix::net::send(&socket, &message(), SendFlags::empty())?;
    let mut answer = [0; 256];
    let (length, _) = rustix::net::recv(&socket, &mut answer[..], RecvFlags::empty())?;
    let number = |from: usize| {
        let bytes = answer.get(..length)?.get(from..from + 4)?;
        Some(i32::from_ne_bytes(bytes.try_into().ok()?))
    };
    // The answer is a header of 16 bytes, with its kind at 4, and then the error as a negative number.
    let kind = answer.get(4..6).and_then(|bytes| Some(u16::from_ne_bytes(bytes.try_into().ok()?)));
    match (kind, number(16)) {
        (Some(NLMSG_ERROR), Some(0)) => Ok(()),
        (Some(NLMSG_ERROR), Some(error)) => {
            Err(io::Error::from_raw_os_error(error.saturating_neg()))
        }
        (Some(_) | None, _) => Err(io::Error::other("the kernel gave an unknown answer")),
    }
}

/// `struct nlmsghdr` and `struct ifinfomsg`: set the loopback's flag `IFF_UP`.
fn message() -> Vec<u8> {
    let mut message = Vec::with_capacity(32);
    message.extend(32_u32.to_ne_bytes());
    message.extend(RTM_NEWLINK.to_ne_bytes());
    message.extend(NLM_F_REQUEST_ACK.to_ne_bytes());
    message.extend(1_u32.to_ne_bytes());
    message.extend(0_u32.to_ne_bytes());
    message.extend([0, 0, 0, 0]);
    message.extend(LOOPBACK.to_ne_bytes());
    message.extend(IFF_UP.to_ne_bytes());
    message.extend(IFF_UP.to_ne_bytes());
    message
}
