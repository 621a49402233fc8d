//! How good detectors are: what they say of labelled texts, and what the figures are worth.
//!
//! A detector is anything that gives a text a score ([`Detector`]); nothing below knows which one it is.

mod declared;
mod detector;
mod figures;
mod function;
mod spans;
mod texts;

pub(crate) use declared::Declarations;
pub(crate) use detector::{Detector, load_model};
pub(crate) use figures::{Interval, area_under_curve, interval, number, threshold_at};
pub(crate) use spans::{SpanRow, SpanScores, Wanted};
pub(crate) use texts::{Chosen, Label, each_labelled, each_text};
