//! Absolute URLs, serialised as the WHATWG URL standard says, with one addition: the standard
//! leaves hosts of schemes it does not know as they are written, here they are canonical too, so
//! that `ssh://EVIL.example` cannot pass by a rule about `evil.example`.

use super::{Parsed, host};
use std::ops::Range;
use url::{Host, Position, Url};

pub(super) fn parse(text: &str, out: &mut Vec<u8>) -> Option<Parsed> {
    let mut url = Url::parse(text).ok()?;
    let is_private = match canonical_host(&mut url) {
        Ok(is_private) => is_private,
        Err(NoHost) => return None,
    };
    out.extend_from_slice(url.as_str().as_bytes());
    Some(Parsed {
        scheme: Some(0..url.scheme().len()),
        host: host_range(&url),
        path: Some(range(&url, Position::BeforePath, Position::AfterPath)),
        query: url.query().map(|_| range(&url, Position::BeforeQuery, Position::AfterQuery)),
        port: url.port_or_known_default(),
        is_private,
        ..Parsed::default()
    })
}

/// What stands where a host should is none.
struct NoHost;

/// Makes the host canonical where the standard does not, and says whether it is private.
fn canonical_host(url: &mut Url) -> Result<bool, NoHost> {
    let name = match url.host() {
        Some(Host::Ipv4(address)) => return Ok(host::is_private_address(address.into())),
        Some(Host::Ipv6(address)) => return Ok(host::is_private_address(address.into())),
        Some(Host::Domain(name)) if is_special(url.scheme()) => {
            return Ok(host::is_private_name(name));
        }
        Some(Host::Domain(name)) if !name.is_empty() => name,
        // Such as a file or a socket of this machine; `mailto:` and the like lead nowhere.
        _ => return Ok(!url.cannot_be_a_base()),
    };
    let mut canonical = Vec::new();
    let parsed = host::parse(name, &mut canonical).ok_or(NoHost)?;
    let canonical = String::from_utf8(canonical).map_err(|_| NoHost)?;
    if canonical != name {
        url.set_host(Some(&canonical)).map_err(|_| NoHost)?;
    }
    Ok(parsed.is_private)
}

/// Whether the standard itself makes hosts of this scheme canonical.
fn is_special(scheme: &str) -> bool {
    matches!(scheme, "http" | "https" | "ws" | "wss" | "ftp" | "file")
}

fn range(url: &Url, start: Position, end: Position) -> Range<usize> {
    url[..start].len()..url[..end].len()
}

/// The host without the brackets of an IPv6 address and without the root's dot.
fn host_range(url: &Url) -> Option<Range<usize>> {
    let text = url.host_str().filter(|text| !text.is_empty())?;
    let Range { start, end } = range(url, Position::BeforeHost, Position::AfterHost);
    if text.starts_with('[') {
        return Some(start + 1..end - 1);
    }
    Some(start..start + host::without_last_dot(text).len())
}
