//! How much of a text its sources support.

use crate::claims::{Checker, Known, Sources};
use crate::fact::Of;
use crate::limits::WORD_BYTES_MAX;
use crate::lists::{self, DENYING_PREFIXES, PREFIXES};
use crate::scan::{Item, Visitor, Word, scan};
use crate::word::{Folded, stem_fact};

/// Times this, for each of at most [`COUNTED_MAX`] things that speak against the text.
const AGAINST: f64 = 0.6;
/// Times this, for each of at most [`COUNTED_MAX`] words for who speaks.
const SPEAKER: f64 = 0.9;
/// Times this, where the text asks.
const QUESTION: f64 = 0.9;
const COUNTED_MAX: u32 = 3;

/// In how many words after a denial what it denies is looked for, and in how many of these that have content.
const DENIED_WORDS: u8 = 5;
const DENIED_CONTENT: u8 = 2;

/// How many denials can wait for what they deny; there are no more in so few words.
const OPEN_MAX: usize = 6;

/// The share of a text that its sources support, from 0 to 1; see the crate for what that is. Nothing where
/// the sources no longer know what they said.
pub fn support(text: &str, sources: &impl Sources) -> Option<f64> {
    let mut reader = Reader {
        sources,
        checker: Checker::new(sources),
        words: Share::default(),
        content: Share::default(),
        denials: [Denial::default(); OPEN_MAX],
        against: 0,
        speakers: 0,
        asks: false,
        is_unknown: false,
    };
    scan(text, &mut reader);
    reader.finish(text)
}

#[derive(Debug, Clone, Copy, Default)]
struct Share {
    all: u32,
    known: u32,
}

impl Share {
    fn count(&mut self, is_known: bool) {
        self.all = self.all.saturating_add(1);
        self.known = self.known.saturating_add(u32::from(is_known));
    }

    fn value(self) -> f64 {
        if self.all == 0 { 0.0 } else { f64::from(self.known) / f64::from(self.all) }
    }
}

/// A denial of which it is not known whether a source says it.
#[derive(Debug, Clone, Copy, Default)]
struct Denial {
    words: u8,
    content: u8,
    is_said: bool,
}

struct Reader<'s, S> {
    sources: &'s S,
    checker: Checker<'s, S>,
    words: Share,
    content: Share,
    denials: [Denial; OPEN_MAX],
    against: u32,
    speakers: u32,
    asks: bool,
    is_unknown: bool,
}

impl<S: Sources> Reader<'_, S> {
    fn knows(&mut self, known: Known) -> bool {
        self.is_unknown |= known == Known::Perhaps;
        known == Known::Yes
    }

    /// Whether the opposite of a word stands in a source, and it does not.
    fn is_reversed(&self, folded: &Folded) -> bool {
        let said = |stem| self.sources.fact(stem) == Known::Yes;
        if lists::opposites(folded.stem()).any(said) {
            return true;
        }
        let word = folded.bytes();
        let lost = PREFIXES.iter().filter_map(|prefix| word.strip_prefix(*prefix));
        if lost.filter(|rest| rest.len() >= 4).any(|rest| said(stem_fact(Of::Stem, rest))) {
            return true;
        }
        let mut longer = [0; WORD_BYTES_MAX + 3];
        word.len() >= 4
            && DENYING_PREFIXES.iter().any(|prefix| {
                let length = prefix.len() + word.len();
                let Some(room) = longer.get_mut(..length) else { return false };
                let (start, end) = room.split_at_mut(prefix.len());
                start.copy_from_slice(prefix);
                end.copy_from_slice(word);
                said(stem_fact(Of::Stem, room))
            })
    }

    /// A word in the reach of the denials before it.
    fn denied(&mut self, folded: &Folded, is_content: bool) {
        if self.denials.iter().all(|denial| denial.words == 0) {
            return;
        }
        let is_said = is_content && self.sources.fact(folded.denied()) == Known::Yes;
        for denial in self.denials.iter_mut().filter(|denial| denial.words > 0) {
            denial.is_said |= is_said;
            denial.words -= 1;
            denial.content -= u8::from(is_content);
            if denial.content == 0 {
                denial.words = 0;
            }
            self.against += u32::from(denial.words == 0 && !denial.is_said);
        }
    }

    fn finish(self, text: &str) -> Option<f64> {
        let checked = self.checker.finish(text);
        if self.is_unknown || checked.known == Known::Perhaps {
            return None;
        }
        if self.words.all == 0 {
            return Some(1.0);
        }
        let open = self.denials.iter().filter(|denial| denial.words > 0 && !denial.is_said).count();
        let open = u32::try_from(open).unwrap_or(u32::MAX);
        let against = self.against.saturating_add(open).saturating_add(checked.missing_count);
        let times =
            |factor: f64, count: u32| (0..count.min(COUNTED_MAX)).fold(1.0, |all, _| all * factor);
        let share = f64::midpoint(self.words.value(), self.content.value());
        let asks = if self.asks { QUESTION } else { 1.0 };
        Some(share * times(AGAINST, against) * times(SPEAKER, self.speakers) * asks)
    }
}

impl<S: Sources> Visitor for Reader<'_, S> {
    fn word(&mut self, text: &str, word: Word) {
        let folded = Folded::of(text.get(word.start..word.end).unwrap_or_default());
        self.checker.take(text, word, &folded);
        // What has a type is one word, and is found by its type.
        if word.is_typed {
            return;
        }
        let known = self.sources.fact(folded.stem());
        let is_known = self.knows(known);
        let is_content = !lists::is_function_word(folded.bytes());
        self.words.count(is_known);
        if is_content {
            self.content.count(is_known);
        }
        self.denied(&folded, is_content);
        if lists::is_denial(folded.bytes())
            && let Some(free) = self.denials.iter_mut().find(|denial| denial.words == 0)
        {
            *free = Denial { words: DENIED_WORDS, content: DENIED_CONTENT, is_said: false };
        }
        if !is_known {
            let is_speaker = lists::is_speaker(folded.bytes());
            self.speakers = self.speakers.saturating_add(u32::from(is_speaker));
            let is_reversed = self.is_reversed(&folded);
            self.against = self.against.saturating_add(u32::from(is_reversed));
        }
    }

    fn item(&mut self, text: &str, item: Item, start: usize, end: usize) {
        let known = self.checker.take_item(text, item, start, end);
        if item != Item::Quotation {
            let is_known = self.knows(known);
            self.words.count(is_known);
            self.content.count(is_known);
        }
    }

    fn mark(&mut self, mark: char, is_line_start: bool) {
        self.asks |= mark == '?';
        self.checker.mark(mark, is_line_start);
    }
}
