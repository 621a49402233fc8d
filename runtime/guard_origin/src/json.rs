//! Reads JSON as RFC 8259 has it, and keeps numbers as they were written.

use crate::fields::{Collector, Fields};
use std::iter::Peekable;
use std::str::Chars;

/// `None` for what is no JSON or passes a limit. A key that stands twice is two fields.
pub(crate) fn read(text: &str) -> Option<Fields> {
    let mut reader = Reader { rest: text.chars().peekable(), collector: Collector::default() };
    reader.value()?;
    reader.space();
    if reader.rest.next().is_some() {
        return None;
    }
    reader.collector.finish(None)
}

/// What a text says to a reader who takes backslashes for escapes, as an agent does that is shown a
/// text in a text. `None` where there are none. One escaped several times over is taken for one.
pub(crate) fn unescaped(text: &str) -> Option<String> {
    if !text.contains('\\') {
        return None;
    }
    let mut reader = Reader { rest: text.chars().peekable(), collector: Collector::default() };
    let mut result = String::new();
    while let Some(c) = reader.rest.next() {
        if c != '\\' {
            result.push(c);
            continue;
        }
        while reader.rest.next_if_eq(&'\\').is_some() {}
        let after = reader.rest.clone();
        result.push(reader.escaped().unwrap_or_else(|| {
            reader.rest = after;
            '\\'
        }));
    }
    Some(result)
}

struct Reader<'a> {
    rest: Peekable<Chars<'a>>,
    collector: Collector,
}

impl Reader<'_> {
    /// Calls itself for what stands inside; the collector bounds how deep.
    fn value(&mut self) -> Option<()> {
        self.space();
        match self.rest.peek()? {
            '{' => self.members('}', Self::member),
            '[' => self.members(']', Self::value),
            '"' => {
                let text = self.string()?;
                self.collector.value(text)
            }
            _ => {
                let text = self.word();
                let is_name = matches!(text.as_str(), "true" | "false" | "null");
                if is_name || is_number(&text) { self.collector.value(text) } else { None }
            }
        }
    }

    fn members(&mut self, end: char, member: fn(&mut Self) -> Option<()>) -> Option<()> {
        self.rest.next();
        self.collector.open()?;
        self.space();
        if self.rest.next_if_eq(&end).is_none() {
            loop {
                member(self)?;
                self.space();
                match self.rest.next()? {
                    ',' => {}
                    last if last == end => break,
                    _ => return None,
                }
            }
        }
        self.collector.close();
        Some(())
    }

    fn member(&mut self) -> Option<()> {
        self.space();
        let key = self.string()?;
        self.space();
        self.rest.next_if_eq(&':')?;
        self.collector.enter(&key)?;
        self.value()?;
        self.collector.leave();
        Some(())
    }

    fn string(&mut self) -> Option<String> {
        self.rest.next_if_eq(&'"')?;
        let mut text = String::new();
        loop {
            match self.rest.next()? {
                '"' => return Some(text),
                '\\' => text.push(self.escaped()?),
                c if c < ' ' => return None,
                c => text.push(c),
            }
        }
    }

    fn escaped(&mut self) -> Option<char> {
        Some(match self.rest.next()? {
            c @ ('"' | '\\' | '/') => c,
            'b' => '\u{8}',
            'f' => '\u{C}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => return self.code_point(),
            _ => return None,
        })
    }

    /// Half a surrogate pair becomes the replacement character.
    fn code_point(&mut self) -> Option<char> {
        let first = self.hex()?;
        if !(0xD800..0xDC00).contains(&first) {
            return Some(char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER));
        }
        let mut ahead = self.rest.clone();
        if ahead.next() != Some('\\') || ahead.next() != Some('u') {
            return Some(char::REPLACEMENT_CHARACTER);
        }
        let mut after = Reader { rest: ahead, collector: Collector::default() };
        let second = after.hex()?;
        if !(0xDC00..0xE000).contains(&second) {
            return Some(char::REPLACEMENT_CHARACTER);
        }
        self.rest = after.rest;
        char::from_u32(0x1_0000 + ((first - 0xD800) << 10) + (second - 0xDC00))
    }

    fn hex(&mut self) -> Option<u32> {
        (0..4).try_fold(0, |value, _| Some(value * 16 + self.rest.next()?.to_digit(16)?))
    }

    fn word(&mut self) -> String {
        let mut text = String::new();
        while let Some(c) =
            self.rest.next_if(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '+' | '-'))
        {
            text.push(c);
        }
        text
    }

    fn space(&mut self) {
        while self.rest.next_if(|c| matches!(c, ' ' | '\t' | '\n' | '\r')).is_some() {}
    }
}

fn is_number(text: &str) -> bool {
    let text = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    let exponent = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
    let is_code = whole.len() > 1 && whole.starts_with('0');
    !is_code && [whole, fraction, exponent].iter().all(|part| is_digits(part))
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}
