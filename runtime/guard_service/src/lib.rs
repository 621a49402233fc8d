//! Asks detectors that are services over HTTP, in bounded time.
//!
//! # The contract
//!
//! A `POST` to the service's address with `{"detector": NAME, "text": TEXT}` as JSON is answered with status 200 and a JSON
//! object whose `score` is a number from 0 to 1; other keys are not read. Everything else is no answer: another status, a
//! redirect, a body of more than [`ANSWER_BYTES_MAX`], a score outside of the range, and what does not come within the
//! time that the policy states, counted from the connection to the last byte.
//!
//! Proxies of the environment are not used: a policy's text decides where texts are sent, and nothing else.

#![forbid(unsafe_code)]

use guard_engine::{ServiceError, Services};
use guard_plan::Service;
use serde_json::Value;
use std::time::Duration;
use ureq::Agent;

/// The longest answer that is read, in bytes.
pub const ANSWER_BYTES_MAX: u64 = 64 * 1024;

/// Services that are reached over HTTP. Connections are kept and used again.
#[derive(Debug, Clone)]
pub struct HttpServices {
    agent: Agent,
}

impl Default for HttpServices {
    fn default() -> Self {
        let config = Agent::config_builder()
            .max_redirects(0)
            .max_redirects_will_error(true)
            .http_status_as_error(true)
            .proxy(None)
            .build();
        Self { agent: Agent::new_with_config(config) }
    }
}

impl Services for HttpServices {
    fn score(&self, service: &Service, text: &str) -> Result<f64, ServiceError> {
        let question = serde_json::json!({"detector": service.name, "text": text}).to_string();
        let failed = |error: ureq::Error| ServiceError::new(error.to_string());
        let mut answer = self
            .agent
            .post(&service.url)
            .config()
            .timeout_global(Some(Duration::from_millis(u64::from(service.timeout_ms))))
            .build()
            .content_type("application/json")
            .send(question)
            .map_err(failed)?;
        if answer.status() != 200 {
            return Err(ServiceError::new(format!("its status is {}", answer.status())));
        }
        let body = answer.body_mut().with_config().limit(ANSWER_BYTES_MAX).read_to_vec();
        score_of(&body.map_err(failed)?)
    }
}

fn score_of(body: &[u8]) -> Result<f64, ServiceError> {
    let answer: Value =
        serde_json::from_slice(body).map_err(|_| ServiceError::new("its answer is no JSON"))?;
    let score = answer.get("score").and_then(Value::as_f64);
    score
        .filter(|score| (0.0..=1.0).contains(score))
        .ok_or_else(|| ServiceError::new("its answer has no score from 0 to 1"))
}
