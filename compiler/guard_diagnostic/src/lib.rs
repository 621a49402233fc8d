//! Says what a diagnostic is: code, headline, labels, help, fix; not how it is drawn.

#![forbid(unsafe_code)]

mod diagnostic;
mod line_index;

pub use diagnostic::{Anchor, Diagnostic, Fix, Label, Severity};
pub use guard_grammar::closest;
pub use line_index::{LineColumn, LineIndex};
