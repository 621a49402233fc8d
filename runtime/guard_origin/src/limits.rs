//! What a stranger can make large, and how large it may become.

/// Atoms longer than this many bytes are told apart by their SHA-256 instead of their bytes.
pub const ATOM_BYTES_MAX: usize = 256;
/// The most atoms that either quota of [`Bounds`](crate::Bounds) can allow.
pub const QUOTA_ATOMS_MAX: u32 = 1 << 24;
/// A result larger than this is not read as YAML and is one field. JSON has no limit of its own.
pub const YAML_BYTES_MAX: usize = 1 << 20;
/// How deep lists and mappings of a result may stand in each other.
pub const DEPTH_MAX: usize = 64;
/// How many scalars, keys, lists and mappings a result may have.
pub const NODES_MAX: usize = 10_000;
/// How long the path of a field may be, dots included.
pub const PATH_BYTES_MAX: usize = 1_024;
/// A secret is known by its first atoms, up to this many.
pub const SECRET_LENGTH_MAX: usize = 16;
/// A secret whose atoms have fewer bytes than this is too common a word to look for.
pub const SECRET_BYTES_MIN: usize = 4;
/// How many atoms all secrets together may have.
pub const SECRET_ATOMS_MAX: u32 = 16_384;
/// How many atoms of an outgoing text are searched for secrets. What follows is unsure.
pub const CARRIED_ATOMS_MAX: usize = 65_536;
/// Numbers beyond this are not told apart by their `f64`: 2 to the power of 53.
pub const NUMBER_MAX: f64 = 9_007_199_254_740_992.0;
/// How many facts an index keeps for each atom that its [`Bounds`](crate::Bounds) allow: a word, its stem, its pair with
/// the word before, and one for what is typed or denied.
pub const FACTS_OF_AN_ATOM_MAX: u32 = 4;
