//! The kinds of change.

use std::fmt;

/// A kind of slip.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Operator {
    /// A rule, or a line of a scope, is forgotten.
    DropRule,
    /// A `when`, an `unless` or a `since` is forgotten.
    DropCondition,
    /// An operand of `and` or `or` is forgotten.
    DropOperand,
    /// A tool or a label of a target is forgotten.
    DropTarget,
    /// An element of a list, a detector, a pattern, the check or the context words of a detector are forgotten.
    DropElement,
    /// A key of a limit, or the number of people who have to agree, is forgotten.
    DropKey,
    /// `<` is written for `<=` or `>=`, `==` for `!=`, and so on.
    FlipComparison,
    /// `not` is forgotten, or stands where it should not.
    Negate,
    /// A number or a time is a little more or less: whole numbers by one, times by half and double.
    MoveBound,
    /// A pattern fits more than it should.
    WidenPattern,
    /// `all` is written for `any`, one branch of `if` for both, `allow` for `deny` after an expiry.
    Switch,
}

impl Operator {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::DropRule,
        Self::DropCondition,
        Self::DropOperand,
        Self::DropTarget,
        Self::DropElement,
        Self::DropKey,
        Self::FlipComparison,
        Self::Negate,
        Self::MoveBound,
        Self::WidenPattern,
        Self::Switch,
    ];

    /// The name under which it is chosen, let be and printed.
    pub fn name(self) -> &'static str {
        match self {
            Self::DropRule => "drop-rule",
            Self::DropCondition => "drop-condition",
            Self::DropOperand => "drop-operand",
            Self::DropTarget => "drop-target",
            Self::DropElement => "drop-element",
            Self::DropKey => "drop-key",
            Self::FlipComparison => "flip-comparison",
            Self::Negate => "negate",
            Self::MoveBound => "move-bound",
            Self::WidenPattern => "widen-pattern",
            Self::Switch => "switch",
        }
    }

    /// The one of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|operator| operator.name() == name)
    }
}

impl fmt::Display for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
