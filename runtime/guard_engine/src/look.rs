//! What detectors and models say of an event's texts: answers to an entry's questions, each text searched
//! once for all that is asked of it, and what is replaced.

use crate::answers::Place;
use crate::interpret::at;
use crate::{LoadError, Network, Networks, Services};
use guard_match::detect::{DetectorSet, Found, Scanner, Scratch};
use guard_model::Model;
use guard_plan::{Ask, Entry, ModelForm, Plan, Question, RedactionUse, Service};
use guard_redact::{
    Form, Pieces, Pseudonyms, RedactError, Redacted, Redactor, Template, Wanted, decode_into,
    may_find, value_of_key,
};
use guard_value::{Record, SlotValue};
use std::sync::Arc;

/// The detectors and models of a plan, ready to be asked, and what each entry asks.
#[derive(Debug)]
pub(crate) struct Detection {
    pub(crate) scanner: Arc<Scanner>,
    models: Arc<Vec<Scorer>>,
    services: Vec<Service>,
    /// By agent and entry.
    entries: Vec<Vec<OfEntry>>,
}

/// A model that is ready.
#[derive(Debug)]
enum Scorer {
    Linear(Model),
    Network(Box<dyn Network>),
}

/// What one entry asks of its texts.
#[derive(Debug, Default)]
pub(crate) struct OfEntry {
    looks: Vec<Look>,
    pub(crate) redactions: Vec<Replacing>,
    /// All that some redaction looks for.
    replaced: DetectorSet,
}

/// What is asked of one text: the questions with this subject.
#[derive(Debug, Default)]
struct Look {
    row: Option<u32>,
    /// Nothing is every text of a call's arguments.
    subject: Option<u32>,
    wanted: DetectorSet,
    /// The detector and the slot of its answer.
    finds: Vec<(u32, u32)>,
    /// The model and the slot of its answer.
    scores: Vec<(u32, u32)>,
    /// The service and the slot of its answer.
    services: Vec<(u32, u32)>,
}

/// What a rule replaces.
#[derive(Debug)]
pub(crate) struct Replacing {
    pub(crate) rule: usize,
    pub(crate) detectors: Vec<u32>,
    pub(crate) template: Template,
}

/// Memory for looking at texts: one a session.
#[derive(Debug, Default)]
pub(crate) struct Looking {
    scratch: Scratch,
    found: Vec<Found>,
    model: guard_model::Scratch,
    /// Slots and what goes into them.
    answers: Vec<(u32, Option<SlotValue>)>,
    text: String,
    rows: Vec<usize>,
}

impl Detection {
    /// Of a verified plan.
    pub(crate) fn of(plan: &Plan, networks: Option<&dyn Networks>) -> Result<Self, LoadError> {
        let scanner = Scanner::compile(&plan.detectors)?;
        let models = plan.models.iter().map(|model| Scorer::of(model, networks));
        let models = Arc::new(models.collect::<Result<_, _>>()?);
        Self::with(plan, Arc::new(scanner), models)
    }

    /// Of a verified plan that looks for the same as `known` does, which was made of `known_plan`; nothing where it looks
    /// for something else.
    pub(crate) fn beside(
        plan: &Plan,
        known: &Self,
        known_plan: &Plan,
    ) -> Option<Result<Self, LoadError>> {
        let is_same = plan.detectors == known_plan.detectors && plan.models == known_plan.models;
        let (scanner, models) = (Arc::clone(&known.scanner), Arc::clone(&known.models));
        is_same.then(|| Self::with(plan, scanner, models))
    }

    fn with(
        plan: &Plan,
        scanner: Arc<Scanner>,
        models: Arc<Vec<Scorer>>,
    ) -> Result<Self, LoadError> {
        let of_agent = |agent: &guard_plan::Agent| {
            agent.entries.iter().map(OfEntry::of).collect::<Result<Vec<_>, _>>()
        };
        let entries = plan.agents.iter().map(of_agent).collect::<Result<_, _>>()?;
        Ok(Self { scanner, models, services: plan.services.clone(), entries })
    }

    /// What an entry asks.
    pub(crate) fn of_entry(&self, agent: u32, entry: u32) -> Option<&OfEntry> {
        at(at(&self.entries, agent)?, entry)
    }

    /// Puts the answers to an entry's questions about texts into the event's slots.
    pub(crate) fn answer(
        &self,
        of_entry: &OfEntry,
        place: &Place<'_>,
        event_json: &[u8],
        event: &mut Record,
        services: Option<&dyn Services>,
        looking: &mut Looking,
    ) {
        for look in &of_entry.looks {
            let Some(subject) = look.subject else {
                self.arguments(look, event_json, event, looking);
                continue;
            };
            let mut rows = std::mem::take(&mut looking.rows);
            place.starts(look.row, event, &mut rows);
            for start in &rows {
                self.text(look, subject, *start, event, services, looking);
            }
            looking.rows = rows;
        }
    }

    /// `start` is where the row of the text begins in the record.
    fn text(
        &self,
        look: &Look,
        subject: u32,
        start: usize,
        event: &mut Record,
        services: Option<&dyn Services>,
        looking: &mut Looking,
    ) {
        let index = |slot: u32| start.saturating_add(usize::try_from(slot).unwrap_or(usize::MAX));
        let bytes = event.text(event.slot(index(subject)));
        let text = bytes.and_then(|bytes| std::str::from_utf8(bytes).ok());
        let Looking { scratch, found, model: memory, answers, .. } = looking;
        answers.clear();
        let is_searched = text.is_some_and(|text| {
            look.finds.is_empty() || self.scanner.scan(text, &look.wanted, scratch, found).is_ok()
        });
        for (detector, slot) in &look.finds {
            let is_found = found.iter().any(|found| found.detector == *detector);
            answers.push((*slot, is_searched.then(|| SlotValue::from_bool(is_found))));
        }
        for (model, slot) in &look.scores {
            let asked = at(&self.models, *model).zip(text);
            let score = asked.and_then(|(model, text)| model.score(text, memory));
            answers.push((*slot, score.map(SlotValue::from_float)));
        }
        for (service, slot) in &look.services {
            let asked = at(&self.services, *service).zip(text);
            let score = asked.and_then(|(service, text)| consult(service, text, services));
            answers.push((*slot, score.map(SlotValue::from_float)));
        }
        for (slot, value) in answers {
            event.set(index(*slot), value.unwrap_or(SlotValue::MALFORMED));
        }
    }

    /// Looks at every key, string and number of a call's arguments.
    ///
    /// The arguments are searched as they stand, so that a key is context for its value, and then each string
    /// that has escapes without them.
    fn arguments(&self, look: &Look, event_json: &[u8], event: &mut Record, looking: &mut Looking) {
        let answered = self.search_arguments(look, event_json, looking);
        for (index, (_, slot)) in look.finds.iter().enumerate() {
            let value = match &answered {
                Some(found) => {
                    SlotValue::from_bool(found.contains(u32::try_from(index).unwrap_or(0)))
                }
                None => SlotValue::MALFORMED,
            };
            if let Ok(slot) = usize::try_from(*slot) {
                event.set(slot, value);
            }
        }
    }

    /// Which of the questions found something; nothing where the search gave up.
    fn search_arguments(
        &self,
        look: &Look,
        event_json: &[u8],
        looking: &mut Looking,
    ) -> Option<DetectorSet> {
        let json = std::str::from_utf8(event_json).ok()?;
        let mut answered = DetectorSet::default();
        let Some((start, end)) = value_of_key(json, "args") else { return Some(answered) };
        let mut note = |found: &[Found]| {
            for (index, (detector, _)) in (0..).zip(&look.finds) {
                if found.iter().any(|found| found.detector == *detector) {
                    answered.insert(index);
                }
            }
        };
        let (scratch, found) = (&mut looking.scratch, &mut looking.found);
        let arguments = json.get(start..end)?;
        self.scanner.scan(arguments, &look.wanted, scratch, found).ok()?;
        note(found);
        let pieces = Pieces::within(json, start, end);
        for piece in pieces.clone().filter(|piece| piece.is_escaped) {
            looking.text.clear();
            decode_into(pieces.raw(&piece), &mut looking.text);
            self.scanner.scan(&looking.text, &look.wanted, scratch, found).ok()?;
            note(found);
        }
        Some(answered)
    }

    /// What is left of a text when the rules that fired have replaced what they find.
    pub(crate) fn redact<'r>(
        &self,
        of_entry: &'r OfEntry,
        fired: impl Fn(&&'r Replacing) -> bool,
        (text, form): (&str, Form),
        pseudonyms: Option<&Pseudonyms>,
        looking: &mut Looking,
    ) -> Result<Option<Redacted>, RedactError> {
        let rules = || of_entry.redactions.iter().filter(|rule| fired(rule));
        let Looking { scratch, found, .. } = looking;
        let is_asked = rules().next().is_some();
        if !is_asked || !may_find(&self.scanner, &of_entry.replaced, text, form, scratch, found)? {
            return Ok(None);
        }
        let wanted: Vec<Wanted<'_>> = rules().flat_map(Replacing::wanted).collect();
        let redactor = Redactor { scanner: &self.scanner, wanted: &wanted, pseudonyms };
        redactor.redact(text, form, scratch, found)
    }
}

impl Scorer {
    fn of(model: &guard_plan::Model, networks: Option<&dyn Networks>) -> Result<Self, LoadError> {
        let refused = |error: &dyn std::fmt::Display| LoadError::model(&model.name, error);
        match &model.form {
            ModelForm::Linear => {
                Model::from_bytes(&model.weights).map(Self::Linear).map_err(|error| refused(&error))
            }
            ModelForm::Onnx { tokenizer } => {
                let networks =
                    networks.ok_or_else(|| refused(&"nothing here runs ONNX networks"))?;
                let network = networks.load(&model.weights, tokenizer.as_deref());
                network.map(Self::Network).map_err(|error| refused(&error))
            }
        }
    }

    /// The probability of a text. What was not read whole has none.
    fn score(&self, text: &str, memory: &mut guard_model::Scratch) -> Option<f64> {
        let score = match self {
            Self::Linear(model) => {
                let score = model.score(text, memory);
                score.is_whole.then_some(score.probability)
            }
            Self::Network(network) => network.score(text).ok(),
        };
        score.filter(|score| (0.0..=1.0).contains(score))
    }
}

/// The score of a service; nothing where it does not answer and its author did not say what follows.
fn consult(service: &Service, text: &str, services: Option<&dyn Services>) -> Option<f64> {
    let answer = services.and_then(|services| services.score(service, text).ok());
    let score = answer.filter(|score| (0.0..=1.0).contains(score));
    score.or_else(|| service.passes_on_error.then_some(0.0))
}

impl OfEntry {
    fn of(entry: &Entry) -> Result<Self, LoadError> {
        let mut of_entry = Self::default();
        for ask in &entry.asks {
            of_entry.ask(ask);
        }
        for used in &entry.redactions {
            used.detectors.iter().for_each(|detector| of_entry.replaced.insert(*detector));
            of_entry.redactions.push(Replacing::of(used)?);
        }
        Ok(of_entry)
    }

    fn ask(&mut self, ask: &Ask) {
        match ask.question {
            Question::Finds { subject, detector } => {
                self.add(ask.row, subject, |look| {
                    look.wanted.insert(detector);
                    look.finds.push((detector, ask.slot));
                });
            }
            Question::Score { subject, model } => {
                self.add(ask.row, Some(subject), |look| look.scores.push((model, ask.slot)));
            }
            Question::Consult { subject, service } => {
                self.add(ask.row, Some(subject), |look| look.services.push((service, ask.slot)));
            }
            _ => {}
        }
    }

    /// What is asked of one text, with one more question.
    fn add(&mut self, row: Option<u32>, subject: Option<u32>, add: impl FnOnce(&mut Look)) {
        let known = self.looks.iter_mut().find(|look| (look.row, look.subject) == (row, subject));
        match known {
            Some(look) => add(look),
            None => {
                let mut look = Look { row, subject, ..Look::default() };
                add(&mut look);
                self.looks.push(look);
            }
        }
    }
}

impl Replacing {
    fn of(used: &RedactionUse) -> Result<Self, LoadError> {
        let template =
            Template::parse(&used.template).map_err(|error| LoadError::template(&error))?;
        let rule = usize::try_from(used.rule).unwrap_or(usize::MAX);
        Ok(Self { rule, detectors: used.detectors.clone(), template })
    }

    /// Each of its detectors with its template.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (u32, Template)> + '_ {
        self.detectors.iter().map(|detector| (*detector, self.template.clone()))
    }

    fn wanted(&self) -> impl Iterator<Item = Wanted<'_>> {
        self.detectors
            .iter()
            .map(|detector| Wanted { detector: *detector, template: &self.template })
    }
}
