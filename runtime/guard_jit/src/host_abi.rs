//! What machine code calls: searches that are better written in Rust.
//!
//! Machine code finds these functions through [`HostTable`], never by name. Each takes and returns
//! 64-bit words and catches its own panics: the answer is then [`FAILED`], which is unknown.

#![expect(
    unsafe_code,
    reason = "rebuilds slices and references from the words machine code passes"
)]

use crate::frame::Frame;
use guard_plan::Truth;
use std::mem::offset_of;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// What a function returns that could not answer. Neither a truth nor a possible count.
pub(crate) const FAILED: u64 = u64::MAX;

/// Compares `length` bytes at two places.
type Compare = unsafe extern "C" fn(a: *const u8, b: *const u8, length: u64) -> u64;
/// Looks for one text in another.
type Find = unsafe extern "C" fn(*const u8, u64, *const u8, u64) -> u64;
/// Looks a text up in something the frame names.
type LookUp = unsafe extern "C" fn(*const Frame, which: u64, text: *const u8, length: u64) -> u64;
/// Counts something in a text.
type Count = unsafe extern "C" fn(text: *const u8, length: u64) -> u64;

/// The host's functions as the frame names them.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct HostTable {
    equal: Compare,
    contains: Find,
    in_data: LookUp,
    in_large_set: LookUp,
    matches: LookUp,
    char_count: Count,
}

/// A function of the host.
#[derive(Debug, Clone, Copy)]
pub(crate) enum HostFunction {
    Equal,
    Contains,
    InData,
    InLargeSet,
    Matches,
    CharCount,
}

impl HostFunction {
    /// Where its address stands in the table.
    pub(crate) fn offset(self) -> i32 {
        crate::frame::displacement(match self {
            Self::Equal => offset_of!(HostTable, equal),
            Self::Contains => offset_of!(HostTable, contains),
            Self::InData => offset_of!(HostTable, in_data),
            Self::InLargeSet => offset_of!(HostTable, in_large_set),
            Self::Matches => offset_of!(HostTable, matches),
            Self::CharCount => offset_of!(HostTable, char_count),
        })
    }
}

/// The table every frame names.
pub(crate) static HOST_TABLE: HostTable =
    HostTable { equal, contains, in_data, in_large_set, matches, char_count };

/// A condition's answer as a word.
fn word(truth: Option<bool>) -> u64 {
    truth.map_or(Truth::Unknown, Truth::from) as u64
}

/// Runs what must not unwind into machine code.
fn guarded(answer: impl FnOnce() -> u64) -> u64 {
    catch_unwind(AssertUnwindSafe(answer)).unwrap_or(FAILED)
}

/// A text that machine code names.
///
/// # Safety
///
/// `pointer` and `length` must name bytes that stay as they are for `'a`.
unsafe fn text<'a>(pointer: *const u8, length: u64) -> &'a [u8] {
    match usize::try_from(length) {
        // SAFETY: the caller says so; a length of 0 comes with a pointer that is not null, since
        // it was made from a slice.
        Ok(length) => unsafe { std::slice::from_raw_parts(pointer, length) },
        Err(_) => &[],
    }
}

unsafe extern "C" fn equal(a: *const u8, b: *const u8, length: u64) -> u64 {
    guarded(|| {
        // SAFETY: machine code has checked both texts against the record or the constants they
        // stand in, and both are at least `length` long.
        let (a, b) = unsafe { (text(a, length), text(b, length)) };
        word(Some(a == b))
    })
}

unsafe extern "C" fn contains(
    hay: *const u8,
    hay_length: u64,
    needle: *const u8,
    needle_length: u64,
) -> u64 {
    guarded(|| {
        // SAFETY: as in `equal`, each text with its own length.
        let (hay, needle) = unsafe { (text(hay, hay_length), text(needle, needle_length)) };
        word(Some(memchr::memmem::find(hay, needle).is_some()))
    })
}

unsafe extern "C" fn in_data(frame: *const Frame, slot: u64, t: *const u8, length: u64) -> u64 {
    guarded(|| {
        // SAFETY: machine code passes the frame it was called with, whose facts outlive the call;
        // the text is as in `equal`.
        let (facts, text) = unsafe { (&*(*frame).facts, text(t, length)) };
        let set = usize::try_from(slot).ok().and_then(|slot| facts.texts(slot));
        word(set.map(|set| set.contains(text)))
    })
}

unsafe extern "C" fn in_large_set(frame: *const Frame, set: u64, t: *const u8, length: u64) -> u64 {
    guarded(|| {
        // SAFETY: as in `in_data`; the sets belong to the machine code that is running.
        let (sets, text) = unsafe { (&*(*frame).large_sets, text(t, length)) };
        word(sets.contains(set, text))
    })
}

unsafe extern "C" fn matches(frame: *const Frame, pattern: u64, t: *const u8, length: u64) -> u64 {
    guarded(|| {
        // SAFETY: as in `in_data`. The scratch memory was borrowed mutably to build the frame and
        // is reached only here; machine code calls one function at a time.
        let (patterns, scratch, text) =
            unsafe { (&*(*frame).patterns, &mut *(*frame).scratch, text(t, length)) };
        let pattern = u32::try_from(pattern).ok();
        word(pattern.and_then(|pattern| patterns.matches(pattern, text, scratch)))
    })
}

unsafe extern "C" fn char_count(t: *const u8, length: u64) -> u64 {
    guarded(|| {
        // SAFETY: as in `equal`.
        let text = unsafe { text(t, length) };
        // Every scalar value has one byte that continues none.
        let count = text.iter().filter(|byte| **byte & 0xC0 != 0x80).count();
        u64::try_from(count).unwrap_or(FAILED)
    })
}

#[cfg(test)]
pub(crate) mod broken {
    //! A host whose every search panics.

    use super::*;

    unsafe extern "C" fn compare(_: *const u8, _: *const u8, _: u64) -> u64 {
        guarded(|| panic!("a search failed"))
    }
    unsafe extern "C" fn find(_: *const u8, _: u64, _: *const u8, _: u64) -> u64 {
        guarded(|| panic!("a search failed"))
    }
    unsafe extern "C" fn look_up(_: *const Frame, _: u64, _: *const u8, _: u64) -> u64 {
        guarded(|| panic!("a search failed"))
    }
    unsafe extern "C" fn count(_: *const u8, _: u64) -> u64 {
        guarded(|| panic!("a search failed"))
    }

    /// Its table.
    pub(crate) static TABLE: HostTable = HostTable {
        equal: compare,
        contains: find,
        in_data: look_up,
        in_large_set: look_up,
        matches: look_up,
        char_count: count,
    };
}
