//! Which addresses a command must not reach by a name, whatever the name is.
//!
//! In: an address that a name resolved to. Out: nothing, or what kind of address it is. Sources: the IANA registries of
//! special-purpose addresses (RFC 6890). IPv6 addresses that carry an IPv4 address are judged by that. Tests are at the
//! end.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// `Err` says what is wrong with it.
pub(super) fn check(address: IpAddr, private_allowed: bool) -> Result<(), &'static str> {
    let kind = match address {
        IpAddr::V4(address) => v4(address),
        IpAddr::V6(address) => v6(address),
    };
    match kind {
        Kind::Public => Ok(()),
        Kind::Private if private_allowed => Ok(()),
        Kind::Private => Err("private to this machine or network"),
        Kind::Closed(why) => Err(why),
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Public,
    /// This machine, or a network that its owner named private.
    Private,
    /// Never to be reached by a name.
    Closed(&'static str),
}

fn v4(address: Ipv4Addr) -> Kind {
    match address.octets() {
        // Where clouds hand out their machines' credentials.
        [169, 254, ..] => Kind::Closed("link-local"),
        [224..=239, ..] => Kind::Closed("multicast"),
        [0, ..] => Kind::Closed("no host"),
        [240..=255, ..] => Kind::Closed("reserved"),
        [192, 0, 2, _] | [198, 51, 100, _] | [203, 0, 113, _] => Kind::Closed("for documentation"),
        [10 | 127, ..] | [172, 16..=31, ..] | [192, 168, ..] => Kind::Private,
        // Shared by carriers (RFC 6598), protocol assignments, benchmarks (RFC 2544).
        [100, 64..=127, ..] | [192, 0, 0, _] | [198, 18 | 19, ..] => Kind::Private,
        _ => Kind::Public,
    }
}

fn v6(address: Ipv6Addr) -> Kind {
    let embedded = |high: u16, low: u16| {
        let [a, b] = high.to_be_bytes();
        let [c, d] = low.to_be_bytes();
        v4(Ipv4Addr::new(a, b, c, d))
    };
    match address.segments() {
        [0, 0, 0, 0, 0, 0, 0, 0] => Kind::Closed("no host"),
        [0, 0, 0, 0, 0, 0, 0, 1] => Kind::Private,
        // Mapped, compatible (RFC 4291) and translated (RFC 6052) addresses, and 6to4 (RFC 3056).
        [0, 0, 0, 0, 0, 0xffff | 0, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
            embedded(high, low)
        }
        [0x2002, high, low, ..] => embedded(high, low),
        // Local translation prefixes (RFC 8215) and Teredo (RFC 4380) hide where they lead.
        [0x64, 0xff9b, 1, ..] | [0x2001, 0, ..] => Kind::Closed("translated"),
        [0x2001, 0xdb8, ..] | [0x3fff, 0..=0x0fff, ..] => Kind::Closed("for documentation"),
        // Where some clouds hand out their machines' credentials, among private addresses.
        [0xfd00, 0xec2, ..] => Kind::Closed("link-local"),
        [0xfc00..=0xfdff, ..] => Kind::Private,
        [0xfe80..=0xfebf, ..] => Kind::Closed("link-local"),
        [0xfec0..=0xfeff, ..] => Kind::Closed("site-local"),
        [0xff00..=0xffff, ..] => Kind::Closed("multicast"),
        // Only this is in use as public (RFC 4291).
        [0x2000..=0x3fff, ..] => Kind::Public,
        _ => Kind::Closed("reserved"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(address: &str, public: bool, private: bool) {
        let address: IpAddr = address.parse().unwrap();
        let found = (super::check(address, false).is_ok(), super::check(address, true).is_ok());
        assert_eq!(found, (public, private), "{address}");
    }

    #[test]
    fn public_addresses_are_allowed() {
        for address in ["1.1.1.1", "93.184.216.34", "2606:4700::1111", "::ffff:1.1.1.1"] {
            check(address, true, true);
        }
    }

    #[test]
    fn private_addresses_need_a_rule_that_says_so() {
        for address in [
            "127.0.0.1",
            "127.9.9.9",
            "10.0.0.1",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "100.64.0.1",
            "198.18.0.1",
            "::1",
            "fd12::1",
            "::ffff:127.0.0.1",
            "::127.0.0.1",
            "64:ff9b::10.0.0.1",
            "2002:7f00:1::",
        ] {
            check(address, false, true);
        }
    }

    #[test]
    fn credentials_of_machines_are_never_reached() {
        for address in [
            "169.254.169.254",
            "::ffff:169.254.169.254",
            "64:ff9b::169.254.169.254",
            "2002:a9fe:a9fe::",
            "fd00:ec2::254",
            "fe80::1",
            "0.0.0.0",
            "::",
            "224.0.0.1",
            "255.255.255.255",
            "ff02::1",
            "2001:db8::1",
        ] {
            check(address, false, false);
        }
    }

    #[test]
    fn neighbours_of_private_networks_are_public() {
        for address in ["172.15.0.1", "172.32.0.1", "11.0.0.1", "100.128.0.1", "169.253.0.1"] {
            check(address, true, true);
        }
    }
}
