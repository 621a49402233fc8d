//! Hosts: DNS names in lower case and ASCII, IP addresses in their usual spelling, and which of
//! them are not on the public Internet.

use super::Parsed;
use idna::AsciiDenyList;
use idna::uts46::{DnsLength, Hyphens, Uts46};
use std::io::Write;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use url::Host;

/// A DNS name or an IP address, also an IPv6 address in brackets.
pub(super) fn parse(text: &str, out: &mut Vec<u8>) -> Option<Parsed> {
    if let Ok(address) = text.parse() {
        return Some(append_ip(address, out));
    }
    if is_plain_name(text) {
        let name = without_last_dot(text);
        let start = out.len();
        append_lower_case(name, out);
        return Some(named(start, out));
    }
    let host = Host::parse(text).ok()?;
    match host {
        Host::Ipv4(address) => Some(append_ip(address.into(), out)),
        Host::Ipv6(address) => Some(append_ip(address.into(), out)),
        Host::Domain(name) => {
            let name = without_last_dot(&name);
            if !is_dns_length(name) {
                return None;
            }
            let start = out.len();
            out.extend_from_slice(name.as_bytes());
            Some(named(start, out))
        }
    }
}

/// An IP address and nothing else.
pub(super) fn parse_ip(text: &str, out: &mut Vec<u8>) -> Option<Parsed> {
    Some(append_ip(text.parse().ok()?, out))
}

/// A domain name whose syntax has been checked: lower case, ASCII, letters, digits and hyphens.
pub(super) fn append_domain(name: &str, out: &mut Vec<u8>) -> Option<()> {
    if is_plain_name(name) {
        append_lower_case(name, out);
        return Some(());
    }
    let name = Uts46::new()
        .to_ascii(name.as_bytes(), AsciiDenyList::STD3, Hyphens::Check, DnsLength::Verify)
        .ok()?;
    out.extend_from_slice(name.as_bytes());
    Some(())
}

fn append_ip(address: IpAddr, out: &mut Vec<u8>) -> Parsed {
    // Writing to a `Vec` cannot fail.
    let _ = write!(out, "{address}");
    Parsed { is_private: is_private_address(address), ..Parsed::default() }
}

fn named(start: usize, out: &[u8]) -> Parsed {
    let name = out.get(start..).and_then(|name| std::str::from_utf8(name).ok());
    Parsed { is_private: name.is_none_or(is_private_name), ..Parsed::default() }
}

/// Whether a name needs nothing but lower case: only letters, digits and hyphens, no label that
/// begins or ends with a hyphen or has `--` (`xn--` is one), of legal length, and not an
/// IPv4 address in any of the spellings that browsers accept, all of which end in a label that
/// begins with a digit.
fn is_plain_name(name: &str) -> bool {
    let name = without_last_dot(name);
    let bytes = name.as_bytes();
    bytes.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.'))
        && is_dns_length(name)
        && name
            .split('.')
            .all(|label| !label.starts_with('-') && !label.ends_with('-') && !label.contains("--"))
        && name.rsplit('.').next().is_some_and(|last| last.starts_with(|c: char| c.is_alphabetic()))
}

fn append_lower_case(name: &str, out: &mut Vec<u8>) {
    out.extend(name.bytes().map(|byte| byte.to_ascii_lowercase()));
}

/// `example.com.` and `example.com` are one host.
pub(super) fn without_last_dot(name: &str) -> &str {
    name.strip_suffix('.').unwrap_or(name)
}

fn is_dns_length(name: &str) -> bool {
    name.len() <= 253 && name.split('.').all(|label| (1..=63).contains(&label.len()))
}

/// Whether a canonical name stands by its form for a host that is not public.
pub(super) fn is_private_name(name: &str) -> bool {
    const ZONES: [&str; 4] = ["localhost", "local", "internal", "home.arpa"];
    let name = without_last_dot(name);
    let below = |zone: &str| name.strip_suffix(zone).is_some_and(|rest| rest.ends_with('.'));
    !name.contains('.') || ZONES.iter().any(|zone| name == *zone || below(zone))
}

/// Whether an address is not one of a host on the public Internet.
pub(super) fn is_private_address(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_private_v4(address),
        IpAddr::V6(address) => is_private_v6(address),
    }
}

// The IANA registry of special-purpose addresses, and multicast.
fn is_private_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_broadcast()
        || address.is_documentation()
        || address.is_multicast()
        || a == 0
        || a >= 240
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 192 && b == 88 && c == 99)
        || (a == 198 && (b == 18 || b == 19))
}

fn is_private_v6(address: Ipv6Addr) -> bool {
    if let Some(inner) = embedded_v4(address) {
        return is_private_v4(inner);
    }
    let [a, b, c, ..] = address.segments();
    address.is_loopback()
        || address.is_unspecified()
        || address.is_multicast()
        || address.is_unique_local()
        || address.is_unicast_link_local()
        // Site-local, discard-only, documentation, local-use translation, benchmarking and what
        // else 2001::/23 sets aside.
        || a & 0xFFC0 == 0xFEC0
        || (a == 0x0100 && b == 0 && c == 0)
        || (a == 0x2001 && (b == 0x0DB8 || b < 0x0200))
        || (a == 0x3FFF && b < 0x1000)
        || (a == 0x0064 && b == 0xFF9B && c == 1)
        || a == 0x5F00
}

/// The IPv4 address that an IPv6 address leads to: mapped, compatible, translated or 6to4.
fn embedded_v4(address: Ipv6Addr) -> Option<Ipv4Addr> {
    match address.segments() {
        [0, 0, 0, 0, 0, 0 | 0xFFFF, high, low]
        | [0, 0, 0, 0, 0xFFFF, 0, high, low]
        | [0x0064, 0xFF9B, 0, 0, 0, 0, high, low]
        | [0x2002, high, low, ..] => {
            Some(Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low)))
        }
        _ => None,
    }
}
