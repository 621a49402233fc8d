//! The store within one process: shards with a lock each, and none over all of them.

use crate::limits::{CLAIMS_MAX, KEYS_MAX, TIME_MS_MAX};
use crate::lock::{Guard, Lock};
use crate::shard::{Hashed, Shard};
use crate::slot::{Kept, Met, Slot, SlotKey};
use crate::takes::Pending;
use crate::{
    Amount, Claim, Claimed, Key, Rates, Standing, Standings, StateStore, StoreError, Take, Windows,
};

const SHARDS: usize = 64;
const SHARD_BITS: u32 = SHARDS.ilog2();

/// A [`StateStore`] for the sessions of one process.
///
/// A claim of one key takes one lock and one look-up and, once the key is warm, no memory. Claims of
/// several keys lock their shards in the order of their indices. A thread that finds a lock taken
/// gives way until it is free: locks are held for some ten nanoseconds, and for as long as the keys of
/// a shard take to look at when a new key needs room.
///
/// **Memory:** some 80 bytes a key, 16 for each take of a count and 24 for each of a sum, of which a
/// key has room for as many as its limit allows; at most [`KEYS_MAX`] keys and
/// [`WINDOW_EVENTS_MAX`](crate::limits::WINDOW_EVENTS_MAX) takes of each.
#[derive(Debug)]
pub struct MemoryStore {
    shards: Box<[Line; SHARDS]>,
}

/// A lock that shares its cache line with no other.
#[derive(Debug)]
#[repr(align(128))]
struct Line(Lock<Shard>);

/// Where the takes of one key are counted, for whoever asks again and again.
#[derive(Clone, Copy, Debug)]
pub struct Handle {
    key: SlotKey,
    shard: u32,
    index: u32,
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
    few: [Option<(usize, Guard<'a, Shard>)>; 4],
    more: Vec<(usize, Guard<'a, Shard>)>,
}

impl<'a> Locked<'a> {
    fn push(&mut self, number: usize, shard: Guard<'a, Shard>) {
        match self.few.iter_mut().find(|place| place.is_none()) {
            Some(place) => *place = Some((number, shard)),
            None => self.more.push((number, shard)),
        }
    }

    /// One of the locked shards.
    fn shard(&mut self, number: usize) -> Result<&mut Shard, StoreError> {
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
        let shard = |_| Line(Lock::new(Shard::new(slots_max, SHARD_BITS)));
        Self { shards: Box::new(std::array::from_fn(shard)) }
    }

    /// How many keys are kept, counted shard by shard.
    pub fn keys(&self) -> usize {
        let shards = self.shards.iter().filter_map(|line| line.0.lock());
        shards.map(|shard| shard.len()).sum()
    }

    /// Finds the place of a key's takes once, for [`Self::take_at`].
    pub fn resolve(&self, key: Key, now_ms: i64) -> Result<Handle, StoreError> {
        Claim::check_time(now_ms)?;
        let (of, shard) = hashed(SlotKey::take(key));
        let index = self.lock(shard)?.index(&of, now_ms, |_| false)?;
        Ok(Handle { key: of.key, shard: small(shard)?, index: small(index)? })
    }

    /// [`StateStore::claim`] of one take under the key that `at` was resolved for, by about a quarter
    /// cheaper. A handle whose key was dropped meanwhile finds its new place; one of another store
    /// counts under its key as well.
    #[inline]
    pub fn take_at(
        &self,
        at: &mut Handle,
        amount: Amount,
        windows: &Windows,
        now_ms: i64,
        ticket: u64,
    ) -> Result<One, StoreError> {
        Claim::check_time(now_ms)?;
        windows.check()?;
        let mut shard = self.lock(usize::try_from(at.shard).map_err(|_| lost())?)?;
        if let Some(slot) = shard.at(usize::try_from(at.index).map_err(|_| lost())?, at.key)
            && let Some((is_permitted, standing)) = slot.take_short(amount, windows, now_ms, ticket)
        {
            return Ok(One { is_permitted, standing });
        }
        drop(shard);
        self.take_anew(at, amount, windows, now_ms, ticket)
    }

    #[cold]
    fn take_anew(
        &self,
        at: &mut Handle,
        amount: Amount,
        windows: &Windows,
        now_ms: i64,
        ticket: u64,
    ) -> Result<One, StoreError> {
        let (of, number) = hashed(at.key);
        let mut shard = self.lock(number)?;
        let index = shard.index(&of, now_ms, |_| false)?;
        *at = Handle { key: of.key, shard: small(number)?, index: small(index)? };
        let slot = shard.at(index, of.key).ok_or_else(lost)?;
        let take = Take { key: slot.key.of_take(), amount, windows: *windows };
        Ok(claim_one(slot, &Claim::Take(take), now_ms, ticket))
    }

    #[inline]
    fn lock(&self, shard: usize) -> Result<Guard<'_, Shard>, StoreError> {
        self.shards.get(shard).and_then(|line| line.0.lock()).ok_or_else(lost)
    }

    /// A key, and its shard, which is locked.
    #[inline]
    fn lock_for(&self, key: SlotKey) -> Result<(Hashed, Guard<'_, Shard>), StoreError> {
        let (of, shard) = hashed(key);
        Ok((of, self.lock(shard)?))
    }

    /// Locks the shards of all keys, in the order of their indices, so that two decisions cannot
    /// wait for each other.
    fn lock_all(&self, claims: &[Claim]) -> Result<Locked<'_>, StoreError> {
        let shards = claims.iter().map(|claim| hashed(SlotKey::of(claim)).1);
        let mut wanted = shards.fold(0_u64, |set, number| set | 1 << number);
        let mut locked = Locked { few: [const { None }; 4], more: Vec::new() };
        while wanted != 0 {
            let number = usize::try_from(wanted.trailing_zeros()).unwrap_or(0);
            locked.push(number, self.lock(number)?);
            wanted &= wanted - 1;
        }
        Ok(locked)
    }

    #[inline]
    fn claim_alone(&self, claim: &Claim, now_ms: i64, ticket: u64) -> Result<One, StoreError> {
        let (of, mut shard) = self.lock_for(SlotKey::of(claim))?;
        let index = shard.index(&of, now_ms, |_| false)?;
        let slot = shard.at(index, of.key).ok_or_else(lost)?;
        Ok(claim_one(slot, claim, now_ms, ticket))
    }

    #[inline(never)]
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
            let (of, shard) = hashed(SlotKey::of(claim));
            let is_needed = |key| claims.iter().any(|claim| SlotKey::of(claim) == key);
            *index = locked.shard(shard)?.index(&of, now_ms, is_needed)?;
        }
        let mut meet = |at: usize, claim: &Claim| {
            let (of, shard) = hashed(SlotKey::of(claim));
            let index = indices.get(at).copied().ok_or_else(lost)?;
            let slot = locked.shard(shard)?.at(index, of.key).ok_or_else(lost)?;
            Ok(slot.meet(claim, now_ms))
        };
        let permitted = look(claims, true, &mut meet)?;
        if !permitted.is_permitted() {
            return look(claims, false, &mut meet);
        }
        for (claim, index) in claims.iter().zip(indices) {
            let (of, shard) = hashed(SlotKey::of(claim));
            let slot = locked.shard(shard)?.at(index, of.key).ok_or_else(lost)?;
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
        let (of, mut shard) = self.lock_for(SlotKey::breaker(key))?;
        let index = shard.index(&of, now_ms, |_| false)?;
        Ok(change(shard.at(index, of.key).ok_or_else(lost)?))
    }
}

/// A key with its hash, and the number of its shard.
#[inline]
fn hashed(key: SlotKey) -> (Hashed, usize) {
    Hashed::new(key, SHARD_BITS)
}

fn small(number: usize) -> Result<u32, StoreError> {
    u32::try_from(number).map_err(|_| lost())
}

/// A thread panicked while it held the lock, or an index is not what it was: never seen, and not
/// to be guessed about.
#[cold]
fn lost() -> StoreError {
    StoreError::Broken("a lock was left in the middle of a change".to_owned())
}

#[inline]
fn claim_one(slot: &mut Slot, claim: &Claim, now_ms: i64, ticket: u64) -> One {
    if let Claim::Take(take) = claim
        && let Some((is_permitted, standing)) =
            slot.take_short(take.amount, &take.windows, now_ms, ticket)
    {
        return One { is_permitted, standing };
    }
    claim_slowly(slot, claim, now_ms, ticket)
}

#[inline(never)]
fn claim_slowly(slot: &mut Slot, claim: &Claim, now_ms: i64, ticket: u64) -> One {
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
            [claim] => {
                let One { is_permitted, standing } = self.claim_alone(claim, now_ms, ticket)?;
                let refused = (!is_permitted).then_some(0);
                Ok(Claimed { refused, standings: Standings::of_one(standing) })
            }
            _ => self.claim_together(claims, now_ms, ticket),
        }
    }

    fn give_back(&self, claims: &[Claim], ticket: u64) -> Result<(), StoreError> {
        for claim in claims {
            let (of, mut shard) = self.lock_for(SlotKey::of(claim))?;
            if let Some(slot) = shard.slot_mut(&of) {
                slot.give_back(ticket);
            }
        }
        Ok(())
    }

    fn peek(&self, claims: &[Claim], now_ms: i64) -> Result<Claimed, StoreError> {
        Claim::check_all(claims, now_ms)?;
        let mut locked = self.lock_all(claims)?;
        look(claims, false, |_, claim| {
            let (of, shard) = hashed(SlotKey::of(claim));
            let slot = locked.shard(shard)?.slot(&of);
            Ok(slot.map_or_else(|| Met::nothing(claim, now_ms), |slot| slot.meet(claim, now_ms)))
        })
    }

    fn first_time(&self, key: Key) -> Result<bool, StoreError> {
        let (of, shard) = self.lock_for(SlotKey::novelty(key))?;
        Ok(shard.slot(&of).is_none_or(|slot| !matches!(slot.kept, Kept::Seen)))
    }

    fn remember(&self, key: Key) -> Result<(), StoreError> {
        let (of, mut shard) = self.lock_for(SlotKey::novelty(key))?;
        // There is no time here, so nothing can be swept for it: what has expired goes when a limit
        // needs the room.
        let index = shard.index(&of, -TIME_MS_MAX, |_| false)?;
        shard.at(index, of.key).ok_or_else(lost)?.kept = Kept::Seen;
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
        let (of, shard) = self.lock_for(SlotKey::breaker(key))?;
        let Some(slot) = shard.slot(&of) else { return Ok(Rates::default()) };
        let Kept::Events(events) = &slot.kept else { return Ok(Rates::default()) };
        Ok(events.rates(slot.latest_or(now_ms), over_ms))
    }

    fn open(&self, key: Key, now_ms: i64, until_ms: i64) -> Result<(), StoreError> {
        check_span(now_ms, 1)?;
        check_span(until_ms, 1)?;
        self.breaker(key, now_ms, |slot| {
            slot.move_to(now_ms);
            slot.keep_until(i64::MAX);
            slot.change_events(|events| events.open(until_ms));
        })
    }

    fn close(&self, key: Key) -> Result<(), StoreError> {
        let (of, mut shard) = self.lock_for(SlotKey::breaker(key))?;
        if let Some(slot) = shard.slot_mut(&of) {
            slot.forget_events();
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
