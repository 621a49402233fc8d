//! A plan's wire form: eight bytes that say what it is, the version, then the plan in postcard.
//!
//! INVARIANT: decoding never panics and never takes more memory than a small multiple of the bytes;
//! no type of a plan contains itself, so no bytes can make decoding recurse. What is decoded is
//! typed but not trusted: [`crate::verify`] comes next.

use crate::limits::PLAN_BYTES_MAX;
use crate::{PLAN_VERSION, Plan};
use std::fmt;

const MAGIC: &[u8; 8] = b"GUARDPLN";

/// Why bytes are no plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecodeError {
    reason: String,
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}

impl std::error::Error for DecodeError {}

fn refuse<T>(reason: impl Into<String>) -> Result<T, DecodeError> {
    Err(DecodeError { reason: reason.into() })
}

/// Whether bytes claim to be a plan, of whatever version.
pub fn is_plan(bytes: &[u8]) -> bool {
    bytes.starts_with(MAGIC)
}

impl Plan {
    /// The wire form.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        bytes.extend_from_slice(&PLAN_VERSION.to_le_bytes());
        // Postcard fails on types whose length is not known beforehand; a plan has none.
        postcard::to_extend(self, bytes).unwrap_or_default()
    }

    /// Reads the wire form. The plan still has to be verified.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        if bytes.len() > PLAN_BYTES_MAX {
            return refuse(format!(
                "it is {} bytes long, and {PLAN_BYTES_MAX} is the most",
                bytes.len()
            ));
        }
        let Some(rest) = bytes.strip_prefix(MAGIC) else {
            return refuse("it does not begin as a plan does");
        };
        let Some((version, body)) = rest.split_first_chunk::<4>() else {
            return refuse("it is cut off");
        };
        let version = u32::from_le_bytes(*version);
        if version != PLAN_VERSION {
            return refuse(format!(
                "it is of version {version}, and only {PLAN_VERSION} can be read"
            ));
        }
        match postcard::take_from_bytes::<Self>(body) {
            Ok((plan, [])) => Ok(plan),
            Ok((_, rest)) => refuse(format!("{} bytes follow its end", rest.len())),
            Err(error) => refuse(format!("it cannot be decoded: {error}")),
        }
    }
}
