//! What a source says, as keys: equal keys are the same fact, whatever the spelling.

/// Something that a text says: a word, a pair of words, a number, a date. 64 bits of a hash that is the same
/// on every machine; who knows a text can make another with the same key, and gains no more than by
/// writing the text itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fact(pub u64);

/// What kind of fact, so that a number is no word.
#[derive(Debug, Clone, Copy)]
#[repr(u8)]
pub(crate) enum Of {
    Word = 1,
    Stem,
    Pair,
    Denied,
    Number,
    Money,
    Bare,
    Date,
    MonthDay,
    YearMonth,
    Time,
    Link,
}

/// FNV-1a, 64 bits (Fowler, Noll, Vo 1991).
#[derive(Debug, Clone, Copy)]
pub(crate) struct Hasher(u64);

impl Hasher {
    pub(crate) fn new(of: Of) -> Self {
        let mut hasher = Self(0xCBF2_9CE4_8422_2325);
        hasher.byte(of as u8);
        hasher
    }

    #[inline]
    pub(crate) fn byte(&mut self, byte: u8) {
        self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3);
    }

    #[inline]
    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.byte(*byte);
        }
    }

    /// A number at once.
    #[inline]
    pub(crate) fn number(&mut self, number: u64) {
        let mixed = (self.0 ^ number).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        self.0 = mixed ^ (mixed >> 32);
    }

    /// The last mixing of `MurmurHash3` (Appleby 2011), so that the highest bits depend on all others.
    pub(crate) fn fact(self) -> Fact {
        let mut bits = self.0;
        bits = (bits ^ (bits >> 33)).wrapping_mul(0xFF51_AFD7_ED55_8CCD);
        bits = (bits ^ (bits >> 33)).wrapping_mul(0xC4CE_B9FE_1A85_EC53);
        Fact(bits ^ (bits >> 33))
    }
}

impl Fact {
    /// Bytes, eight at a time, the last eight once more, and how many they are.
    #[inline]
    pub(crate) fn bytes(of: Of, bytes: &[u8]) -> Self {
        let mut hasher = Hasher::new(of);
        if let (Some(_), Some(last)) = (bytes.first_chunk::<8>(), bytes.last_chunk::<8>()) {
            let (eights, _) = bytes.as_chunks::<8>();
            for eight in eights {
                hasher.number(u64::from_le_bytes(*eight));
            }
            hasher.number(u64::from_le_bytes(*last));
        } else if let (Some(first), Some(last)) =
            (bytes.first_chunk::<4>(), bytes.last_chunk::<4>())
        {
            let (first, last) = (u32::from_le_bytes(*first), u32::from_le_bytes(*last));
            hasher.number((u64::from(first) << 32) | u64::from(last));
        } else {
            hasher.number(bytes.iter().fold(0, |number, byte| (number << 8) | u64::from(*byte)));
        }
        hasher.number(bytes.len() as u64);
        hasher.fact()
    }

    pub(crate) fn numbers(of: Of, numbers: &[u64]) -> Self {
        let mut hasher = Hasher::new(of);
        for number in numbers {
            hasher.number(*number);
        }
        hasher.fact()
    }

    /// That `first` and `second` stand next to each other.
    pub(crate) fn pair(first: Self, second: Self) -> Self {
        Self::numbers(Of::Pair, &[first.0, second.0])
    }
}
