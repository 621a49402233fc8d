//! What is measured: a function from a text to a score.

use crate::exit::{Answer, Failure};
use guard_match::detect::{self, DetectorSet, Found, Scanner};
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

/// A model.
#[derive(Debug)]
pub(super) struct ModelDetector {
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

impl ModelDetector {
    pub(super) fn new(name: &str, weights: &[u8]) -> Answer<Self> {
        let model =
            Model::from_bytes(weights).map_err(|error| Failure::broke(error.to_string()))?;
        Ok(Self { name: name.to_owned(), model, scratch: Scratch::default() })
    }
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

/// Detectors with patterns: 1 where any of them finds something, else 0.
pub(super) struct PatternDetector {
    name: String,
    scanner: Scanner,
    wanted: DetectorSet,
    scratch: detect::Scratch,
    found: Vec<Found>,
}

impl PatternDetector {
    pub(super) fn new(name: String, detectors: &[guard_plan::Detector]) -> Answer<Self> {
        let scanner =
            Scanner::compile(detectors).map_err(|error| Failure::broke(error.to_string()))?;
        let wanted = DetectorSet::all(detectors.len());
        Ok(Self { name, scanner, wanted, scratch: detect::Scratch::default(), found: Vec::new() })
    }
}

impl Detector for PatternDetector {
    fn name(&self) -> &str {
        &self.name
    }

    fn threshold(&self) -> f64 {
        1.0
    }

    fn score(&mut self, text: &str) -> f64 {
        let scanned = self.scanner.scan(text, &self.wanted, &mut self.scratch, &mut self.found);
        if scanned.is_err() || !self.found.is_empty() { 1.0 } else { 0.0 }
    }
}

/// Several detectors: 1 where any fires, else 0.
pub(super) struct AnyOf {
    name: String,
    all: Vec<Box<dyn Detector>>,
}

impl AnyOf {
    pub(super) fn new(name: String, all: Vec<Box<dyn Detector>>) -> Self {
        Self { name, all }
    }
}

impl Detector for AnyOf {
    fn name(&self) -> &str {
        &self.name
    }

    fn threshold(&self) -> f64 {
        1.0
    }

    fn score(&mut self, text: &str) -> f64 {
        let fires = self.all.iter_mut().any(|one| one.score(text) >= one.threshold());
        if fires { 1.0 } else { 0.0 }
    }
}
