//! The lock of a shard.

use std::sync::{Mutex, MutexGuard, PoisonError};

pub(crate) type Guard<'a, T> = MutexGuard<'a, T>;

#[derive(Debug)]
pub(crate) struct Lock<T>(Mutex<T>);

impl<T> Lock<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(Mutex::new(value))
    }

    #[inline]
    pub(crate) fn lock(&self) -> Result<Guard<'_, T>, PoisonError<Guard<'_, T>>> {
        self.0.lock()
    }
}
