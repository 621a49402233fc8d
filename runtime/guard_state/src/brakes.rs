//! The host's brakes: an agent, a tool or a tenant is stopped from the next decision on, in every
//! thread.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{PoisonError, RwLock};

/// What is stopped.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// Everything.
    All,
    /// Every session of an agent.
    Agent(String),
    /// Every call of a tool.
    Tool(String),
    /// Every session of a tenant, as the host calls it.
    Tenant(String),
}

/// What is stopped, and why. Looking is one atomic load while nothing is.
#[derive(Debug, Default)]
pub struct Brakes {
    /// How many things are stopped.
    stopped: AtomicU64,
    why: RwLock<BTreeMap<Scope, String>>,
}

impl Brakes {
    /// Stops something.
    pub fn stop(&self, scope: Scope, why: &str) {
        // No code that holds the lock can panic half-way, so a poisoned lock holds a whole map.
        let mut stopped = self.why.write().unwrap_or_else(PoisonError::into_inner);
        stopped.insert(scope, why.to_owned());
        self.stopped.store(stopped.len() as u64, Ordering::Release);
    }

    /// Lets it go on. Whether it was stopped.
    pub fn release(&self, scope: &Scope) -> bool {
        let mut stopped = self.why.write().unwrap_or_else(PoisonError::into_inner);
        let was_stopped = stopped.remove(scope).is_some();
        self.stopped.store(stopped.len() as u64, Ordering::Release);
        was_stopped
    }

    /// Why an event is stopped, if it is.
    pub fn why(&self, agent: &str, tool: &str, tenant: &str) -> Option<String> {
        if self.stopped.load(Ordering::Acquire) == 0 {
            return None;
        }
        let stopped = self.why.read().unwrap_or_else(PoisonError::into_inner);
        let is_it = |scope: &Scope| match scope {
            Scope::All => true,
            Scope::Agent(name) => name == agent,
            Scope::Tool(name) => !tool.is_empty() && name == tool,
            Scope::Tenant(name) => !tenant.is_empty() && name == tenant,
        };
        stopped.iter().find(|(scope, _)| is_it(scope)).map(|(_, why)| why.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stopped_is_stopped_until_it_is_released() {
        let brakes = Brakes::default();
        assert_eq!(brakes.why("bank", "pay", "acme"), None);
        brakes.stop(Scope::Tool("pay".to_owned()), "fraud");
        assert_eq!(brakes.why("bank", "pay", "").as_deref(), Some("fraud"));
        assert_eq!(brakes.why("bank", "look", ""), None);
        assert!(brakes.release(&Scope::Tool("pay".to_owned())));
        assert!(!brakes.release(&Scope::Tool("pay".to_owned())));
        assert_eq!(brakes.why("bank", "pay", ""), None);
        brakes.stop(Scope::Tenant("acme".to_owned()), "unpaid");
        assert!(brakes.why("any", "", "acme").is_some());
        assert!(brakes.why("any", "", "").is_none());
    }
}
