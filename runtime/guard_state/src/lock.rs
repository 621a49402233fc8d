//! The lock of a shard: what it guards is read and changed in some ten nanoseconds, about what the
//! standard library's mutex takes to be locked and unlocked. This one is unlocked by a plain store.
//!
//! A thread that finds it taken gives way to others until it is free. Threads of a real-time priority
//! should not share a store with threads of a lower one, which they could keep from going on.

use spin::mutex::{SpinMutex, SpinMutexGuard};
use spin::relax::Yield;
use std::ops::{Deref, DerefMut};

#[derive(Debug)]
pub(crate) struct Lock<T>(SpinMutex<Inner<T>, Yield>);

#[derive(Debug)]
struct Inner<T> {
    /// A thread panicked while it had the lock, perhaps in the middle of a change.
    is_broken: bool,
    value: T,
}

/// The guarded value, for as long as it is locked.
pub(crate) struct Guard<'a, T>(SpinMutexGuard<'a, Inner<T>, Yield>);

impl<T> Lock<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(SpinMutex::new(Inner { is_broken: false, value }))
    }

    /// `None` where a thread panicked while it had the lock.
    #[inline]
    pub(crate) fn lock(&self) -> Option<Guard<'_, T>> {
        let inner = self.0.lock();
        if inner.is_broken { None } else { Some(Guard(inner)) }
    }
}

impl<T> Deref for Guard<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        &self.0.value
    }
}

impl<T> DerefMut for Guard<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0.value
    }
}

impl<T> Drop for Guard<'_, T> {
    #[inline]
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.is_broken = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[test]
    fn threads_take_turns() {
        let lock = Arc::new(Lock::new(0_u64));
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| (0..10_000).for_each(|_| *lock.lock().unwrap() += 1));
            }
        });
        assert_eq!(*lock.lock().unwrap(), 40_000);
    }

    #[test]
    fn what_a_panic_left_behind_is_not_read() {
        let lock = Arc::new(Lock::new(0));
        let other = Arc::clone(&lock);
        let thread = std::thread::spawn(move || {
            let _guard = other.lock();
            panic!("in the middle of a change");
        });
        assert!(thread.join().is_err());
        assert!(lock.lock().is_none());
    }
}
