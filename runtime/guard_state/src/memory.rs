//! The store within one process: shards with a lock each, and none over all of them.

use crate::breaker::Events;
use crate::limits::{CLAIMS_MAX, KEYS_MAX, TIME_MS_MAX};
use crate::shard::Shard;
use crate::slot::{Kept, Met, Slot, SlotKey};
use crate::takes::Pending;
use crate::{Claim, Claimed, Key, Rates, Standing, StateStore, StoreError};
use std::sync::{Mutex, MutexGuard};

const SHARDS: usize = 64;
const SHARD_BITS: u32 = SHARDS.ilog2();

/// A [`StateStore`] for the sessions of one process.
///
/// A claim of one key takes one lock and one look-up and, once the key is warm, no memory. Claims of
/// several keys lock their shards in the order of their indices.
///
/// **Memory:** some 100 bytes a key, 16 for each take of a count and 24 for each of a sum; at most
/// [`KEYS_MAX`] keys and [`WINDOW_EVENTS_MAX`](crate::limits::WINDOW_EVENTS_MAX) takes of each.
#[derive(Debug)]
pub struct MemoryStore {
    shards: [Line; SHARDS],
}

/// A lock that shares its cache line with no other.
#[derive(Debug)]
#[repr(align(128))]
struct Line(Mutex<Shard>);

/// Where the state of one claim's key lies, for whoever asks again and again.
#[derive(Clone, Copy, Debug)]
pub struct Handle {
    key: SlotKey,
    index: usize,
}

/// The answer to one claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct One {
    /// Whether it was taken.
    pub is_permitted: bool,
    /// How the key stands.
    pub standing: Standing,
}

/// The locked shards of one decision. The first few need no allocation.
struct Locked<'a> {
    few: [Option<(usize, MutexGuard<'a, Shard>)>; 4],
    more: Vec<(usize, MutexGuard<'a, Shard>)>,
}

impl<'a> Locked<'a> {
    fn push(&mut self, number: usize, shard: MutexGuard<'a, Shard>) {
        match self.few.iter_mut().find(|place| place.is_none()) {
            Some(place) => *place = Some((number, shard)),
            None => self.more.push((number, shard)),
        }
    }

    /// The shard of a key for which it was locked.
    fn shard(&mut self, key: SlotKey) -> Result<&mut Shard, StoreError> {
        let number = shard_of(key);
        let mut each = self.few.iter_mut().flatten().chain(&mut self.more);
        let found = each.find(|(other, _)| *other == number);
        found.map(|(_, shard)| &mut **shard).ok_or_else(lost)
    }
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new()
    }
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::with_keys_max(KEYS_MAX)
    }

    /// An empty store of another size; at least one key for each of its 64 shards.
    pub fn with_keys_max(keys_max: usize) -> Self {
        let slots_max = (keys_max.min(KEYS_MAX) / SHARDS).max(1);
        let shard = |_| Line(Mutex::new(Shard::new(slots_max)));
        Self { shards: std::array::from_fn(shard) }
    }

    /// How many keys are kept, counted shard by shard.
    pub fn keys(&self) -> usize {
        let shards = self.shards.iter().filter_map(|line| line.0.lock().ok());
        shards.map(|shard| shard.len()).sum()
    }

    /// Finds the place of `claim`'s key once, for [`Self::claim_at`].
    pub fn resolve(&self, claim: &Claim, now_ms: i64) -> Result<Handle, StoreError> {
        Claim::check_all(std::slice::from_ref(claim), now_ms)?;
        let key = SlotKey::of(claim);
        let index = self.lock(key)?.index(key, now_ms)?;
        Ok(Handle { key, index })
    }

    /// [`StateStore::claim`] of the one claim that `at` was resolved for. A handle whose key was
    /// dropped meanwhile finds its new place.
    pub fn claim_at(
        &self,
        at: &mut Handle,
        claim: &Claim,
        now_ms: i64,
        ticket: u64,
    ) -> Result<One, StoreError> {
        if at.key != SlotKey::of(claim) {
            return Err(StoreError::Misuse("another key than its handle's"));
        }
        Claim::check_all(std::slice::from_ref(claim), now_ms)?;
        let mut shard = self.lock(at.key)?;
        if let Some(slot) = shard.at(at.index, at.key) {
            return Ok(claim_one(slot, claim, now_ms, ticket));
        }
        at.index = shard.index(at.key, now_ms)?;
        let slot = shard.at(at.index, at.key).ok_or_else(lost)?;
        Ok(claim_one(slot, claim, now_ms, ticket))
    }

    fn lock(&self, key: SlotKey) -> Result<MutexGuard<'_, Shard>, StoreError> {
        let line = self.shards.get(shard_of(key)).ok_or_else(lost)?;
        line.0.lock().map_err(|_| lost())
    }

    /// Locks the shards of all keys, in the order of their indices, so that two decisions cannot
    /// wait for each other.
    fn lock_all(&self, claims: &[Claim]) -> Result<Locked<'_>, StoreError> {
        let shards = claims.iter().map(|claim| shard_of(SlotKey::of(claim)));
        let mut wanted = shards.fold(0_u64, |set, number| set | 1 << number);
        let mut locked = Locked { few: [const { None }; 4], more: Vec::new() };
        while wanted != 0 {
            let number = usize::try_from(wanted.trailing_zeros()).unwrap_or(0);
            let line = self.shards.get(number).ok_or_else(lost)?;
            locked.push(number, line.0.lock().map_err(|_| lost())?);
            wanted &= wanted - 1;
        }
        Ok(locked)
    }

    fn claim_alone(&self, claim: &Claim, now_ms: i64, ticket: u64) -> Result<Claimed, StoreError> {
        let key = SlotKey::of(claim);
        let mut shard = self.lock(key)?;
        let index = shard.index(key, now_ms)?;
        let slot = shard.at(index, key).ok_or_else(lost)?;
        let one = claim_one(slot, claim, now_ms, ticket);
        let mut claimed =
            Claimed { refused: (!one.is_permitted).then_some(0), ..Claimed::default() };
        claimed.standings.push(one.standing);
        Ok(claimed)
    }

    fn claim_together(
        &self,
        claims: &[Claim],
        now_ms: i64,
        ticket: u64,
    ) -> Result<Claimed, StoreError> {
        let mut locked = self.lock_all(claims)?;
        // Room for all keys before the first is taken: nothing may fail between the takes.
        let mut indices = [0; CLAIMS_MAX];
        for (claim, index) in claims.iter().zip(&mut indices) {
            let key = SlotKey::of(claim);
            let shard = locked.shard(key)?;
            *index = shard.index(key, now_ms)?;
            // Or making room for the next key could sweep it.
            shard.at(*index, key).ok_or_else(lost)?.keep_until(now_ms + 1);
        }
        let mut meet = |at: usize, claim: &Claim| {
            let key = SlotKey::of(claim);
            let index = indices.get(at).copied().ok_or_else(lost)?;
            let slot = locked.shard(key)?.at(index, key).ok_or_else(lost)?;
            Ok(slot.meet(claim, now_ms))
        };
        let permitted = look(claims, true, &mut meet)?;
        if !permitted.is_permitted() {
            return look(claims, false, &mut meet);
        }
        for (claim, index) in claims.iter().zip(indices) {
            let key = SlotKey::of(claim);
            let slot = locked.shard(key)?.at(index, key).ok_or_else(lost)?;
            slot.apply(claim, now_ms, ticket);
        }
        Ok(permitted)
    }

    fn breaker<T>(
        &self,
        key: Key,
        now_ms: i64,
        change: impl FnOnce(&mut Slot) -> T,
    ) -> Result<T, StoreError> {
        let key = SlotKey::breaker(key);
        let mut shard = self.lock(key)?;
        let index = shard.index(key, now_ms)?;
        Ok(change(shard.at(index, key).ok_or_else(lost)?))
    }
}

fn shard_of(key: SlotKey) -> usize {
    usize::try_from(key.0 >> (u128::BITS - SHARD_BITS)).unwrap_or(0)
}

/// A thread panicked while it held the lock, or an index is not what it was: never seen, and not
/// to be guessed about.
fn lost() -> StoreError {
    StoreError::Broken("a lock was left in the middle of a change".to_owned())
}

#[inline]
fn claim_one(slot: &mut Slot, claim: &Claim, now_ms: i64, ticket: u64) -> One {
    if let Some((is_permitted, standing)) = slot.claim_short(claim, now_ms, ticket) {
        return One { is_permitted, standing };
    }
    let met = slot.meet(claim, now_ms);
    let is_permitted = met.fits(claim, Pending::default());
    let mut pending = Pending::default();
    if is_permitted {
        slot.apply(claim, now_ms, ticket);
        pending = pending.and(claim.millionths());
    }
    One { is_permitted, standing: met.standing(claim, pending) }
}

/// What the claims before `index` ask for under the same key.
fn pending_before(claims: &[Claim], index: usize, claim: &Claim) -> Pending {
    let before = claims.iter().take(index).filter(|other| other.shares_with(claim));
    before.fold(Pending::default(), |pending, other| pending.and(other.millionths()))
}

/// Looks at every claim and changes nothing. The standings are those after the takes if `taken`.
fn look(
    claims: &[Claim],
    taken: bool,
    mut meet: impl FnMut(usize, &Claim) -> Result<Met, StoreError>,
) -> Result<Claimed, StoreError> {
    let mut claimed = Claimed::default();
    for (index, claim) in claims.iter().enumerate() {
        let met = meet(index, claim)?;
        let before = pending_before(claims, index, claim);
        if claimed.refused.is_none() && !met.fits(claim, before) {
            claimed.refused = Some(index);
        }
        let pending = if taken { before.and(claim.millionths()) } else { Pending::default() };
        claimed.standings.push(met.standing(claim, pending));
    }
    Ok(claimed)
}

impl StateStore for MemoryStore {
    fn claim(&self, claims: &[Claim], now_ms: i64, ticket: u64) -> Result<Claimed, StoreError> {
        Claim::check_all(claims, now_ms)?;
        match claims {
            [claim] => self.claim_alone(claim, now_ms, ticket),
            _ => self.claim_together(claims, now_ms, ticket),
        }
    }

    fn give_back(&self, claims: &[Claim], ticket: u64) -> Result<(), StoreError> {
        for claim in claims {
            let key = SlotKey::of(claim);
            if let Some(slot) = self.lock(key)?.find_mut(key) {
                slot.give_back(ticket);
            }
        }
        Ok(())
    }

    fn peek(&self, claims: &[Claim], now_ms: i64) -> Result<Claimed, StoreError> {
        Claim::check_all(claims, now_ms)?;
        let mut locked = self.lock_all(claims)?;
        look(claims, false, |_, claim| {
            let key = SlotKey::of(claim);
            let slot = locked.shard(key)?.find(key);
            Ok(slot.map_or_else(|| Met::nothing(claim, now_ms), |slot| slot.meet(claim, now_ms)))
        })
    }

    fn first_time(&self, key: Key) -> Result<bool, StoreError> {
        let key = SlotKey::novelty(key);
        Ok(self.lock(key)?.find(key).is_none_or(|slot| !matches!(slot.kept, Kept::Seen)))
    }

    fn remember(&self, key: Key) -> Result<(), StoreError> {
        let key = SlotKey::novelty(key);
        let mut shard = self.lock(key)?;
        // There is no time here, so nothing can be swept for it: what has expired goes when a limit
        // needs the room.
        let index = shard.index(key, -TIME_MS_MAX)?;
        let slot = shard.at(index, key).ok_or_else(lost)?;
        slot.kept = Kept::Seen;
        slot.keep_until(i64::MAX);
        Ok(())
    }

    fn record(&self, key: Key, failed: bool, now_ms: i64, over_ms: i64) -> Result<(), StoreError> {
        check_span(now_ms, over_ms)?;
        self.breaker(key, now_ms, |slot| {
            let now_ms = slot.move_to(now_ms);
            slot.keep_until(now_ms + over_ms);
            slot.change_events(|events| events.record(failed, now_ms, over_ms));
        })
    }

    fn rates(&self, key: Key, now_ms: i64, over_ms: i64) -> Result<Rates, StoreError> {
        check_span(now_ms, over_ms)?;
        let key = SlotKey::breaker(key);
        let shard = self.lock(key)?;
        let Some(slot) = shard.find(key) else { return Ok(Rates::default()) };
        let Kept::Events(events) = &slot.kept else { return Ok(Rates::default()) };
        Ok(events.rates(slot.latest_or(now_ms), over_ms))
    }

    fn open(&self, key: Key, now_ms: i64, until_ms: i64) -> Result<(), StoreError> {
        check_span(now_ms, 1)?;
        check_span(until_ms, 1)?;
        self.breaker(key, now_ms, |slot| {
            slot.move_to(now_ms);
            slot.keep_until(until_ms);
            slot.change_events(|events| events.open(until_ms));
        })
    }

    fn close(&self, key: Key) -> Result<(), StoreError> {
        let key = SlotKey::breaker(key);
        if let Some(slot) = self.lock(key)?.find_mut(key) {
            slot.kept = Kept::Events(Events::default());
        }
        Ok(())
    }
}

fn check_span(now_ms: i64, over_ms: i64) -> Result<(), StoreError> {
    let is_time = (-TIME_MS_MAX..=TIME_MS_MAX).contains(&now_ms);
    if is_time && (1..=TIME_MS_MAX).contains(&over_ms) {
        return Ok(());
    }
    Err(StoreError::Misuse("a time that is out of range"))
}
