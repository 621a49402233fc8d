//! Answers an entry's questions about the session before its rules run, and notes what happened
//! after they have.

use crate::Outcome;
use crate::breakers::Circuit;
use crate::calls::{Noting, OpenCall, OpenCalls};
use crate::grounding::{Missing, grounded, support};
use crate::interpret::at;
use crate::memory::{Kept, KeyBytes, Table, push_part};
use crate::origins::{Found, Origins};
use guard_plan::{
    Action, Agent, Ask, Entry, Layout, Load, Question, Region, Slot, SlotType, Sources, ToolId,
    Truth,
};
use guard_value::{Record, SlotValue};
use serde::{Deserialize, Serialize};

/// What a session remembers: everything that a later decision can depend on.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Memories {
    tables: Vec<Table>,
    open: OpenCalls,
    /// The latest time that an event has said, in milliseconds; a clock that runs back stands still.
    now: Option<i64>,
    /// Reused from event to event.
    #[serde(skip)]
    key: KeyBytes,
    #[serde(skip)]
    rows: Vec<usize>,
    /// Claims of the last event that have no source.
    #[serde(skip)]
    missing: Vec<Missing>,
}

/// What there is to ask besides memories.
pub(crate) struct Asking<'a> {
    pub(crate) origins: &'a Origins,
    /// Whether a person has said yes to exactly this call.
    pub(crate) is_confirmed: Truth,
    /// What is new, by the store that all sessions share; unknown where there is none.
    pub(crate) is_novel: &'a dyn Fn(&[u8]) -> Truth,
    /// How the agent's breakers stand.
    pub(crate) circuit: Circuit<'a>,
}

/// An entry and everything its loads can name.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) agent: &'a Agent,
    pub(crate) entry: &'a Entry,
    pub(crate) layout: &'a Layout,
    pub(crate) principal: &'a Record,
}

impl<'a> Place<'a> {
    fn slot(&self, load: Load, event: &'a Record) -> Option<(SlotValue, &'a Slot, &'a Record)> {
        let (slots, record) = match load.region {
            Region::Event => (&self.layout.slots, event),
            Region::Principal => (&self.agent.parameters.slots, self.principal),
            Region::Data | Region::Row(_) => return None,
        };
        let index = usize::try_from(load.slot).ok()?;
        Some((record.slot(index), slots.get(index)?, record))
    }

    /// Where the rows of a kind begin in an event; for `None` the record itself.
    pub(crate) fn starts(&self, row: Option<u32>, event: &Record, starts: &mut Vec<usize>) {
        starts.clear();
        match row {
            None => starts.push(0),
            Some(row) => starts_of(row, &self.layout.slots, self.layout, 0, event, starts),
        }
    }

    fn kept(&self, load: Load, event: &Record) -> Kept {
        match self.slot(load, event) {
            Some((value, slot, record)) => Kept::of(value, slot.ty, record),
            None => Kept::Unknown,
        }
    }

    /// Writes the bytes of a key; false where a part of it has no value.
    pub(crate) fn key(&self, parts: &[Load], event: &Record, key: &mut KeyBytes) -> bool {
        key.clear();
        parts.iter().all(|part| {
            self.slot(*part, event)
                .is_some_and(|(value, slot, record)| push_part(key, value, slot.ty, record))
        })
    }

    /// A number, in millionths; nothing where it is not finite, negative or too large.
    pub(crate) fn amount(&self, load: Load, event: &Record) -> Option<i64> {
        let (value, slot, _) = self.slot(load, event)?;
        match slot.ty {
            SlotType::Int => value.as_int()?.checked_mul(1_000_000),
            SlotType::Float => millionths(value.as_float()?),
            _ => None,
        }
        .filter(|amount| *amount >= 0)
    }
}

/// Rounded up, so that no part of an amount escapes a limit.
fn millionths(value: f64) -> Option<i64> {
    let scaled = (value * 1_000_000.0).ceil();
    if !(0.0..9e18).contains(&scaled) {
        return None;
    }
    #[expect(
        clippy::cast_possible_truncation,
        reason = "whole and within an i64, as checked above"
    )]
    Some(scaled as i64)
}

impl Memories {
    /// For an agent; nothing has happened.
    pub(crate) fn new(agent: &Agent) -> Self {
        Self { tables: vec![Table::default(); agent.memories.len()], ..Self::default() }
    }

    /// Whether it can be a session of this agent.
    pub(crate) fn fits(&self, agent: &Agent) -> bool {
        self.tables.len() == agent.memories.len()
    }

    /// The time of an event: never earlier than that of the one before.
    pub(crate) fn time(&mut self, at: Option<i64>) -> Option<i64> {
        self.now = self.now.max(at);
        self.now
    }

    /// Claims of the last event that have no source.
    pub(crate) fn missing(&self) -> &[Missing] {
        &self.missing
    }

    /// The latest time, to be put back by [`Memories::set_clock`].
    pub(crate) fn clock(&self) -> Option<i64> {
        self.now
    }

    /// Puts the clock back, after an event that is only explained.
    pub(crate) fn set_clock(&mut self, now: Option<i64>) {
        self.now = now;
    }

    /// Puts the answers to an entry's questions into the event's slots.
    pub(crate) fn answer(&mut self, place: &Place<'_>, event: &mut Record, around: &Asking<'_>) {
        self.missing.clear();
        for ask in &place.entry.asks {
            let mut rows = std::mem::take(&mut self.rows);
            place.starts(ask.row, event, &mut rows);
            for start in &rows {
                self.answer_one(ask, place, *start, event, around);
            }
            self.rows = rows;
        }
    }

    /// `start` is where the row that the question is about begins in the record.
    fn answer_one(
        &mut self,
        ask: &Ask,
        place: &Place<'_>,
        start: usize,
        event: &mut Record,
        around: &Asking<'_>,
    ) {
        let index = |slot: u32| start.saturating_add(usize::try_from(slot).unwrap_or(usize::MAX));
        let answer = index(ask.slot);
        let mut key = std::mem::take(&mut self.key);
        let truth = match &ask.question {
            Question::Origin { subject, sources, whole } => {
                let value = event.slot(index(*subject));
                let ty = subject_type(ask, *subject, place.layout);
                origin(value, ty, *sources, *whole, event, around.origins)
            }
            Question::Carries { subject } => match event.text(event.slot(index(*subject))) {
                Some(text) => around.origins.carries(text),
                None => Truth::Unknown,
            },
            Question::Noted { memory, key: parts } => {
                let is_key = place.key(parts, event, &mut key);
                self.table(*memory)
                    .filter(|_| is_key)
                    .map_or(Truth::Unknown, |table| table.noted(&key))
            }
            Question::Count { memory, key: parts } => {
                let count = self.count(*memory, place, parts, event, &mut key);
                let value = count.map_or(SlotValue::MALFORMED, |c| SlotValue::from_int(c.into()));
                event.set(answer, value);
                self.key = key;
                return;
            }
            Question::Last { memory, key: parts, field } => {
                let is_key = place.key(parts, event, &mut key);
                let table = self.table(*memory).filter(|_| is_key);
                match table {
                    Some(table) => table.last(&key, *field).put(event, answer),
                    None => event.set(answer, SlotValue::MALFORMED),
                }
                self.key = key;
                return;
            }
            Question::Novel { key: parts } => {
                if place.key(parts, event, &mut key) {
                    (around.is_novel)(&key)
                } else {
                    Truth::Unknown
                }
            }
            Question::Grounded { subject, sources } => {
                let (subject, missing) = (index(*subject), &mut self.missing);
                grounded(answer, subject, *sources, event, around.origins, missing)
            }
            Question::Support { subject, sources } => {
                let value = support(index(*subject), *sources, event, around.origins);
                event.set(answer, value);
                self.key = key;
                return;
            }
            // Answered before, with all others about their text.
            Question::Finds { .. } | Question::Score { .. } | Question::Consult { .. } => {
                self.key = key;
                return;
            }
            Question::Confirmed => around.is_confirmed,
            Question::Breaker { breaker, stage } => around.circuit.is_at(*breaker, *stage),
            Question::Share { key: parts, share } => {
                if place.key(parts, event, &mut key) {
                    Truth::from(crate::share::share_of(&key) < *share)
                } else {
                    Truth::Unknown
                }
            }
        };
        self.key = key;
        event.set(answer, truth_value(truth));
    }

    fn count(
        &self,
        memory: u32,
        place: &Place<'_>,
        parts: &[Load],
        event: &Record,
        key: &mut KeyBytes,
    ) -> Option<u32> {
        let of_plan = at(&place.agent.memories, memory)?;
        let table = self.table(memory).filter(|_| place.key(parts, event, key))?;
        // Where no event says a time, none has passed.
        table.count(of_plan, key, self.now.unwrap_or(0))
    }

    fn table(&self, memory: u32) -> Option<&Table> {
        at(&self.tables, memory)
    }

    /// What an entry's rules want noted, now that they have been evaluated.
    pub(crate) fn notings(place: &Place<'_>, event: &Record, outcome: &Outcome) -> Vec<Noting> {
        let mut notings = Vec::new();
        for update in &place.entry.updates {
            let Action::Note { key, fields, on_success } = &update.action else { continue };
            let Some(truth) = fired(outcome, update.rule) else { continue };
            let mut bytes = KeyBytes::new();
            let is_key = place.key(key, event, &mut bytes);
            notings.push(Noting {
                memory: update.memory,
                key: is_key.then_some(bytes),
                fields: fields.iter().map(|field| place.kept(*field, event)).collect(),
                is_sure: truth == Truth::True,
                on_success: *on_success,
            });
        }
        notings
    }

    /// Notes an event that has happened: what it clears first, so that an event can do both.
    pub(crate) fn happened(&mut self, place: &Place<'_>, outcome: &Outcome, notings: &[Noting]) {
        for update in &place.entry.updates {
            let (Action::Clear, Some(truth)) = (&update.action, fired(outcome, update.rule)) else {
                continue;
            };
            let table = usize::try_from(update.memory).ok();
            if let Some(table) = table.and_then(|index| self.tables.get_mut(index)) {
                table.clear(truth);
            }
        }
        self.note(place.agent, notings.iter().filter(|noting| !noting.on_success));
    }

    fn note<'n>(&mut self, agent: &Agent, notings: impl Iterator<Item = &'n Noting>) {
        let now = self.now.unwrap_or(0);
        for noting in notings {
            let Ok(index) = usize::try_from(noting.memory) else { continue };
            if let (Some(table), Some(memory)) =
                (self.tables.get_mut(index), agent.memories.get(index))
            {
                let fields = noting.fields.clone();
                table.note(memory, noting.key.as_deref(), fields, noting.truth(), now);
            }
        }
    }

    /// Waits for the result of a call.
    pub(crate) fn open(&mut self, call: OpenCall) {
        self.open.open(call, &mut self.tables);
    }

    /// The call that a result is of.
    pub(crate) fn close(&mut self, tool: ToolId, id: &str) -> Option<OpenCall> {
        self.open.close(tool.0, id)
    }

    /// A call has a result: it happened, whatever was decided about it.
    pub(crate) fn finished(
        &mut self,
        agent: &Agent,
        call: &OpenCall,
        failed: bool,
        returned: impl Fn(u32) -> Option<Vec<Kept>>,
    ) {
        if !call.is_permitted {
            self.note(agent, call.noting.iter().filter(|noting| !noting.on_success));
        }
        if failed {
            return;
        }
        let succeeded: Vec<Noting> = call
            .noting
            .iter()
            .filter(|noting| noting.on_success)
            .map(|noting| {
                let keeps =
                    at(&agent.memories, noting.memory).is_some_and(|m| !m.fields.is_empty());
                let fields = if keeps && noting.fields.is_empty() {
                    returned(noting.memory).unwrap_or_else(|| vec![Kept::Unknown])
                } else {
                    noting.fields.clone()
                };
                Noting { fields, ..noting.clone() }
            })
            .collect();
        self.note(agent, succeeded.iter());
    }
}

/// The values that a result's entry keeps for a memory.
pub(crate) fn returned(place: &Place<'_>, event: &Record, memory: u32) -> Option<Vec<Kept>> {
    place.entry.updates.iter().find_map(|update| match &update.action {
        Action::Finish { fields } if update.memory == memory => {
            Some(fields.iter().map(|field| place.kept(*field, event)).collect())
        }
        _ => None,
    })
}

/// Whether a rule of an entry fired, and how surely.
pub(crate) fn fired(outcome: &Outcome, rule: u32) -> Option<Truth> {
    let rule = usize::try_from(rule).ok()?;
    if !Outcome::is_set(&outcome.rules_fired, rule) {
        return None;
    }
    let is_unknown = Outcome::is_set(&outcome.rules_unknown, rule);
    Some(if is_unknown { Truth::Unknown } else { Truth::True })
}

fn truth_value(truth: Truth) -> SlotValue {
    match truth {
        Truth::True => SlotValue::from_bool(true),
        Truth::False => SlotValue::from_bool(false),
        Truth::Unknown => SlotValue::MALFORMED,
    }
}

fn subject_type(ask: &Ask, subject: u32, layout: &Layout) -> SlotType {
    let slots = match ask.row {
        None => Some(&layout.slots),
        Some(row) => at(&layout.rows, row),
    };
    slots.and_then(|slots| at(slots, subject)).map_or(SlotType::Presence, |slot| slot.ty)
}

fn origin(
    value: SlotValue,
    ty: SlotType,
    sources: Sources,
    whole: bool,
    event: &Record,
    origins: &Origins,
) -> Truth {
    let found = match ty {
        SlotType::Text => event.text(value).map(|text| origins.text(text, whole)),
        // Numbers in texts are read as floats, too; where that is not exact the index says so.
        #[expect(clippy::cast_precision_loss, reason = "as the index reads them")]
        SlotType::Int => value.as_int().map(|value| origins.number(value as f64, whole)),
        SlotType::Float => value.as_float().map(|value| origins.number(value, whole)),
        _ => None,
    };
    match found {
        Some(Found { certain, .. }) if certain.0 & sources.0 != 0 => Truth::True,
        Some(Found { perhaps, .. }) if perhaps.0 & sources.0 == 0 => Truth::False,
        _ => Truth::Unknown,
    }
}

/// Where the rows of a kind begin in a record.
fn starts_of(
    wanted: u32,
    slots: &[Slot],
    layout: &Layout,
    start: usize,
    event: &Record,
    found: &mut Vec<usize>,
) {
    for (index, slot) in slots.iter().enumerate() {
        let SlotType::List(row) = slot.ty else { continue };
        let value = event.slot(start.saturating_add(index));
        let (Some((first, count)), Some(of_row)) = (event.rows(value), at(&layout.rows, row))
        else {
            continue;
        };
        for number in 0..count {
            let begin = first.saturating_add(number.saturating_mul(of_row.len()));
            if row == wanted {
                found.push(begin);
            } else {
                starts_of(wanted, of_row, layout, begin, event, found);
            }
        }
    }
}
