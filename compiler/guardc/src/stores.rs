//! The stores that outlive a run: sessions, questions to people, the journal.

use crate::args::StoreArguments;
use crate::exit::{Answer, Failure};
use crate::networks;
use guard_engine::{Duties, Services, Surroundings};
use guard_host::{Audit, People, SharedSessions};
use guard_journal::{
    FileJournal, Flush, JournalConfig, SessionStore, SqliteApprovals, SqliteSessions, SqliteState,
};
use guard_redis::{Options, RedisStore};
use guard_service::HttpServices;
use guard_state::StateStore;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// How long a store may keep a decision waiting.
pub(crate) const WAIT_MAX: Duration = Duration::from_secs(5);

/// Appends that may wait; there is one thread here.
const QUEUE_MAX: usize = 64;

/// What a run goes on with and leaves behind.
#[derive(Debug, Default)]
pub(crate) struct Stores {
    /// Where sessions go on.
    pub(crate) sessions: Option<Arc<dyn SessionStore>>,
    limits: Option<Arc<dyn StateStore>>,
    approver: Option<Arc<People>>,
    audit: Option<Arc<Audit>>,
}

impl Stores {
    /// Opens those that the command line names.
    pub(crate) fn open(arguments: &StoreArguments) -> Answer<Self> {
        let mut stores = Self::default();
        if let Some(url) = server(arguments.sessions.as_deref()) {
            let shared = Arc::new(redis(url)?);
            stores.sessions = Some(Arc::new(SharedSessions::new(shared)));
        } else if let Some(file) = &arguments.sessions {
            let opened = SqliteSessions::open(file, WAIT_MAX);
            let opened = opened.map_err(|error| failed("sessions", &error))?;
            stores.sessions = Some(Arc::new(opened));
        }
        if let Some(file) = &arguments.approvals {
            let opened = SqliteApprovals::open(file, WAIT_MAX);
            let opened = opened.map_err(|error| failed("approvals", &error))?;
            stores.approver = Some(Arc::new(People::new(Arc::new(opened))));
        }
        if let Some(url) = server(arguments.limits.as_deref()) {
            stores.limits = Some(Arc::new(redis(url)?));
        } else if let Some(file) = &arguments.limits {
            let opened = SqliteState::open(file, WAIT_MAX);
            stores.limits = Some(Arc::new(opened.map_err(|error| failed("limits", &error))?));
        }
        if let Some(file) = &arguments.journal {
            let config = JournalConfig {
                flush: Flush::EachRecord,
                wait_max: WAIT_MAX,
                queue_max: QUEUE_MAX,
            };
            let opened = FileJournal::open(file, &config);
            let opened = opened.map_err(|error| failed("journal", &error))?;
            let key = match &arguments.journal_key {
                Some(file) => fs::read(file).map_err(|error| Failure::file(file, error))?,
                None => Vec::new(),
            };
            stores.audit = Some(Arc::new(Audit::new(Arc::new(opened), &key)));
        }
        Ok(stores)
    }

    /// Whether limits are counted for all sessions together, as a host would.
    pub(crate) fn counts_together(&self) -> bool {
        self.limits.is_some()
    }

    /// What an engine relies on. Nothing is carried out here, so no duty is left undone.
    pub(crate) fn surroundings(&self) -> Surroundings {
        let services = Some(Arc::new(HttpServices::default()) as Arc<dyn Services>);
        let networks = networks::runtime();
        let mut around =
            Surroundings { duties: Duties::ALL, services, networks, ..Surroundings::default() };
        if let Some(limits) = &self.limits {
            around.store = Arc::clone(limits);
        }
        if let Some(people) = &self.approver {
            around.approver = Some(Arc::<People>::clone(people));
        }
        if let Some(audit) = &self.audit {
            around.witness = Some(Arc::<Audit>::clone(audit));
        }
        around
    }
}

/// The address of a server, where a store is none of this machine's files.
fn server(store: Option<&Path>) -> Option<&str> {
    store?.to_str().filter(|store| store.starts_with("redis://"))
}

fn redis(url: &str) -> Answer<RedisStore> {
    let options = Options { timeout: WAIT_MAX, prefix: "guard:".to_owned() };
    RedisStore::connect(url, options).map_err(|error| failed("server", &error))
}

fn failed(what: &str, error: &impl std::fmt::Display) -> Failure {
    Failure::broke(format!("the {what} cannot be opened: {error}"))
}
