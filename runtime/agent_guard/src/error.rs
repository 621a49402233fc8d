//! Why a policy is not loaded, facts are not taken, a session does not begin.

use std::fmt;

/// Why a policy is not loaded.
///
/// ```
/// let error = agent_guard::Policy::from_bytes(b"no policy").unwrap_err();
/// assert!(!error.to_string().is_empty());
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyError {
    message: String,
}

/// Why facts are not taken. Those in force stay.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/plans/mail.rs"));
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let engine = agent_guard::Engine::new(&mail_policy())?;
/// let error = engine.set_facts(br#"{"trusted": 1}"#).unwrap_err();
/// assert!(error.to_string().contains("`trusted`"));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FactsError {
    message: String,
}

/// Why a session does not begin.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/plans/mail.rs"));
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let engine = agent_guard::Engine::new(&mail_policy())?;
/// let error = engine.session("nobody", "session-1", b"{}").unwrap_err();
/// assert_eq!(error.to_string(), "the policy has no agent `nobody`");
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionError {
    message: String,
}

impl PolicyError {
    pub(crate) fn new(why: impl fmt::Display) -> Self {
        Self { message: why.to_string() }
    }
}

impl FactsError {
    pub(crate) fn new(why: impl fmt::Display) -> Self {
        Self { message: why.to_string() }
    }
}

impl SessionError {
    pub(crate) fn new(why: impl fmt::Display) -> Self {
        Self { message: why.to_string() }
    }
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl fmt::Display for FactsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl fmt::Display for SessionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for PolicyError {}
impl std::error::Error for FactsError {}
impl std::error::Error for SessionError {}
