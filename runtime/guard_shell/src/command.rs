//! Simple commands: the programs they run, wrappers unfolded.

use crate::fed::Fed;
use crate::limits::WRAPPERS_MAX;
use crate::normal::{self, is_option};
use crate::tables::{FEEDERS, INTERPRETERS, REMOTE, SHELLS, TEXT_RUNNERS, WRAPPERS, Wrapper};
use crate::tree::children;
use crate::word::{Word, words};
use crate::{Found, Malformed, Read, fed, statement};
use tree_sitter::Node;

/// Reads a command; says which program it runs in the end.
pub(crate) fn read(
    node: Node<'_>,
    source: &str,
    fed: Fed<'_>,
    found: &mut Found,
) -> Read<Option<String>> {
    found.commands += 1;
    let document = match fed::document(node) {
        Some(body) => Some(found.inside(|found| crate::word::word(body, source, found))?),
        None => None,
    };
    let fed = Fed::by_word(document.as_ref()).unwrap_or(fed);
    let mut line = Vec::new();
    for child in children(node) {
        match child.kind() {
            "variable_assignment" => {
                // It is for this command alone.
                let variables = found.variables.clone();
                found.inside(|found| statement::assignment(child, source, found))?;
                found.variables = variables;
            }
            "file_redirect" | "herestring_redirect" | "heredoc_redirect" => {
                statement::redirect(child, source, found)?;
            }
            _ => line.extend(words(child, source, found)?),
        }
    }
    runs(line, fed, found)
}

/// What words run; the program in the end.
fn runs(line: Vec<Word>, fed: Fed<'_>, found: &mut Found) -> Read<Option<String>> {
    let mut line = line;
    for _ in 0..WRAPPERS_MAX {
        if line.is_empty() {
            return Ok(None);
        }
        let (program, rest) = (line.remove(0), line);
        let name = name_of(&program, found)?;
        note(&name, &rest, found)?;
        match wrapped(&name, &rest) {
            Wrapped::Words(from) => {
                found.is_simple = false;
                line = rest.get(from..).unwrap_or_default().to_vec();
                if line.is_empty() {
                    return Ok(Some(name));
                }
            }
            Wrapped::Text(text) => {
                runs_text(&text, found)?;
                return Ok(Some(name));
            }
            Wrapped::Input => {
                read_input(&name, &rest, fed, found)?;
                return Ok(Some(name));
            }
            Wrapped::Foreign => {
                found.line.is_opaque = true;
                return Ok(Some(name));
            }
            Wrapped::Executes(commands) => {
                for command in commands {
                    found.is_simple = false;
                    found.inside(|found| runs(command, Fed::Nothing, found))?;
                }
                return Ok(Some(name));
            }
            Wrapped::Nothing => return Ok(Some(name)),
        }
    }
    Err(Malformed)
}

/// A program's name without its folder; one that cannot be seen is noted as that.
fn name_of(program: &Word, found: &mut Found) -> Read<String> {
    if !program.is_known || program.is_pattern && program.text != "[" && program.text != "[[" {
        found.line.is_opaque = true;
    }
    if program.text.contains('/') && program.text.contains("..") {
        found.is_simple = false;
    }
    let name = program.text.rsplit('/').next().unwrap_or_default();
    // A name may have a version: `python3.12` is `python`.
    let plain = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    let name = name.strip_suffix(".exe").unwrap_or(name);
    let plain = plain.strip_suffix(".exe").unwrap_or(plain);
    let is_known = INTERPRETERS.iter().any(|(known, _)| *known == plain);
    let name = if is_known { plain } else { name };
    found.spend(name.len())?;
    found.line.programs.push(name.to_owned());
    Ok(name.to_owned())
}

/// Notes a command's words and its normal form.
fn note(name: &str, rest: &[Word], found: &mut Found) -> Read<()> {
    let arguments: Vec<String> = rest.iter().map(|word| word.text.clone()).collect();
    let normal = normal::of(name, &arguments);
    found.spend(normal.len())?;
    found.line.commands.push(normal);
    for argument in &arguments {
        found.spend(argument.len())?;
        found.line.arguments.push(argument.clone());
    }
    // A shell that is given what a program writes runs that.
    let sources: Vec<&String> = rest.iter().flat_map(|word| &word.sources).collect();
    let takes_text = SHELLS.contains(&name)
        || TEXT_RUNNERS.contains(&name)
        || matches!(name, "eval" | "source" | ".");
    if takes_text {
        for source in sources {
            statement::push_pipeline(&[source.clone(), name.to_owned()], found)?;
            found.line.is_opaque = true;
        }
    }
    Ok(())
}

/// What a program runs besides itself.
enum Wrapped {
    Nothing,
    /// The words from this one on.
    Words(usize),
    /// A text that is a command line.
    Text(Word),
    /// A command line that it reads.
    Input,
    /// A program in another language.
    Foreign,
    /// Commands among its arguments.
    Executes(Vec<Vec<Word>>),
}

fn wrapped(name: &str, rest: &[Word]) -> Wrapped {
    let wrapper = WRAPPERS.iter().chain(&FEEDERS).find(|known| known.name == name);
    if let Some(wrapper) = wrapper {
        return Wrapped::Words(after_options(wrapper, rest));
    }
    if let Some(remote) = REMOTE.iter().find(|known| known.name == name) {
        let from = after_options(remote, rest);
        return match rest.get(from..) {
            Some(command) if !command.is_empty() => Wrapped::Text(joined(command)),
            _ => Wrapped::Nothing,
        };
    }
    if name == "eval" {
        return if rest.is_empty() { Wrapped::Nothing } else { Wrapped::Text(joined(rest)) };
    }
    if SHELLS.contains(&name) || TEXT_RUNNERS.contains(&name) {
        return of_shell(name, rest);
    }
    if name == "find" || name == "fd" {
        return Wrapped::Executes(executed(rest));
    }
    let interpreter = INTERPRETERS.iter().find(|(known, _)| *known == name);
    if let Some((_, options)) = interpreter {
        let gives_text = |word: &Word| options.contains(&word.text.to_ascii_lowercase().as_str());
        let is_given = rest.iter().any(gives_text) || options.is_empty() && !rest.is_empty();
        let reads =
            rest.iter().all(|word| is_option(&word.text)) || rest.iter().any(|w| w.text == "-");
        return match (is_given, reads) {
            (true, _) => Wrapped::Foreign,
            (false, true) => Wrapped::Input,
            (false, false) => Wrapped::Nothing,
        };
    }
    Wrapped::Nothing
}

/// `sh -c '…'`, `sh file`, `sh` that reads.
fn of_shell(name: &str, rest: &[Word]) -> Wrapped {
    let is_text = |word: &Word| {
        let letters = word.text.strip_prefix('-').unwrap_or_default();
        word.text == "--command"
            || (!letters.starts_with('-') && letters.ends_with('c') && letters.len() <= 4)
    };
    if let Some(at) = rest.iter().position(is_text) {
        return rest.get(at + 1).cloned().map_or(Wrapped::Nothing, Wrapped::Text);
    }
    let has_file = rest.iter().any(|word| !is_option(&word.text) && !word.text.starts_with('+'));
    let is_shell = SHELLS.contains(&name);
    // `su root` starts a shell and reads.
    if is_shell && has_file && !rest.iter().any(|word| word.text == "-s") {
        Wrapped::Nothing
    } else {
        Wrapped::Input
    }
}

/// Where the wrapped program stands.
fn after_options(wrapper: &Wrapper, rest: &[Word]) -> usize {
    let mut at = 0;
    let mut operands = wrapper.operands;
    while let Some(word) = rest.get(at) {
        let text = word.text.as_str();
        let is_assignment = text.split_once('=').is_some_and(|(name, _)| {
            !name.is_empty() && name.chars().all(|c| c == '_' || c.is_ascii_alphanumeric())
        });
        if text == "--" {
            at += 1;
            break;
        } else if is_option(text) {
            at += 1 + usize::from(wrapper.valued.contains(&text));
        } else if is_assignment && matches!(wrapper.name, "env" | "sudo" | "doas") {
            at += 1;
        } else if operands > 0 {
            operands -= 1;
            at += 1;
        } else {
            break;
        }
    }
    at.min(rest.len())
}

/// `find … -exec rm {} \;`, and what `fd -x` runs.
fn executed(rest: &[Word]) -> Vec<Vec<Word>> {
    let mut commands = Vec::new();
    let mut words = rest.iter();
    while let Some(word) = words.next() {
        let starts = ["-exec", "-execdir", "-ok", "-okdir", "-x", "-X", "--exec", "--exec-batch"];
        if starts.contains(&word.text.as_str()) {
            let is_part = |word: &&Word| word.text != ";" && word.text != "+";
            commands.push(words.by_ref().take_while(is_part).cloned().collect());
        }
    }
    commands
}

fn joined(words: &[Word]) -> Word {
    let texts: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
    let is_known = words.iter().all(|word| word.is_known);
    let sources = words.iter().flat_map(|word| word.sources.clone()).collect();
    Word { text: texts.join(" "), is_known, sources, is_pattern: false }
}

/// A text that a program runs as a command line.
fn runs_text(text: &Word, found: &mut Found) -> Read<()> {
    if !text.is_known {
        found.line.is_opaque = true;
    }
    found.inside(|found| statement::nested(&text.text, found))
}

/// A shell or an interpreter that reads what it runs.
fn read_input(name: &str, rest: &[Word], fed: Fed<'_>, found: &mut Found) -> Read<()> {
    let is_shell = SHELLS.contains(&name);
    match fed {
        Fed::Text(text) if is_shell => found.inside(|found| statement::nested(text, found)),
        Fed::Text(_) | Fed::Unseen => {
            found.line.is_opaque = true;
            Ok(())
        }
        // A shell that a person types into: what is typed cannot be seen, `bash --version` has nothing typed.
        Fed::Nothing => {
            let asks = ["--version", "--help", "-h", "-V", "-v"];
            let is_asked = rest.iter().any(|word| asks.contains(&word.text.as_str()));
            found.line.is_opaque |= is_shell && !is_asked;
            Ok(())
        }
    }
}
