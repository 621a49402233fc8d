//! Hosts of addresses that are not on the public Internet, in all spellings that resolvers take.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The longest host that is looked at, in bytes; a longer one counts as private, because nobody has one.
const HOST_MAX: usize = 256;

/// An address of IPv4 in four decimal numbers, or one of IPv6, which may name its zone (RFC 4291 §2.2, RFC 4007 §11.2).
pub(super) fn ip(text: &str) -> bool {
    match text.split_once('%') {
        Some((address, zone)) => !zone.is_empty() && address.parse::<Ipv6Addr>().is_ok(),
        None => text.parse::<IpAddr>().is_ok(),
    }
}

/// The host behind the last `://`, without user and port, percent-encoding undone.
pub(super) fn private_url(text: &str) -> bool {
    let mut decoded = [0; 2 * HOST_MAX];
    let Some(text) = decode(text.as_bytes(), &mut decoded) else { return true };
    let Some(host) = host(text) else { return false };
    let Ok(host) = std::str::from_utf8(host) else { return false };
    is_private(host.trim_end_matches('.'))
}

/// Undoes percent-encoding; of a text that is too long its end.
fn decode<'a>(text: &[u8], room: &'a mut [u8; 2 * HOST_MAX]) -> Option<&'a [u8]> {
    let mut length = 0;
    let mut rest = text;
    while let [first, behind @ ..] = rest {
        let encoded = match behind {
            [high, low, after @ ..] if *first == b'%' => {
                hex(*high).zip(hex(*low)).map(|two| (two, after))
            }
            _ => None,
        };
        let (byte, after) =
            encoded.map_or((*first, behind), |((high, low), after)| (high * 16 + low, after));
        // What is longer has its host near its start.
        let Some(place) = room.get_mut(length) else { break };
        *place = byte.to_ascii_lowercase();
        length += 1;
        rest = after;
    }
    room.get(..length)
}

fn hex(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

fn host(text: &[u8]) -> Option<&[u8]> {
    let start = text.windows(3).rposition(|three| three == b"://").map(|place| place + 3);
    let start =
        start.or_else(|| text.windows(2).rposition(|two| two == b"//").map(|place| place + 2))?;
    let rest = text.get(start..)?;
    let slashes = rest.iter().take_while(|byte| matches!(byte, b'/' | b'\\')).count();
    let rest = rest.get(slashes..)?;
    let end = rest.iter().position(|byte| {
        matches!(byte, b'/' | b'?' | b'#' | b'\\' | b'!' | b'"' | b'\'' | b'<' | b'>' | b')' | b' ')
    });
    let authority = rest.get(..end.unwrap_or(rest.len()))?;
    let user = authority.iter().rposition(|byte| *byte == b'@').map_or(0, |place| place + 1);
    let host = authority.get(user..)?;
    if let Some(inside) = host.strip_prefix(b"[") {
        let end = inside.iter().position(|byte| *byte == b']').unwrap_or(inside.len());
        return inside.get(..end);
    }
    let mut parts = host.split(|byte| matches!(byte, b':' | b'&' | b';'));
    let name = parts.next();
    // `host:port` of a text that explains is no address.
    let is_port = parts.next().is_none_or(|port| !port.iter().any(u8::is_ascii_alphabetic));
    name.filter(|_| is_port)
}

fn is_private(host: &str) -> bool {
    if let Ok(address) = host.split('%').next().unwrap_or(host).parse::<Ipv6Addr>() {
        return is_private_v6(address);
    }
    match numeric(host) {
        Some(address) => is_private_v4(address),
        None => is_private_name(host),
    }
}

/// One to four numbers with dots, each decimal, octal behind `0` or hexadecimal behind `0x`; the last fills what
/// is left (`inet_aton`, POSIX). Numbers that are too large lose their upper bits, as some resolvers do.
fn numeric(host: &str) -> Option<Ipv4Addr> {
    let mut parts = [0_u64; 4];
    let mut count = 0;
    for part in host.split('.') {
        *parts.get_mut(count)? = part_value(part)?;
        count += 1;
    }
    let (last, first) = parts.get(..count)?.split_last()?;
    let mut bits: u64 = 0;
    for part in first {
        bits = bits << 8 | part & 0xff;
    }
    let left = 32 - 8 * u32::try_from(first.len()).ok()?;
    let address = bits.checked_shl(left)? & 0xffff_ffff | last & ((1 << left) - 1);
    u32::try_from(address & 0xffff_ffff).ok().map(Ipv4Addr::from_bits)
}

fn part_value(part: &str) -> Option<u64> {
    let (digits, radix) = match part.strip_prefix("0x") {
        Some(digits) => (digits, 16),
        None => match part.strip_prefix("0o") {
            Some(digits) => (digits, 8),
            None if part.len() > 1 && part.starts_with('0') => (part, 8),
            None => (part, 10),
        },
    };
    if radix == 16 && digits.is_empty() {
        return Some(0);
    }
    u64::from_str_radix(digits, radix).ok().filter(|_| !digits.starts_with('+'))
}

/// The IANA registry of special-purpose addresses, and multicast.
fn is_private_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_multicast()
        || a == 0
        || a >= 240
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 198 && (b == 18 || b == 19))
        // The metadata service of Oracle's cloud, and Azure's address of the platform.
        || address.octets() == [168, 63, 129, 16]
}

fn is_private_v6(address: Ipv6Addr) -> bool {
    let v4 = match address.segments() {
        [0, 0, 0, 0, 0, 0 | 0xffff, high, low]
        | [0, 0, 0, 0, 0xffff, 0, high, low]
        | [0x64, 0xff9b, 0, 0, 0, 0, high, low]
        | [0x2002, high, low, ..] => Some((high, low)),
        _ => None,
    };
    if let Some((high, low)) = v4 {
        return is_private_v4(Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low)));
    }
    let [a, ..] = address.segments();
    address.is_loopback()
        || address.is_unspecified()
        || address.is_multicast()
        || a & 0xfe00 == 0xfc00
        || a & 0xff80 == 0xfe80
}

/// Names that lead to this machine or inside, and public names that resolve to an address in them.
fn is_private_name(name: &str) -> bool {
    const NAMES: [&str; 6] = [
        "localhost",
        "ip6-localhost",
        "metadata",
        "instance-data",
        "rancher-metadata",
        "kubernetes",
    ];
    const ZONES: [&str; 22] = [
        "localhost",
        "local",
        "internal",
        "localdomain",
        "lan",
        "intranet",
        "corp",
        "home.arpa",
        "svc",
        "cluster.local",
        "consul",
        "docker.internal",
        "nip.io",
        "xip.io",
        "sslip.io",
        "localtest.me",
        "lvh.me",
        "vcap.me",
        "lacolhost.com",
        "spoofed.burpcollaborator.net",
        "1u.ms",
        "rbndr.us",
    ];
    let below = |zone: &&str| {
        name.strip_suffix(*zone).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    };
    let is_label = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let is_one_word = is_label && !name.is_empty();
    NAMES.contains(&name) || is_one_word || ZONES.iter().any(below)
}
