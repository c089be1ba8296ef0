//! What kind of place an address is: the one table that keeps Checkrein from being sent into the own network.
//!
//! In: an address that a name led to or that stands in a URL. Out: public, private, loopback, or never to be reached.
//! What embeds an IPv4 address is judged by that address. Everything that is not known to be public is not.
//! The ranges are those of the IANA special-purpose registries. Tests: `tests/addresses.rs`.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What kind of place an address is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    Public,
    /// The own network: RFC 1918, RFC 6598 and unique local addresses.
    Private,
    /// This machine.
    Loopback,
    /// Nothing that a tool server stands at.
    Never(&'static str),
}

/// Services that hand out credentials of a machine to whoever asks from it.
const METADATA_V4: [Ipv4Addr; 3] = [
    Ipv4Addr::new(169, 254, 169, 254),
    Ipv4Addr::new(100, 100, 100, 200),
    Ipv4Addr::new(168, 63, 129, 16),
];
const METADATA_V6: [Ipv6Addr; 2] = [
    Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254),
    Ipv6Addr::new(0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254),
];

/// The class of an address.
pub(super) fn class(address: IpAddr) -> Class {
    match address {
        IpAddr::V4(address) => class_v4(address),
        IpAddr::V6(address) => class_v6(address),
    }
}

fn class_v4(address: Ipv4Addr) -> Class {
    let octets = address.octets();
    if METADATA_V4.contains(&address) {
        return Class::Never("a metadata service");
    }
    match octets {
        [127, ..] => Class::Loopback,
        [10, ..] | [192, 168, ..] => Class::Private,
        [172, second, ..] if second & 0xf0 == 16 => Class::Private,
        [100, second, ..] if second & 0xc0 == 64 => Class::Private,
        [169, 254, ..] => Class::Never("a link-local address"),
        [0, ..] => Class::Never("an unspecified address"),
        [192, 0, 0, _] => Class::Never("a protocol assignment"),
        [192, 0, 2, _] | [198, 51, 100, _] | [203, 0, 113, _] => {
            Class::Never("an address of documentation")
        }
        [192, 88, 99, _] => Class::Never("a relay"),
        [198, second, ..] if second & 0xfe == 18 => Class::Never("an address of benchmarks"),
        [first, ..] if first >= 224 => Class::Never("a multicast or reserved address"),
        [_, _, _, _] => Class::Public,
    }
}

fn class_v6(address: Ipv6Addr) -> Class {
    if METADATA_V6.contains(&address) {
        return Class::Never("a metadata service");
    }
    if let Some(inner) = address.to_ipv4_mapped() {
        return class_v4(inner);
    }
    let [first, second, third, ..] = address.segments();
    match (first, second, third) {
        _ if address == Ipv6Addr::LOCALHOST => Class::Loopback,
        _ if address == Ipv6Addr::UNSPECIFIED => Class::Never("an unspecified address"),
        // NAT64 and 6to4 lead to the IPv4 address inside.
        (0x64, 0xff9b, 0) => embedded(address, 12),
        (0x2002, ..) => embedded(address, 2),
        (0x2001, 0..=0x1ff, _) => Class::Never("a protocol assignment"),
        (0x2001, 0xdb8, _) | (0x3fff, 0..=0xfff, _) => Class::Never("an address of documentation"),
        _ if first & 0xfe00 == 0xfc00 => Class::Private,
        _ if first & 0xffc0 == 0xfe80 => Class::Never("a link-local address"),
        _ if first & 0xe000 == 0x2000 => Class::Public,
        _ => Class::Never("a reserved address"),
    }
}

/// The class of the IPv4 address that stands at this byte. A tunnel to anything but a public address is never used.
fn embedded(address: Ipv6Addr, at: usize) -> Class {
    let inner: Option<[u8; 4]> =
        address.octets().get(at..at + 4).and_then(|bytes| bytes.try_into().ok());
    match inner.map(|octets| class_v4(octets.into())) {
        Some(Class::Public) => Class::Public,
        Some(Class::Private | Class::Loopback | Class::Never(_)) | None => {
            Class::Never("a tunnel into a network that is not public")
        }
    }
}
