//! The store of one process: keys spread over shards with a lock each, never two held at once.

use crate::window::Window;
use crate::{Claim, Claimed, Key, StateStore, StoreError};
use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::{Mutex, MutexGuard, PoisonError};

const SHARDS: usize = 64;

/// Keys of one shard; past them, those with nothing taken are dropped, and then it is full.
const SHARD_KEYS_MAX: usize = 16_384;

/// What was remembered, of one shard.
const SHARD_SEEN_MAX: usize = 65_536;

/// Keeps everything in memory.
#[derive(Debug)]
pub struct MemoryStore {
    shards: Box<[Apart; SHARDS]>,
}

/// A shard on cache lines of its own, so that threads at different shards do not wait for each other.
#[derive(Debug, Default)]
#[repr(align(128))]
struct Apart(Mutex<Shard>);

#[derive(Debug, Default)]
struct Shard {
    windows: HashMap<u128, Window, BuildHasherDefault<Hashed>>,
    seen: HashSet<u128, BuildHasherDefault<Hashed>>,
}

/// Keys are hashes already.
#[derive(Debug, Default)]
struct Hashed(u64);

impl Hasher for Hashed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u128(&mut self, key: u128) {
        // The lower half; shards are told apart by the upper.
        self.0 = u64::try_from(key & u128::from(u64::MAX)).unwrap_or(0);
    }
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self { shards: Box::new(std::array::from_fn(|_| Apart::default())) }
    }
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    #[inline]
    fn shard(&self, key: Key) -> Result<MutexGuard<'_, Shard>, StoreError> {
        let index = usize::try_from(key.0 >> 122).unwrap_or(0);
        // No code that holds a lock can panic half-way, so a poisoned lock holds whole windows.
        let Apart(shard) = self.shards.get(index % SHARDS).ok_or(StoreError::Full)?;
        Ok(shard.lock().unwrap_or_else(PoisonError::into_inner))
    }

    #[inline]
    fn take(&self, claim: &Claim, now_ms: i64, ticket: u64) -> Result<bool, StoreError> {
        let mut shard = self.shard(claim.key)?;
        if let Some(window) = shard.windows.get_mut(&claim.key.0) {
            return Ok(window.take(claim, now_ms, ticket));
        }
        shard.begin(claim, now_ms, ticket)
    }

    fn release(&self, claims: &[Claim], ticket: u64) -> Result<(), StoreError> {
        for claim in claims {
            if let Some(window) = self.shard(claim.key)?.windows.get_mut(&claim.key.0) {
                window.give_back(ticket);
            }
        }
        Ok(())
    }
}

impl Shard {
    /// The first claim of a key.
    #[cold]
    fn begin(&mut self, claim: &Claim, now_ms: i64, ticket: u64) -> Result<bool, StoreError> {
        if self.windows.len() >= SHARD_KEYS_MAX {
            self.windows.retain(|_, window| !window.is_over(now_ms));
            if self.windows.len() >= SHARD_KEYS_MAX {
                return Err(StoreError::Full);
            }
        }
        Ok(self.windows.entry(claim.key.0).or_default().take(claim, now_ms, ticket))
    }
}

impl StateStore for MemoryStore {
    // Claims are taken one after another, and given back where a later one does not fit: nobody ever
    // has more than fits, and no two shards are locked at once.
    fn claim(&self, claims: &[Claim], now_ms: i64, ticket: u64) -> Result<Claimed, StoreError> {
        for (index, claim) in claims.iter().enumerate() {
            let taken = self.take(claim, now_ms, ticket);
            if !matches!(taken, Ok(true)) {
                self.release(claims.get(..index).unwrap_or_default(), ticket)?;
                taken?;
                return Ok(Claimed::Refused(index));
            }
        }
        Ok(Claimed::Taken)
    }

    fn would_fit(&self, claims: &[Claim], now_ms: i64) -> Result<Claimed, StoreError> {
        for (index, claim) in claims.iter().enumerate() {
            let mut shard = self.shard(claim.key)?;
            let fits = match shard.windows.get_mut(&claim.key.0) {
                Some(window) => window.fits(claim, now_ms),
                None => Window::default().fits(claim, now_ms),
            };
            if !fits {
                return Ok(Claimed::Refused(index));
            }
        }
        Ok(Claimed::Taken)
    }

    fn give_back(&self, claims: &[Claim], ticket: u64) -> Result<(), StoreError> {
        self.release(claims, ticket)
    }

    fn left(&self, claim: &Claim, now_ms: i64) -> Result<(i64, i64), StoreError> {
        let mut shard = self.shard(claim.key)?;
        Ok(match shard.windows.get_mut(&claim.key.0) {
            Some(window) => window.left(claim, now_ms),
            None => (claim.most, 0),
        })
    }

    fn is_new(&self, key: Key) -> Result<bool, StoreError> {
        let shard = self.shard(key)?;
        let is_seen = shard.seen.contains(&key.0);
        if !is_seen && shard.seen.len() >= SHARD_SEEN_MAX {
            // What found no room cannot be told to be new.
            return Err(StoreError::Full);
        }
        Ok(!is_seen)
    }

    fn remember(&self, key: Key) -> Result<(), StoreError> {
        let mut shard = self.shard(key)?;
        if shard.seen.len() >= SHARD_SEEN_MAX && !shard.seen.contains(&key.0) {
            return Err(StoreError::Full);
        }
        shard.seen.insert(key.0);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conformance;
    use std::sync::Arc;

    #[test]
    fn it_does_what_every_store_must() {
        conformance::all(&|| Box::new(MemoryStore::new()));
    }

    #[test]
    fn threads_together_never_take_more_than_fits() {
        let store = Arc::new(MemoryStore::new());
        let claim = Claim {
            key: Key::new("calls", &[b"u1"]),
            amount: 1,
            most: 100,
            window_ms: 1_000,
            burst: None,
        };
        let threads: Vec<_> = (0..4_u64)
            .map(|thread| {
                let store = Arc::clone(&store);
                std::thread::spawn(move || {
                    let taken =
                        |n: &u64| store.claim(&[claim], 0, thread << 32 | *n) == Ok(Claimed::Taken);
                    (0..100).filter(taken).count()
                })
            })
            .collect();
        let taken: usize = threads.into_iter().map(|thread| thread.join().unwrap()).sum();
        assert_eq!(taken, 100);
    }
}
