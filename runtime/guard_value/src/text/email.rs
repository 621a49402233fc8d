//! E-mail addresses: `local@domain`, the domain in lower case and ASCII.
//!
//! Quoted local parts, address literals (`a@[10.0.0.1]`) and display names are refused: few mail
//! systems agree on them, and a policy that compares domains must not have to.

use super::{Parsed, host};
use email_address::EmailAddress;

pub(super) fn parse(text: &str, out: &mut Vec<u8>) -> Option<Parsed> {
    let (local, domain) = text.rsplit_once('@')?;
    if local.starts_with('"') || !EmailAddress::is_valid_local_part(local) {
        return None;
    }
    if domain.starts_with('[') || !EmailAddress::is_valid_domain(domain) {
        return None;
    }
    let start = out.len();
    out.extend_from_slice(local.as_bytes());
    let at = out.len() - start;
    out.push(b'@');
    host::append_domain(domain, out)?;
    let end = out.len() - start;
    Some(Parsed { local: Some(0..at), domain: Some(at + 1..end), ..Parsed::default() })
}
