//! An index as bytes: what was added, in order. The automaton is made again from it.

use crate::index::{Added, Bounds, OriginIndex, SECRET_ATOMS_MAX};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Why bytes are no index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RestoreError;

impl fmt::Display for RestoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the remembered texts are damaged")
    }
}

impl std::error::Error for RestoreError {}

#[derive(Serialize, Deserialize)]
struct Wire {
    atoms: Vec<Vec<u8>>,
    log: Vec<Added>,
    numbers: Vec<(u64, u64)>,
    secrets: Vec<Box<[u32]>>,
    used: (usize, usize),
    lost: (u64, u64),
    lost_secrets: bool,
}

impl OriginIndex {
    /// Everything that is remembered. The same history gives the same bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let [user, other] = self.used;
        let [lost_user, lost_other] = self.lost;
        let wire = Wire {
            atoms: self.atoms.by_number.iter().map(|atom| atom.to_vec()).collect(),
            log: self.log.clone(),
            numbers: self.numbers.iter().map(|(number, mask)| (*number, *mask)).collect(),
            secrets: self.secrets.iter().cloned().collect(),
            used: (user, other),
            lost: (lost_user, lost_other),
            lost_secrets: self.lost_secrets,
        };
        // Writing plain data to memory cannot fail.
        postcard::to_stdvec(&wire).unwrap_or_default()
    }

    /// The index that [`OriginIndex::to_bytes`] wrote. Bytes that it did not write, and more than
    /// the bounds permit, are refused.
    pub fn from_bytes(bytes: &[u8], bounds: Bounds) -> Result<Self, RestoreError> {
        let wire: Wire = postcard::from_bytes(bytes).map_err(|_| RestoreError)?;
        let most = bounds.user_atoms_max.saturating_add(bounds.other_atoms_max);
        let secrets: usize = wire.secrets.iter().map(|secret| secret.len()).sum();
        let logged: usize = wire.log.iter().map(|added| added.atoms.len()).sum();
        let known = u32::try_from(wire.atoms.len()).map_err(|_| RestoreError)?;
        let is_known = |atoms: &[u32]| !atoms.is_empty() && atoms.iter().all(|atom| *atom < known);
        let fits = wire.atoms.len() <= most
            && secrets.saturating_add(logged) <= most
            && wire.used.0 <= bounds.user_atoms_max
            && wire.used.1 <= bounds.other_atoms_max
            && wire.used.0.saturating_add(wire.used.1) == secrets.saturating_add(logged)
            && wire.log.iter().all(|added| is_known(&added.atoms))
            && wire.secrets.iter().all(|s| is_known(s) && s.len() <= SECRET_ATOMS_MAX);
        if !fits {
            return Err(RestoreError);
        }
        let mut index = Self::new(bounds);
        for atom in wire.atoms {
            index.atoms.push(atom.into());
        }
        for added in wire.log {
            index.remember(&added);
            index.log.push(added);
        }
        index.numbers = wire.numbers.into_iter().collect();
        for secret in wire.secrets {
            index.keep_secret(secret);
        }
        index.used = [wire.used.0, wire.used.1];
        index.lost = [wire.lost.0, wire.lost.1];
        index.lost_secrets = wire.lost_secrets;
        Ok(index)
    }
}
