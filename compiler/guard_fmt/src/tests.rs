//! What the formatter keeps and what it decides.

use super::{Refusal, WIDTH, format, same_tree};
use proptest::prelude::*;
use std::fs;
use std::path::{Path, PathBuf};

fn formatted(source: &str) -> String {
    format(source).unwrap()
}

/// Every `.guard` file of the project, the ones that the grammar is tested with included.
fn project_files() -> Vec<PathBuf> {
    fn search(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() && !name.starts_with('.') && name != "target" {
                search(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "guard") {
                found.push(path);
            }
        }
    }
    let mut found = Vec::new();
    search(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../.."), &mut found);
    found.sort();
    assert!(found.len() > 20, "the project's policies were not found");
    found
}

fn comments(source: &str) -> Vec<String> {
    let (tokens, _) = guard_grammar::lex(source);
    let is_comment = |kind| {
        matches!(kind, guard_grammar::TokenKind::Comment | guard_grammar::TokenKind::DocComment)
    };
    let texts = tokens.all.iter().filter(|token| is_comment(token.kind));
    texts.map(|token| token.span.text(source).trim_end().to_owned()).collect()
}

/// What must be true of every text that parses.
fn holds(source: &str) -> Result<(), String> {
    let once = format(source).map_err(|refusal| format!("refused: {refusal:?}\n{source}"))?;
    let twice = format(&once).map_err(|refusal| format!("refused: {refusal:?}\n{once}"))?;
    if once != twice {
        return Err(format!("formatting again changes\n{once}\ninto\n{twice}"));
    }
    if comments(source) != comments(&once) {
        return Err(format!("comments of\n{source}\nare lost or moved in\n{once}"));
    }
    let (one, other) = (guard_grammar::parse(source), guard_grammar::parse(&once));
    if !same_tree(&one.file, &other.file) {
        return Err(format!("the tree of\n{source}\nis not that of\n{once}"));
    }
    if once.lines().any(|line| line.ends_with(' ')) || once.contains("\n\n\n") {
        return Err(format!("white space is left in\n{once}"));
    }
    Ok(())
}

#[test]
fn every_policy_of_the_project_keeps_its_tree_and_its_comments() {
    for file in project_files() {
        let source = fs::read_to_string(&file).unwrap();
        if guard_grammar::parse(&source).errors.is_empty() {
            holds(&source).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        }
    }
}

#[test]
fn the_projects_own_policies_are_formatted() {
    for file in project_files() {
        // The grammar's tests are about odd layouts.
        if file.to_string_lossy().contains("tests/grammar") {
            continue;
        }
        let source = fs::read_to_string(&file).unwrap();
        if std::env::var_os("UPDATE_FORMAT").is_some() {
            fs::write(&file, formatted(&source)).unwrap();
        } else {
            assert_eq!(source, formatted(&source), "run `guardc fmt {}`", file.display());
        }
    }
}

/// A text with its tokens laid out otherwise: other white space, comments between any two tokens.
fn laid_out_otherwise(source: &str, choices: &[u8]) -> String {
    let (tokens, _) = guard_grammar::lex(source);
    let mut choices = choices.iter().cycle();
    let mut out = String::new();
    for token in &tokens.all {
        let text = token.span.text(source);
        let choice = *choices.next().unwrap();
        out.push_str(text);
        match (token.kind.is_trivia(), choice) {
            (false, 0..12) => out.push_str("\n  "),
            (false, 12..18) => out.push_str("  // said here\n  "),
            (false, 18..22) => out.push_str("\n\n\n    // said alone\n\n"),
            (false, 22..25) => out.push_str("\n    // one\n    //two  \n    "),
            (true, 25..40) if !text.contains("//") => out.push('\n'),
            _ => {}
        }
    }
    out
}

/// The policies that are laid out otherwise.
fn sources() -> Vec<String> {
    let texts = project_files().into_iter().map(|file| fs::read_to_string(file).unwrap());
    texts.filter(|text| guard_grammar::parse(text).errors.is_empty()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4, failure_persistence: None, ..ProptestConfig::default() })]

    // Where a piece begins depends on line breaks, so not every layout parses; most do.
    #[test]
    fn any_layout_keeps_its_tree_and_its_comments(choices in prop::collection::vec(any::<u8>(), 1..400)) {
        for source in sources() {
            let source = laid_out_otherwise(&source, &choices);
            if guard_grammar::parse(&source).errors.is_empty()
                && let Err(error) = holds(&source) {
                return Err(TestCaseError::fail(error));
            }
        }
    }

    #[test]
    fn any_layout_on_long_lines_keeps_its_tree(choices in prop::collection::vec(any::<u8>(), 1..400)) {
        for source in sources() {
            // Every line break inside a rule is gone, so that lines have to be broken.
            let joined = source.replace("\n    ", " ").replace("\n      ", " ");
            for source in [laid_out_otherwise(&joined, &choices), joined] {
                if guard_grammar::parse(&source).errors.is_empty()
                    && let Err(error) = holds(&source) {
                    return Err(TestCaseError::fail(error));
                }
            }
        }
    }
}

#[test]
fn a_text_with_errors_is_refused_with_them() {
    let Err(Refusal::Syntax(errors)) = format("guard 1\nagent a { prohibit tool }\n") else {
        panic!("it was formatted")
    };
    assert_eq!(errors.len(), 1);
}

#[test]
fn a_line_is_no_longer_than_it_has_to_be() {
    let long = "alpha_long_name == 1 and beta_long_name == 2";
    let source = format!(
        "guard 1\nagent a {{ prohibit tool x when {long} or {long} or {long} because \"b\" }}\n"
    );
    let formatted = formatted(&source);
    assert!(formatted.lines().all(|line| line.chars().count() <= WIDTH), "{formatted}");
    assert_eq!(
        formatted,
        "guard 1\n\nagent a {\n  prohibit tool x\n    when alpha_long_name == 1 and beta_long_name == 2\n      \
         or alpha_long_name == 1 and beta_long_name == 2\n      or alpha_long_name == 1 and beta_long_name == 2\n    \
         because \"b\"\n}\n"
    );
}

#[test]
fn clauses_of_a_scope_and_expectations_of_a_test_are_aligned() {
    let source = "guard 1\nagent a {\n scope {\n  tool x when ok\n  tool long_name, y   when ok\n  tool z\n\n  tool w when ok\n }\n}\n\
                  test \"t\" for a {\n  input \"x\"=>allow\n  call x()   =>   deny\n}\n";
    let expected = "guard 1\n\nagent a {\n  scope {\n    tool x             when ok\n    tool long_name, y  when ok\n    \
                    tool z\n\n    tool w when ok\n  }\n}\n\ntest \"t\" for a {\n  input \"x\" => allow\n  \
                    call x()  => deny\n}\n";
    assert_eq!(formatted(source), expected);
}

#[test]
fn what_stands_on_one_line_may_stay_there() {
    for source in [
        "guard 1\n\nagent a {}\n",
        "guard 1\n\nagent a { halt session when x }\n",
        "guard 1\n\nagent a(user: { id: string }) { scope { tool x when (a + 1) * -b[0] > f(c, per: d) } }\n",
        "guard 1\n\ntool \"my-tool\"(kind: (\"x\" | \"y\")?, ...) -> [string]? { trust web } // last\n",
    ] {
        let source = source.replace(" // last", "  // last");
        assert_eq!(formatted(&source), source);
    }
}

#[test]
fn many_layouts_that_are_tried_parse() {
    let choices: Vec<u8> = (0..=255).rev().collect();
    let sources = sources();
    let parse = |source: &&String| {
        guard_grammar::parse(&laid_out_otherwise(source, &choices)).errors.is_empty()
    };
    let parsed = sources.iter().filter(parse).count();
    assert!(parsed * 3 > sources.len(), "{parsed} of {} parse", sources.len());
}
