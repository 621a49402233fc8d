//! What outlives the process holds: across restarts, between processes, and when one is killed.

#[cfg(test)]
mod approvals;
#[cfg(test)]
mod common;
#[cfg(test)]
mod journal;
#[cfg(test)]
#[cfg(unix)]
mod killed;
#[cfg(test)]
mod sessions;

#[cfg(test)]
mod state;
