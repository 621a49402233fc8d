//! What commands are given to read, where that stands in the line itself: `echo … | sh`, `sh <<< '…'`, `$(echo rm)`.

use crate::tree::children;
use crate::{Found, Read, word};
use tree_sitter::Node;

/// What a command reads.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Fed<'a> {
    /// Nothing that is known of: what a person types.
    Nothing,
    /// Something that cannot be seen.
    Unseen,
    /// This text.
    Text(&'a str),
}

impl<'a> Fed<'a> {
    /// By a text, where it can be seen.
    pub(crate) fn by(text: Option<&'a str>) -> Self {
        text.map_or(Self::Unseen, Self::Text)
    }

    /// By a here-document, where there is one.
    pub(crate) fn by_word(word: Option<&'a word::Word>) -> Option<Self> {
        word.map(|word| Self::by(word.is_known.then_some(word.text.as_str())))
    }
}

/// What a stage of a pipeline reads and writes, where it can be seen.
#[derive(Debug, Default)]
pub(crate) struct Written {
    pub(crate) input: Option<String>,
    pub(crate) output: Option<String>,
}

/// The body of a here-document, or the word of a here-string.
pub(crate) fn document(node: Node<'_>) -> Option<Node<'_>> {
    match node.kind() {
        "herestring_redirect" => children(node).last(),
        "heredoc_redirect" => children(node).find(|child| child.kind() == "heredoc_body"),
        "command" => {
            children(node).filter(|child| child.kind().ends_with("_redirect")).find_map(|child| {
                if child.kind() == "file_redirect" { None } else { document(child) }
            })
        }
        _ => None,
    }
}

/// What a stage writes, given what it reads.
pub(crate) fn through(
    stage: Node<'_>,
    source: &str,
    input: Option<String>,
    found: &mut Found,
) -> Read<Written> {
    let output = match stage.kind() {
        "command" => {
            let words = aside(found, |aside| literal_words(stage, source, aside))?;
            words.and_then(|words| output(&words, input.as_deref()))
        }
        _ => None,
    };
    Ok(Written { input, output })
}

/// What the command in a substitution writes.
pub(crate) fn output_of(node: Node<'_>, source: &str, found: &mut Found) -> Read<Option<String>> {
    let mut inside = children(node);
    let (Some(only), None) = (inside.next(), inside.next()) else { return Ok(None) };
    let mut written = None;
    match only.kind() {
        "command" => written = through(only, source, None, found)?.output,
        "pipeline" => {
            for stage in children(only) {
                written = through(stage, source, written, found)?.output;
            }
        }
        _ => {}
    }
    Ok(written)
}

/// Reads without noting what is found, which is noted elsewhere; what reading costs is counted.
fn aside<T>(found: &mut Found, read: impl FnOnce(&mut Found) -> Read<T>) -> Read<T> {
    let mut other = Found {
        variables: std::mem::take(&mut found.variables),
        texts: found.texts,
        depth: found.depth,
        ..Found::default()
    };
    other.take_costs(found);
    let result = other.inside(read);
    found.take_costs(&other);
    found.variables = other.variables;
    result
}

/// The words of a command that can be seen whole.
fn literal_words(node: Node<'_>, source: &str, found: &mut Found) -> Read<Option<Vec<String>>> {
    let mut texts = Vec::new();
    for child in children(node) {
        if child.kind().ends_with("_redirect") || child.kind() == "variable_assignment" {
            return Ok(None);
        }
        for word in word::words(child, source, found)? {
            if !word.is_known {
                return Ok(None);
            }
            texts.push(word.text);
        }
    }
    Ok(Some(texts))
}

fn output(words: &[String], input: Option<&str>) -> Option<String> {
    let (program, arguments) = words.split_first()?;
    let has = |options: &[&str]| arguments.iter().any(|word| options.contains(&word.as_str()));
    match program.as_str() {
        "echo" => {
            let is_option = |word: &&String| matches!(word.as_str(), "-n" | "-e" | "-ne" | "-en");
            let said = arguments.iter().skip_while(is_option).cloned().collect::<Vec<_>>();
            Some(unescaped(&said.join(" ")))
        }
        "printf" => {
            let (format, values) = arguments.split_first()?;
            let mut values = values.iter();
            let mut text = unescaped(format);
            while let (Some(place), Some(value)) = (text.find("%s"), values.next()) {
                text.replace_range(place..place + 2, value);
            }
            let rest: Vec<_> = values.cloned().collect();
            Some(if rest.is_empty() { text } else { format!("{text}{}", rest.join("")) })
        }
        "cat" if arguments.is_empty() => input.map(ToOwned::to_owned),
        "rev" => input.map(|input| input.trim_end().chars().rev().collect()),
        "base64" if has(&["-d", "-D", "--decode", "-di"]) => from_base64(input?),
        "openssl" if has(&["base64", "-base64"]) && has(&["-d"]) => from_base64(input?),
        "xxd" if has(&["-r", "-p", "-rp", "-pr"]) => from_hexadecimal(input?),
        _ => None,
    }
}

fn unescaped(text: &str) -> String {
    let mut out = String::new();
    word::escaped(text, &mut out);
    out
}

fn from_base64(text: &str) -> Option<String> {
    let mut bits = 0_u32;
    let mut count = 0_u32;
    let mut bytes = Vec::new();
    for character in text.chars().filter(|c| !c.is_whitespace() && *c != '=') {
        let value = match character {
            'A'..='Z' => u32::from(character) - u32::from('A'),
            'a'..='z' => u32::from(character) - u32::from('a') + 26,
            '0'..='9' => u32::from(character) - u32::from('0') + 52,
            '+' | '-' => 62,
            '/' | '_' => 63,
            _ => return None,
        };
        bits = (bits << 6 | value) & 0xffff;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from((bits >> count) & 0xff).ok()?);
        }
    }
    text_from(bytes)
}

fn from_hexadecimal(text: &str) -> Option<String> {
    let digits: Option<Vec<u8>> = text
        .chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
        .collect();
    let bytes =
        digits?.chunks(2).map(|pair| pair.iter().fold(0, |byte, half| byte << 4 | half)).collect();
    text_from(bytes)
}

fn text_from(bytes: Vec<u8>) -> Option<String> {
    String::from_utf8(bytes).ok().filter(|text| !text.is_empty() && !text.contains('\0'))
}
