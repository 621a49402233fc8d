//! Amounts in whole millionths, so that sums do not depend on the order of their terms.

use crate::limits::AMOUNT_MILLIONTHS_MAX;

const MILLION: f64 = 1_000_000.0;

/// What a take counts for: 1 for a call, the value summed for a budget.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Amount(i64);

impl Amount {
    /// Nothing.
    pub const ZERO: Self = Self(0);
    /// One call.
    pub const ONE: Self = Self(1_000_000);

    /// So many whole units; `None` past [`AMOUNT_MILLIONTHS_MAX`].
    pub const fn from_count(count: u32) -> Option<Self> {
        // A `u32` fits into an `i64`, which `from` may not say in a `const fn`.
        Self::from_millionths((count as i64) * Self::ONE.0)
    }

    /// So many millionths; `None` when negative or past [`AMOUNT_MILLIONTHS_MAX`].
    pub const fn from_millionths(millionths: i64) -> Option<Self> {
        if millionths < 0 || millionths > AMOUNT_MILLIONTHS_MAX {
            return None;
        }
        Some(Self(millionths))
    }

    /// An amount to be taken. A number of at most six decimals is exact, any other is rounded up:
    /// many small payments must not come to less than they are.
    ///
    /// `None` when the number is not finite, negative or too large; the caller denies.
    pub fn from_float(value: f64) -> Option<Self> {
        Self::rounded(value, |nearest| if nearest / MILLION < value { 1.0 } else { 0.0 })
    }

    /// What a limit allows; as [`Self::from_float`], but rounded down.
    pub fn most_from_float(value: f64) -> Option<Self> {
        Self::rounded(value, |nearest| if nearest / MILLION > value { -1.0 } else { 0.0 })
    }

    fn rounded(value: f64, step: impl FnOnce(f64) -> f64) -> Option<Self> {
        let nearest = (value * MILLION).round();
        // The product is rounded and may hide a difference; the quotient rounds correctly, so it is
        // `value` itself when that is the double nearest to a number of six decimals.
        let millionths = nearest + step(nearest);
        // 2^53 is a double; a NaN is in no range.
        if !(0.0..9_007_199_254_740_992.0).contains(&millionths) || value < 0.0 {
            return None;
        }
        #[expect(clippy::cast_possible_truncation, reason = "whole, and within 0 to 2^53")]
        Self::from_millionths(millionths as i64)
    }

    /// The amount in millionths.
    pub const fn millionths(self) -> i64 {
        self.0
    }

    /// The amount as a number, for people: exact up to 2^53 millionths as a quotient.
    pub fn to_float(self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "never more than 2^53")]
        let millionths = self.0 as f64;
        millionths / MILLION
    }

    /// What is left of `self` after `taken`, never below nothing.
    pub(crate) const fn left_after(self, taken: i64) -> Self {
        let left = self.0.saturating_sub(taken);
        if left < 0 { Self::ZERO } else { Self(left) }
    }
}
