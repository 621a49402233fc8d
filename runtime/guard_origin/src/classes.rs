//! Sets of classes, and what an answer is made of. What a class means is the caller's business.

use serde::{Deserialize, Serialize};
use std::ops::{BitOr, BitOrAssign};

/// A set of up to 64 classes, one bit each: `user`, `result of read_file`, `field sender of
/// read_inbox`, whatever the caller asks about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Classes(pub u64);

impl Classes {
    /// No class.
    pub const NONE: Self = Self(0);
    /// Every class.
    pub const ALL: Self = Self(u64::MAX);

    /// Whether no class is in it.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether every class of `others` is in it.
    #[must_use]
    pub const fn contains(self, others: Self) -> bool {
        self.0 & others.0 == others.0
    }

    /// Whether at least one class is in both.
    #[must_use]
    pub const fn meets(self, others: Self) -> bool {
        self.0 & others.0 != 0
    }

    /// The classes that are not in `others`.
    #[must_use]
    pub const fn without(self, others: Self) -> Self {
        Self(self.0 & !others.0)
    }
}

impl BitOr for Classes {
    type Output = Self;

    fn bitor(self, others: Self) -> Self {
        Self(self.0 | others.0)
    }
}

impl BitOrAssign for Classes {
    fn bitor_assign(&mut self, others: Self) {
        self.0 |= others.0;
    }
}

/// Where a value occurs.
///
/// A class that is in neither set holds no such value. A class in `perhaps` must be taken as
/// unknown: text of it was dropped because the index was full, or the question is one that the
/// index cannot answer exactly.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// The value occurs in text of these classes.
    pub in_classes: Classes,
    /// Whether it occurs in these is not known. Disjoint from `in_classes`.
    pub perhaps: Classes,
}

impl Found {
    /// Nowhere, and that is certain.
    pub const NOWHERE: Self = Self { in_classes: Classes::NONE, perhaps: Classes::NONE };

    pub(crate) fn new(in_classes: Classes, unknown: Classes) -> Self {
        Self { in_classes, perhaps: unknown.without(in_classes) }
    }
}

/// The classes that a field's text belongs to, for each of the two questions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FieldClasses {
    /// For "does the value occur in it".
    pub text: Classes,
    /// For "is the value the whole of it".
    pub whole: Classes,
}

/// Whose quota a text uses up. They are separate so that results which a stranger wrote cannot
/// use up the room for what the user says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Quota {
    /// What the user said.
    User,
    /// Everything else.
    Other,
}

/// How many atoms an index remembers. A text that adds nothing new counts for nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Atoms of texts added under [`Quota::User`].
    pub user_atoms_max: u32,
    /// Atoms of texts added under [`Quota::Other`].
    pub other_atoms_max: u32,
}

impl Bounds {
    /// What a session has room for unless its host says otherwise.
    pub const USUAL: Self = Self { user_atoms_max: 16_384, other_atoms_max: 65_536 };

    pub(crate) fn of(self, quota: Quota) -> u32 {
        let atoms_max = match quota {
            Quota::User => self.user_atoms_max,
            Quota::Other => self.other_atoms_max,
        };
        atoms_max.min(crate::limits::QUOTA_ATOMS_MAX)
    }

    pub(crate) fn all(self) -> u32 {
        self.of(Quota::User) + self.of(Quota::Other)
    }
}
