//! The conformance tables.

use guard_tests::conformance::run;
use guard_tests::workspace::root;

#[test]
fn every_row_holds_on_the_interpreter_and_on_machine_code() {
    let mut paths: Vec<_> = std::fs::read_dir(root().join("tests/conformance"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    let mut cases = 0;
    for path in
        paths.iter().filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
    {
        let name = path.file_name().unwrap().to_str().unwrap();
        cases += run(name, &std::fs::read_to_string(path).unwrap());
    }
    assert!(cases > 100, "only {cases} cases were found");
}
