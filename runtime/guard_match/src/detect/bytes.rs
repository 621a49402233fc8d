//! Sets of bytes, and how likely their bytes are in prose.

/// A set of bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ByteSet([u64; 4]);

impl ByteSet {
    pub(crate) const EMPTY: Self = Self([0; 4]);
    pub(crate) const ALL: Self = Self([u64::MAX; 4]);

    /// Letters and digits of ASCII, and the underscore.
    pub(crate) fn word() -> Self {
        (0..=255_u8).filter(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').collect()
    }

    pub(crate) fn insert(&mut self, byte: u8) {
        if let Some(word) = self.0.get_mut(usize::from(byte >> 6)) {
            *word |= 1 << (byte & 63);
        }
    }

    pub(crate) fn contains(&self, byte: u8) -> bool {
        self.0.get(usize::from(byte >> 6)).is_some_and(|word| word >> (byte & 63) & 1 == 1)
    }

    pub(crate) fn union(mut self, other: Self) -> Self {
        self.0.iter_mut().zip(other.0).for_each(|(word, more)| *word |= more);
        self
    }

    pub(crate) fn complement(self) -> Self {
        Self(self.0.map(|word| !word))
    }

    pub(crate) fn is_within(self, other: Self) -> bool {
        self.union(other) == other
    }

    pub(crate) fn is_empty(self) -> bool {
        self == Self::EMPTY
    }

    pub(crate) fn iter(self) -> impl Iterator<Item = u8> {
        (0..=255).filter(move |byte| self.contains(*byte))
    }

    /// How often a byte of prose is in the set, in millionths; an estimate that decides how fast a
    /// scan is and never what it finds.
    pub(crate) fn frequency(self) -> u32 {
        self.iter().map(frequency).sum()
    }
}

impl FromIterator<u8> for ByteSet {
    fn from_iter<I: IntoIterator<Item = u8>>(bytes: I) -> Self {
        let mut set = Self::EMPTY;
        bytes.into_iter().for_each(|byte| set.insert(byte));
        set
    }
}

impl std::fmt::Debug for ByteSet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "[")?;
        self.iter().try_for_each(|byte| write!(f, "{}", byte.escape_ascii()))?;
        write!(f, "]")
    }
}

/// A byte in a million of prose, in steps that are coarse on purpose: texts differ more than that.
fn frequency(byte: u8) -> u32 {
    match byte {
        b' ' => 165_000,
        b'e' => 100_000,
        b't' | b'a' | b'o' => 65_000,
        b'i' | b'n' | b's' | b'r' | b'h' => 52_000,
        b'l' | b'd' | b'c' | b'u' | b'm' => 28_000,
        b'p' | b'f' | b'g' | b'y' | b'w' | b'b' => 16_000,
        b'v' | b'k' | b'\n' => 8000,
        b'j' | b'q' | b'x' | b'z' => 1500,
        b'.' | b',' => 10_000,
        b'-' | b'\'' | b'"' | b'(' | b')' | b':' | b'/' | b'_' => 2500,
        b'A'..=b'Z' | b'0'..=b'9' => 1800,
        // In a text that is not ASCII these are most of all bytes.
        0x80..=0xf4 => 2000,
        b'!'..=b'~' | b'\r' | b'\t' => 500,
        _ => 50,
    }
}
