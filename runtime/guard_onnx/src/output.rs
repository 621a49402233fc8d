//! What a network says, as a probability.

use guard_engine::NetworkError;

/// How the numbers of an output are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Meaning {
    Probability,
    Logits,
}

impl Meaning {
    /// By the name of the output.
    pub(crate) fn of(name: &str) -> Self {
        let name = name.to_ascii_lowercase();
        let said = ["probability", "probabilities", "score", "scores"];
        if said.iter().any(|ending| name.ends_with(ending)) {
            Self::Probability
        } else {
            Self::Logits
        }
    }

    /// The probability that one or two values stand for.
    pub(crate) fn probability(self, values: &[f32]) -> Result<f64, NetworkError> {
        let probability = match (self, values) {
            (Self::Probability, [probability] | [_, probability]) => f64::from(*probability),
            (Self::Logits, [logit]) => logistic(f64::from(*logit)),
            // Softmax of two is the logistic function of their difference.
            (Self::Logits, [no, yes]) => logistic(f64::from(*yes) - f64::from(*no)),
            _ => {
                let message = format!("it gives {} values, not one or two", values.len());
                return Err(NetworkError::new(message));
            }
        };
        // A logit without end is what is left of numbers that were none.
        let is_finite = values.iter().all(|value| value.is_finite());
        if is_finite && (0.0..=1.0).contains(&probability) {
            Ok(probability)
        } else {
            Err(NetworkError::new("what it gives is no probability"))
        }
    }
}

fn logistic(logit: f64) -> f64 {
    1.0 / (1.0 + (-logit).exp())
}
