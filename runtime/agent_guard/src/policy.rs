//! A compiled policy.

use crate::PolicyError;
use guard_plan::Plan;
use std::sync::Arc;

/// A compiled and verified policy. Cheap to clone.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/plans/mail.rs"));
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let policy = mail_policy();
/// let read_back = agent_guard::Policy::from_bytes(&policy.to_bytes())?;
/// assert_eq!(read_back.digest(), policy.digest());
/// assert_eq!(policy.agents().collect::<Vec<_>>(), ["mail"]);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Policy {
    plan: Arc<Plan>,
    digest: String,
}

impl Policy {
    /// Reads and verifies what `guardc build` wrote. What comes from elsewhere, or was cut or
    /// changed, is refused or is at least safe to run; that it is the policy you meant is for its
    /// [digest](Policy::digest) to say.
    ///
    /// ```
    /// assert!(agent_guard::Policy::from_bytes(b"").is_err());
    /// ```
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, PolicyError> {
        Self::from_plan(Plan::decode(bytes).map_err(PolicyError::new)?)
    }

    /// Verifies a plan that a compiler in the same process made.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/plans/mail.rs"));
    /// # fn main() {
    /// assert!(agent_guard::Policy::from_plan(mail_plan()).is_ok());
    /// # }
    /// ```
    pub fn from_plan(plan: Plan) -> Result<Self, PolicyError> {
        guard_plan::verify(&plan).map_err(|errors| {
            let errors: Vec<String> = errors.iter().map(ToString::to_string).collect();
            PolicyError::new(format_args!("the policy is not valid: {}", errors.join("; ")))
        })?;
        let digest = plan.digest().to_string();
        Ok(Self { plan: Arc::new(plan), digest })
    }

    /// The policy as [`Policy::from_bytes`] reads it.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/plans/mail.rs"));
    /// # fn main() {
    /// assert!(!mail_policy().to_bytes().is_empty());
    /// # }
    /// ```
    pub fn to_bytes(&self) -> Vec<u8> {
        self.plan.encode()
    }

    /// Names what the policy says, in hexadecimal: two policies whose rules differ only in order,
    /// layout or comments have the same.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/plans/mail.rs"));
    /// # fn main() {
    /// assert_eq!(mail_policy().digest(), mail_policy().digest());
    /// # }
    /// ```
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// The names of its agents, sorted.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/plans/mail.rs"));
    /// # fn main() {
    /// assert!(mail_policy().agents().any(|agent| agent == "mail"));
    /// # }
    /// ```
    pub fn agents(&self) -> impl Iterator<Item = &str> {
        self.plan.agents.iter().map(|agent| agent.name.as_str())
    }

    pub(crate) fn plan(&self) -> &Arc<Plan> {
        &self.plan
    }
}
