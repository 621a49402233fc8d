//! What detectors and models say of an event's texts: answers to an entry's questions, each text searched
//! once for all that is asked of it, and what is replaced.

use crate::LoadError;
use crate::answers::Place;
use crate::interpret::at;
use guard_match::detect::{DetectorSet, Found, Scanner, Scratch};
use guard_model::Model;
use guard_plan::{Ask, Entry, Plan, Question, RedactionUse};
use guard_redact::{
    Form, Pieces, Pseudonyms, RedactError, Redacted, Redactor, Template, Wanted, decode_into,
    value_of_key,
};
use guard_value::{Record, SlotValue};
use std::sync::Arc;

/// The detectors and models of a plan, ready to be asked, and what each entry asks.
#[derive(Debug)]
pub(crate) struct Detection {
    pub(crate) scanner: Arc<Scanner>,
    models: Vec<Model>,
    /// By agent and entry.
    entries: Vec<Vec<OfEntry>>,
}

/// What one entry asks of its texts.
#[derive(Debug, Default)]
pub(crate) struct OfEntry {
    looks: Vec<Look>,
    pub(crate) redactions: Vec<Replacing>,
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
    text: String,
    rows: Vec<usize>,
}

impl Detection {
    /// Of a verified plan.
    pub(crate) fn of(plan: &Plan) -> Result<Self, LoadError> {
        let scanner = Scanner::compile(&plan.detectors)?;
        let models = plan.models.iter().map(|model| {
            Model::from_bytes(&model.weights).map_err(|error| LoadError::model(&model.name, &error))
        });
        let models = models.collect::<Result<_, _>>()?;
        let of_agent = |agent: &guard_plan::Agent| {
            agent.entries.iter().map(OfEntry::of).collect::<Result<Vec<_>, _>>()
        };
        let entries = plan.agents.iter().map(of_agent).collect::<Result<_, _>>()?;
        Ok(Self { scanner: Arc::new(scanner), models, entries })
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
                self.text(look, subject, *start, event, looking);
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
        looking: &mut Looking,
    ) {
        let index = |slot: u32| start.saturating_add(usize::try_from(slot).unwrap_or(usize::MAX));
        let bytes = event.text(event.slot(index(subject)));
        let Some(text) = bytes.and_then(|bytes| std::str::from_utf8(bytes).ok()) else {
            let answers = look.finds.iter().chain(&look.scores);
            answers.for_each(|(_, slot)| event.set(index(*slot), SlotValue::MALFORMED));
            return;
        };
        let is_known = look.finds.is_empty()
            || self
                .scanner
                .scan(text, &look.wanted, &mut looking.scratch, &mut looking.found)
                .is_ok();
        let mut scores = [SlotValue::MALFORMED; MODELS_MAX];
        for ((model, _), score) in look.scores.iter().zip(&mut scores) {
            if let Some(model) = at(&self.models, *model) {
                let found = model.score(text, &mut looking.model);
                // What was not read whole has no score.
                if found.is_whole {
                    *score = SlotValue::from_float(found.probability);
                }
            }
        }
        for (detector, slot) in &look.finds {
            let is_found = looking.found.iter().any(|found| found.detector == *detector);
            let value =
                if is_known { SlotValue::from_bool(is_found) } else { SlotValue::MALFORMED };
            event.set(index(*slot), value);
        }
        for ((_, slot), score) in look.scores.iter().zip(scores) {
            event.set(index(*slot), score);
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
        rules: impl Iterator<Item = &'r Replacing>,
        text: &str,
        form: Form,
        pseudonyms: Option<&Pseudonyms>,
        looking: &mut Looking,
    ) -> Result<Option<Redacted>, RedactError> {
        let wanted: Vec<Wanted<'_>> = rules.flat_map(Replacing::wanted).collect();
        let redactor = Redactor { scanner: &self.scanner, wanted: &wanted, pseudonyms };
        redactor.redact(text, form, &mut looking.scratch, &mut looking.found)
    }
}

/// How many models are asked about one text.
pub(crate) const MODELS_MAX: usize = 16;

impl OfEntry {
    fn of(entry: &Entry) -> Result<Self, LoadError> {
        let mut of_entry = Self::default();
        for ask in &entry.asks {
            of_entry.ask(ask)?;
        }
        for used in &entry.redactions {
            of_entry.redactions.push(Replacing::of(used)?);
        }
        Ok(of_entry)
    }

    fn ask(&mut self, ask: &Ask) -> Result<(), LoadError> {
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
            _ => {}
        }
        let is_too_much = self.looks.iter().any(|look| look.scores.len() > MODELS_MAX);
        if is_too_much { Err(LoadError::too_many_models()) } else { Ok(()) }
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
