//! What a breaker has counted.

use crate::Rates;
use crate::limits::WINDOW_EVENTS_MAX;
use std::collections::VecDeque;

/// Events of one breaker, oldest first, and until when it is open.
#[derive(Debug, Default)]
pub(crate) struct Events {
    each: VecDeque<Event>,
    open_until_ms: Option<i64>,
}

#[derive(Clone, Copy, Debug)]
struct Event {
    at_ms: i64,
    failed: bool,
}

impl Events {
    /// Counts an event at `now_ms`, which is not before any other.
    pub(crate) fn record(&mut self, failed: bool, now_ms: i64, over_ms: i64) {
        while self.each.front().is_some_and(|event| event.at_ms <= now_ms - over_ms) {
            self.each.pop_front();
        }
        if self.each.len() >= WINDOW_EVENTS_MAX {
            self.each.pop_front();
        }
        self.each.push_back(Event { at_ms: now_ms, failed });
    }

    pub(crate) fn rates(&self, now_ms: i64, over_ms: i64) -> Rates {
        let counted = self.each.iter().filter(|event| event.at_ms > now_ms - over_ms);
        let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        Rates {
            events: number(counted.clone().count()),
            failures: number(counted.filter(|event| event.failed).count()),
            open_until_ms: self.open_until_ms,
        }
    }

    pub(crate) fn open(&mut self, until_ms: i64) {
        self.each.clear();
        self.open_until_ms = self.open_until_ms.max(Some(until_ms));
    }
}
