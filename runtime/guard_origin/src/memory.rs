//! How much memory lists and maps of the standard library take.

/// The most that a list's capacity is when it grew by one at a time to `length`.
pub(crate) fn list_capacity_max(length: usize) -> usize {
    (2 * length).max(4)
}

/// The memory of a map that has room for `capacity` entries.
pub(crate) fn map_bytes(capacity: usize, entry_bytes: usize) -> usize {
    if capacity == 0 {
        return 0;
    }
    // Seven of eight buckets are used at most; each has a byte of its own, and sixteen follow.
    let buckets = (capacity * 8 / 7 + 1).next_power_of_two();
    buckets * (entry_bytes + 1) + 16
}
