//! The constants of a plan: texts, sets, patterns and clause texts, each once.

use guard_plan::{
    ClauseId, ClauseText, Detector, Model, Pattern, Place, Service, TextId, TextSetId,
};
use std::collections::HashMap;
use std::hash::Hash;

/// Values numbered in the order they were first asked for.
#[derive(Debug)]
struct Pool<T> {
    values: Vec<T>,
    known: HashMap<T, u32>,
}

impl<T> Default for Pool<T> {
    fn default() -> Self {
        Self { values: Vec::new(), known: HashMap::new() }
    }
}

impl<T: Clone + Eq + Hash> Pool<T> {
    fn intern_ref(&mut self, value: &T) -> u32 {
        match self.known.get(value) {
            Some(number) => *number,
            None => self.intern(value.clone()),
        }
    }

    fn intern(&mut self, value: T) -> u32 {
        if let Some(number) = self.known.get(&value) {
            return *number;
        }
        let number = u32::try_from(self.values.len()).unwrap_or(u32::MAX);
        self.values.push(value.clone());
        self.known.insert(value, number);
        number
    }
}

/// The constants of a plan under construction.
#[derive(Debug, Default)]
pub(crate) struct Constants {
    texts: Pool<String>,
    text_sets: Pool<Vec<TextId>>,
    patterns: Pool<Pattern>,
    detectors: Pool<Detector>,
    models: Pool<Model>,
    services: Pool<Service>,
    clause_numbers: HashMap<String, u32>,
    clauses: Vec<ClauseText>,
}

/// The finished tables.
pub(crate) struct ConstantTables {
    pub(crate) texts: Vec<String>,
    pub(crate) text_sets: Vec<Vec<TextId>>,
    pub(crate) patterns: Vec<Pattern>,
    pub(crate) detectors: Vec<Detector>,
    pub(crate) models: Vec<Model>,
    pub(crate) services: Vec<Service>,
    pub(crate) clauses: Vec<ClauseText>,
}

impl Constants {
    pub(crate) fn text(&mut self, text: &str) -> TextId {
        if let Some(number) = self.texts.known.get(text) {
            return TextId(*number);
        }
        TextId(self.texts.intern(text.to_owned()))
    }

    /// `texts` is sorted by bytes, without duplicates; the set keeps that order.
    pub(crate) fn text_set(&mut self, texts: &[String]) -> TextSetId {
        let ids = texts.iter().map(|text| self.text(text)).collect();
        TextSetId(self.text_sets.intern(ids))
    }

    pub(crate) fn pattern(&mut self, source: &str, whole: bool) -> u32 {
        self.patterns.intern(Pattern { source: source.to_owned(), whole })
    }

    pub(crate) fn detector(&mut self, detector: &Detector) -> u32 {
        self.detectors.intern_ref(detector)
    }

    pub(crate) fn model(&mut self, model: &Model) -> u32 {
        self.models.intern_ref(model)
    }

    pub(crate) fn service(&mut self, service: &Service) -> u32 {
        self.services.intern_ref(service)
    }

    pub(crate) fn service_name(&self, service: u32) -> &str {
        let index = usize::try_from(service).ok();
        index.and_then(|index| self.services.values.get(index)).map_or("", |s| s.name.as_str())
    }

    pub(crate) fn detector_name(&self, detector: u32) -> &str {
        let index = usize::try_from(detector).ok();
        index.and_then(|index| self.detectors.values.get(index)).map_or("", |d| d.name.as_str())
    }

    pub(crate) fn model_name(&self, model: u32) -> &str {
        let index = usize::try_from(model).ok();
        index.and_then(|index| self.models.values.get(index)).map_or("", |m| m.name.as_str())
    }

    /// Clauses of the same words share one text; its place is the first in the plan's order.
    pub(crate) fn clause_text(&mut self, text: &str, place: &Place) -> ClauseId {
        if let Some(number) = self.clause_numbers.get(text) {
            return ClauseId(*number);
        }
        let number = u32::try_from(self.clauses.len()).unwrap_or(u32::MAX);
        self.clauses.push(ClauseText { text: text.to_owned(), place: place.clone() });
        self.clause_numbers.insert(text.to_owned(), number);
        ClauseId(number)
    }

    pub(crate) fn into_tables(self) -> ConstantTables {
        ConstantTables {
            texts: self.texts.values,
            text_sets: self.text_sets.values,
            patterns: self.patterns.values,
            detectors: self.detectors.values,
            models: self.models.values,
            services: self.services.values,
            clauses: self.clauses,
        }
    }
}
