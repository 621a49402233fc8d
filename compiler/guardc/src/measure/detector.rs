//! What is measured: a function from a text to a score.

use crate::exit::{Answer, Failure};
use guard_model::limits::MODEL_BYTES_MAX;
use guard_model::{Model, Scratch};
use std::path::Path;

/// Gives texts scores. The higher, the more the text is what the detector looks for.
pub(crate) trait Detector {
    /// What it is called in tables.
    fn name(&self) -> &str;
    /// The score from which it fires unless the caller says otherwise.
    fn threshold(&self) -> f64;
    /// The score of a text, 0 to 1. What could not be read to its end has 1.
    fn score(&mut self, text: &str) -> f64;
}

/// A model from a file.
#[derive(Debug)]
struct ModelDetector {
    name: String,
    model: Model,
    scratch: Scratch,
}

/// Reads a model's file.
pub(crate) fn load_model(path: &Path) -> Answer<Box<dyn Detector>> {
    let bytes_max = u64::try_from(MODEL_BYTES_MAX).unwrap_or(u64::MAX);
    let bytes = crate::commands::read_bounded(path, bytes_max)
        .map_err(|error| Failure::file(path, error))?;
    let model = Model::from_bytes(&bytes).map_err(|error| Failure::file(path, error))?;
    let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    Ok(Box::new(ModelDetector { name, model, scratch: Scratch::default() }))
}

impl Detector for ModelDetector {
    fn name(&self) -> &str {
        &self.name
    }

    fn threshold(&self) -> f64 {
        self.model.threshold()
    }

    fn score(&mut self, text: &str) -> f64 {
        let score = self.model.score(text, &mut self.scratch);
        if score.is_whole { score.probability } else { 1.0 }
    }
}
