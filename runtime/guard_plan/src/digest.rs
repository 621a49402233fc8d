//! What identifies a plan: a hash of everything that decides, and of nothing else.

use crate::{Place, Plan};
use sha2::{Digest as _, Sha256};
use std::fmt;

/// SHA-256 of a plan's wire form with every place left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(pub [u8; 32]);

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl Plan {
    /// The plan's digest. Moving a rule, or a comment above it, does not change it.
    pub fn digest(&self) -> Digest {
        let mut plan = self.clone();
        for rule in &mut plan.rules {
            rule.place = Place::default();
        }
        for clause in &mut plan.clauses {
            clause.place = Place::default();
        }
        Digest(Sha256::digest(plan.encode()).into())
    }
}
