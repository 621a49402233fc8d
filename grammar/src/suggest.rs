//! "Did you mean": the known name that is closest to a misspelt one.

/// The name of `known` that `wrong` is most likely a misspelling of, where one is close enough: at
/// most a third of its characters wrong, missing, added or swapped with a neighbour.
pub fn closest<'a>(wrong: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wrong_chars: Vec<char> = wrong.chars().flat_map(char::to_lowercase).collect();
    if wrong_chars.len() > 64 {
        return None;
    }
    known
        .into_iter()
        .filter(|name| *name != wrong)
        .filter_map(|name| {
            let chars: Vec<char> = name.chars().flat_map(char::to_lowercase).take(65).collect();
            let allowed = wrong_chars.len().max(chars.len()).div_ceil(3);
            let distance = edit_distance(&wrong_chars, &chars);
            (distance <= allowed).then_some((distance, name))
        })
        .min()
        .map(|(_, name)| name)
}

/// Edits between two words where a swap of neighbours counts once (restricted Damerau-Levenshtein).
fn edit_distance(a: &[char], b: &[char]) -> usize {
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let at =
                |row: &[usize], index: usize| row.get(index).copied().unwrap_or(usize::MAX / 2);
            let substituted = at(&last, j) + usize::from(x != y);
            let mut best = substituted.min(at(&last, j + 1) + 1).min(at(&row, j) + 1);
            let swapped = i > 0 && j > 0 && a.get(i - 1) == Some(y) && b.get(j - 1) == Some(x);
            if swapped {
                best = best.min(at(&before_last, j - 1) + 1);
            }
            row.push(best);
        }
        before_last = std::mem::replace(&mut last, row);
    }
    last.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelling_finds_its_word_and_a_stranger_finds_none() {
        let known = ["recipient", "amount", "subject"];
        assert_eq!(closest("recepient", known), Some("recipient"));
        assert_eq!(closest("amuont", known), Some("amount"));
        assert_eq!(closest("colour", known), None);
    }
}
