//! Reads JSON token by token, strictly as RFC 8259 says, and checks what nobody reads as well.
//!
//! INVARIANT: the text is UTF-8 as a whole, and tokens begin and end at ASCII bytes, so every token
//! is UTF-8 too.

use crate::keys::Keys;
use crate::{Fault, FaultKind, Subject, limits};

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

/// Reading has ended; [`Scanner::fault`] says why.
#[derive(Debug)]
pub(crate) struct Stopped;

/// Why and where reading ended.
#[derive(Debug, Clone, Copy)]
struct Stop {
    kind: FaultKind,
    what: &'static str,
    at: usize,
}

/// A JSON text.
///
/// Its methods take the place where they start and return the place where they end, so that the
/// place stays in a register: with the place in memory a pass takes twice as long.
#[derive(Debug)]
pub(crate) struct Scanner<'a> {
    text: &'a str,
    /// How many objects and lists are open.
    depth: usize,
    stop: Option<Stop>,
}

impl<'a> Scanner<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self { text, depth: 0, stop: None }
    }

    /// How many objects and lists are open.
    pub(crate) fn depth(&self) -> usize {
        self.depth
    }

    /// Goes back into the outermost object, to read one of its values again.
    pub(crate) fn reenter(&mut self) {
        self.depth = 1;
    }

    /// Why reading ended, as a fault.
    pub(crate) fn fault(&self, subject: Subject<'_>) -> Fault {
        let unknown = Stop { kind: FaultKind::NotJson, what: "is not valid JSON", at: 0 };
        let Stop { kind, what, at } = self.stop.unwrap_or(unknown);
        Fault::new(kind, subject, what).at(at)
    }

    #[cold]
    pub(crate) fn fail(&mut self, kind: FaultKind, what: &'static str, at: usize) -> Stopped {
        self.stop = Some(Stop { kind, what, at });
        Stopped
    }

    #[cold]
    fn not_json(&mut self, what: &'static str, at: usize) -> Stopped {
        self.fail(FaultKind::NotJson, what, at)
    }

    #[inline]
    pub(crate) fn bytes(&self) -> &'a [u8] {
        self.text.as_bytes()
    }

    /// The byte at a place; 0, which JSON has nowhere, at the end.
    #[inline]
    pub(crate) fn byte(&self, at: usize) -> u8 {
        self.bytes().get(at).copied().unwrap_or(0)
    }

    /// The place behind white space.
    #[inline]
    pub(crate) fn space(&self, at: usize) -> usize {
        if self.byte(at) > b' ' { at } else { self.long_space(at) }
    }

    fn long_space(&self, mut at: usize) -> usize {
        while matches!(self.byte(at), b' ' | b'\n' | b'\t' | b'\r') {
            at += 1;
        }
        at
    }

    /// The contents of a string as they stand.
    #[inline]
    pub(crate) fn raw(&self, span: Span) -> &'a str {
        self.text.get(span.start..span.end).unwrap_or_default()
    }

    /// The same as bytes.
    #[inline]
    pub(crate) fn raw_bytes(&self, span: Span) -> &'a [u8] {
        self.bytes().get(span.start..span.end).unwrap_or_default()
    }

    /// The text of a number.
    pub(crate) fn number_text(&self, number: Number) -> &'a str {
        self.text.get(number.start..number.end).unwrap_or_default()
    }

    // -- objects and lists -----------------------------------------------------------------------

    /// Opens the object or list at a place: where its first member is, or `None` and the place
    /// behind an empty one.
    #[inline]
    pub(crate) fn open(&mut self, at: usize, close: u8) -> Result<(usize, bool), Stopped> {
        if self.depth >= limits::DEPTH_MAX {
            return Err(self.fail(FaultKind::TooDeep, "is nested too deeply", at));
        }
        let at = self.space(at + 1);
        if self.byte(at) == close {
            return Ok((at + 1, false));
        }
        self.depth += 1;
        Ok((at, true))
    }

    /// Behind a member: where the next is, or the place behind the last and `false`.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "keeps the pair it returns in registers")]
    pub(crate) fn more(&mut self, at: usize, close: u8) -> Result<(usize, bool), Stopped> {
        if let Some([b',', next]) = self.bytes().get(at..).and_then(<[u8]>::first_chunk)
            && *next > b' '
        {
            return Ok((at + 1, true));
        }
        let at = self.space(at);
        let byte = self.byte(at);
        if byte == b',' {
            return Ok((self.space(at + 1), true));
        }
        if byte != close {
            return Err(self.not_json(EXPECTED_MORE, at));
        }
        self.depth -= 1;
        Ok((at + 1, false))
    }

    /// The key at a place, and the place of its value.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "keeps what it returns in registers")]
    pub(crate) fn key(&mut self, at: usize) -> Result<(Span, usize), Stopped> {
        if self.byte(at) != b'"' {
            return Err(self.not_json("is not valid JSON: expected a key in double quotes", at));
        }
        let key = self.string(at)?;
        if let Some([b'"', b':', value]) = self.bytes().get(key.end..).and_then(<[u8]>::first_chunk)
            && *value > b' '
        {
            return Ok((key, key.end + 2));
        }
        let at = self.space(key.end + 1);
        if self.byte(at) != b':' {
            return Err(self.not_json("is not valid JSON: expected a colon", at));
        }
        Ok((key, self.space(at + 1)))
    }

    // -- strings ---------------------------------------------------------------------------------

    /// The string at a place; its end is one behind the contents.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "keeps what it returns in registers")]
    pub(crate) fn string(&mut self, at: usize) -> Result<Span, Stopped> {
        let start = at + 1;
        let end = self.ordinary(start);
        if self.byte(end) == b'"' {
            return Ok(Span { start, end, escaped: false });
        }
        let end = self.string_with_escapes(end)?;
        Ok(Span { start, end, escaped: true })
    }

    /// The next quote, backslash or control character, or the end.
    #[inline]
    fn ordinary(&self, start: usize) -> usize {
        let mut rest = self.bytes().get(start..).unwrap_or_default();
        let mut at = start;
        while let Some((word, behind)) = rest.split_first_chunk::<8>() {
            if let Some(ordinary) = ordinary_before(*word) {
                return at + ordinary;
            }
            rest = behind;
            at += 8;
            if at == start + BLOCK {
                return self.long_ordinary(at);
            }
        }
        self.short_ordinary(at)
    }

    /// The same in a long string: by blocks, then by words.
    #[inline(never)]
    fn long_ordinary(&self, mut at: usize) -> usize {
        let mut rest = self.bytes().get(at..).unwrap_or_default();
        while let Some((block, behind)) = rest.split_first_chunk::<BLOCK>()
            && !has_special(block)
        {
            rest = behind;
            at += BLOCK;
        }
        while let Some((word, behind)) = rest.split_first_chunk::<8>() {
            if let Some(ordinary) = ordinary_before(*word) {
                return at + ordinary;
            }
            rest = behind;
            at += 8;
        }
        self.short_ordinary(at)
    }

    /// The same byte by byte, at the end of the text.
    #[inline(never)]
    fn short_ordinary(&self, at: usize) -> usize {
        let rest = self.bytes().get(at..).unwrap_or_default();
        at + rest.iter().position(|byte| is_special(*byte)).unwrap_or(rest.len())
    }

    /// Goes on where an ordinary string would have ended; where the string ends.
    #[inline(never)]
    fn string_with_escapes(&mut self, mut at: usize) -> Result<usize, Stopped> {
        loop {
            match self.byte(at) {
                b'"' => return Ok(at),
                b'\\' => at = self.escape(at)?,
                _ if at >= self.text.len() => {
                    return Err(self.not_json("is not valid JSON: a string does not end", at));
                }
                _ => {
                    let what = "is not valid JSON: a control character in a string";
                    return Err(self.not_json(what, at));
                }
            }
            at = self.ordinary(at);
        }
    }

    /// One escape, or two that name one character; the place behind.
    #[inline]
    fn escape(&mut self, at: usize) -> Result<usize, Stopped> {
        match self.byte(at + 1) {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Ok(at + 2),
            b'u' => self.hex_escape(at),
            _ => Err(self.not_json(BAD_ESCAPE, at)),
        }
    }

    fn hex_escape(&mut self, at: usize) -> Result<usize, Stopped> {
        match self.code_unit(at) {
            None => Err(self.not_json(BAD_ESCAPE, at)),
            Some(0xD800..=0xDBFF) => match self.code_unit(at + 6) {
                Some(0xDC00..=0xDFFF) => Ok(at + 12),
                _ => Err(self.not_json(HALF_CHARACTER, at)),
            },
            Some(0xDC00..=0xDFFF) => Err(self.not_json(HALF_CHARACTER, at)),
            Some(_) => Ok(at + 6),
        }
    }

    /// The value of `\uXXXX` at a place.
    fn code_unit(&self, at: usize) -> Option<u32> {
        match self.bytes().get(at..).and_then(<[u8]>::first_chunk::<6>) {
            Some([b'\\', b'u', digits @ ..]) => hex_value(*digits),
            _ => None,
        }
    }

    // -- numbers and words -----------------------------------------------------------------------

    /// The number at a place; anything else there is a fault.
    #[inline]
    pub(crate) fn number(&mut self, start: usize) -> Result<Number, Stopped> {
        let negative = self.byte(start) == b'-';
        let first = if negative { start + 1 } else { start };
        let (mut digits, mut at) = self.digits(0, first);
        let whole = at - first;
        if whole == 0 {
            return Err(self.not_json(EXPECTED_VALUE, first));
        }
        if whole > 1 && self.byte(first) == b'0' {
            return Err(self.not_json("is not valid JSON: a number starts with 0", first));
        }
        let mut fraction = 0;
        if self.byte(at) == b'.' {
            let point = at + 1;
            (digits, at) = self.digits(digits, point);
            fraction = at - point;
            if fraction == 0 {
                return Err(self.not_json(EXPECTED_DIGIT, at));
            }
        }
        let plain = !matches!(self.byte(at), b'e' | b'E');
        if !plain {
            at = self.exponent(at)?;
        }
        let digits = (whole + fraction <= 18).then_some(digits);
        Ok(Number { start, end: at, digits, fraction, negative, plain })
    }

    /// Appends digits to a number, which is of no meaning past 18 of them.
    #[inline]
    fn digits(&self, mut value: u64, mut at: usize) -> (u64, usize) {
        loop {
            let digit = self.byte(at).wrapping_sub(b'0');
            if digit > 9 {
                return (value, at);
            }
            value = value.wrapping_mul(10).wrapping_add(u64::from(digit));
            at += 1;
        }
    }

    fn exponent(&mut self, at: usize) -> Result<usize, Stopped> {
        let sign = matches!(self.byte(at + 1), b'+' | b'-');
        let first = if sign { at + 2 } else { at + 1 };
        let (_, at) = self.digits(0, first);
        if at == first { Err(self.not_json(EXPECTED_DIGIT, at)) } else { Ok(at) }
    }

    /// `true`, `false` or `null` at a place, letter for letter; the place behind.
    #[inline]
    pub(crate) fn word(&mut self, at: usize, word: &'static [u8]) -> Result<usize, Stopped> {
        if self.bytes().get(at..).is_some_and(|rest| rest.starts_with(word)) {
            return Ok(at + word.len());
        }
        Err(self.not_json(EXPECTED_VALUE, at))
    }

    // -- what nobody reads -----------------------------------------------------------------------

    /// Checks the value at a place; the place behind.
    pub(crate) fn skip(&mut self, at: usize, keys: &mut Keys) -> Result<usize, Stopped> {
        match self.byte(at) {
            b'"' => self.string(at).map(|span| span.end + 1),
            b'{' => self.skip_object(at, keys),
            b'[' => self.skip_list(at, keys),
            b't' => self.word(at, b"true"),
            b'f' => self.word(at, b"false"),
            b'n' => self.word(at, b"null"),
            _ => self.number(at).map(|number| number.end),
        }
    }

    // The depth limit bounds the recursion.
    fn skip_object(&mut self, at: usize, keys: &mut Keys) -> Result<usize, Stopped> {
        let object = keys.open();
        let (mut at, mut more) = self.open(at, b'}')?;
        while more {
            let (key, value) = self.key(at)?;
            keys.add(self, object, key)?;
            at = self.skip(value, keys)?;
            (at, more) = self.more(at, b'}')?;
        }
        keys.close(self, object)?;
        Ok(at)
    }

    fn skip_list(&mut self, at: usize, keys: &mut Keys) -> Result<usize, Stopped> {
        let (mut at, mut more) = self.open(at, b']')?;
        while more {
            at = self.skip(at, keys)?;
            (at, more) = self.more(at, b']')?;
        }
        Ok(at)
    }

    /// Nothing may follow the value that ends at a place.
    pub(crate) fn end(&mut self, at: usize) -> Result<(), Stopped> {
        let at = self.space(at);
        if at == self.text.len() {
            return Ok(());
        }
        Err(self.not_json("is not valid JSON: something follows its end", at))
    }
}

const EXPECTED_VALUE: &str = "is not valid JSON: expected a value";
const EXPECTED_DIGIT: &str = "is not valid JSON: expected a digit";
const EXPECTED_MORE: &str = "is not valid JSON: expected a comma or a closing bracket";
const BAD_ESCAPE: &str = "is not valid JSON: an unknown escape";
const HALF_CHARACTER: &str = "is not valid JSON: an escape of half a character";

/// How many bytes of a long string are looked at together.
const BLOCK: usize = 32;

#[inline]
fn is_special(byte: u8) -> bool {
    matches!(byte, b'"' | b'\\' | 0..0x20)
}

/// Without branches, so that the compiler looks at all bytes of a block at once.
#[inline]
fn has_special(block: &[u8; BLOCK]) -> bool {
    let special =
        |byte: u8| u8::from(byte == b'"') | u8::from(byte == b'\\') | u8::from(byte < 0x20);
    block.iter().fold(0, |found, byte| found | special(*byte)) != 0
}

/// How many bytes stand before the first quote, backslash or control character of eight.
#[inline]
fn ordinary_before(word: [u8; 8]) -> Option<usize> {
    const ONES: u64 = 0x0101_0101_0101_0101;
    let word = u64::from_le_bytes(word);
    // Subtracting sets a byte's highest bit where the byte is 0, or below 0x20. Bytes after the
    // first such byte may be reported wrongly; the first never is, and none is missed.
    let quote = (word ^ (ONES * 0x22)).wrapping_sub(ONES);
    let backslash = (word ^ (ONES * 0x5C)).wrapping_sub(ONES);
    let control = word.wrapping_sub(ONES * 0x20);
    let special = (quote | backslash | control) & !word & (ONES * 0x80);
    (special != 0).then(|| (special.trailing_zeros() / 8) as usize)
}

fn hex_value(digits: [u8; 4]) -> Option<u32> {
    digits.into_iter().try_fold(0, |value, digit| {
        let digit = char::from(digit).to_digit(16)?;
        Some(value * 16 + digit)
    })
}

/// Appends the text that a string's contents stand for. The scanner has found them valid.
pub(crate) fn unescape(raw: &[u8], out: &mut Vec<u8>) {
    let mut rest = raw;
    while let Some(at) = memchr::memchr(b'\\', rest) {
        let (plain, escape) = rest.split_at_checked(at).unwrap_or((rest, &[]));
        out.extend_from_slice(plain);
        let (c, length) = unescape_one(escape);
        match u8::try_from(c) {
            Ok(byte) if byte.is_ascii() => out.push(byte),
            _ => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
        rest = escape.get(length..).unwrap_or_default();
    }
    out.extend_from_slice(rest);
}

/// The character of an escape, and the escape's length.
#[inline]
fn unescape_one(escape: &[u8]) -> (char, usize) {
    match escape.get(1) {
        Some(b'b') => ('\u{8}', 2),
        Some(b'f') => ('\u{c}', 2),
        Some(b'n') => ('\n', 2),
        Some(b'r') => ('\r', 2),
        Some(b't') => ('\t', 2),
        Some(b'u') => unescape_hex(escape),
        Some(byte) => (char::from(*byte), 2),
        None => (char::REPLACEMENT_CHARACTER, 2),
    }
}

/// `\uXXXX`, or two of them for a character outside the first 65,536.
fn unescape_hex(escape: &[u8]) -> (char, usize) {
    let unit = |at: usize| {
        escape
            .get(at + 2..)
            .and_then(<[u8]>::first_chunk::<4>)
            .and_then(|digits| hex_value(*digits))
    };
    let first = unit(0).unwrap_or(0);
    if let Some(c) = char::from_u32(first) {
        return (c, 6);
    }
    let high = (first & 0x3FF) << 10;
    let low = unit(6).unwrap_or(0) & 0x3FF;
    (char::from_u32(0x10000 + high + low).unwrap_or(char::REPLACEMENT_CHARACTER), 12)
}
