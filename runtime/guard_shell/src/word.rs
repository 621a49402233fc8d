//! Words: quotes undone, and what variables and substitutions stand for where that can be seen.

use crate::tree::{children, text_of};
use crate::{Found, Read, fed, statement};
use tree_sitter::Node;

/// A word of a command.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Word {
    /// Its text; what cannot be seen stands as it is written (`$name`, `$(…)`).
    pub(crate) text: String,
    /// All of it can be seen.
    pub(crate) is_known: bool,
    /// Programs whose output is a part of it.
    pub(crate) sources: Vec<String>,
    /// It has a pattern (`*`, `?`, `[`) that a shell would expand.
    pub(crate) is_pattern: bool,
}

/// The separators in a word that came from `$IFS` or braces, where it becomes several.
const SPLIT: char = '\u{1}';

/// The words that one node becomes.
pub(crate) fn words(node: Node<'_>, source: &str, found: &mut Found) -> Read<Vec<Word>> {
    let mut word = Word { is_known: true, ..Word::default() };
    piece(node, source, &mut word, found)?;
    found.spend(word.text.len())?;
    if !word.text.contains(SPLIT) {
        return Ok(vec![word]);
    }
    let texts = word.text.split(SPLIT).filter(|text| !text.is_empty());
    Ok(texts.map(|text| Word { text: text.to_owned(), ..word.clone() }).collect())
}

/// One word of a node that is no list.
pub(crate) fn word(node: Node<'_>, source: &str, found: &mut Found) -> Read<Word> {
    let words = words(node, source, found)?;
    let is_known = words.iter().all(|word| word.is_known);
    let texts: Vec<String> = words.iter().map(|word| word.text.clone()).collect();
    let sources = words.into_iter().next().map(|word| word.sources).unwrap_or_default();
    Ok(Word { text: texts.join(" "), is_known, sources, is_pattern: false })
}

fn piece(node: Node<'_>, source: &str, word: &mut Word, found: &mut Found) -> Read<()> {
    let text = text_of(node, source);
    match node.kind() {
        "word"
        | "number"
        | "variable_name"
        | "special_variable_name"
        | "extglob_pattern"
        | "regex"
        | "file_descriptor"
        | "test_operator" => unquoted(text, word),
        "raw_string" => word.text.push_str(inside(text, 1)),
        "ansi_c_string" => {
            escaped(inside(text.strip_prefix('$').unwrap_or(text), 1), &mut word.text);
        }
        "string" | "translated_string" => {
            return found.inside(|found| quoted(node, source, word, found));
        }
        "string_content" | "heredoc_content" => in_double_quotes(text, &mut word.text),
        "concatenation" | "command_name" | "heredoc_body" => {
            return found.inside(|found| concatenated(node, source, word, found));
        }
        "brace_expression" => braces(text, word),
        "simple_expansion" | "expansion" => variable(node, source, word, found)?,
        "command_substitution" => {
            return found.inside(|found| substitution(node, source, word, found));
        }
        "process_substitution" => {
            found.line.substitutes = true;
            let programs = found.inside(|found| statement::programs_of(node, source, found))?;
            unseen(text, word);
            word.sources.extend(programs);
        }
        _ => {
            // An arithmetic expansion, an array: what is inside is read for its substitutions alone.
            found.inside(|found| statement::each(node, source, found))?;
            unseen(text, word);
        }
    }
    Ok(())
}

/// What stands between two pieces of a concatenation belongs to it: tree-sitter leaves backslashes there.
fn concatenated(node: Node<'_>, source: &str, word: &mut Word, found: &mut Found) -> Read<()> {
    found.is_simple &= node.kind() != "heredoc_body";
    if node.kind() == "concatenation" && is_list_in_braces(text_of(node, source)) {
        braces(text_of(node, source), word);
        return Ok(());
    }
    let mut end = node.start_byte();
    let mut has_pieces = false;
    for child in children(node) {
        let between = source.get(end..child.start_byte()).unwrap_or_default();
        if node.kind() == "heredoc_body" {
            in_double_quotes(between, &mut word.text);
        } else {
            unquoted(between.trim_matches(['`', '\n']), word);
        }
        piece(child, source, word, found)?;
        end = child.end_byte();
        has_pieces = true;
    }
    let rest = source.get(end..node.end_byte()).unwrap_or_default();
    match node.kind() {
        "heredoc_body" => in_double_quotes(rest, &mut word.text),
        _ if has_pieces => unquoted(rest, word),
        _ => unquoted(text_of(node, source), word),
    }
    Ok(())
}

fn quoted(node: Node<'_>, source: &str, word: &mut Word, found: &mut Found) -> Read<()> {
    let start = node.start_byte() + text_of(node, source).find('"').map_or(0, |quote| quote + 1);
    let mut end = start;
    for child in children(node) {
        in_double_quotes(source.get(end..child.start_byte()).unwrap_or_default(), &mut word.text);
        let from = word.text.len();
        piece(child, source, word, found)?;
        // In quotes nothing is split.
        if word.text.get(from..).is_some_and(|added| added.contains(SPLIT)) {
            let added = word.text.split_off(from).replace(SPLIT, " ");
            word.text.push_str(&added);
        }
        end = child.end_byte();
    }
    let last = node.end_byte().saturating_sub(1);
    in_double_quotes(source.get(end..last).unwrap_or_default(), &mut word.text);
    Ok(())
}

/// `$(…)` and backticks. What `echo` and `printf` write is read off.
fn substitution(node: Node<'_>, source: &str, word: &mut Word, found: &mut Found) -> Read<()> {
    found.line.substitutes = true;
    found.is_simple = false;
    let written = fed::output_of(node, source, found)?;
    let programs = statement::programs_of(node, source, found)?;
    match written {
        Some(output) => word.text.push_str(output.trim_end_matches('\n')),
        None => {
            unseen(text_of(node, source), word);
            word.sources.extend(programs);
        }
    }
    Ok(())
}

fn variable(node: Node<'_>, source: &str, word: &mut Word, found: &mut Found) -> Read<()> {
    found.is_simple = false;
    let text = text_of(node, source);
    let name = text.trim_start_matches('$').trim_start_matches('{').trim_end_matches('}');
    if name == "IFS" || name.starts_with("IFS%") || name.starts_with("IFS:") {
        word.text.push(SPLIT);
        return Ok(());
    }
    // What was not given a value here is mostly empty: `r$@m` is `rm`.
    if matches!(name, "@" | "*" | "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9") {
        return Ok(());
    }
    match found.variables.get(name) {
        Some(value) => word.text.push_str(&value.clone()),
        None => {
            // A value beside the variable (`${x:-$(…)}`) can run something.
            found.inside(|found| statement::each(node, source, found))?;
            unseen(text, word);
        }
    }
    Ok(())
}

fn unseen(text: &str, word: &mut Word) {
    word.text.push_str(text);
    word.is_known = false;
}

/// Undoes backslashes, and sees patterns.
fn unquoted(text: &str, word: &mut Word) {
    if is_list_in_braces(text) {
        return braces(text, word);
    }
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => match characters.next() {
                Some('\n') | None => {}
                Some(next) => word.text.push(next),
            },
            '*' | '?' | '[' => {
                word.is_pattern = true;
                word.text.push(character);
            }
            _ => word.text.push(character),
        }
    }
}

fn is_list_in_braces(text: &str) -> bool {
    let list = text.strip_prefix('{').and_then(|text| text.strip_suffix('}'));
    list.is_some_and(|list| list.contains(',') && !list.contains(['{', '}', '"', '\'', '$', '`']))
}

/// `{rm,-rf,/}` is three words.
fn braces(text: &str, word: &mut Word) {
    if is_list_in_braces(text) {
        let list = text.trim_matches(['{', '}']);
        let separated = list.replace(',', &SPLIT.to_string());
        word.text.push_str(&separated);
    } else {
        word.text.push_str(text);
    }
}

fn in_double_quotes(text: &str, out: &mut String) {
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match (character, characters.peek()) {
            ('\\', Some('\n')) => drop(characters.next()),
            ('\\', Some(next @ ('$' | '`' | '"' | '\\'))) => {
                out.push(*next);
                characters.next();
            }
            _ => out.push(character),
        }
    }
}

/// `$'\x72m'`.
pub(crate) fn escaped(text: &str, out: &mut String) {
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        if character != '\\' {
            out.push(character);
            continue;
        }
        match characters.next() {
            Some('n') => out.push('\n'),
            Some('t') => out.push('\t'),
            Some('r') => out.push('\r'),
            Some('x') => out.extend(numbered(&mut characters, 16, 2, 0)),
            Some('u') => out.extend(numbered(&mut characters, 16, 4, 0)),
            Some('U') => out.extend(numbered(&mut characters, 16, 8, 0)),
            Some(digit @ '0'..='7') => {
                let first = digit.to_digit(8).unwrap_or(0);
                out.extend(numbered(&mut characters, 8, 2 + usize::from(first == 0), first));
            }
            Some(next) => out.push(next),
            None => out.push('\\'),
        }
    }
}

fn numbered(
    characters: &mut std::iter::Peekable<std::str::Chars<'_>>,
    base: u32,
    most: usize,
    first: u32,
) -> Option<char> {
    let mut value = first;
    for _ in 0..most {
        let Some(digit) = characters.peek().and_then(|next| next.to_digit(base)) else { break };
        value = value.wrapping_mul(base).wrapping_add(digit);
        characters.next();
    }
    char::from_u32(value).filter(|character| *character != '\0' && *character != SPLIT)
}

/// A text without so many characters at each end.
fn inside(text: &str, quote: usize) -> &str {
    text.get(quote..text.len().saturating_sub(quote)).unwrap_or_default()
}
