//! Takes in the order of their times, in a ring that is as large as the limit asks for.
//!
//! The oldest time stands beside the length, so that a refusal looks no further; a permitted take
//! of a full ring overwrites what has left the window and touches one line of the ring.

use crate::limits::WINDOW_EVENTS_MAX;

/// When something was taken, and by which call.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Stamp {
    pub(crate) at_ms: i64,
    pub(crate) ticket: u64,
}

/// INVARIANT: times never fall from front to back; `oldest_ms` is the time of the first stamp, where
/// there is one; `head` is below the ring's size, and `length` at most that.
#[derive(Debug, Default)]
pub(crate) struct Ring {
    stamps: Box<[Stamp]>,
    oldest_ms: i64,
    // Both are at most WINDOW_EVENTS_MAX; small, so that a slot fits into a cache line.
    head: u16,
    length: u16,
    #[expect(dead_code, reason = "read by the enum that the ring stands in")]
    tag: Tag,
}

/// A byte with values to spare: an enum that a ring stands in keeps its own tag there, and not in
/// eight bytes more.
#[derive(Clone, Copy, Debug, Default)]
#[repr(u8)]
enum Tag {
    #[default]
    Ring,
}

impl Ring {
    #[inline]
    pub(crate) fn len(&self) -> usize {
        usize::from(self.length)
    }

    #[inline]
    pub(crate) fn oldest_ms(&self) -> Option<i64> {
        (self.length > 0).then_some(self.oldest_ms)
    }

    /// The stamp at `index`, counted from the oldest.
    #[inline]
    pub(crate) fn get(&self, index: usize) -> Option<Stamp> {
        if index >= self.len() {
            return None;
        }
        self.stamps.get(self.place(index)).copied()
    }

    /// Where the stamp at `index` lies; `index` is at most the ring's size.
    #[inline]
    fn place(&self, index: usize) -> usize {
        let place = usize::from(self.head) + index;
        if place >= self.stamps.len() { place - self.stamps.len() } else { place }
    }

    /// The index of the first stamp after `time_ms`; what stands before has left the window.
    #[inline]
    pub(crate) fn first_after(&self, time_ms: i64) -> usize {
        if self.length == 0 || self.oldest_ms > time_ms {
            return 0;
        }
        // A key that is asked often has dropped what has left before: look at the first few.
        for index in 1..4 {
            if self.get(index).is_none_or(|stamp| stamp.at_ms > time_ms) {
                return index;
            }
        }
        self.search_after(time_ms)
    }

    #[cold]
    fn search_after(&self, time_ms: i64) -> usize {
        let (mut from, mut to) = (0, self.len());
        while from < to {
            let middle = usize::midpoint(from, to);
            match self.get(middle) {
                Some(stamp) if stamp.at_ms <= time_ms => from = middle + 1,
                _ => to = middle,
            }
        }
        from
    }

    /// Forgets the first `count` stamps, or all.
    #[inline]
    pub(crate) fn drop_first(&mut self, count: usize) {
        if count == 0 {
            return;
        }
        let count = count.min(self.len());
        self.head = u16::try_from(self.place(count)).unwrap_or(0);
        self.length -= u16::try_from(count).unwrap_or(self.length);
        self.oldest_ms = self.get(0).map_or(0, |stamp| stamp.at_ms);
    }

    /// Adds the newest stamp, and says whether there was room below [`WINDOW_EVENTS_MAX`]. A ring
    /// that has to grow doubles, but not past `most` while that is enough.
    #[inline]
    pub(crate) fn push(&mut self, stamp: Stamp, most: usize) -> bool {
        if self.len() == self.stamps.len() && !self.grow(most) {
            return false;
        }
        let place = self.place(self.len());
        let Some(free) = self.stamps.get_mut(place) else { return false };
        *free = stamp;
        if self.length == 0 {
            self.oldest_ms = stamp.at_ms;
        }
        self.length += 1;
        true
    }

    #[cold]
    fn grow(&mut self, most: usize) -> bool {
        let length = self.len();
        let doubled = (2 * length).clamp(4, WINDOW_EVENTS_MAX);
        let wanted = if most > length { doubled.min(most) } else { doubled };
        if wanted <= length {
            return false;
        }
        let mut stamps = Vec::with_capacity(wanted);
        stamps.extend((0..length).filter_map(|index| self.get(index)));
        stamps.resize(wanted, Stamp::default());
        self.stamps = stamps.into_boxed_slice();
        self.head = 0;
        true
    }

    /// Forgets the stamps of a ticket. `removed` is told the index of each, as it is by then.
    pub(crate) fn remove(&mut self, ticket: u64, mut removed: impl FnMut(usize)) {
        let mut kept = 0;
        for index in 0..self.len() {
            let Some(stamp) = self.get(index) else { break };
            if stamp.ticket == ticket {
                removed(kept);
                continue;
            }
            let place = self.place(kept);
            if let Some(free) = self.stamps.get_mut(place) {
                *free = stamp;
            }
            kept += 1;
        }
        self.length = u16::try_from(kept).unwrap_or(self.length);
        self.oldest_ms = self.get(0).map_or(0, |stamp| stamp.at_ms);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[derive(Clone, Debug)]
    enum Step {
        Push { later_ms: i64, ticket: u64 },
        DropUntil(i64),
        Remove(u64),
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            8 => (0..4_i64, 0..9_u64).prop_map(|(later_ms, ticket)| Step::Push { later_ms, ticket }),
            2 => (0..9_i64).prop_map(Step::DropUntil),
            1 => (0..9_u64).prop_map(Step::Remove),
        ]
    }

    proptest! {
        #[test]
        fn a_ring_is_a_list(steps in prop::collection::vec(step(), 0..120), most in 1..40_usize) {
            let (mut ring, mut list, mut now_ms) = (Ring::default(), Vec::<(i64, u64)>::new(), 0);
            for step in steps {
                match step {
                    Step::Push { later_ms, ticket } => {
                        now_ms += later_ms;
                        let is_pushed = ring.push(Stamp { at_ms: now_ms, ticket }, most);
                        prop_assert!(is_pushed);
                        list.push((now_ms, ticket));
                    }
                    Step::DropUntil(ago_ms) => {
                        let gone = ring.first_after(now_ms - ago_ms);
                        prop_assert_eq!(gone, list.partition_point(|(at, _)| *at <= now_ms - ago_ms));
                        ring.drop_first(gone);
                        list.drain(..gone);
                    }
                    Step::Remove(ticket) => {
                        // Who keeps a list beside the ring removes from it as it is told.
                        let mut beside = list.clone();
                        ring.remove(ticket, |index| {
                            beside.remove(index);
                        });
                        list.retain(|(_, other)| *other != ticket);
                        prop_assert_eq!(&beside, &list);
                    }
                }
                let stamps = (0..ring.len()).filter_map(|index| ring.get(index));
                let got: Vec<_> = stamps.map(|stamp| (stamp.at_ms, stamp.ticket)).collect();
                prop_assert_eq!(&got, &list);
                prop_assert_eq!(ring.oldest_ms(), list.first().map(|(at, _)| *at));
            }
        }
    }

    #[test]
    fn a_ring_is_full_at_its_bound_and_no_larger_than_the_limit() {
        let mut ring = Ring::default();
        for at_ms in 0..100 {
            assert!(ring.push(Stamp { at_ms, ticket: 1 }, 100));
        }
        assert_eq!(ring.stamps.len(), 100);
        for at_ms in 100..4_096 {
            assert!(ring.push(Stamp { at_ms, ticket: 1 }, usize::MAX));
        }
        assert!(!ring.push(Stamp { at_ms: 4_096, ticket: 1 }, usize::MAX));
        assert_eq!((ring.len(), ring.oldest_ms()), (WINDOW_EVENTS_MAX, Some(0)));
    }
}
