//! What one evaluation may cost. Past it the rules are not asked and the event is denied.

/// The most steps that the quantifiers of an entry may take on one event. A step is a node at one
/// element, or [`TEXT_BYTES_A_STEP`] bytes of a text that is read there; what stands outside of all
/// quantifiers is not counted, since no event makes it more than the policy's author wrote.
///
/// Two lists of 4,000 numbers fit that are compared with each other, and a text of 16 MiB that is
/// searched 64 times. The interpreter takes about a third of a second for so many nodes.
pub const WORK_STEPS_MAX: u64 = 1 << 26;

/// How many bytes of a text are read in one step: about what a search reads in the time of a node.
pub const TEXT_BYTES_A_STEP: u64 = 16;
