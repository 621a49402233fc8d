//! What the rules of one agent ask of the session, numbered: which answers an event needs, which
//! memories they come from, and which earlier events must be noted for them.
//!
//! Memories and sources are numbered in the order of the rules, which are sorted by what they say;
//! so the order in files does not show.

use crate::assemble::ToolSignature;
use crate::fragment::Fragment;
use crate::reads::{Address, Step, address};
use guard_grammar::span::Span;
use guard_plan::{
    Breaker, Effect, FieldSources, Limit, Memory, Part, Place, Provenance, ResultSources, SlotType,
    Sources, ToolId,
};
use guard_types::asked::{
    Asked, Does, EventsBefore, LimitTerms, Past, Redacting, Scalar, SourceRef, TextQuestion,
};
use guard_types::for_each_value;
use guard_types::tir::{CheckedRule, EventRef, Expr, Root, ValueRef};
use std::sync::Arc;

/// A rule of an agent, or one that notes what other rules ask about.
#[derive(Debug, Clone)]
pub(crate) struct Planned {
    pub(crate) fragment: Arc<Fragment>,
    pub(crate) place: Place,
    pub(crate) doing: Doing,
}

/// What a rule does to the session or to a limit.
#[derive(Debug, Clone)]
pub(crate) enum Doing {
    Nothing,
    Note { memory: u32, key: Vec<ValueRef>, fields: Vec<ValueRef>, on_success: bool },
    Finish { memory: u32, fields: Vec<ValueRef> },
    Clear { memory: u32 },
    Limit { limit: u32, terms: LimitTerms },
    Breaker { breaker: u32 },
    Redact(Redacting),
}

impl Doing {
    /// The values of its event that it reads.
    pub(crate) fn reads(&self) -> Vec<&ValueRef> {
        match self {
            Self::Nothing | Self::Clear { .. } | Self::Breaker { .. } | Self::Redact(_) => {
                Vec::new()
            }
            Self::Note { key, fields, .. } => key.iter().chain(fields).collect(),
            Self::Finish { fields, .. } => fields.iter().collect(),
            Self::Limit { terms, .. } => terms.key.iter().chain(&terms.amount).collect(),
        }
    }
}

/// What tells one memory from another.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum MemoryKey {
    Mark(String),
    Subject(String),
    Noted(Arc<EventsBefore>),
    Count(Arc<EventsBefore>, Option<i64>, u32),
    Last(Arc<EventsBefore>, bool, Vec<String>, Option<Part>),
}

/// What tells one answer of an event from another.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum AskKey {
    Origin(Address, Option<Part>, Vec<SourceRef>, bool),
    Carries(Address, Option<Part>),
    Text(Address, Option<Part>, TextQuestion),
    Other(ValueRef),
}

impl AskKey {
    /// The key of a question, and the steps to the row that its answer stands in.
    pub(crate) fn of(
        value: &ValueRef,
        asked: &Asked,
        lists: &[Address],
    ) -> Option<(Self, Vec<Step>)> {
        match asked {
            Asked::Origin { subject, sources, whole } => {
                let at = address(subject, lists)?;
                let row = row_of(&at);
                Some((Self::Origin(at, subject.part, sources.clone(), *whole), row))
            }
            Asked::Carries(subject) => {
                let at = address(subject, lists)?;
                let row = row_of(&at);
                Some((Self::Carries(at, subject.part), row))
            }
            Asked::Text { subject, what } => {
                let at = address(subject, lists)?;
                let row = row_of(&at);
                Some((Self::Text(at, subject.part, what.clone()), row))
            }
            _ => Some((Self::Other(value.clone()), Vec::new())),
        }
    }
}

/// The steps up to the element that a value belongs to; none for the record itself.
fn row_of(address: &Address) -> Vec<Step> {
    let Address::In(_, steps) = address else { return Vec::new() };
    let end = steps.iter().rposition(|step| *step == Step::Element).map_or(0, |last| last + 1);
    steps.get(..end).unwrap_or_default().to_vec()
}

/// What an answer holds.
pub(crate) fn slot_type(asked: &Asked) -> SlotType {
    match asked {
        Asked::Count { .. } => SlotType::Int,
        Asked::Last { ty, .. } => of_scalar(*ty),
        Asked::Subject(_) => SlotType::Text,
        Asked::Text {
            what: TextQuestion::Score(_) | TextQuestion::Consult(_) | TextQuestion::Support(_),
            ..
        } => SlotType::Float,
        _ => SlotType::Bool,
    }
}

fn of_scalar(ty: Scalar) -> SlotType {
    match ty {
        Scalar::Bool => SlotType::Bool,
        Scalar::Int => SlotType::Int,
        Scalar::Float => SlotType::Float,
        Scalar::Text => SlotType::Text,
    }
}

/// Everything an agent's rules ask, and the rules that note it.
#[derive(Debug, Default)]
pub(crate) struct Asks {
    pub(crate) rules: Vec<Planned>,
    pub(crate) memories: Vec<Memory>,
    pub(crate) limits: Vec<Limit>,
    pub(crate) breakers: Vec<Breaker>,
    keys: Vec<MemoryKey>,
    /// The bit of each source is its index.
    sources: Vec<SourceRef>,
    has_origins: bool,
    has_secrets: bool,
    has_claims: bool,
}

impl Asks {
    /// Of rules that are sorted.
    pub(crate) fn of(rules: &[&(Arc<Fragment>, Place)]) -> Self {
        let sources = vec![SourceRef::Anywhere, SourceRef::Untrusted, SourceRef::User];
        let mut asks = Self { sources, ..Self::default() };
        for (fragment, place) in rules {
            for clause in &fragment.clauses {
                asks.expr(&clause.expr, place);
            }
            let doing = asks.doing(&fragment.does);
            let fragment = Arc::clone(fragment);
            asks.rules.push(Planned { fragment, place: place.clone(), doing });
        }
        asks
    }

    fn doing(&mut self, does: &Does) -> Doing {
        match does {
            Does::Nothing => Doing::Nothing,
            Does::Mark(name) => {
                let memory = self.mark(name);
                Doing::Note { memory, key: Vec::new(), fields: Vec::new(), on_success: false }
            }
            Does::Subject(name, value) => {
                let memory = self.subject(name);
                let fields = vec![value.clone()];
                Doing::Note { memory, key: Vec::new(), fields, on_success: false }
            }
            Does::Clear(name) => Doing::Clear { memory: self.mark(name) },
            Does::Limit(terms) => {
                let limit = Limit {
                    name: terms.text.clone(),
                    most: terms.most,
                    window_ms: terms.window_ms,
                    burst: terms.burst,
                };
                Doing::Limit { limit: place_in(&mut self.limits, &limit), terms: terms.clone() }
            }
            Does::Redact(redacting) => Doing::Redact(redacting.clone()),
            Does::Breaker(breaker) => {
                Doing::Breaker { breaker: place_in(&mut self.breakers, breaker) }
            }
        }
    }

    fn mark(&mut self, name: &str) -> u32 {
        self.memory(MemoryKey::Mark(name.to_owned())).0
    }

    fn subject(&mut self, name: &str) -> u32 {
        self.memory(MemoryKey::Subject(name.to_owned())).0
    }

    /// The number of a memory, and whether it is new.
    fn memory(&mut self, key: MemoryKey) -> (u32, bool) {
        if let Some(known) = self.keys.iter().position(|known| *known == key) {
            return (number(known), false);
        }
        self.memories.push(draft(&key));
        self.keys.push(key);
        (number(self.keys.len() - 1), true)
    }

    fn expr(&mut self, expr: &Expr, place: &Place) {
        for_each_value(expr, &mut |value| self.value(value, place));
    }

    fn value(&mut self, value: &ValueRef, place: &Place) {
        let Root::Asked(asked) = &value.root else { return };
        match &**asked {
            Asked::Origin { .. } => self.note_sources(asked),
            Asked::Text { what: TextQuestion::Grounded(_) | TextQuestion::Support(_), .. } => {
                self.note_sources(asked);
                self.has_claims = true;
            }
            Asked::Carries(_) => self.has_secrets = true,
            Asked::Marked(name) => {
                self.mark(name);
            }
            Asked::HasSubject(name) | Asked::Subject(name) => {
                self.subject(name);
            }
            Asked::Noted(past) => {
                self.past(past, MemoryKey::Noted(Arc::clone(&past.pattern)), place);
            }
            Asked::Count { past, over_ms, most } => {
                let key = MemoryKey::Count(Arc::clone(&past.pattern), *over_ms, *most);
                self.past(past, key, place);
            }
            Asked::Last { .. } => self.last(value, asked, place),
            Asked::Breaker(breaker, _) => {
                place_in(&mut self.breakers, breaker);
            }
            Asked::Novel(_)
            | Asked::Confirmed
            | Asked::Share(..)
            | Asked::Text { .. }
            | Asked::FoundInCall(_) => {}
        }
    }

    fn note_sources(&mut self, asked: &Asked) {
        self.has_origins = true;
        for source in asked.sources() {
            if !self.sources.contains(source) {
                self.sources.push(source.clone());
            }
        }
    }

    fn past(&mut self, past: &Past, key: MemoryKey, place: &Place) {
        let (memory, is_new) = self.memory(key);
        if is_new {
            self.note(memory, &past.pattern, Vec::new(), past.pattern.succeeded, place);
        }
    }

    fn last(&mut self, value: &ValueRef, asked: &Asked, place: &Place) {
        let Asked::Last { past, of_result, ty } = asked else { return };
        let key =
            MemoryKey::Last(Arc::clone(&past.pattern), *of_result, value.path.clone(), value.part);
        let (memory, is_new) = self.memory(key);
        if !is_new {
            return;
        }
        if let Some(draft) = self.memories.last_mut() {
            draft.fields = vec![of_scalar(*ty)];
        }
        let field = field_of(value, *of_result);
        // The text of an input or an output is its own, and is there when it happens.
        let is_call = |event: &EventRef| matches!(event, EventRef::Call(_));
        if !of_result || !past.pattern.events.iter().any(is_call) {
            return self.note(memory, &past.pattern, vec![field], false, place);
        }
        self.note(memory, &past.pattern, Vec::new(), true, place);
        let events = past.pattern.events.iter().filter_map(|event| match event {
            EventRef::Call(tool) => Some(EventRef::Result(tool.clone())),
            _ => None,
        });
        let title = format!("note what {} returned", past.pattern.text);
        let fragment = fragment(title, events.collect(), None, &past.pattern.text);
        let doing = Doing::Finish { memory, fields: vec![field] };
        self.rules.push(Planned { fragment, place: place.clone(), doing });
    }

    /// The rules that keep a memory up to date.
    fn note(
        &mut self,
        memory: u32,
        pattern: &EventsBefore,
        fields: Vec<ValueRef>,
        on_success: bool,
        place: &Place,
    ) {
        let EventsBefore { text, events, condition, keys, since, .. } = pattern;
        let fragment_of = |title: String, pattern: &EventsBefore| {
            fragment(title, pattern.events.clone(), pattern.condition.clone(), &pattern.text)
        };
        // What an earlier event's condition asks itself was a mark, and is noted by its own rules.
        if let Some(condition) = condition {
            self.expr(condition, place);
        }
        debug_assert!(!events.is_empty(), "a target names some event");
        let doing = Doing::Note { memory, key: keys.clone(), fields, on_success };
        let fragment = fragment_of(format!("note {text}"), pattern);
        self.rules.push(Planned { fragment, place: place.clone(), doing });
        if let Some(since) = since {
            if let Some(condition) = &since.condition {
                self.expr(condition, place);
            }
            let fragment = fragment_of(format!("forget {text} at {}", since.text), since);
            self.rules.push(Planned {
                fragment,
                place: place.clone(),
                doing: Doing::Clear { memory },
            });
        }
    }

    /// The number of the memory that answers a question.
    pub(crate) fn memory_of(&self, value: &ValueRef, asked: &Asked) -> u32 {
        let key = match asked {
            Asked::Marked(name) => MemoryKey::Mark(name.clone()),
            Asked::HasSubject(name) | Asked::Subject(name) => MemoryKey::Subject(name.clone()),
            Asked::Noted(past) => MemoryKey::Noted(Arc::clone(&past.pattern)),
            Asked::Count { past, over_ms, most } => {
                MemoryKey::Count(Arc::clone(&past.pattern), *over_ms, *most)
            }
            Asked::Last { past, of_result, .. } => MemoryKey::Last(
                Arc::clone(&past.pattern),
                *of_result,
                value.path.clone(),
                value.part,
            ),
            _ => return u32::MAX,
        };
        self.keys.iter().position(|known| *known == key).map_or(u32::MAX, number)
    }

    /// The bits of some sources.
    pub(crate) fn bits(&self, sources: &[SourceRef]) -> Sources {
        let bit = |source: &SourceRef| {
            let index = self.sources.iter().position(|known| known == source)?;
            1_u64.checked_shl(number(index))
        };
        Sources(sources.iter().filter_map(bit).fold(0, |all, bit| all | bit))
    }

    /// Where the texts of these tools, sorted by name, come from.
    pub(crate) fn provenance(&self, tools: &[&ToolSignature]) -> Provenance {
        // What is confidential is kept out of the audit, whether or not a rule asks for it.
        let has_secrets = tools.iter().any(|tool| tool.has_secrets());
        let names = if self.has_origins || self.has_secrets || has_secrets {
            self.sources.iter().map(source_words).collect()
        } else {
            Vec::new()
        };
        let results = tools.iter().enumerate().filter_map(|(index, tool)| {
            let sources = self.results_of(tool, ToolId(number(index)));
            let says_more = sources.text != Sources::ANYWHERE
                || !sources.fields.is_empty()
                || !sources.secrets.is_empty()
                || sources.is_secret;
            says_more.then_some(sources)
        });
        Provenance { names, results: results.collect(), has_facts: self.has_claims }
    }

    fn results_of(&self, tool: &ToolSignature, id: ToolId) -> ResultSources {
        let mut text = Sources::ANYWHERE;
        if tool.is_untrusted {
            text = text.and(Sources::UNTRUSTED);
        }
        let mut fields: Vec<FieldSources> = Vec::new();
        let mut add = |name: &str, is_whole: bool, bit: Sources| {
            let same = |known: &&mut FieldSources| known.name == name && known.is_whole == is_whole;
            match fields.iter_mut().find(same) {
                Some(known) => known.sources = known.sources.and(bit),
                None => fields.push(FieldSources { name: name.to_owned(), is_whole, sources: bit }),
            }
        };
        // What is not where it was declared may be what an attacker can write as well.
        for path in tool.fields_labelled("untrusted") {
            add(path, false, Sources::UNTRUSTED);
        }
        for source in &self.sources {
            let bit = self.bits(std::slice::from_ref(source));
            match source {
                SourceRef::AnyResult => text = text.and(bit),
                SourceRef::Results(of) if of.contains(&tool.name) => text = text.and(bit),
                SourceRef::Field(field, of) if of.contains(&tool.name) => add(field, false, bit),
                SourceRef::Labelled(all) => {
                    let own = all.iter().filter(|(of, _)| *of == tool.name);
                    own.for_each(|(_, path)| add(path, true, bit));
                }
                _ => {}
            }
        }
        fields.sort();
        let secrets = tool.fields_labelled("confidential").map(str::to_owned).collect();
        ResultSources { tool: id, text, fields, is_secret: tool.is_confidential, secrets }
    }
}

/// The value of the earlier event that a reference to its last one means.
fn field_of(value: &ValueRef, of_result: bool) -> ValueRef {
    let (root, path) = match (of_result, value.path.split_first()) {
        (false, _) => (Root::Arguments, value.path.clone()),
        (true, Some((_, rest))) => (Root::ResultValue, rest.to_vec()),
        (true, None) => (Root::Meta(guard_plan::Meta::Text), Vec::new()),
    };
    ValueRef { root, path, part: value.part }
}

/// A rule that no author wrote.
fn fragment(
    title: String,
    events: Vec<EventRef>,
    condition: Option<Expr>,
    text: &str,
) -> Arc<Fragment> {
    let rule = CheckedRule {
        effect: Effect::Note,
        does: Does::Nothing,
        events,
        condition,
        title,
        condition_text: None,
        because: None,
        respond: None,
        span: Span::default(),
    };
    let mut fragment = Fragment::of(&rule, "");
    for clause in &mut fragment.clauses {
        text.clone_into(&mut clause.text);
    }
    Arc::new(fragment)
}

fn draft(key: &MemoryKey) -> Memory {
    let of = |pattern: &EventsBefore, name: String| Memory {
        name,
        keys: number(pattern.keys.len()),
        fields: Vec::new(),
        is_first: false,
        window_ms: None,
        most: 0,
    };
    let plain = |name: &str| Memory {
        name: name.to_owned(),
        keys: 0,
        fields: Vec::new(),
        is_first: false,
        window_ms: None,
        most: 0,
    };
    match key {
        MemoryKey::Mark(name) => plain(name),
        MemoryKey::Subject(name) => {
            Memory { fields: vec![SlotType::Text], is_first: true, ..plain(name) }
        }
        MemoryKey::Noted(pattern) => {
            let word = if pattern.succeeded { "succeeded" } else { "seen" };
            of(pattern, format!("{word}({})", described(pattern)))
        }
        MemoryKey::Count(pattern, over_ms, most) => {
            let memory = of(pattern, format!("count({})", described(pattern)));
            Memory { window_ms: *over_ms, most: *most, ..memory }
        }
        MemoryKey::Last(pattern, _, path, part) => {
            let path: Vec<&str> =
                path.iter().map(String::as_str).chain(part.map(Part::word)).collect();
            let field = if path.is_empty() { "text".to_owned() } else { path.join(".") };
            of(pattern, format!("last({}).{field}", described(pattern)))
        }
    }
}

fn described(pattern: &EventsBefore) -> String {
    match &pattern.since {
        Some(since) => format!("{} since {}", pattern.text, since.text),
        None => pattern.text.clone(),
    }
}

/// Where claims are looked for, as an author writes it.
pub(crate) fn claim_source(asked: &Asked) -> &'static str {
    match asked.sources() {
        [SourceRef::User] => "user",
        [SourceRef::Anywhere] => "session",
        _ => "results",
    }
}

/// A source as an author writes it.
pub(crate) fn source_words(source: &SourceRef) -> String {
    match source {
        SourceRef::Anywhere => "anywhere".to_owned(),
        SourceRef::User => "user".to_owned(),
        SourceRef::Untrusted => "untrusted".to_owned(),
        SourceRef::AnyResult => "results".to_owned(),
        SourceRef::Results(tools) => format!("result of {}", tools.join(", ")),
        SourceRef::Field(field, tools) => format!("field {field:?} of {}", tools.join(", ")),
        SourceRef::Labelled(fields) => {
            let words = |(tool, path): &(String, String)| format!("field {path:?} of {tool}");
            fields.iter().map(words).collect::<Vec<_>>().join(", ")
        }
    }
}

/// The index of an element, which is put there if it is not.
fn place_in<T: Clone + PartialEq>(all: &mut Vec<T>, one: &T) -> u32 {
    let known = all.iter().position(|known| known == one);
    number(known.unwrap_or_else(|| {
        all.push(one.clone());
        all.len() - 1
    }))
}

fn number(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}
