//! The tests of the example policies pass, and every rule of a tested policy decides in one of them.

use guard_tests::suites;
use guard_tests::workspace::root;
use guard_types::scenario::Scenario;
use std::fs;
use std::path::{Path, PathBuf};

/// The files of a package: path below its folder with slashes, and text.
fn files_of(folder: &Path) -> Vec<(String, String)> {
    fn search(folder: &Path, below: &str, found: &mut Vec<(String, String)>) {
        let mut entries: Vec<PathBuf> =
            fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        entries.sort();
        for path in entries {
            let name = path.file_name().unwrap().to_str().unwrap();
            if path.is_dir() {
                search(&path, &format!("{below}{name}/"), found);
            } else if path.extension().is_some_and(|extension| extension == "guard") {
                found.push((format!("{below}{name}"), fs::read_to_string(&path).unwrap()));
            }
        }
    }
    let mut found = Vec::new();
    search(folder, "", &mut found);
    found
}

#[test]
fn the_examples_pass_their_tests_and_no_rule_of_theirs_is_untested() {
    let mut tested = 0;
    let mut wrong = Vec::new();
    for entry in fs::read_dir(root().join("examples")).unwrap() {
        let folder = entry.unwrap().path();
        if !folder.join("guard.toml").is_file() || !folder.join("tests").is_dir() {
            continue;
        }
        tested += 1;
        let files = files_of(&folder);
        let files: Vec<(&str, &str)> = files.iter().map(|(p, t)| (&**p, &**t)).collect();
        let ran = suites::run(&files);
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        assert!(ran.tests > 0, "{name} has no tests");
        wrong.extend(ran.failures.iter().map(|failure| format!("{name}: {failure}")));
        let unfired = ran.coverage.iter().filter(|rule| rule.decides && rule.fired == 0);
        wrong.extend(unfired.map(|rule| format!("{name}:{} {} never fires", rule.line, rule.rule)));
    }
    assert!(tested >= 3, "{tested} examples have tests");
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// A test that is written from what happens in it is the same test.
#[test]
fn what_is_written_of_a_test_is_the_test() {
    let mut count = 0;
    for entry in fs::read_dir(root().join("examples")).unwrap() {
        let folder = entry.unwrap().path();
        if !folder.join("guard.toml").is_file() {
            continue;
        }
        let files = files_of(&folder);
        let mut files: Vec<(&str, &str)> = files.iter().map(|(p, t)| (&**p, &**t)).collect();
        let all = suites::scenarios_of(&files);
        // Every agent is declared in the file that stands at the root, where its tools are in sight.
        let (path, policy) = *files.iter().find(|(path, _)| !path.contains('/')).unwrap();
        let titled = |index: usize| format!("written {index}");
        let written = all.iter().enumerate();
        let written =
            written.map(|(index, one)| guard_test::written(&titled(index), one, |_| None));
        let text = format!("{policy}\n{}", written.collect::<Vec<_>>().join("\n"));
        files.retain(|(known, _)| *known != path);
        files.push((path, &text));
        let again = suites::scenarios_of(&files);
        for (index, one) in all.iter().enumerate() {
            let again = again.iter().find(|again| again.title == titled(index)).unwrap();
            let actions =
                |of: &Scenario| of.steps.iter().map(|s| s.action.clone()).collect::<Vec<_>>();
            assert_eq!(actions(again), actions(one), "{} {}", folder.display(), one.title);
            assert_eq!(again.principal, one.principal);
            count += 1;
        }
    }
    assert!(count > 100, "{count} tests were written");
}
