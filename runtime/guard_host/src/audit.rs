//! Writes every decision to a journal before the event passes.
//!
//! INVARIANT: a text that holds a confidential value is not written; a keyed hash stands for it, by which
//! who has the key can find the value again.

use guard_engine::{Decision, Witness, WitnessError};
use guard_journal::{Journal, Kind, Record, keyed_hash};
use serde_json::{Value, json};
use std::sync::Arc;

/// The audit of an engine.
#[derive(Debug, Clone)]
pub struct Audit {
    journal: Arc<dyn Journal>,
    key: Arc<[u8]>,
}

impl Audit {
    /// Into this journal. `key` hashes what must not be written.
    pub fn new(journal: Arc<dyn Journal>, key: &[u8]) -> Self {
        Self { journal, key: key.into() }
    }

    /// What is written of a decision.
    fn entry(&self, decision: &Decision<'_>) -> Value {
        let about = decision.about();
        let mut report = serde_json::to_value(decision.report()).unwrap_or(Value::Null);
        self.conceal(&mut report, decision);
        json!({
            "session": about.session,
            "agent": about.agent,
            "type": about.kind_word(),
            "tool": about.tool,
            "failed": about.failed,
            "decision": report,
        })
    }

    fn conceal(&self, value: &mut Value, decision: &Decision<'_>) {
        match value {
            Value::String(text) if decision.conceals(text) => {
                *text = format!("hidden:{}", keyed_hash(&self.key, text.as_bytes()));
            }
            Value::Array(values) => {
                for value in values {
                    self.conceal(value, decision);
                }
            }
            Value::Object(fields) => {
                for value in fields.values_mut() {
                    self.conceal(value, decision);
                }
            }
            _ => {}
        }
    }
}

impl Witness for Audit {
    fn saw(&self, decision: &Decision<'_>) -> Result<(), WitnessError> {
        let entry = self.entry(decision);
        let about = decision.about();
        let kind = if about.is_result() { Kind::Outcome } else { Kind::Decision };
        let record = Record { at_ms: about.now_ms, kind, entry: &entry };
        self.journal.append(&record).map(|_| ()).map_err(|error| WitnessError(error.to_string()))
    }
}
