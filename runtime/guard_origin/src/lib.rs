//! Remembers which words came from whom, and finds a value among them at a cost that does not grow
//! with the session.
//!
//! A text is folded (case, compatibility forms, invisible characters, letters that look alike) and
//! cut into *atoms*: runs of letters and digits, joined by `. - _ @ + %` that stand between two of
//! them. `bob@x.com`, `evil.com`, `2026-01-13` are one atom each, so `13` is not in `2026-01-13`, and
//! `evil.com` is not in `not-evil.com`. The scheme of a link is no part of it.
//!
//! A value occurs in a source when its atoms stand there in a row, within one text or one field. A
//! value without atoms occurs nowhere. The answer is exact, whatever the length of the value; a test
//! holds it to a plain search. What the bounds keep out is never said not to be there.

#![forbid(unsafe_code)]

mod atoms;
mod automaton;
mod bytes;
mod fields;
mod fold;
mod index;
mod numbers;
#[cfg(test)]
mod tests;

pub use bytes::RestoreError;
pub use fields::FieldPath;
pub use index::{Bounds, Classes, FieldClasses, Found, OriginIndex, Quota};
