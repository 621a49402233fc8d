//! One pass over a text: its words in order, and what stands in it that has a type.
//!
//! INVARIANT: each character is looked at a bounded number of times; spans lie on character boundaries.

use crate::date::{self, Date};
use crate::fact::{Fact, Of};
use crate::limits::{LITERAL_BYTES_MAX, QUOTATION_BYTES_MAX};
use crate::lists;
use crate::number::{self, Values, is_group_mark};
use crate::word::{begins_word, is_alone, is_invisible, is_word};

/// What a number is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    /// Nothing is said, or something without a bearing on its value.
    None,
    /// `%`, `percent`.
    Percent,
    /// A currency, by its place in [`lists::CURRENCIES`].
    Currency(u8),
}

/// What stands in a text and has a type.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Item {
    Number(Values, Unit),
    Date(Date, Option<Date>),
    Time(u16, Option<u16>),
    Link(Fact),
    Identifier,
    Quotation,
}

/// A word and how it stands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Word {
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// It begins a sentence, a line or a quotation.
    pub(crate) opens: bool,
    /// Only blanks, or a hyphen, stand between it and the word before.
    pub(crate) follows: bool,
    /// It is part of an item with a type.
    pub(crate) is_typed: bool,
}

/// Who is told what stands in a text.
pub(crate) trait Visitor {
    fn word(&mut self, text: &str, word: Word);
    /// Told before the words that it is made of, a quotation after them.
    fn item(&mut self, text: &str, item: Item, start: usize, end: usize);
    /// A mark that is part of no word: `?`, `:`, a line's end; and whether nothing stands before it in its line.
    fn mark(&mut self, _mark: char, _is_line_start: bool) {}
}

/// Tells `visitor` what stands in `text`.
pub(crate) fn scan(text: &str, visitor: &mut impl Visitor) {
    let mut scanner = Scanner {
        text,
        at: 0,
        opens: true,
        follows: false,
        at_line_start: true,
        last_word: (0, 0),
        quotation: None,
        words: 0,
    };
    loop {
        // Blanks change nothing.
        scanner.at += scanner.rest().bytes().take_while(|byte| *byte == b' ').count();
        let Some(c) = scanner.peek() else { return };
        scanner.step(c, visitor);
    }
}

struct Scanner<'t> {
    text: &'t str,
    at: usize,
    opens: bool,
    follows: bool,
    at_line_start: bool,
    /// The span of the last word.
    last_word: (usize, usize),
    /// Where a quotation began, and how many words came before it.
    quotation: Option<(usize, usize)>,
    words: usize,
}

impl<'t> Scanner<'t> {
    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn slice(&self, start: usize, end: usize) -> &'t str {
        self.text.get(start..end).unwrap_or_default()
    }

    fn before(&self) -> Option<char> {
        self.text.get(..self.at)?.chars().next_back()
    }

    fn step(&mut self, c: char, visitor: &mut impl Visitor) {
        if !begins_word(c) {
            return self.mark(c, visitor);
        }
        if let Some(length) = plain_length(self.rest().as_bytes()) {
            let word = self.slice(self.at, self.at + length);
            if !may_be_month(word) {
                self.word(length, false, visitor);
                self.at_line_start = false;
                return;
            }
        }
        if let Some(length) = link_length(self.rest()) {
            let end = self.at + length;
            let fact = link_fact(self.slice(self.at, end));
            return self.typed(Item::Link(fact), end, visitor);
        }
        if let Some((date, length)) = self.date_in_words(c) {
            return self.typed(Item::Date(date, None), self.at + length, visitor);
        }
        let end = self.at + chunk_length(self.rest());
        let chunk = self.slice(self.at, end);
        match self.item(chunk) {
            Some((item, end)) => self.typed(item, end, visitor),
            None => self.words(end, false, visitor),
        }
        self.at_line_start = false;
    }

    fn date_in_words(&self, first: char) -> Option<(Date, usize)> {
        // A month's name begins with one of these.
        let may_be = first.is_ascii_digit()
            || matches!(first.to_ascii_lowercase(), 'j' | 'f' | 'm' | 'a' | 's' | 'o' | 'n' | 'd');
        let is_start =
            self.before().is_none_or(|c| !matches!(c, '-' | '_' | '/' | '.' | ',' | '@'));
        if !may_be || !is_start {
            return None;
        }
        let found = date::in_words(self.rest());
        found.filter(|(_, length)| !goes_on(self.rest().get(*length..).unwrap_or_default()))
    }

    /// The typed item that a chunk is, and where it ends.
    fn item(&self, chunk: &str) -> Option<(Item, usize)> {
        let end = self.at + chunk.len();
        if !chunk.bytes().any(|byte| byte.is_ascii_digit()) {
            let is_foreign = chunk.chars().any(|c| !c.is_ascii() && c.is_numeric() && !is_alone(c));
            let is_name = chunk.contains(['@', '_']);
            if is_foreign || is_name {
                return Some((Item::Identifier, end));
            }
            return is_domain(chunk).then(|| (Item::Link(link_fact(chunk)), end));
        }
        if let Some((date, other)) = date::numeric(chunk) {
            return Some((Item::Date(date, other), end));
        }
        if let Some(time) = self.time(chunk) {
            return Some(time);
        }
        if let Some(number) = self.number(chunk) {
            return Some(number);
        }
        if is_domain(chunk) {
            return Some((Item::Link(link_fact(chunk)), end));
        }
        Some((Item::Identifier, end))
    }

    /// `10:30`, `10:30 pm`, `3pm`.
    fn time(&self, chunk: &str) -> Option<(Item, usize)> {
        let end = self.at + chunk.len();
        let digits = chunk.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        if digits.len() > 8 || !digits.bytes().all(|b| b.is_ascii_digit() || b == b':') {
            return None;
        }
        let ending = chunk.get(digits.len()..).unwrap_or_default();
        let (half, end) = match ending {
            "" => half_after(self.slice(end, self.text.len()))
                .map_or((None, end), |(half, length)| (Some(half), end + length)),
            ending => (Some(half_of(ending)?), end),
        };
        if half.is_none() && !digits.contains(':') {
            return None;
        }
        let (first, second) = date::clock(digits, half)?;
        Some((Item::Time(first, second), end))
    }

    /// `1,200.00`, `1.2k`, `50%`, `2 million dollars`, `2nd`; of `10-20` the first.
    fn number(&self, chunk: &str) -> Option<(Item, usize)> {
        let is_inside = self.before().is_some_and(|c| matches!(c, '_' | '@' | '#'));
        if is_inside || !chunk.starts_with(|c: char| c.is_ascii_digit()) {
            return None;
        }
        let length = chunk
            .char_indices()
            .take(LITERAL_BYTES_MAX)
            .find(|(_, c)| !c.is_ascii_digit() && !matches!(c, '.' | ',') && !is_group_mark(*c))
            .map_or(chunk.len(), |(at, _)| at);
        let (literal, ending) = chunk.split_at_checked(length)?;
        let mut end = self.at + chunk.len();
        let mut scale = 0;
        if ending.starts_with(['-', '/']) {
            // `10-20`, `24/7`: two numbers. More of them are one identifier.
            let mut parts = ending.split(['-', '/']).skip(1);
            let (second, third) = (parts.next()?, parts.next());
            if third.is_some() || number::read(second, 0).is_none() {
                return None;
            }
            end = self.at + literal.len();
        } else if !ending.is_empty() {
            scale = lists::scale(ending).or_else(|| lists::is_unit(ending).then_some(0))?;
        } else if let Some((found, length)) = word_after(self.slice(end, self.text.len()))
            .and_then(|(word, length)| lists::scale_word(word).map(|scale| (scale, length)))
        {
            (scale, end) = (found, end + length);
        }
        let values = number::read(literal, scale)?;
        let (unit, end) = self.unit(end);
        Some((Item::Number(values, unit), end))
    }

    /// The unit around a number that starts here and ends there, and where the whole ends.
    fn unit(&self, end: usize) -> (Unit, usize) {
        let rest = self.slice(end, self.text.len());
        if rest.starts_with('%') {
            return (Unit::Percent, end + 1);
        }
        if let Some(currency) = rest.chars().next().and_then(lists::currency_sign) {
            let length = rest.chars().next().map_or(0, char::len_utf8);
            // `50€`, and in `$5 €6` the sign belongs to what follows.
            if !rest
                .get(length..)
                .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
            {
                return (Unit::Currency(currency), end + length);
            }
        }
        let ahead = self.slice(0, self.at).trim_end_matches(' ');
        let is_near = self.at - ahead.len() <= 1;
        if let Some(sign) = ahead.chars().next_back().filter(|_| is_near)
            && let Some(currency) = lists::currency_sign(sign)
        {
            return (Unit::Currency(currency), end);
        }
        if let Some((word, length)) = word_after(rest) {
            if matches!(word, "percent" | "Percent") {
                return (Unit::Percent, end + length);
            }
            if let Some(currency) = lists::currency(word) {
                return (Unit::Currency(currency), end + length);
            }
        }
        let before = self.slice(self.last_word.0, self.last_word.1);
        if is_near
            && self.last_word.1 == ahead.len()
            && let Some(currency) = lists::currency(before)
        {
            return (Unit::Currency(currency), end);
        }
        (Unit::None, end)
    }

    fn typed(&mut self, item: Item, end: usize, visitor: &mut impl Visitor) {
        // `1.` at the start of a line counts the lines of a list.
        let after = self.slice(end, self.text.len());
        let is_counter = matches!(item, Item::Number(_, Unit::None))
            && self.at_line_start
            && after.starts_with(['.', ')'])
            && after.get(1..).is_some_and(|rest| rest.starts_with([' ', '\n']));
        if !is_counter {
            visitor.item(self.text, item, self.start_of(item), end);
        }
        self.words(end, true, visitor);
        self.at_line_start = false;
    }

    /// Where an item starts: an amount with the sign before it.
    fn start_of(&self, item: Item) -> usize {
        let sign = self.before().filter(|c| lists::currency_sign(*c).is_some());
        match (item, sign) {
            (Item::Number(_, Unit::Currency(_)), Some(sign)) => self.at - sign.len_utf8(),
            _ => self.at,
        }
    }

    /// The words up to `end`.
    fn words(&mut self, end: usize, is_typed: bool, visitor: &mut impl Visitor) {
        while self.at < end {
            let Some(c) = self.peek() else { return };
            if !begins_word(c) {
                self.follows &= matches!(c, ' ' | '-');
                self.at += c.len_utf8();
                continue;
            }
            let length = word_length(self.rest()).min(end - self.at).max(1);
            self.word(length, is_typed, visitor);
        }
    }

    #[inline]
    fn word(&mut self, length: usize, is_typed: bool, visitor: &mut impl Visitor) {
        let (start, end) = (self.at, self.at + length);
        let word = Word { start, end, opens: self.opens, follows: self.follows, is_typed };
        visitor.word(self.text, word);
        self.last_word = (start, end);
        (self.opens, self.follows) = (false, true);
        self.words += 1;
        self.at = end;
    }

    /// A character that is part of no word.
    fn mark(&mut self, c: char, visitor: &mut impl Visitor) {
        let (start, is_line_start) = (self.at, self.at_line_start);
        self.at += c.len_utf8();
        match c {
            '\n' => {
                (self.opens, self.follows, self.at_line_start) = (true, false, true);
                self.quotation = None;
            }
            '"' | '“' | '”' | '„' | '«' | '»' => self.quoted(c, start, visitor),
            '.' | '!' | '?' | ':' | '…' => {
                self.opens |= self.ends_sentence(c);
                self.follows &= c == '.' && !self.opens;
            }
            // What begins the line of a list.
            '-' | '*' | '•' | '#' | '>' | '–' | '—' if self.at_line_start => {
                self.opens = true;
            }
            c if c.is_whitespace() => return,
            '-' | '‐' | '‑' => {}
            _ => self.follows = false,
        }
        visitor.mark(c, is_line_start);
        self.at_line_start &= c == '\n' || c == '#';
    }

    /// Whether the next word begins a sentence: not after `Mr.` and `J.`.
    fn ends_sentence(&self, mark: char) -> bool {
        let follows_blank =
            self.rest().starts_with(|c: char| c.is_whitespace() || c == '"' || c == '”');
        let last = self.slice(self.last_word.0, self.last_word.1);
        let is_short = mark == '.'
            && self.last_word.1 + 1 == self.at
            && (last.chars().nth(1).is_none() || lists::is_abbreviation(last));
        (follows_blank || self.rest().is_empty()) && !is_short
    }

    /// A quotation mark: the second one ends what the first began.
    fn quoted(&mut self, c: char, start: usize, visitor: &mut impl Visitor) {
        self.follows = false;
        let begun = self.quotation.take().filter(|_| c != '„' && c != '«');
        if let Some((from, words)) = begun {
            if start - from <= QUOTATION_BYTES_MAX && self.words >= words + 2 {
                visitor.item(self.text, Item::Quotation, from, start);
            }
        } else if matches!(c, '“' | '„' | '«' | '"') {
            self.quotation = Some((self.at, self.words));
            self.opens = true;
        }
    }
}

/// The length of the word at the start of a text where it is of ASCII letters alone and nothing can make it part of
/// something longer: most words.
#[inline]
fn plain_length(text: &[u8]) -> Option<usize> {
    let length = text.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
    let is_over =
        |byte: Option<&u8>| byte.is_none_or(|b| b.is_ascii() && !b.is_ascii_alphanumeric());
    let next = text.get(length);
    let joins = matches!(next, Some(b'.' | b'-' | b'_' | b'@' | b'/' | b'+' | b':' | b'%'));
    let is_plain = length > 0 && is_over(next) && (!joins || is_over(text.get(length + 1)));
    (is_plain && !(next == Some(&b':') && text.get(length + 1) == Some(&b'/'))).then_some(length)
}

/// Whether what stands before this text is part of a longer word or chunk.
fn goes_on(text: &str) -> bool {
    let mut chars = text.chars();
    match chars.next() {
        Some('.' | '-' | '_' | '@' | '/' | '+' | '%') => chars.next().is_some_and(begins_word),
        Some(c) => is_word(c),
        None => false,
    }
}

/// Whether a date in words can begin with a word: with the first letters of a month.
#[inline]
fn may_be_month(word: &str) -> bool {
    let Some(first) = word.as_bytes().first_chunk::<3>() else { return false };
    matches!(
        &first.map(|byte| byte.to_ascii_lowercase()),
        b"jan"
            | b"feb"
            | b"mar"
            | b"apr"
            | b"may"
            | b"jun"
            | b"jul"
            | b"aug"
            | b"sep"
            | b"oct"
            | b"nov"
            | b"dec"
    )
}

/// The length of the word at the start of a text.
fn word_length(text: &str) -> usize {
    let mut chars = text.char_indices();
    match chars.next() {
        Some((_, first)) if is_alone(first) => first.len_utf8(),
        _ => chars.find(|(_, c)| !is_word(*c) || is_alone(*c)).map_or(text.len(), |(at, _)| at),
    }
}

/// The length of a run of words that single marks join: `W-123`, `a.b@c.org`, `10:30`, `1,200`.
fn chunk_length(text: &str) -> usize {
    let mut before = ' ';
    for (at, c) in text.char_indices() {
        if !is_word(c) {
            let rest = text.get(at + c.len_utf8()..).unwrap_or_default();
            if c == '/' && starts_link(rest) {
                return at;
            }
            let next = rest.chars().find(|next| !is_invisible(*next)).unwrap_or(' ');
            let digits = before.is_ascii_digit() && next.is_ascii_digit();
            let joins = match c {
                '.' | '-' | '_' | '@' | '/' | '+' | '%' => is_word(before) && begins_word(next),
                ':' | ',' => digits,
                c => digits && is_group_mark(c),
            };
            if !joins {
                return at;
            }
        }
        before = c;
    }
    text.len()
}

fn starts_link(text: &str) -> bool {
    let is_it =
        |start: &&str| text.get(..start.len()).is_some_and(|own| own.eq_ignore_ascii_case(start));
    text.starts_with(['h', 'H', 'w', 'W']) && ["http://", "https://", "www."].iter().any(is_it)
}

/// The length of the link at the start of a text.
fn link_length(text: &str) -> Option<usize> {
    if !starts_link(text) {
        return None;
    }
    let is_end = |c: char| {
        c.is_whitespace()
            || matches!(
                c,
                '"' | '<' | '>' | '(' | ')' | '[' | ']' | '{' | '}' | '|' | '`' | '“' | '”' | '\''
            )
    };
    let length = text.find(is_end).unwrap_or(text.len());
    let link = text.get(..length)?.trim_end_matches(['.', ',', ';', ':', '!', '?', '*', '_', '~']);
    Some(link.len())
}

/// A link in its canonical form: without `http://`, `https://` and `www.`, its host in lower case and without the
/// usual port, without a last slash.
fn link_fact(link: &str) -> Fact {
    let mut rest = link;
    for start in ["http://", "https://", "www."] {
        if rest.get(..start.len()).is_some_and(|own| own.eq_ignore_ascii_case(start)) {
            rest = rest.get(start.len()..).unwrap_or_default();
        }
    }
    let host_end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (host, path) = rest.split_at_checked(host_end).unwrap_or((rest, ""));
    let host = host.strip_suffix(":80").or_else(|| host.strip_suffix(":443")).unwrap_or(host);
    let mut hasher = crate::fact::Hasher::new(Of::Link);
    for byte in host.bytes() {
        hasher.byte(byte.to_ascii_lowercase());
    }
    hasher.bytes(path.trim_end_matches('/').as_bytes());
    hasher.fact()
}

/// Whether a chunk names a host: its last label is one under which many stand.
fn is_domain(chunk: &str) -> bool {
    let host = chunk.split('/').next().unwrap_or_default();
    !host.contains('@') && host.rsplit_once('.').is_some_and(|(_, last)| lists::is_top_domain(last))
}

/// `am`, `PM`; true is the afternoon.
fn half_of(word: &str) -> Option<bool> {
    if word.eq_ignore_ascii_case("am") {
        Some(false)
    } else {
        word.eq_ignore_ascii_case("pm").then_some(true)
    }
}

/// ` am`, ` p.m.`, and how long it is.
fn half_after(text: &str) -> Option<(bool, usize)> {
    let rest = text.strip_prefix(' ').unwrap_or(text);
    let blank = text.len() - rest.len();
    for (word, is_afternoon) in [("a.m.", false), ("p.m.", true), ("am", false), ("pm", true)] {
        let is_it = rest.get(..word.len()).is_some_and(|own| own.eq_ignore_ascii_case(word));
        if is_it && !goes_on(rest.get(word.len()..).unwrap_or_default()) {
            return Some((is_afternoon, blank + word.len()));
        }
    }
    None
}

/// The word after one blank, of at most 12 letters, and how far it reaches.
fn word_after(text: &str) -> Option<(&str, usize)> {
    let rest = text.strip_prefix([' ', '-'])?;
    let length = rest.bytes().take(13).take_while(u8::is_ascii_alphabetic).count();
    let goes_on = goes_on(rest.get(length..).unwrap_or_default());
    let word = rest.get(..length).filter(|word| !word.is_empty() && !goes_on)?;
    Some((word, length + 1))
}
