//! The keys of the objects that are open, to refuse one that comes twice.
//!
//! A few keys are compared as they come; many are sorted at the end of their object. So the cost
//! stays near linear whatever keys an attacker chooses, and nothing depends on a hash.

use crate::scan::{Scanner, Span, Stopped, unescape};
use crate::{FaultKind, limits};

/// A stack of keys: those of an inner object above those of the outer.
#[derive(Debug, Default)]
pub(crate) struct Keys {
    keys: Vec<Key>,
    /// The texts of keys with escapes.
    unescaped: Vec<u8>,
}

#[derive(Debug, Clone, Copy)]
struct Key {
    /// The first eight bytes; a shorter key is filled up with zeros.
    head: u64,
    /// Where the key stands in the text.
    place: usize,
    /// Where its bytes start: there, or in `unescaped`.
    start: usize,
    length: usize,
    escaped: bool,
}

impl Keys {
    /// Forgets everything, and what memory an unusual event has left.
    pub(crate) fn clear(&mut self) {
        self.keys.clear();
        self.unescaped.clear();
        self.keys.shrink_to(limits::SCRATCH_KEPT_MAX);
        self.unescaped.shrink_to(limits::SCRATCH_KEPT_MAX);
    }

    /// Opens an object; what it returns names the object.
    #[inline]
    pub(crate) fn open(&self) -> usize {
        self.keys.len()
    }

    /// Adds a key to the innermost object.
    #[inline]
    pub(crate) fn add(
        &mut self,
        scanner: &mut Scanner<'_>,
        object: usize,
        span: Span,
    ) -> Result<(), Stopped> {
        let key = self.key(scanner, span);
        if self.keys.len() - object < limits::KEYS_COMPARED_MAX {
            let text = scanner.bytes();
            let earlier = self.keys.get(object..).unwrap_or_default();
            if earlier.iter().any(|other| self.is_same(text, *other, key)) {
                return Err(duplicate(scanner, span.start));
            }
        }
        self.keys.push(key);
        Ok(())
    }

    /// Closes the innermost object.
    #[inline]
    pub(crate) fn close(
        &mut self,
        scanner: &mut Scanner<'_>,
        object: usize,
    ) -> Result<(), Stopped> {
        if self.keys.len() - object > limits::KEYS_COMPARED_MAX {
            self.check_sorted(scanner, object)?;
        }
        self.keys.truncate(object);
        Ok(())
    }

    #[cold]
    fn check_sorted(&mut self, scanner: &mut Scanner<'_>, object: usize) -> Result<(), Stopped> {
        let Self { keys, unescaped } = self;
        let text = scanner.bytes();
        let bytes = |key: &Key| key_bytes(text, unescaped, *key);
        let keys = keys.get_mut(object..).unwrap_or_default();
        keys.sort_unstable_by(|a, b| a.head.cmp(&b.head).then_with(|| bytes(a).cmp(bytes(b))));
        let same = keys.windows(2).find_map(|pair| match pair {
            [a, b] if a.head == b.head && bytes(a) == bytes(b) => Some(*b),
            _ => None,
        });
        match same {
            Some(key) => Err(duplicate(scanner, key.place)),
            None => Ok(()),
        }
    }

    #[inline]
    fn key(&mut self, scanner: &Scanner<'_>, span: Span) -> Key {
        if span.escaped {
            let start = self.unescaped.len();
            unescape(scanner.raw_bytes(span), &mut self.unescaped);
            let end = self.unescaped.len();
            let head = head(&self.unescaped, start, end);
            return Key { head, place: span.start, start, length: end - start, escaped: true };
        }
        let Span { start, end, .. } = span;
        let head = head(scanner.bytes(), start, end);
        Key { head, place: start, start, length: end - start, escaped: false }
    }

    #[inline]
    fn is_same(&self, text: &[u8], a: Key, b: Key) -> bool {
        a.head == b.head
            && a.length == b.length
            && (a.length <= 8
                || key_bytes(text, &self.unescaped, a) == key_bytes(text, &self.unescaped, b))
    }
}

#[cold]
pub(crate) fn duplicate(scanner: &mut Scanner<'_>, at: usize) -> Stopped {
    scanner.fail(FaultKind::DuplicateKey, "has a key twice in one object", at)
}

fn key_bytes<'t>(text: &'t [u8], unescaped: &'t [u8], key: Key) -> &'t [u8] {
    let source = if key.escaped { unescaped } else { text };
    source.get(key.start..key.start.saturating_add(key.length)).unwrap_or_default()
}

/// The first eight bytes of `bytes[start..end]`, zeros behind a shorter one.
#[inline]
fn head(bytes: &[u8], start: usize, end: usize) -> u64 {
    let length = end.saturating_sub(start);
    let chunk = bytes.get(start..).and_then(<[u8]>::first_chunk::<8>);
    let Some(chunk) = chunk else {
        let short = bytes.get(start..end).unwrap_or_default();
        return short.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte));
    };
    let word = u64::from_le_bytes(*chunk);
    if length >= 8 { word } else { word & !(u64::MAX << (8 * length)) }
}
