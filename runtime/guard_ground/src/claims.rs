//! The claims of a text, and whether each has a source.

use crate::date::{month, time_fact};
use crate::fact::Fact;
use crate::facts::{bare_fact, number_fact, unit_fact};
use crate::lists;
use crate::number::Values;
use crate::scan::{Item, Unit, Visitor, Word, scan};
use crate::word::Folded;
use std::fmt;

/// Whether something is so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Known {
    /// It is.
    Yes,
    /// It is not.
    No,
    /// That can no longer be told.
    Perhaps,
}

impl Known {
    /// Both. What is certainly not so outweighs what is unknown.
    pub(crate) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::No, _) | (_, Self::No) => Self::No,
            (Self::Yes, Self::Yes) => Self::Yes,
            _ => Self::Perhaps,
        }
    }

    /// At least one.
    pub(crate) fn or(self, other: impl FnOnce() -> Self) -> Self {
        match self {
            Self::Yes => Self::Yes,
            before => match (before, other()) {
                (_, Self::Yes) => Self::Yes,
                (Self::No, Self::No) => Self::No,
                _ => Self::Perhaps,
            },
        }
    }
}

impl From<bool> for Known {
    fn from(is_so: bool) -> Self {
        if is_so { Self::Yes } else { Self::No }
    }
}

/// The texts that a claim can have as its source.
pub trait Sources {
    /// Whether one of them says this.
    fn fact(&self, fact: Fact) -> Known;

    /// Whether the words of `text` stand in one of them in this order, next to each other.
    fn run(&self, text: &str) -> Known;
}

/// What kind of claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A number without a unit that matters.
    Number,
    /// A percentage or an amount of money.
    Amount,
    /// A date, or a part of one.
    Date,
    /// A time of day.
    Time,
    /// Words with a capital.
    Name,
    /// An address of the web.
    Link,
    /// Words between quotation marks.
    Quotation,
    /// A code, an address of e-mail, an IP address.
    Identifier,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Number => "number",
            Self::Amount => "amount",
            Self::Date => "date",
            Self::Time => "time",
            Self::Name => "name",
            Self::Link => "link",
            Self::Quotation => "quotation",
            Self::Identifier => "identifier",
        })
    }
}

/// Something that a text states, and where: bytes from `start` to `end`, on character boundaries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim {
    /// What kind.
    pub kind: Kind,
    /// Where it starts.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
}

/// What was found out about the claims of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checked {
    /// Whether all claims have a source. Of a text without claims, they have.
    pub known: Known,
    /// The first claim without a source; where there is none, the first of which that is not known.
    pub missing: Option<Claim>,
    /// How many claims certainly have no source.
    pub missing_count: u32,
}

/// Looks for the source of each claim of a text.
pub fn check(text: &str, sources: &impl Sources) -> Checked {
    let mut checker = Checker::new(sources);
    scan(text, &mut checker);
    checker.finish(text)
}

/// A run of words with a capital.
#[derive(Debug, Clone, Copy)]
struct Name {
    start: usize,
    end: usize,
    words: usize,
    last: Fact,
    known: Known,
    opens: bool,
    /// With a colon behind it, it says what follows: only words with a capital stand before it in its sentence.
    is_label: bool,
}

pub(crate) struct Checker<'s, S> {
    sources: &'s S,
    checked: Checked,
    name: Option<Name>,
    /// Only words with a capital that are no names stand before the next word in its sentence.
    is_label: bool,
    /// The line is a heading.
    is_heading: bool,
}

impl<'s, S: Sources> Checker<'s, S> {
    pub(crate) fn new(sources: &'s S) -> Self {
        let checked = Checked { known: Known::Yes, missing: None, missing_count: 0 };
        Self { sources, checked, name: None, is_label: false, is_heading: false }
    }

    pub(crate) fn finish(mut self, text: &str) -> Checked {
        self.end_name(text);
        self.checked
    }

    fn note(&mut self, kind: Kind, start: usize, end: usize, known: Known) {
        let is_first = match known {
            Known::Yes => return,
            Known::No => self.checked.known != Known::No,
            Known::Perhaps => self.checked.known == Known::Yes,
        };
        if is_first {
            self.checked.missing = Some(Claim { kind, start, end });
        }
        self.checked.missing_count =
            self.checked.missing_count.saturating_add(u32::from(known == Known::No));
        self.checked.known = self.checked.known.and(known);
    }

    /// A word that is in no typed item, folded.
    pub(crate) fn take(&mut self, text: &str, word: Word, folded: &Folded) {
        let shown = text.get(word.start..word.end).unwrap_or_default();
        let has_capital = !word.is_typed && shown.starts_with(char::is_uppercase);
        let is_label = has_capital && (word.opens || (self.is_label && word.follows));
        let is_name = has_capital && !lists::is_no_name(folded.bytes()) && month(shown).is_none();
        self.is_label = is_label && !is_name;
        if !is_name {
            return self.end_name(text);
        }
        match self.name.as_mut().filter(|_| word.follows) {
            Some(name) => {
                let pair = self.sources.fact(Fact::pair(name.last, folded.fact));
                name.known = name.known.and(pair);
                (name.end, name.last) = (word.end, folded.fact);
                name.words += 1;
            }
            None => {
                self.end_name(text);
                self.name = Some(Name {
                    start: word.start,
                    end: word.end,
                    words: 1,
                    last: folded.fact,
                    known: self.sources.fact(folded.fact),
                    opens: word.opens,
                    is_label,
                });
            }
        }
    }

    fn end_name(&mut self, text: &str) {
        let Some(name) = self.name.take() else { return };
        let shown = text.get(name.start..name.end).unwrap_or_default();
        // One word with a capital at the start of a sentence is any word; one letter is none.
        let is_claim = (!name.opens || name.words > 1) && shown.chars().nth(1).is_some();
        if is_claim && !self.is_heading {
            let known = name.known.or(|| self.sources.run(shown));
            self.note(Kind::Name, name.start, name.end, known);
        }
    }
}

impl<S: Sources> Checker<'_, S> {
    /// Whether an item has a source.
    pub(crate) fn take_item(&mut self, text: &str, item: Item, start: usize, end: usize) -> Known {
        let sources = self.sources;
        let either = |first: Fact, second: Option<Fact>| {
            sources.fact(first).or(|| second.map_or(Known::No, |second| sources.fact(second)))
        };
        let (kind, known) = match item {
            Item::Number(Values { first, second }, Unit::None) => {
                (Kind::Number, either(number_fact(first), second.map(number_fact)))
            }
            Item::Number(Values { first, second }, unit) => {
                let of = |value| either(unit_fact(value, unit), Some(bare_fact(value)));
                (Kind::Amount, of(first).or(|| second.map_or(Known::No, of)))
            }
            Item::Date(date, other) => {
                let of =
                    |date: crate::date::Date| date.fact().map_or(Known::Yes, |f| sources.fact(f));
                (Kind::Date, of(date).or(|| other.map_or(Known::No, of)))
            }
            Item::Time(first, second) => {
                (Kind::Time, either(time_fact(first), second.map(time_fact)))
            }
            Item::Link(fact) => (Kind::Link, sources.fact(fact)),
            Item::Quotation | Item::Identifier => {
                let kind = if item == Item::Quotation { Kind::Quotation } else { Kind::Identifier };
                (kind, sources.run(text.get(start..end).unwrap_or_default()))
            }
        };
        // A name before it stands before it.
        if item != Item::Quotation {
            self.end_name(text);
        }
        self.note(kind, start, end, known);
        known
    }
}

impl<S: Sources> Visitor for Checker<'_, S> {
    fn word(&mut self, text: &str, word: Word) {
        let folded = Folded::of(text.get(word.start..word.end).unwrap_or_default());
        self.take(text, word, &folded);
    }

    fn item(&mut self, text: &str, item: Item, start: usize, end: usize) {
        self.take_item(text, item, start, end);
    }

    fn mark(&mut self, mark: char, is_line_start: bool) {
        match mark {
            ':' => self.name = self.name.filter(|name| !name.is_label),
            '\n' => self.is_heading = false,
            '#' if is_line_start => self.is_heading = true,
            _ => {}
        }
    }
}
