//! The normal form of a command: operands in their order, options sorted, short ones apart.

use crate::tables::{LONG_WITH_ONE_DASH, NESTED, SHORT_NAMES};

/// `rm / -f -r` for `rm -rf /`, and for `rm -r --force /`.
pub(crate) fn of(program: &str, arguments: &[String]) -> String {
    let mut operands: Vec<String> = Vec::new();
    let mut options: Vec<String> = Vec::new();
    let mut are_over = false;
    // Of `git -C folder push` the subcommand is `push`.
    let before_subcommand = NESTED.iter().find(|(known, _)| *known == program);
    let valued = before_subcommand.map_or(&[][..], |(_, options)| *options);
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        if are_over || !is_option(argument) {
            operands.push(shown(argument));
        } else if argument == "--" {
            are_over = true;
        } else {
            options.extend(spelled(program, argument));
            if operands.is_empty() && valued.contains(&argument.as_str()) {
                arguments.next();
            }
        }
    }
    options.sort_unstable();
    options.dedup();
    let words = std::iter::once(shown(program)).chain(operands).chain(options);
    words.collect::<Vec<_>>().join(" ")
}

/// Whether a word is an option; a lone dash is a file.
pub(crate) fn is_option(argument: &str) -> bool {
    argument.len() > 1 && argument.starts_with('-')
}

/// The options that one word is.
fn spelled(program: &str, argument: &str) -> Vec<String> {
    if let Some((_, _, short)) =
        SHORT_NAMES.iter().find(|(of, long, _)| (*of == program || *of == "*") && *long == argument)
    {
        return vec![(*short).to_owned()];
    }
    let letters = argument.strip_prefix('-').unwrap_or_default();
    let is_bundle = letters.len() > 1
        && letters.chars().all(|c| c.is_ascii_alphabetic())
        && !LONG_WITH_ONE_DASH.contains(&program);
    if is_bundle {
        letters.chars().flat_map(|letter| spelled(program, &format!("-{letter}"))).collect()
    } else {
        vec![shown(argument)]
    }
}

/// A word with blanks stands in single quotes.
fn shown(word: &str) -> String {
    if word.is_empty() || word.contains(char::is_whitespace) {
        format!("'{word}'")
    } else {
        word.to_owned()
    }
}
