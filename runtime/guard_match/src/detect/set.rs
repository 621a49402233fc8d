//! Which detectors of a scanner are asked.

/// A set of detectors, by their numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DetectorSet {
    words: Vec<u64>,
}

impl DetectorSet {
    /// The detectors `0..count`.
    pub fn all(count: usize) -> Self {
        let mut set = Self::default();
        (0..count)
            .filter_map(|index| u32::try_from(index).ok())
            .for_each(|index| set.insert(index));
        set
    }

    /// Adds one. Numbers past [`crate::limits::DETECTORS_MAX`] name no detector and are left out.
    pub fn insert(&mut self, detector: u32) {
        let Ok(index) = usize::try_from(detector) else { return };
        if index >= crate::limits::DETECTORS_MAX {
            return;
        }
        if self.words.len() <= index / 64 {
            self.words.resize(index / 64 + 1, 0);
        }
        if let Some(word) = self.words.get_mut(index / 64) {
            *word |= 1 << (index % 64);
        }
    }

    /// Whether it holds one.
    pub fn contains(&self, detector: u32) -> bool {
        usize::try_from(detector).is_ok_and(|index| {
            self.words.get(index / 64).is_some_and(|word| word >> (index % 64) & 1 == 1)
        })
    }
}

impl FromIterator<u32> for DetectorSet {
    fn from_iter<I: IntoIterator<Item = u32>>(detectors: I) -> Self {
        let mut set = Self::default();
        detectors.into_iter().for_each(|detector| set.insert(detector));
        set
    }
}
