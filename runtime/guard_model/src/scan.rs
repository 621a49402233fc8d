//! A text as words and character n-grams, with its disguises undone. Everything here is linear in the text.
//!
//! A word is a run of letters and digits; marks of no width and apostrophes do not end it. In a word that has
//! letters and digits, digits and some signs stand for the letters they resemble (`pr0mpt`, `p@ss`). A row of
//! single letters with the same separator between them is a word (`p r o m p t`). What is base64 or hexadecimal and
//! holds a text is a word of no features, and its text goes to the sink.

use crate::fold::{Folded, ascii_symbol, fold, tagged};
use crate::hash::{mix, mix_gram, pair};
use crate::limits::{ISLAND_BYTES_MIN, WORD_SYMBOLS_MAX};
use crate::{escape, island};

/// Which table of weights a feature has its weight in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Table {
    /// Words, pairs and triples of words, punctuation, capitals.
    Words,
    /// Character n-grams.
    Characters,
}

/// Who receives a text's features, word after word.
pub trait Sink {
    /// A feature of the word that ends next, by its hash.
    fn feature(&mut self, table: Table, hash: u64);
    /// The word that the features since the last call belong to ends; where it stands in the text, in bytes.
    fn end_word(&mut self, start: usize, end: usize);
    /// Something encoded stood there; it decodes to this.
    fn decoded(&mut self, start: usize, end: usize, text: &[u8]);
}

/// Memory of a scan, for use again.
#[derive(Debug, Default, Clone)]
pub struct ScanMemory {
    island: Vec<u8>,
}

/// Marks that tell kinds of features apart.
mod kind {
    pub(super) const WORD: u64 = 1;
    pub(super) const PAIR: u64 = 2;
    pub(super) const SKIP: u64 = 3;
    pub(super) const TRIPLE: u64 = 4;
    pub(super) const PUNCTUATION: u64 = 5;
}

/// Hands the features of a text to a sink.
pub fn scan<S: Sink>(text: &str, memory: &mut ScanMemory, sink: &mut S) {
    let mut scanner = Scanner {
        text,
        bytes: text.as_bytes(),
        island: &mut memory.island,
        sink,
        word: Word::default(),
        row: Row::default(),
        rolling: u64::from(BLANK),
        before: [0; 2],
        gap: Gap::default(),
        no_island_before: 0,
    };
    scanner.run();
}

/// How many symbols an n-gram has. One length does as well as three, and costs a third.
const GRAM_SYMBOLS: u32 = 6;

/// The symbol between two words.
const BLANK: u8 = b' ';

/// The word being read.
#[derive(Debug, Clone, Copy, Default)]
struct Word {
    symbols: [u8; WORD_SYMBOLS_MAX],
    length: usize,
    start: usize,
    letters: u32,
    digits: u32,
}

/// Single letters that may be one word.
#[derive(Debug, Clone, Copy, Default)]
struct Row {
    symbols: [u8; WORD_SYMBOLS_MAX],
    length: usize,
    start: usize,
    end: usize,
    separator: u8,
    digits: usize,
    /// Punctuation before the first letter; what stands between the letters of a word is no punctuation.
    signs: u64,
    /// Whether the word before was such a row.
    joined_before: bool,
}

/// What stands between two words.
#[derive(Debug, Clone, Copy, Default)]
struct Gap {
    length: u32,
    separator: u8,
    /// Punctuation, the last eight signs.
    signs: u64,
}

struct Scanner<'a, S> {
    text: &'a str,
    bytes: &'a [u8],
    island: &'a mut Vec<u8>,
    sink: &'a mut S,
    word: Word,
    row: Row,
    /// The last eight symbols, the last one lowest.
    rolling: u64,
    /// Hashes of the last two words, the last one first.
    before: [u64; 2],
    gap: Gap,
    /// Up to here no island begins: each byte is tried once, so that a scan stays linear.
    no_island_before: usize,
}

impl<S: Sink> Scanner<'_, S> {
    fn run(&mut self) {
        let mut at = 0;
        while let Some(byte) = self.bytes.get(at).copied() {
            let symbol = ascii_symbol(byte);
            if symbol != 0 {
                if self.word.length == 0
                    && let Some(taken) = self.island(at)
                {
                    at += taken;
                    continue;
                }
                self.push_ascii(symbol, byte, at);
                at += 1;
            } else {
                at += self.other(byte, at);
            }
        }
        self.end_word(self.bytes.len());
        self.end_row();
    }

    /// Reads what is not an ASCII letter or digit. Gives its length.
    fn other(&mut self, byte: u8, at: usize) -> usize {
        match byte {
            b' ' | b'\n' | b'\t' | b'\r' | 0x0B | 0x0C => {
                self.separate(BLANK, at);
                1
            }
            b'&' | b'%' | b'\\' => {
                match escape::unescape(self.bytes.get(at..).unwrap_or_default()) {
                    Some((character, taken)) => {
                        self.character(character, at, at + taken);
                        taken
                    }
                    None => {
                        self.separate(byte, at);
                        1
                    }
                }
            }
            0..0x80 => {
                self.sign(byte, at, at + 1);
                1
            }
            _ => {
                let rest = self.text.get(at..).unwrap_or_default();
                let Some(character) = rest.chars().next() else { return 1 };
                self.character(character, at, at + character.len_utf8());
                character.len_utf8()
            }
        }
    }

    /// A character outside ASCII, or one that was escaped.
    fn character(&mut self, character: char, at: usize, after: usize) {
        if character == '’' || character == '€' {
            return self.sign(if character == '’' { b'\'' } else { b'E' }, at, after);
        }
        let character = tagged(character).unwrap_or(character);
        fold(character, |part| match part {
            Folded::Nothing => {}
            Folded::Blank => self.separate(BLANK, at),
            Folded::Symbol(symbol) => {
                self.push(symbol, at);
                if symbol.is_ascii_digit() {
                    self.word.digits += 1;
                } else {
                    self.word.letters += 1;
                }
            }
            Folded::Ideograph(symbol) => {
                self.end_word(at);
                self.push(symbol, at);
                self.word.letters = 2;
                self.end_word(after);
            }
            Folded::Other(sign) => self.sign(sign, at, after),
        });
    }

    /// Punctuation: a letter's stand-in inside a word, or its end.
    fn sign(&mut self, sign: u8, at: usize, after: usize) {
        let goes_on = matches!(sign, b'\'' | b'@' | b'$' | b'E' | b'!' | b'|' | b'+')
            && self.is_letter_next(after);
        let within = self.word.length > 0 && goes_on;
        match sign {
            b'\'' if within => {}
            b'@' | b'$' | b'E' if goes_on => self.stand_in(sign, at),
            b'!' | b'|' | b'+' if within => self.stand_in(sign, at),
            _ => self.separate(sign, at),
        }
    }

    /// Whether the next thing that is seen is a letter or a digit.
    fn is_letter_next(&self, mut at: usize) -> bool {
        const UNSEEN_MAX: usize = 8;
        for _ in 0..UNSEEN_MAX {
            let Some(next) = self.text.get(at..).and_then(|rest| rest.chars().next()) else {
                return false;
            };
            let escaped = matches!(next, '&' | '%' | '\\')
                .then(|| escape::unescape(self.bytes.get(at..).unwrap_or_default()))
                .flatten();
            let (next, taken) = escaped.unwrap_or((next, next.len_utf8()));
            let mut folded = Folded::Nothing;
            fold(tagged(next).unwrap_or(next), |part| folded = part);
            match folded {
                Folded::Nothing => at += taken,
                Folded::Symbol(_) | Folded::Ideograph(_) => return true,
                Folded::Blank | Folded::Other(_) => return false,
            }
        }
        false
    }

    fn stand_in(&mut self, sign: u8, at: usize) {
        let letter = match sign {
            b'@' => b'a',
            b'$' => b's',
            b'E' => b'e',
            b'+' => b't',
            _ => b'i',
        };
        self.push(letter, at);
        self.word.digits += 1;
    }

    #[inline]
    fn push_ascii(&mut self, symbol: u8, byte: u8, at: usize) {
        self.push(symbol, at);
        if byte.is_ascii_digit() {
            self.word.digits += 1;
        } else {
            self.word.letters += 1;
        }
    }

    #[inline]
    fn push(&mut self, symbol: u8, at: usize) {
        if self.word.length == WORD_SYMBOLS_MAX {
            self.end_word(at);
        }
        if self.word.length == 0 {
            self.word.start = at;
        }
        if let Some(slot) = self.word.symbols.get_mut(self.word.length) {
            *slot = symbol;
            self.word.length += 1;
        }
    }

    fn separate(&mut self, separator: u8, at: usize) {
        self.end_word(at);
        self.gap.length = self.gap.length.saturating_add(1);
        self.gap.separator = separator;
        if separator != BLANK {
            self.gap.signs = self.gap.signs << 8 | u64::from(separator);
        }
    }

    /// Ends the word, if there is one, before `end`.
    fn end_word(&mut self, end: usize) {
        let mut word = self.word;
        if word.length == 0 {
            return;
        }
        // The symbols behind the length need not be cleared.
        (self.word.length, self.word.letters, self.word.digits) = (0, 0, 0);
        if word.digits > 0 && word.length > 1 {
            word.settle_digits();
        }
        let gap = std::mem::take(&mut self.gap);
        match word.symbols {
            [letter, ..] if word.length == 1 && word.letters + word.digits == 1 => {
                self.single(letter, gap, word.start, end);
            }
            _ => {
                self.end_row();
                self.row.joined_before = false;
                self.punctuation(gap.signs);
                let symbols = word.symbols;
                self.word_features(symbols.get(..word.length).unwrap_or_default());
                self.sink.end_word(word.start, end);
            }
        }
    }

    /// A letter by itself joins the row, if the gap is that of the row.
    fn single(&mut self, letter: u8, gap: Gap, start: usize, end: usize) {
        let row = &mut self.row;
        let joins = gap.length == 1
            && row.length > 0
            && (row.length == 1 || row.separator == gap.separator);
        if !joins || row.length == WORD_SYMBOLS_MAX {
            self.end_row();
            self.row.start = start;
            self.row.signs = gap.signs;
        } else {
            self.row.separator = gap.separator;
        }
        let row = &mut self.row;
        if let Some(slot) = row.symbols.get_mut(row.length) {
            *slot = letter;
            row.length += 1;
            row.digits += usize::from(letter.is_ascii_digit());
        }
        row.end = end;
    }

    /// Ends a row of single letters, if there is one.
    #[inline]
    fn end_row(&mut self) {
        if self.row.length > 0 {
            self.take_row();
        }
    }

    /// A row of single letters is one word, or so many.
    fn take_row(&mut self) {
        let mut row = self.row;
        let least = if row.joined_before { 2 } else { 3 };
        let is_word = row.length >= least && row.digits * 2 <= row.length;
        self.row = Row { joined_before: is_word || row.joined_before, ..Row::default() };
        self.punctuation(row.signs);
        for symbol in row.symbols.iter_mut().filter(|symbol| symbol.is_ascii_digit()) {
            *symbol = if is_word { resembled(*symbol) } else { b'0' };
        }
        let symbols = row.symbols.get(..row.length).unwrap_or_default();
        if is_word {
            self.word_features(symbols);
            self.sink.end_word(row.start, row.end);
            return;
        }
        for symbol in symbols {
            self.word_features(std::slice::from_ref(symbol));
            self.sink.end_word(row.start, row.end);
        }
    }

    fn punctuation(&mut self, signs: u64) {
        if signs != 0 {
            self.sink.feature(Table::Words, mix(pair(kind::PUNCTUATION, signs)));
        }
    }

    #[inline]
    fn word_features(&mut self, symbols: &[u8]) {
        let mut hash = 0_u64;
        let mut rolling = self.rolling;
        for part in symbols.chunks(8) {
            for symbol in part {
                rolling = rolling << 8 | u64::from(*symbol);
                self.ngram(rolling);
            }
            // The symbols of this part, which are the last ones of `rolling`.
            let bits = 8 * u32::try_from(part.len()).unwrap_or_default();
            hash = pair(hash, rolling & u64::MAX.unbounded_shr(64 - bits));
        }
        self.rolling = rolling << 8 | u64::from(BLANK);
        self.ngram(self.rolling);
        let [last, last_but_one] = self.before;
        let hash = mix(pair(hash, kind::WORD));
        self.sink.feature(Table::Words, hash);
        self.sink.feature(Table::Words, mix(pair(pair(last, hash), kind::PAIR)));
        self.sink.feature(Table::Words, mix(pair(pair(last_but_one, hash), kind::SKIP)));
        let triple = pair(pair(last_but_one, last), hash);
        self.sink.feature(Table::Words, mix(pair(triple, kind::TRIPLE)));
        self.before = [hash, last];
    }

    #[inline]
    fn ngram(&mut self, rolling: u64) {
        let symbols = rolling & (u64::MAX >> (64 - 8 * GRAM_SYMBOLS));
        self.sink.feature(Table::Characters, mix_gram(symbols));
    }

    /// Where something encoded begins, hands on what it holds and gives its length.
    fn island(&mut self, at: usize) -> Option<usize> {
        let rest = self.bytes.get(at..)?;
        if at < self.no_island_before
            || !rest.get(..ISLAND_BYTES_MIN)?.iter().all(|byte| is_encoded(*byte))
        {
            return None;
        }
        self.island.clear();
        let Some(taken) = island::decode(rest, self.island) else {
            let run = rest.iter().take_while(|byte| is_encoded(**byte)).count();
            self.no_island_before = at + run;
            return None;
        };
        self.end_row();
        self.sink.decoded(at, at + taken, self.island);
        self.sink.end_word(at, at + taken);
        Some(taken)
    }
}

/// The digits of both alphabets of base64, and its padding.
const ENCODED: [bool; 256] = encoded();

const fn encoded() -> [bool; 256] {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256_usize {
        let [low, ..] = byte.to_le_bytes();
        #[expect(
            clippy::indexing_slicing,
            reason = "the index is below the length, and this runs while compiling"
        )]
        {
            table[byte] =
                low.is_ascii_alphanumeric() || matches!(low, b'+' | b'/' | b'-' | b'_' | b'=');
        }
        byte += 1;
    }
    table
}

#[inline]
fn is_encoded(byte: u8) -> bool {
    ENCODED.get(usize::from(byte)).copied().unwrap_or_default()
}

impl Word {
    /// A number is one symbol; among letters, a digit is the letter it resembles.
    fn settle_digits(&mut self) {
        if self.letters == 0 {
            self.symbols = [b'0'; WORD_SYMBOLS_MAX];
            self.length = 1;
            return;
        }
        for symbol in self.symbols.iter_mut().take(self.length) {
            *symbol = resembled(*symbol);
        }
    }
}

/// The letter that a digit resembles.
fn resembled(symbol: u8) -> u8 {
    match symbol {
        b'0' => b'o',
        b'1' => b'i',
        b'3' => b'e',
        b'4' => b'a',
        b'5' => b's',
        b'6' | b'9' => b'g',
        b'7' => b't',
        b'8' => b'b',
        other => other,
    }
}
