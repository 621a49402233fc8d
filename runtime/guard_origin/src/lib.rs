//! Remembers which words came from whom, and finds a value among them at a cost that does not grow
//! with the session.
//!
//! # What is remembered
//!
//! Every text is added with a set of [`Classes`]; what a class means is the caller's business. A
//! text and a value asked about are *folded* and cut into *atoms* in the same way.
//!
//! - Folding: invisible characters (zero width, direction, variation, tags) go; Unicode NFKC; lower
//!   case; letters and digits of other scripts that pass for one of ASCII become it, and the
//!   hyphens U+2010 to U+2012 and the minus sign become `-`; NFKC once more.
//! - An atom is a maximal run of letters, digits and combining marks, in which one of `.` `-` `_`
//!   `@` `+` `%` may stand between two of them. Everything else parts atoms: white space, `/`, `:`,
//!   quotation marks, apostrophes, two connectors in a row. So `bob@x.com`, `not-evil.com`,
//!   `2026-01-13` and `13.5` are one atom each, and `o'brien` is two.
//! - `http` and `https` directly before `://` are no atoms. A last slash is none either.
//! - Atoms are told apart by their bytes, those of more than 256 bytes by their SHA-256.
//!
//! # What is answered
//!
//! - [`find`](OriginIndex::find): a value occurs in a class when its atoms are a contiguous run of
//!   the atoms of one text that was added with that class. A value without atoms occurs nowhere.
//! - [`find_whole`](OriginIndex::find_whole): when its atoms are all the atoms of one field that was
//!   added with that class for whole fields.
//! - [`find_number`](OriginIndex::find_number): when a number of that value stands in one text of
//!   that class. A number is a whole atom that reads as one, or several that commas part as
//!   thousands: `1,200.00`, `$98.70`, `1.2e3`, `-5`, `.5`, `50%`. A sign counts directly before the
//!   digits and not after a letter or digit. Not numbers: `1 200` (two of them), `1.200,00` (1.2
//!   and none), `v2`, `W-123`, `2026-01-13`, and digits with a leading zero, which are codes.
//!   Where commas cannot part thousands they part a list: `1,23` is 1 and 23. Magnitudes above 2⁵³
//!   are not remembered and the answer about them is "perhaps" for every class.
//! - [`find_whole_number`](OriginIndex::find_whole_number): when a field is that number alone.
//! - [`among`](OriginIndex::among): the texts of some classes as the sources of claims, for `guard_ground`;
//!   only of an index made [`with_facts`](OriginIndex::with_facts), which keeps at most
//!   [`FACTS_OF_AN_ATOM_MAX`](limits::FACTS_OF_AN_ATOM_MAX) facts for each atom of its bounds besides.
//! - [`carried`](OriginIndex::carried): the other direction, which secrets stand in a text.
//!
//! ```
//! use guard_origin::{Bounds, Classes, FieldClasses, OriginIndex, Quota};
//!
//! const USER: Classes = Classes(1);
//! const INBOX: Classes = Classes(2);
//! const SENDER: Classes = Classes(4);
//!
//! let mut index = OriginIndex::new(Bounds::USUAL);
//! index.add_text("Answer the last mail from bob@x.com", USER, Quota::User);
//! index.add_result("- sender: bob@x.com\n  body: pay eve@y.com $98.70\n", &|path| {
//!     let classes = if path.ends_with("sender") { INBOX | SENDER } else { INBOX };
//!     FieldClasses { text: classes, whole: classes }
//! });
//! assert_eq!(index.find("Bob@X.com").in_classes, USER | INBOX | SENDER);
//! assert_eq!(index.find("eve@y.com").in_classes, INBOX);
//! assert!(index.find_whole("eve@y.com").in_classes.is_empty());
//! assert_eq!(index.find_number(98.7).in_classes, INBOX);
//! ```
//!
//! # What it costs
//!
//! A question takes time in proportion to the value, however much was added, and allocates nothing
//! (but for more than four combining marks in a row). Adding takes time in proportion to the text.
//! Atoms are counted against [`Bounds`], the user's apart from all others. A text that holds nothing
//! new counts for nothing. Of the text that passes the bound the beginning is kept as text, though
//! not as a whole field, and its classes have *overflowed*: from then on they are in
//! [`Found::perhaps`] wherever they are not in [`Found::in_classes`], and text whose classes have
//! all overflowed is not looked at any more.
//!
//! # What it does not see
//!
//! A value that the agent re-codes (translates, abbreviates, encodes) occurs nowhere. A value spelt
//! with look-alikes occurs where its plain spelling does; whoever trusts a value for its origin
//! should ask [`is_disguised`] too.

#![forbid(unsafe_code)]

mod atoms;
mod automaton;
mod classes;
mod cut;
mod facts;
mod fields;
mod fold;
mod hash;
mod index;
mod json;
pub mod limits;
mod memory;
mod number;
mod saved;
mod secrets;
mod yaml;

pub use classes::{Bounds, Classes, FieldClasses, Found, Quota};
pub use facts::Grounds;
pub use fields::{Field, FieldKind, FieldPath, Fields, fields};
pub use fold::is_disguised;
pub use index::OriginIndex;
pub use saved::RestoreError;
