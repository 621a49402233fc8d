//! The formatter on policies that nobody laid out: generated ones, and those of the documents.

use guard_fmt::{format, same_tree};
use guard_tests::document;
use guard_tests::generate;
use guard_tests::random::Random;
use guard_tests::workspace::root;

/// What must be true of every text that parses.
fn holds(source: &str) {
    let once = format(source).unwrap_or_else(|refusal| panic!("{refusal:?}\n{source}"));
    let twice = format(&once).unwrap_or_else(|refusal| panic!("{refusal:?}\n{once}"));
    assert_eq!(once, twice, "formatting again changes");
    let (before, after) = (guard_grammar::parse(source), guard_grammar::parse(&once));
    assert!(same_tree(&before.file, &after.file), "{source}\nbecame\n{once}");
}

#[test]
fn generated_policies_keep_their_tree_when_formatted() {
    let mut random = Random::new(0x5eed);
    for _ in 0..200 {
        let source = generate::policy(&mut random).source();
        holds(&source);
        // The same on one line for each rule and without a space that can go.
        holds(&source.replace("\n  ", "\n").replace(", ", ",").replace(" == ", "=="));
    }
}

#[test]
fn policies_of_the_documents_keep_their_tree_when_formatted() {
    let mut formatted = 0;
    for folder in ["docs/reference", "docs/errors", "tests/spec"] {
        for entry in std::fs::read_dir(root().join(folder)).unwrap() {
            let page = std::fs::read_to_string(entry.unwrap().path()).unwrap();
            for policy in document::read(&page).policies {
                if guard_grammar::parse(&policy.text).errors.is_empty() {
                    holds(&policy.text);
                    formatted += 1;
                }
            }
        }
    }
    assert!(formatted > 100, "{formatted} policies were found");
}
