//! A session as bytes, so that the next event can be decided by another process.
//!
//! INVARIANT: bytes are tied to the policy's digest, the agent, the session's id and its principal,
//! and sealed by a hash over all of them. What was altered, or belongs to another session or policy,
//! is refused; nothing in it is believed before.

use crate::Session;
use crate::answers::Memories;
use crate::origins::Origins;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::fmt;

/// The version of the form.
const VERSION: u8 = 2;

/// The longest form that is read: the bound on remembered texts, and room for tables.
pub(crate) const SAVED_BYTES_MAX: usize = 64 << 20;

/// What the bytes begin with: they are a session's, and of this version.
const MAGIC: &[u8] = b"GUARDSES";

/// Why bytes are no session of this engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum RestoreError {
    /// They are of another version.
    Version,
    /// They were altered, cut off, or are no session's at all.
    Damaged,
    /// They are a session's of another policy, agent, principal or id.
    Foreign,
}

impl fmt::Display for RestoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Version => "the session was saved in another version",
            Self::Damaged => "the session's bytes are damaged",
            Self::Foreign => "the session was saved for another policy, agent or principal",
        })
    }
}

impl std::error::Error for RestoreError {}

#[derive(Serialize, Deserialize)]
struct Wire {
    events: u64,
    first_at: Option<i64>,
    is_halted: bool,
    memories: Memories,
    origins: Option<Vec<u8>>,
    untrusted_at: Option<i64>,
}

impl Session {
    /// Everything that its later decisions depend on. The same history gives the same bytes, on any
    /// machine and with any evaluator; the host keeps the principal and the facts.
    pub fn to_bytes(&self) -> Vec<u8> {
        let wire = Wire {
            events: self.events,
            first_at: self.first_at,
            is_halted: self.is_halted,
            memories: self.past.memories.clone(),
            origins: self.past.origins.to_bytes(),
            untrusted_at: self.past.untrusted_at,
        };
        let mut bytes = MAGIC.to_vec();
        bytes.push(VERSION);
        // Writing plain data to memory cannot fail.
        let body = postcard::to_stdvec(&wire).unwrap_or_default();
        bytes.extend_from_slice(&self.belonging());
        bytes.extend_from_slice(&body);
        let seal = Sha256::digest(&bytes);
        bytes.extend_from_slice(&seal);
        bytes
    }

    /// The hash of what its later decisions depend on: equal for equal histories.
    pub fn state_hash(&self) -> [u8; 32] {
        Sha256::digest(self.to_bytes()).into()
    }

    /// Goes on where [`Session::to_bytes`] left off. On an error the session stays as it is.
    pub fn restore(&mut self, bytes: &[u8]) -> Result<(), RestoreError> {
        let body = self.opened(bytes)?;
        let wire: Wire = postcard::from_bytes(body).map_err(|_| RestoreError::Damaged)?;
        let agent = self.shared.agent(self.agent).ok_or(RestoreError::Foreign)?;
        if !wire.memories.fits(agent) {
            return Err(RestoreError::Damaged);
        }
        let origins = Origins::from_bytes(agent, wire.origins).ok_or(RestoreError::Damaged)?;
        self.events = wire.events;
        self.first_at = wire.first_at;
        self.is_halted = wire.is_halted;
        self.past.memories = wire.memories;
        self.past.origins = origins;
        self.past.untrusted_at = wire.untrusted_at;
        Ok(())
    }

    /// The body of sealed bytes that belong to this session.
    fn opened<'b>(&self, bytes: &'b [u8]) -> Result<&'b [u8], RestoreError> {
        if bytes.len() > SAVED_BYTES_MAX {
            return Err(RestoreError::Damaged);
        }
        let rest = bytes.strip_prefix(MAGIC).ok_or(RestoreError::Damaged)?;
        let (version, rest) = rest.split_first().ok_or(RestoreError::Damaged)?;
        if *version != VERSION {
            return Err(RestoreError::Version);
        }
        let sealed = bytes.len().checked_sub(32).and_then(|end| bytes.split_at_checked(end));
        let (sealed, seal) = sealed.ok_or(RestoreError::Damaged)?;
        if Sha256::digest(sealed).as_slice() != seal {
            return Err(RestoreError::Damaged);
        }
        let rest = rest.len().checked_sub(32).and_then(|end| rest.get(..end));
        let (belonging, body) =
            rest.and_then(|rest| rest.split_at_checked(32)).ok_or(RestoreError::Damaged)?;
        if belonging != self.belonging() {
            return Err(RestoreError::Foreign);
        }
        Ok(body)
    }

    /// What a session belongs to, hashed.
    fn belonging(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        let agent = self.shared.agent(self.agent).map_or("", |agent| agent.name.as_str());
        for part in [
            self.shared.digest.as_bytes(),
            agent.as_bytes(),
            self.id().as_bytes(),
            self.principal_json.as_slice(),
        ] {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
        hash.finalize().into()
    }
}
