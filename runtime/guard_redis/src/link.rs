//! Connections to the server: made when needed, kept while they work, dropped when one fails.

use crate::scripts::Text;
use guard_state::StoreError;
use redis::{Client, Cmd, Connection, ConnectionLike, ErrorKind, FromRedisValue, RedisError};
use redis::{ServerErrorKind, Value};
use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// How to use a server.
#[derive(Clone, Debug)]
pub struct Options {
    /// How long to wait for a connection, and then for each answer.
    pub timeout: Duration,
    /// What the names of all keys begin with. On a cluster it has to hold a hash tag (`{guard}`), so
    /// that the keys of one decision lie on one node.
    pub prefix: String,
}

/// The most connections that are kept while nobody uses them.
const IDLE_MAX: usize = 16;

pub(crate) struct Link {
    client: Client,
    timeout: Duration,
    idle: Mutex<Vec<Connection>>,
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The address may hold a password.
        f.debug_struct("Link").field("timeout", &self.timeout).finish_non_exhaustive()
    }
}

impl Link {
    pub(crate) fn new(url: &str, timeout: Duration) -> Result<Self, StoreError> {
        let client = Client::open(url).map_err(|error| why(&error))?;
        Ok(Self { client, timeout, idle: Mutex::default() })
    }

    /// One round trip, or two when the server does not know the script yet.
    pub(crate) fn run<T: FromRedisValue>(
        &self,
        script: &Text,
        keys: &[String],
        arguments: &[&[u8]],
    ) -> Result<T, StoreError> {
        self.with(|connection| {
            let known = eval("EVALSHA", &script.digest, keys, arguments).query(connection);
            match known {
                // Nothing was run, so running it now is no repetition.
                Err(error) if error.kind() == ErrorKind::Server(ServerErrorKind::NoScript) => {
                    eval("EVAL", &script.text, keys, arguments).query(connection)
                }
                answer => answer,
            }
        })
    }

    pub(crate) fn ask<T: FromRedisValue>(&self, command: &Cmd) -> Result<T, StoreError> {
        self.with(|connection| command.query(connection))
    }

    fn with<T>(
        &self,
        ask: impl FnOnce(&mut Connection) -> Result<T, RedisError>,
    ) -> Result<T, StoreError> {
        let mut connection = match self.take_idle() {
            Some(connection) => connection,
            None => self.connect().map_err(|error| why(&error))?,
        };
        match ask(&mut connection) {
            Ok(answer) => {
                self.keep(connection);
                Ok(answer)
            }
            // The server's own refusal leaves the connection as it was.
            Err(error) if is_servers(&error) => {
                self.keep(connection);
                Err(why(&error))
            }
            // A claim must not be repeated: it may have been taken. What else lies idle is as old,
            // so the next call begins anew.
            Err(error) => {
                self.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
                Err(why(&error))
            }
        }
    }

    fn connect(&self) -> Result<Connection, RedisError> {
        let mut connection = self.client.get_connection_with_timeout(self.timeout)?;
        connection.set_read_timeout(Some(self.timeout))?;
        connection.set_write_timeout(Some(self.timeout))?;
        check_eviction(&mut connection)?;
        Ok(connection)
    }

    fn take_idle(&self) -> Option<Connection> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        std::iter::from_fn(|| idle.pop()).find(ConnectionLike::is_open)
    }

    fn keep(&self, connection: Connection) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < IDLE_MAX {
            idle.push(connection);
        }
    }
}

fn eval(how: &str, script: &str, keys: &[String], arguments: &[&[u8]]) -> Cmd {
    let mut command = redis::cmd(how);
    command.arg(script).arg(keys.len()).arg(keys).arg(arguments);
    command
}

/// A server that drops keys when its memory is full forgets what was taken, and says nothing.
fn check_eviction(connection: &mut Connection) -> Result<(), RedisError> {
    let report: Value = redis::cmd("INFO").arg("memory").query(connection)?;
    let report = String::from_redis_value(report)?;
    let field = |name: &str| report.lines().find_map(|line| line.strip_prefix(name));
    let is_bounded = field("maxmemory:").is_some_and(|bytes| bytes.trim() != "0");
    let drops = field("maxmemory_policy:").is_some_and(|policy| policy.trim() != "noeviction");
    if is_bounded && drops {
        let why =
            "the server drops keys when its memory is full; set `maxmemory-policy noeviction`";
        return Err(RedisError::from((ErrorKind::InvalidClientConfig, why)));
    }
    Ok(())
}

fn is_servers(error: &RedisError) -> bool {
    matches!(error.kind(), ErrorKind::Server(_) | ErrorKind::Extension)
}

fn why(error: &RedisError) -> StoreError {
    if error.is_timeout() {
        return StoreError::TimedOut;
    }
    match (error.kind(), error.code()) {
        (_, Some("OOM")) => StoreError::Full("the server's memory"),
        (ErrorKind::Parse | ErrorKind::UnexpectedReturnType, _)
        | (ErrorKind::Extension, Some("WRONGTYPE")) => StoreError::Broken(error.to_string()),
        _ => StoreError::Unreachable(error.to_string()),
    }
}
