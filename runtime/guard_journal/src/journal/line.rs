//! One line of the journal: how it is written, and whether it holds together.
//!
//! `{"seq":N,"prev":"…","at":MS,"kind":"…","entry":…,"hash":"…"}`, and the hash is over the bytes in
//! front of `,"hash"` with a closing brace: nothing is written anew to check it.

use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::{Fault, Kind, Receipt};
use crate::hex;

/// The last record of a chain, or the place before the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) records: u64,
    pub(super) hash: [u8; 32],
}

impl Head {
    pub(super) const EMPTY: Self = Self { records: 0, hash: [0; 32] };

    pub(super) fn receipt(&self) -> Receipt {
        Receipt { seq: self.records, hash: hex::encode(&self.hash) }
    }
}

/// A record whose place in the chain is not known yet; the entry is a JSON text of one line.
#[derive(Debug)]
pub(super) struct Unchained {
    pub(super) at_ms: i64,
    pub(super) kind: Kind,
    pub(super) entry: String,
}

impl Kind {
    /// Its name, as it stands in the journal.
    pub fn name(self) -> &'static str {
        match self {
            Self::Decision => "decision",
            Self::Outcome => "outcome",
            Self::Approval => "approval",
            Self::Brake => "brake",
            Self::Config => "config",
        }
    }
}

/// What every line begins with.
pub(super) const LINE_BEGINS: &[u8] = b"{\"seq\":";
const HASH_BEGINS: &str = ",\"hash\":\"";
const HASH_ENDS: &str = "\"}";

/// Appends the record to `line` without a newline, and returns the head after it.
pub(super) fn write(head: &Head, record: &Unchained, line: &mut String) -> Head {
    let seq = head.records.saturating_add(1);
    let prev = hex::encode(&head.hash);
    let Unchained { at_ms, kind, entry } = record;
    let body = format!(
        "{{\"seq\":{seq},\"prev\":\"{prev}\",\"at\":{at_ms},\"kind\":\"{}\",\"entry\":{entry}",
        kind.name()
    );
    let hash = chained(&head.hash, body.as_bytes());
    line.push_str(&body);
    line.push_str(HASH_BEGINS);
    line.push_str(&hex::encode(&hash));
    line.push_str(HASH_ENDS);
    Head { records: seq, hash }
}

fn chained(prev: &[u8; 32], body: &[u8]) -> [u8; 32] {
    Sha256::new().chain_update(prev).chain_update(body).chain_update(b"}").finalize().into()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line<'a> {
    seq: u64,
    prev: &'a str,
    #[serde(rename = "at")]
    at_ms: i64,
    kind: Kind,
    entry: Value,
    hash: &'a str,
}

/// A record as it was written.
#[derive(Debug, Clone, PartialEq)]
pub struct Stored {
    /// Its number and its hash.
    pub receipt: Receipt,
    /// When it was written.
    pub at_ms: i64,
    /// What it is about.
    pub kind: Kind,
    /// What happened.
    pub entry: Value,
}

/// Reads one line, given without its newline, and checks that it has its hash. Whether it stands
/// in its place is for [`Verifier`](super::Verifier) to say.
pub fn read_line(line: &[u8]) -> Result<Stored, Fault> {
    let (_, head, parsed) = opened(line)?;
    let Line { at_ms, kind, entry, .. } = parsed;
    Ok(Stored { receipt: head.receipt(), at_ms, kind, entry })
}

/// A line that holds together: the head before it and the head after it.
pub(super) fn check(line: &[u8]) -> Result<(Head, Head), Fault> {
    opened(line).map(|(before, after, _)| (before, after))
}

// The entry is read as whoever shows it will read it: a journal must not hold together and then be
// unreadable.
fn opened(line: &[u8]) -> Result<(Head, Head, Line<'_>), Fault> {
    let text = std::str::from_utf8(line).map_err(|_| Fault::NoRecord)?;
    let parsed: Line<'_> = serde_json::from_str(text).map_err(|_| Fault::NoRecord)?;
    let prev = hex::decode(parsed.prev).ok_or(Fault::NoRecord)?;
    let hash = hex::decode(parsed.hash).ok_or(Fault::NoRecord)?;
    let body = text
        .strip_suffix(HASH_ENDS)
        .and_then(|text| text.strip_suffix(parsed.hash))
        .and_then(|text| text.strip_suffix(HASH_BEGINS))
        .ok_or(Fault::NoRecord)?;
    if chained(&prev, body.as_bytes()) != hash {
        return Err(Fault::Changed);
    }
    let records = parsed.seq.checked_sub(1).ok_or(Fault::NoRecord)?;
    Ok((Head { records, hash: prev }, Head { records: parsed.seq, hash }, parsed))
}

/// A line that follows upon `head`: the head after it.
pub(super) fn check_next(head: &Head, line: &[u8]) -> Result<Head, Fault> {
    let (before, after) = check(line)?;
    if before.records != head.records {
        return Err(Fault::OutOfOrder { found: after.records });
    }
    if before.hash != head.hash {
        return Err(Fault::OtherChain);
    }
    Ok(after)
}
