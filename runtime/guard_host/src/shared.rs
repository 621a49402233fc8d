//! Sessions on a store that several machines share, and that knows no transactions across a decision.

use guard_journal::{Change, Saved, SessionError, SessionStore, StoreError as JournalError};
use guard_state::{Saved as Kept, SessionStore as SharedStore, StoreError};
use std::sync::Arc;

/// How often an event is decided anew because another machine was faster, before it is refused.
const TRIES_MAX: usize = 32;

/// Sessions on a shared store. Two events of one session that arrive at once are both decided, and the
/// slower is decided again, by what the faster left behind.
#[derive(Debug, Clone)]
pub struct SharedSessions {
    store: Arc<dyn SharedStore>,
}

impl SharedSessions {
    /// On this store.
    pub fn new(store: Arc<dyn SharedStore>) -> Self {
        Self { store }
    }
}

impl SessionStore for SharedSessions {
    fn load(&self, id: &str) -> Result<Option<(Vec<u8>, u64)>, SessionError> {
        let found = self.store.load(id).map_err(failed)?;
        Ok(found.map(|found| (found.bytes, found.version)))
    }

    fn save(
        &self,
        id: &str,
        bytes: &[u8],
        expected_version: Option<u64>,
    ) -> Result<Saved, SessionError> {
        let version = expected_version.unwrap_or(0);
        Ok(match self.store.save(id, bytes, version).map_err(failed)? {
            Kept::Done => Saved::Saved(version.saturating_add(1)),
            Kept::Conflict => Saved::Conflict,
        })
    }

    fn update(&self, id: &str, change: &mut Change<'_>) -> Result<Option<u64>, SessionError> {
        for _ in 0..TRIES_MAX {
            let (bytes, version) = self.load(id)?.unzip();
            let Some(changed) = change(bytes.as_deref()) else { return Ok(version) };
            if let Saved::Saved(version) = self.save(id, &changed, version)? {
                return Ok(Some(version));
            }
        }
        Err(SessionError::Store(JournalError::Busy))
    }

    fn remove(&self, _: &str) -> Result<(), SessionError> {
        let why = "a shared session ends with its expiry".to_owned();
        Err(SessionError::Store(JournalError::Failed(why)))
    }
}

#[expect(clippy::needless_pass_by_value, reason = "stands where an error is mapped")]
fn failed(error: StoreError) -> SessionError {
    SessionError::Store(JournalError::Failed(error.to_string()))
}
