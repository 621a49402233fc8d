//! Reads JSON token by token, strictly as RFC 8259 says, and checks what nobody reads as well.
//!
//! INVARIANT: the text is UTF-8 as a whole, and tokens begin and end at ASCII bytes, so every token
//! is UTF-8 too.

use crate::keys::Keys;
use crate::{FaultKind, limits};

/// The contents of a JSON string, without its quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// Whether it has escapes; all of them are valid.
    pub(crate) escaped: bool,
}

/// A JSON number.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Number {
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// Its digits as one number, where they are at most 18.
    pub(crate) digits: Option<u64>,
    /// How many of them stand after the point.
    pub(crate) fraction: usize,
    pub(crate) negative: bool,
    /// Whether it has no exponent.
    pub(crate) plain: bool,
}

/// Reading has ended; [`Scanner::stop`] says why.
#[derive(Debug)]
pub(crate) struct Stopped;

/// Why and where reading ended.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stop {
    pub(crate) kind: FaultKind,
    pub(crate) what: &'static str,
    pub(crate) at: usize,
}

/// A place in a JSON text.
#[derive(Debug)]
pub(crate) struct Scanner<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
    stop: Option<Stop>,
}

impl<'a> Scanner<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self { text, at: 0, depth: 0, stop: None }
    }

    /// Why reading ended.
    pub(crate) fn stop(&self) -> Stop {
        let unknown = Stop { kind: FaultKind::NotJson, what: "is not valid JSON", at: self.at };
        self.stop.unwrap_or(unknown)
    }

    pub(crate) fn at(&self) -> usize {
        self.at
    }

    /// How many objects and lists are open.
    pub(crate) fn depth(&self) -> usize {
        self.depth
    }

    /// Goes to a place where a value starts, to read it again.
    pub(crate) fn go_to(&mut self, at: usize) {
        self.at = at;
    }

    #[cold]
    pub(crate) fn fail_at(&mut self, kind: FaultKind, what: &'static str, at: usize) -> Stopped {
        self.stop = Some(Stop { kind, what, at });
        Stopped
    }

    #[cold]
    fn fail(&mut self, what: &'static str) -> Stopped {
        let at = self.at;
        self.fail_at(FaultKind::NotJson, what, at)
    }

    #[inline]
    pub(crate) fn bytes(&self) -> &'a [u8] {
        self.text.as_bytes()
    }

    /// The next byte; 0, which JSON has nowhere, at the end.
    #[inline]
    pub(crate) fn peek(&self) -> u8 {
        self.bytes().get(self.at).copied().unwrap_or(0)
    }

    /// Skips white space and returns the byte after it.
    #[inline]
    pub(crate) fn space(&mut self) -> u8 {
        loop {
            let byte = self.peek();
            if byte > b' ' || !matches!(byte, b' ' | b'\n' | b'\t' | b'\r') {
                return byte;
            }
            self.at += 1;
        }
    }

    /// The contents of a string as they stand.
    #[inline]
    pub(crate) fn raw(&self, span: Span) -> &'a str {
        self.text.get(span.start..span.end).unwrap_or_default()
    }

    /// The text of a number.
    pub(crate) fn number_text(&self, number: Number) -> &'a str {
        self.text.get(number.start..number.end).unwrap_or_default()
    }

    /// Opens an object or a list, whose first byte is next; whether anything is in it.
    #[inline]
    pub(crate) fn open(&mut self, close: u8) -> Result<bool, Stopped> {
        if self.depth >= limits::DEPTH_MAX {
            let at = self.at;
            return Err(self.fail_at(FaultKind::TooDeep, "is nested too deeply", at));
        }
        self.at += 1;
        if self.space() == close {
            self.at += 1;
            return Ok(false);
        }
        self.depth += 1;
        Ok(true)
    }

    /// After a member of an object or list: whether there is another.
    #[inline]
    pub(crate) fn more(&mut self, close: u8) -> Result<bool, Stopped> {
        let byte = self.space();
        if byte == b',' {
            self.at += 1;
            self.space();
            return Ok(true);
        }
        if byte != close {
            return Err(self.fail("is not valid JSON: expected a comma or the end of a list"));
        }
        self.at += 1;
        self.depth -= 1;
        Ok(false)
    }

    /// A key and the colon behind it; the value is next.
    #[inline]
    pub(crate) fn key(&mut self) -> Result<Span, Stopped> {
        if self.peek() != b'"' {
            return Err(self.fail("is not valid JSON: expected a key in double quotes"));
        }
        let key = self.string()?;
        if self.space() != b':' {
            return Err(self.fail("is not valid JSON: expected a colon"));
        }
        self.at += 1;
        self.space();
        Ok(key)
    }

    /// A string, whose opening quote is next.
    #[inline]
    pub(crate) fn string(&mut self) -> Result<Span, Stopped> {
        self.at += 1;
        let start = self.at;
        let mut escaped = false;
        loop {
            self.skip_ordinary();
            match self.peek() {
                b'"' => {
                    let end = self.at;
                    self.at += 1;
                    return Ok(Span { start, end, escaped });
                }
                b'\\' => {
                    escaped = true;
                    self.escape()?;
                }
                _ => return Err(self.unfinished_string()),
            }
        }
    }

    /// Goes to the next quote, backslash or control character, or to the end.
    #[inline]
    fn skip_ordinary(&mut self) {
        let bytes = self.bytes();
        let mut at = self.at;
        while let Some(chunk) = bytes.get(at..).and_then(<[u8]>::first_chunk::<8>) {
            let hits = special_bytes(u64::from_le_bytes(*chunk));
            if hits != 0 {
                // Each byte that is special has its highest bit set.
                self.at = at + (hits.trailing_zeros() / 8) as usize;
                return;
            }
            at += 8;
        }
        while bytes.get(at).is_some_and(|byte| !matches!(byte, b'"' | b'\\' | 0..0x20)) {
            at += 1;
        }
        self.at = at;
    }

    #[cold]
    fn unfinished_string(&mut self) -> Stopped {
        if self.at >= self.text.len() {
            self.fail("is not valid JSON: a string does not end")
        } else {
            self.fail("is not valid JSON: a control character in a string")
        }
    }

    /// One escape, or two that name one character.
    fn escape(&mut self) -> Result<(), Stopped> {
        let start = self.at;
        self.at += 1;
        match self.peek() {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => {
                self.at += 1;
                Ok(())
            }
            b'u' => {
                let first = self.hex_escape(start)?;
                match first {
                    0xD800..=0xDBFF => {
                        let second = match self.bytes().get(self.at..) {
                            Some([b'\\', b'u', ..]) => {
                                self.at += 1;
                                self.hex_escape(start)?
                            }
                            _ => 0,
                        };
                        if (0xDC00..=0xDFFF).contains(&second) {
                            Ok(())
                        } else {
                            Err(self.bad_escape(start, "is not valid JSON: half a character"))
                        }
                    }
                    0xDC00..=0xDFFF => {
                        Err(self.bad_escape(start, "is not valid JSON: half a character"))
                    }
                    _ => Ok(()),
                }
            }
            _ => Err(self.bad_escape(start, "is not valid JSON: an unknown escape")),
        }
    }

    #[cold]
    fn bad_escape(&mut self, at: usize, what: &'static str) -> Stopped {
        self.fail_at(FaultKind::NotJson, what, at)
    }

    /// `uXXXX`, whose `u` is next.
    fn hex_escape(&mut self, start: usize) -> Result<u32, Stopped> {
        let digits = self.bytes().get(self.at + 1..).and_then(<[u8]>::first_chunk::<4>);
        match digits.and_then(hex_value) {
            Some(value) => {
                self.at += 5;
                Ok(value)
            }
            None => Err(self.bad_escape(start, "is not valid JSON: an unknown escape")),
        }
    }

    /// A number; anything else is a fault.
    #[inline]
    pub(crate) fn number(&mut self) -> Result<Number, Stopped> {
        let start = self.at;
        let negative = self.peek() == b'-';
        if negative {
            self.at += 1;
        }
        let first = self.at;
        let mut digits = self.digits(0);
        let whole = self.at - first;
        if whole == 0 {
            return Err(self.fail("is not valid JSON: expected a value"));
        }
        if whole > 1 && self.bytes().get(first) == Some(&b'0') {
            self.at = first;
            return Err(self.fail("is not valid JSON: a number starts with 0"));
        }
        let mut fraction = 0;
        if self.peek() == b'.' {
            self.at += 1;
            let point = self.at;
            digits = self.digits(digits);
            fraction = self.at - point;
            if fraction == 0 {
                return Err(self.fail("is not valid JSON: expected a digit"));
            }
        }
        let plain = !matches!(self.peek(), b'e' | b'E');
        if !plain {
            self.at += 1;
            if matches!(self.peek(), b'+' | b'-') {
                self.at += 1;
            }
            let exponent = self.at;
            self.digits(0);
            if self.at == exponent {
                return Err(self.fail("is not valid JSON: expected a digit"));
            }
        }
        let digits = (whole + fraction <= 18).then_some(digits);
        Ok(Number { start, end: self.at, digits, fraction, negative, plain })
    }

    /// Skips digits and appends them to a number, which is of no meaning past 18 of them.
    #[inline]
    fn digits(&mut self, mut value: u64) -> u64 {
        loop {
            let digit = self.peek().wrapping_sub(b'0');
            if digit > 9 {
                return value;
            }
            value = value.wrapping_mul(10).wrapping_add(u64::from(digit));
            self.at += 1;
        }
    }

    /// `true`, `false` or `null`, letter for letter.
    #[inline]
    pub(crate) fn word(&mut self, word: &'static [u8]) -> Result<(), Stopped> {
        if self.bytes().get(self.at..).is_some_and(|rest| rest.starts_with(word)) {
            self.at += word.len();
            return Ok(());
        }
        Err(self.fail("is not valid JSON: expected a value"))
    }

    /// Checks a value that nobody reads.
    pub(crate) fn skip(&mut self, keys: &mut Keys) -> Result<(), Stopped> {
        match self.peek() {
            b'"' => self.string().map(|_| ()),
            b'{' => self.skip_object(keys),
            b'[' => self.skip_list(keys),
            b't' => self.word(b"true"),
            b'f' => self.word(b"false"),
            b'n' => self.word(b"null"),
            _ => self.number().map(|_| ()),
        }
    }

    // The depth limit bounds the recursion.
    fn skip_object(&mut self, keys: &mut Keys) -> Result<(), Stopped> {
        if !self.open(b'}')? {
            return Ok(());
        }
        let first = keys.open();
        loop {
            let key = self.key()?;
            keys.add(self, first, key)?;
            self.skip(keys)?;
            if !self.more(b'}')? {
                return keys.close(self, first);
            }
        }
    }

    fn skip_list(&mut self, keys: &mut Keys) -> Result<(), Stopped> {
        if !self.open(b']')? {
            return Ok(());
        }
        loop {
            self.skip(keys)?;
            if !self.more(b']')? {
                return Ok(());
            }
        }
    }

    /// Nothing may follow the value.
    pub(crate) fn end(&mut self) -> Result<(), Stopped> {
        self.space();
        if self.at == self.text.len() {
            return Ok(());
        }
        Err(self.fail("is not valid JSON: something follows its end"))
    }
}

/// The highest bit of each byte that is a quote, a backslash or below 0x20. Bytes after the first
/// such byte may be reported wrongly; the first never is, and none is missed.
#[inline]
fn special_bytes(word: u64) -> u64 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGHS: u64 = ONES * 0x80;
    let quote = word ^ (ONES * 0x22);
    let backslash = word ^ (ONES * 0x5C);
    let found = (quote.wrapping_sub(ONES) & !quote)
        | (backslash.wrapping_sub(ONES) & !backslash)
        | (word.wrapping_sub(ONES * 0x20) & !word);
    found & HIGHS
}

fn hex_value(digits: &[u8; 4]) -> Option<u32> {
    digits.iter().try_fold(0, |value, digit| {
        let digit = char::from(*digit).to_digit(16)?;
        Some(value * 16 + digit)
    })
}

/// Appends the text that a string's contents stand for. The scanner has found them valid.
pub(crate) fn unescape(raw: &str, out: &mut Vec<u8>) {
    let mut rest = raw;
    while let Some((plain, escape)) = rest.split_once('\\') {
        out.extend_from_slice(plain.as_bytes());
        let mut chars = escape.chars();
        let c = match chars.next() {
            Some('b') => '\u{8}',
            Some('f') => '\u{c}',
            Some('n') => '\n',
            Some('r') => '\r',
            Some('t') => '\t',
            Some('u') => unescape_hex(&mut chars),
            other => other.unwrap_or(char::REPLACEMENT_CHARACTER),
        };
        out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
        rest = chars.as_str();
    }
    out.extend_from_slice(rest.as_bytes());
}

/// `XXXX`, or `XXXX\uXXXX` for a character outside the first 65,536.
fn unescape_hex(chars: &mut std::str::Chars<'_>) -> char {
    let mut four = || chars.by_ref().take(4).fold(0, |n, c| n * 16 + c.to_digit(16).unwrap_or(0));
    let first: u32 = four();
    if !(0xD800..=0xDBFF).contains(&first) {
        return char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER);
    }
    chars.next();
    chars.next();
    let second: u32 = chars.by_ref().take(4).fold(0, |n, c| n * 16 + c.to_digit(16).unwrap_or(0));
    let value = 0x10000 + ((first - 0xD800) << 10) + (second.wrapping_sub(0xDC00) & 0x3FF);
    char::from_u32(value).unwrap_or(char::REPLACEMENT_CHARACTER)
}
