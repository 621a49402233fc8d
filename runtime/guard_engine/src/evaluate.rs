//! What an evaluator is given and what it leaves behind. The interpreter is one, machine code the
//! other; [`guard_plan::Entry`] states what both must do.

use guard_match::{MatchScratch, Patterns};
use guard_plan::{AgentId, EntryId, Truth, Verdict};
use guard_value::{Facts, Record};

/// Everything a condition can read.
#[derive(Debug, Clone, Copy)]
pub struct Frames<'a> {
    /// The event, laid out by the entry's layout.
    pub event: &'a Record,
    /// The agent's parameters.
    pub principal: &'a Record,
    /// The host's facts.
    pub facts: &'a Facts,
    /// The plan's patterns.
    pub patterns: &'a Patterns,
}

/// What an evaluation found. Owned by the caller and reused, so that a decision allocates nothing.
///
/// Bit `i` of a bitmap is bit `i % 64` of word `i / 64`; rules and clauses are numbered as in the
/// entry. Words beyond the entry's own are left as they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The most restrictive of the rules that fired, and of deny where a call is not permitted.
    pub verdict: Verdict,
    /// Rules that fired.
    pub rules_fired: Vec<u64>,
    /// Rules whose condition was unknown, fired or not.
    pub rules_unknown: Vec<u64>,
    /// Clauses that were evaluated and hold.
    pub clauses_true: Vec<u64>,
    /// Clauses that were evaluated and are unknown.
    pub clauses_unknown: Vec<u64>,
}

impl Outcome {
    /// Room for the largest entry of a plan: so many rules, so many clauses.
    pub fn with_room(rules: usize, clauses: usize) -> Self {
        let (rules, clauses) = (rules.div_ceil(64).max(1), clauses.div_ceil(64).max(1));
        Self {
            verdict: Verdict::Deny,
            rules_fired: vec![0; rules],
            rules_unknown: vec![0; rules],
            clauses_true: vec![0; clauses],
            clauses_unknown: vec![0; clauses],
        }
    }

    /// Forgets everything; the verdict becomes deny, so that an evaluation that never ran refuses.
    pub fn clear(&mut self) {
        self.verdict = Verdict::Deny;
        for words in [
            &mut self.rules_fired,
            &mut self.rules_unknown,
            &mut self.clauses_true,
            &mut self.clauses_unknown,
        ] {
            words.fill(0);
        }
    }

    /// Forgets what an entry of so many rules and clauses can have left behind; a small entry of a
    /// plan with large ones costs little.
    pub fn clear_for(&mut self, rules: usize, clauses: usize) {
        self.verdict = Verdict::Deny;
        for (words, bits) in [
            (&mut self.rules_fired, rules),
            (&mut self.rules_unknown, rules),
            (&mut self.clauses_true, clauses),
            (&mut self.clauses_unknown, clauses),
        ] {
            words.iter_mut().take(bits.div_ceil(64)).for_each(|word| *word = 0);
        }
    }

    /// Whether bit `index` of a bitmap is set.
    pub fn is_set(words: &[u64], index: usize) -> bool {
        words.get(index / 64).is_some_and(|word| word >> (index % 64) & 1 == 1)
    }

    /// A clause that was evaluated before.
    pub(crate) fn remembered_clause(&self, index: usize) -> Option<Truth> {
        let is_true = Self::is_set(&self.clauses_true, index);
        match (is_true, Self::is_set(&self.clauses_unknown, index)) {
            (false, false) => None,
            (true, false) => Some(Truth::True),
            (false, true) => Some(Truth::Unknown),
            // Until the end of the evaluation both bits together say false.
            (true, true) => Some(Truth::False),
        }
    }

    /// Remembers a clause for [`Outcome::remembered_clause`].
    pub(crate) fn remember_clause(&mut self, index: usize, truth: Truth) {
        if truth != Truth::Unknown {
            set_bit(&mut self.clauses_true, index);
        }
        if truth != Truth::True {
            set_bit(&mut self.clauses_unknown, index);
        }
    }

    /// Ends the remembering: clauses that are false have no bit.
    pub(crate) fn forget_false_clauses(&mut self) {
        for (is_true, unknown) in self.clauses_true.iter_mut().zip(&mut self.clauses_unknown) {
            let is_false = *is_true & *unknown;
            *is_true &= !is_false;
            *unknown &= !is_false;
        }
    }
}

/// Sets bit `index` of a bitmap.
pub(crate) fn set_bit(words: &mut [u64], index: usize) {
    if let Some(word) = words.get_mut(index / 64) {
        *word |= 1 << (index % 64);
    }
}

/// Decides events by a plan.
pub trait Evaluator: Send + Sync + std::fmt::Debug {
    /// Evaluates one entry of one agent. The caller has cleared `outcome` and given it room.
    /// An agent or entry that does not exist leaves the cleared outcome, which denies.
    fn evaluate(
        &self,
        agent: AgentId,
        entry: EntryId,
        frames: &Frames<'_>,
        scratch: &mut MatchScratch,
        outcome: &mut Outcome,
    );
}
