//! What a source says: the facts that claims and words are looked for among.

use crate::fact::{Fact, Of};
use crate::lists;
use crate::number::Values;
use crate::scan::{Item, Unit, Visitor, Word, scan};
use crate::word::Folded;

/// How many words a denial reaches.
const DENIAL_WORDS: u8 = 4;

/// Tells `each` what a source says, at most [`FACTS_OF_A_WORD_MAX`](crate::limits::FACTS_OF_A_WORD_MAX) facts
/// for each of its words, some of them more than once. Gives its last word; that of the text before is
/// `before`, where a name may go on from one to the next, as from a field `first_name` to `last_name`.
pub fn facts(text: &str, before: Option<Fact>, each: &mut impl FnMut(Fact)) -> Option<Fact> {
    let mut reader = Reader { each, last: before, denied: 0 };
    scan(text, &mut reader);
    reader.last
}

struct Reader<'e, F> {
    each: &'e mut F,
    last: Option<Fact>,
    /// How many of the next words are denied.
    denied: u8,
}

impl<F: FnMut(Fact)> Reader<'_, F> {
    fn number(&mut self, value: f64, unit: Unit) {
        (self.each)(number_fact(value));
        (self.each)(match unit {
            Unit::None => bare_fact(value),
            unit => unit_fact(value, unit),
        });
    }
}

impl<F: FnMut(Fact)> Visitor for Reader<'_, F> {
    fn word(&mut self, text: &str, word: Word) {
        let folded = Folded::of(text.get(word.start..word.end).unwrap_or_default());
        (self.each)(folded.fact);
        (self.each)(folded.stem());
        if let Some(last) = self.last.replace(folded.fact) {
            (self.each)(Fact::pair(last, folded.fact));
        }
        if self.denied > 0 {
            self.denied -= 1;
            (self.each)(folded.denied());
        }
        if lists::is_denial(folded.bytes()) {
            self.denied = DENIAL_WORDS;
        }
        if let Some(value) = lists::number_word(folded.bytes()) {
            self.number(f64::from(value), Unit::None);
        }
    }

    fn item(&mut self, _: &str, item: Item, _: usize, _: usize) {
        match item {
            Item::Number(Values { first, second }, unit) => {
                self.number(first, unit);
                if let Some(second) = second {
                    self.number(second, unit);
                }
            }
            Item::Date(date, other) => {
                for date in std::iter::once(date).chain(other) {
                    date.facts().for_each(&mut *self.each);
                }
                if let Some(year) = date.year {
                    self.number(f64::from(year), Unit::None);
                }
                if let Some(day) = date.day {
                    self.number(f64::from(day), Unit::None);
                }
            }
            Item::Time(first, second) => {
                for minutes in std::iter::once(first).chain(second) {
                    (self.each)(crate::date::time_fact(minutes));
                }
            }
            Item::Link(fact) => (self.each)(fact),
            Item::Identifier | Item::Quotation => {}
        }
    }
}

/// A number of this value, with a unit or without.
pub(crate) fn number_fact(value: f64) -> Fact {
    Fact::numbers(Of::Number, &[value.to_bits()])
}

/// A number of this value without a unit.
pub(crate) fn bare_fact(value: f64) -> Fact {
    Fact::numbers(Of::Bare, &[value.to_bits()])
}

/// A number of this value with this unit.
pub(crate) fn unit_fact(value: f64, unit: Unit) -> Fact {
    let unit = match unit {
        Unit::Currency(currency) => u64::from(currency),
        Unit::Percent | Unit::None => u64::MAX,
    };
    Fact::numbers(Of::Money, &[value.to_bits(), unit])
}
