//! What a text states, and how much of it other texts support. It compares spellings and knows no meanings: a
//! statement with a source can be false, and one that was worked out has none.
//!
//! # Claims
//!
//! [`check`] goes through the claims of a text; each has a type, and is compared by it:
//!
//! | kind | is | has a source where |
//! | --- | --- | --- |
//! | number | `1,200.00` `1.200,00` `1200` `1'200` `1.2k` `2 million` `5kg` `2nd` | a number of the same value stands in it, whatever its sign; in words from `zero` to `twenty` too |
//! | amount | a number with `%` or a currency: `$50` `50 EUR` | the value stands with the same unit, or with none |
//! | date | `2026-01-13` `13.01.2026` `01/13/26` `13 January 2026` `Jan. 13th` `January 2026` | the same day stands; of a day without a year the day, of a month the month. `03/04/2026` is both days that it can be |
//! | time | `15:00` `3 pm` `3:00 p.m.` | the same minute stands |
//! | name | words with a capital, but for one that begins a sentence, headings, and labels before a colon | its words stand next to each other, whatever their case and accents |
//! | link | `https://…` `www.…` `shop.example.com` | the same link stands, without scheme, `www.`, usual port, and last slash, its host in any case |
//! | quotation | two words or more between quotation marks | its words stand in this order |
//! | identifier | `W-123` `a_b` `bob@x.com` `10.0.0.1` `007` `12AB` | it stands there as a whole |
//!
//! What counts the lines of a list (`1.`) is no claim. Names of months and days of the week are none.
//!
//! # Support
//!
//! [`support`] is a number from 0 to 1: the mean of the share of all words and of the share of content words
//! whose stems a source has (what has a type is one word, and has a source as a claim does), times 0.6 for each of at most three things that speak against it (claims
//! without a source; denials of what no source denies; words whose opposite stands in a source and they do not),
//! times 0.9 for each of at most three words for the speaker or the listener that no source has, times
//! 0.9 for a question. A text without words has all support. The factors are fitted to no corpus: they are round
//! numbers, the best of the few that were tried.
//!
//! # Cost
//!
//! One pass, in proportion to the text; nothing is allocated (but for more than four combining marks in a row,
//! and once the table of opposites).
//!
//! ```
//! use guard_ground::{Fact, Kind, Known, Sources, check, facts, support};
//! use std::collections::HashSet;
//!
//! struct Said(String, HashSet<Fact>);
//! impl Sources for Said {
//!     fn fact(&self, fact: Fact) -> Known { self.1.contains(&fact).into() }
//!     fn run(&self, text: &str) -> Known { self.0.contains(text).into() }
//! }
//!
//! let source = "Order W-123 of 2026-01-13 costs 1,200.00 USD.";
//! let mut said = Said(source.to_owned(), HashSet::new());
//! facts(source, None, &mut |fact| { said.1.insert(fact); });
//! assert_eq!(check("W-123, of 13 January 2026, costs $1200.", &said).known, Known::Yes);
//! let answer = "It costs $1250.";
//! let missing = check(answer, &said).missing.unwrap();
//! assert_eq!((missing.kind, &answer[missing.start..missing.end]), (Kind::Amount, "$1250"));
//! assert!(support(answer, &said).unwrap() < 0.5);
//! ```

#![forbid(unsafe_code)]

mod claims;
mod date;
mod fact;
mod facts;
pub mod limits;
mod lists;
mod number;
mod scan;
mod support;
#[cfg(test)]
mod tests;
mod word;

pub use claims::{Checked, Claim, Kind, Known, Sources, check};
pub use fact::Fact;
pub use facts::facts;
pub use support::support;
