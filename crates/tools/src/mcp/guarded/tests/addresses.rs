//! The table of addresses: each kind, its edges, and every way to write an IPv4 address into an IPv6 one.
//! The edges are those of the IANA special-purpose registries.

use super::super::address::{Class, class};

fn check(addresses: &[&str], expect: fn(Class) -> bool) {
    for address in addresses {
        let found = class(address.parse().unwrap());
        assert!(expect(found), "{address} is {found:?}");
    }
}

#[test]
fn public_addresses_are_public() {
    check(
        &[
            "1.1.1.1",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.255",
            "128.0.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "192.167.255.255",
            "192.169.0.0",
            "198.17.255.255",
            "198.20.0.0",
            "223.255.255.255",
            "2606:4700::1111",
            "2a00::1",
            "64:ff9b::8.8.8.8",
            "2002:808:808::1",
            "::ffff:8.8.8.8",
        ],
        |class| class == Class::Public,
    );
}

#[test]
fn the_own_network_is_private() {
    check(
        &[
            "10.0.0.0",
            "10.255.255.255",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.0.1",
            "100.64.0.1",
            "100.127.255.255",
            "fc00::1",
            "fdff::1",
            "::ffff:10.0.0.1",
        ],
        |class| class == Class::Private,
    );
}

#[test]
fn this_machine_is_loopback() {
    check(&["127.0.0.1", "127.255.0.9", "::1", "::ffff:127.0.0.1"], |class| {
        class == Class::Loopback
    });
}

#[test]
fn metadata_and_special_addresses_are_never_reached() {
    check(
        &[
            "0.0.0.0",
            "0.1.2.3",
            "169.254.169.254",
            "169.254.170.2",
            "100.100.100.200",
            "168.63.129.16",
            "192.0.0.192",
            "192.0.2.1",
            "198.18.0.1",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "fd00:ec2::254",
            "fd20:ce::254",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "2001:db8::1",
            "2001::1",
            "3fff::1",
            "100::1",
            "64:ff9b::127.0.0.1",
            "64:ff9b::169.254.169.254",
            "64:ff9b:1::1",
            "2002:7f00:1::1",
            "2002:a00:1::1",
            "::ffff:169.254.169.254",
            "::7f00:1",
        ],
        |class| matches!(class, Class::Never(_)),
    );
}
