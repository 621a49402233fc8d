//! The host's switch: stops an agent, a tool or a tenant from the next decision on.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

/// What can be stopped.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum What {
    /// Everything.
    All,
    /// Every session of an agent.
    Agent(String),
    /// Every call of a tool.
    Tool(String),
    /// Every session of a tenant.
    Tenant(String),
}

type Stopped = BTreeMap<What, Arc<str>>;

/// What the host has stopped. Shared by all threads; every decision asks it first.
#[derive(Debug, Default)]
pub struct Brakes {
    /// Grows with every change.
    generation: AtomicU64,
    /// How many things are stopped. While it is zero, asking takes no lock.
    count: AtomicUsize,
    stopped: RwLock<Stopped>,
}

impl Brakes {
    /// Nothing is stopped.
    pub fn new() -> Self {
        Self::default()
    }

    /// Stops `what`, for a reason that goes into the audit. When this returns, every decision that
    /// begins afterwards, in whichever thread, is denied.
    pub fn stop(&self, what: What, reason: &str) {
        self.change(|stopped| stopped.insert(what, Arc::from(reason)));
    }

    /// Lets `what` go on. Says whether it was stopped.
    pub fn release(&self, what: &What) -> bool {
        self.change(|stopped| stopped.remove(what)).is_some()
    }

    fn change<T>(&self, change: impl FnOnce(&mut Stopped) -> T) -> T {
        // A map whose change was interrupted still is a map; losing the switch would be worse.
        let mut stopped = self.stopped.write().unwrap_or_else(PoisonError::into_inner);
        let result = change(&mut stopped);
        // Before the lock is left: who sees the new generation sees the new count as well.
        self.count.store(stopped.len(), Ordering::SeqCst);
        self.generation.fetch_add(1, Ordering::SeqCst);
        result
    }

    /// The number of changes so far. Who keeps an answer of [`Self::is_stopped`] reads this *before*
    /// asking, and asks again when it has grown.
    pub fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }

    /// Why a decision must be denied, if it must. Takes no lock while nothing is stopped.
    pub fn is_stopped(
        &self,
        agent: &str,
        tool: Option<&str>,
        tenant: Option<&str>,
    ) -> Option<Arc<str>> {
        if self.count.load(Ordering::Acquire) == 0 {
            return None;
        }
        let stopped = self.stopped.read().unwrap_or_else(PoisonError::into_inner);
        let find = |what: What| stopped.get(&what).cloned();
        find(What::All)
            .or_else(|| find(What::Agent(agent.to_owned())))
            .or_else(|| find(What::Tool(tool?.to_owned())))
            .or_else(|| find(What::Tenant(tenant?.to_owned())))
    }

    /// What is stopped and why, in a fixed order.
    pub fn list(&self) -> Vec<(What, Arc<str>)> {
        let stopped = self.stopped.read().unwrap_or_else(PoisonError::into_inner);
        stopped.iter().map(|(what, reason)| (what.clone(), Arc::clone(reason))).collect()
    }
}
