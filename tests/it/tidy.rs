//! What must stay true of the project as a whole: who may depend on whom, what stands in which file,
//! and that documents name what exists. `docs/architecture.md` names these tests beside what they keep.

use guard_tests::workspace::{Crate, DependencyKind, Workspace};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

static WORKSPACE: LazyLock<Workspace> = LazyLock::new(Workspace::read);
/// What version control keeps or would keep; without version control, what lies in the folder.
static FILES: LazyLock<Vec<String>> =
    LazyLock::new(|| versioned_files().unwrap_or_else(|| WORKSPACE.files()));

fn versioned_files() -> Option<Vec<String>> {
    let output = std::process::Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(&WORKSPACE.root)
        .output()
        .ok()
        .filter(|output| output.status.success())?;
    let listed = String::from_utf8(output.stdout).ok()?;
    // A file that was deleted is listed until the deletion is recorded.
    let is_there = |file: &&str| !file.is_empty() && WORKSPACE.root.join(file).is_file();
    let files: BTreeSet<String> = listed.split('\0').filter(is_there).map(str::to_owned).collect();
    (!files.is_empty()).then(|| files.into_iter().collect())
}

/// The most lines a source file may have.
const SOURCE_LINES_MAX: usize = 900;

/// The three files that may hold `unsafe`.
const UNSAFE_FILES: [&str; 3] = [
    "runtime/guard_jit/src/code_memory.rs",
    "runtime/guard_jit/src/entry.rs",
    "runtime/guard_jit/src/host_abi.rs",
];

/// A test that replaces the allocator to count allocations, which cannot be done safely.
const COUNTING_ALLOCATOR: &str = "runtime/agent_guard/tests/allocations.rs";

/// Folders that are not named after their package, because they are named at the top level.
const FOLDERS_OF_THEIR_OWN: [(&str, &str); 4] = [
    ("grammar", "guard_grammar"),
    ("stdlib-policies", "guard_stdlib"),
    ("examples", "guard_examples"),
    ("tests", "guard_tests"),
];

/// Dependencies that only these crates may name.
const HOMES: [(&str, &[&str]); 11] = [
    ("lalrpop", &["guard_grammar"]),
    ("logos", &["guard_grammar"]),
    ("salsa", &["guard_db", "guard_hir", "guard_lower", "guard_types"]),
    ("cranelift", &["guard_jit"]),
    ("regex", &["guard_match"]),
    ("ariadne", &["guardc"]),
    ("clap", &["guardc"]),
    ("tract", &["guard_onnx"]),
    ("tree-sitter", &["guard_shell"]),
    ("sqlparser", &["guard_sql"]),
    ("tokenizers", &["guard_onnx"]),
];

fn crates_in(folder: &str) -> impl Iterator<Item = &'static Crate> {
    let prefix = format!("{folder}/");
    WORKSPACE.crates.iter().filter(move |one| one.folder.starts_with(&prefix))
}

fn files_ending(ending: &str) -> impl Iterator<Item = &'static str> {
    FILES.iter().map(String::as_str).filter(move |file| file.ends_with(ending))
}

/// Stops with all that was found, because one run should show everything that is to be done.
#[track_caller]
fn assert_none(what: &str, found: &[String]) {
    assert!(found.is_empty(), "{what}:\n  {}", found.join("\n  "));
}

// -- who may depend on whom ----------------------------------------------------------------------

#[test]
fn the_runtime_depends_on_no_compiler() {
    let mut found = Vec::new();
    for one in crates_in("runtime") {
        for name in one.uses(DependencyKind::Normal).chain(one.uses(DependencyKind::Build)) {
            let is_runtime = crates_in("runtime").any(|other| other.name == name);
            if WORKSPACE.is_ours(name) && !is_runtime {
                found.push(format!("{} uses {name}", one.name));
            }
        }
    }
    assert_none("runtime crates that use what stands above the plan", &found);
}

#[test]
fn the_grammar_depends_on_no_crate_of_ours() {
    let grammar = WORKSPACE.find("guard_grammar");
    let ours = grammar.dependencies.iter().filter(|(_, name)| WORKSPACE.is_ours(name));
    assert_eq!(ours.collect::<Vec<_>>(), Vec::<&(DependencyKind, String)>::new());
}

#[test]
fn the_plan_needs_an_encoding_and_a_hash_and_nothing_else() {
    let plan = WORKSPACE.find("guard_plan");
    let uses: Vec<&str> = plan.uses(DependencyKind::Normal).collect();
    assert_eq!(uses, ["postcard", "serde", "sha2"]);
}

#[test]
fn heavy_dependencies_have_one_home() {
    let mut found = Vec::new();
    for one in &WORKSPACE.crates {
        for (kind, name) in &one.dependencies {
            let home = HOMES.iter().find(|(family, _)| belongs_to(name, family));
            let is_foreign = home.is_some_and(|(_, crates)| !crates.contains(&one.name.as_str()));
            if is_foreign && *kind != DependencyKind::Development {
                found.push(format!("{} uses {name}", one.name));
            }
        }
    }
    assert_none("dependencies outside their home", &found);
}

/// `cranelift-jit` belongs to `cranelift`.
fn belongs_to(name: &str, family: &str) -> bool {
    name.strip_prefix(family).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
}

#[test]
fn an_embedder_links_no_parser_and_no_query_engine() {
    let linked = WORKSPACE.comes_with("agent_guard");
    let found = linked.iter().filter(|name| {
        let is_front_end = ["lalrpop", "logos", "salsa", "ariadne", "clap"];
        is_front_end.iter().any(|family| belongs_to(name, family))
            || crates_in("compiler").any(|one| one.name == **name)
            || **name == "guard_grammar"
    });
    assert_none("linked by whoever embeds agent_guard", &found.cloned().collect::<Vec<_>>());
    assert!(linked.contains("guard_engine") && linked.contains("memchr"), "the walk went nowhere");
}

#[test]
fn every_crate_has_the_lints_of_the_workspace() {
    let manifests = WORKSPACE.crates.iter().filter(|one| one.name != "guard_tests").map(|one| {
        let file = format!("{}/Cargo.toml", one.folder);
        let manifest: toml::Table = toml::from_str(&WORKSPACE.text(&file)).unwrap();
        let lints = manifest.get("lints").and_then(|lints| lints.get("workspace"));
        (file, lints.and_then(toml::Value::as_bool))
    });
    let found = manifests.filter(|(_, inherits)| *inherits != Some(true)).map(|(file, _)| file);
    assert_none("manifests without `[lints] workspace = true`", &found.collect::<Vec<_>>());
}

#[test]
fn folder_package_and_path_are_one_name() {
    let mut found = Vec::new();
    for one in &WORKSPACE.crates {
        let own = FOLDERS_OF_THEIR_OWN.iter().find(|(folder, _)| *folder == one.folder);
        let folder = one.folder.rsplit('/').next().unwrap();
        let want = own.map_or(folder, |(_, name)| name);
        let is_path = !one.name.contains('-');
        if one.name != want || !is_path {
            found.push(format!("{} lies in {}", one.name, one.folder));
        }
    }
    assert_none("packages that are not named after their folder", &found);
}

#[test]
fn every_workspace_dependency_is_argued_for() {
    let manifest: toml::Table = toml::from_str(&WORKSPACE.text("Cargo.toml")).unwrap();
    let dependencies = manifest["workspace"]["dependencies"].as_table().unwrap();
    let page = WORKSPACE.text("docs/dependencies.md");
    let argued: BTreeSet<&str> = page.lines().filter_map(first_cell_name).collect();
    let wanted: BTreeSet<&str> = dependencies
        .iter()
        .filter(|(_, dependency)| dependency.get("path").is_none())
        .map(|(name, _)| name.as_str())
        .collect();
    let missing = wanted.difference(&argued).map(|name| format!("{name} has no line"));
    let left_over = argued.difference(&wanted).map(|name| format!("{name} is no dependency"));
    assert_none("docs/dependencies.md", &missing.chain(left_over).collect::<Vec<_>>());
}

/// The name between backticks with which a table's row begins.
fn first_cell_name(line: &str) -> Option<&str> {
    line.strip_prefix("| `")?.split('`').next()
}

// -- what stands in a source file ----------------------------------------------------------------

#[test]
fn unsafe_code_stands_in_three_files() {
    let mut found = Vec::new();
    let may = |file: &&str| UNSAFE_FILES.contains(file) || *file == COUNTING_ALLOCATOR;
    for file in files_ending(".rs").filter(|file| !may(file)) {
        for (line, code) in code_lines(&WORKSPACE.text(file)) {
            // The type of a function that is unsafe to call does nothing yet.
            if has_word(&code.replace("unsafe extern  fn(", ""), "unsafe") {
                found.push(format!("{file}:{line}"));
            }
        }
    }
    assert_none("`unsafe` outside its three files", &found);
}

#[test]
fn every_other_crate_forbids_unsafe_code() {
    let mut found = Vec::new();
    for one in WORKSPACE.crates.iter().filter(|one| one.name != "guard_jit") {
        for root in one.roots.iter().filter(|root| !is_test_file(root)) {
            if !WORKSPACE.text(root).lines().any(|line| line == "#![forbid(unsafe_code)]") {
                found.push(root.clone());
            }
        }
    }
    assert_none("without `#![forbid(unsafe_code)]`", &found);
}

#[test]
fn nothing_between_the_edges_reads_clock_files_network_or_chance() {
    const OUTSIDE: [&str; 14] = [
        "Instant",
        "SystemTime",
        "std::env",
        "env::var",
        "std::fs",
        "fs::read",
        "std::process",
        "TcpStream",
        "TcpListener",
        "UdpSocket",
        "stdin",
        "getrandom",
        "thread_rng",
        "RandomState",
    ];
    let edges = ["guardc", "agent_guard", "guard_journal"];
    let below = crates_in("runtime").chain(crates_in("compiler"));
    let below = below.chain(["guard_grammar", "guard_stdlib"].map(|name| WORKSPACE.find(name)));
    let mut found = Vec::new();
    for one in below.filter(|one| !edges.contains(&one.name.as_str())) {
        let sources = format!("{}/src/", one.folder);
        let files = files_ending(".rs").filter(|file| file.starts_with(&sources));
        for file in files.filter(|file| !is_test_file(file)) {
            for (line, code) in code_lines(&without_test_module(&WORKSPACE.text(file))) {
                for word in OUTSIDE.iter().filter(|word| has_word(&code, word)) {
                    found.push(format!("{file}:{line}: {word}"));
                }
            }
        }
    }
    assert_none("what a decision must not depend on", &found);
}

fn is_test_file(file: &str) -> bool {
    file.contains("/tests/") || file.ends_with("/tests.rs")
}

/// The text up to its test module; by custom that one comes last.
fn without_test_module(text: &str) -> String {
    let end = text.find("#[cfg(test)]\nmod tests {").unwrap_or(text.len());
    text[..end].to_owned()
}

/// The lines of a source file, numbered from 1, without comments and without what stands between
/// quotation marks on one line.
fn code_lines(text: &str) -> Vec<(usize, String)> {
    let lines = text.lines().enumerate();
    lines.map(|(index, line)| (index + 1, without_texts(line))).collect()
}

fn without_texts(line: &str) -> String {
    let mut code = String::new();
    let mut chars = line.chars().peekable();
    let mut in_text = false;
    while let Some(next) = chars.next() {
        match next {
            '\\' if in_text => drop(chars.next()),
            '"' => in_text = !in_text,
            '\'' if !in_text && chars.peek() == Some(&'"') => drop(chars.next()),
            '/' if !in_text && chars.peek() == Some(&'/') => break,
            _ if in_text => {}
            _ => code.push(next),
        }
    }
    code
}

/// Whether `word` occurs and is not a part of a longer word.
fn has_word(code: &str, word: &str) -> bool {
    let is_part = |next: Option<char>| next.is_some_and(|c| c.is_alphanumeric() || c == '_');
    code.match_indices(word).any(|(start, _)| {
        let before = code[..start].chars().next_back();
        let after = code[start + word.len()..].chars().next();
        !is_part(before) && !is_part(after)
    })
}

#[test]
fn words_are_found_in_code_only() {
    let code = |line: &str| code_lines(line).remove(0).1;
    for line in ["let x = word { y() }; // fine", "f(\"a \\\" b\", '\"', word { 1 })"] {
        assert!(has_word(&code(line), "word"), "{line}");
    }
    for line in ["// word", "let s = \"word\";", "#![forbid(word_code)]", "a_word()"] {
        assert!(!has_word(&code(line), "word"), "{line}");
    }
}

#[test]
fn every_source_file_says_what_it_is() {
    // What others take in by `include!` stands in the middle of a file and cannot begin one.
    let sources = files_ending(".rs").filter(|file| !file.contains("/tests/plans/"));
    let found = sources.filter(|file| !WORKSPACE.text(file).starts_with("//! "));
    assert_none(
        "files that do not begin with `//! `",
        &found.map(str::to_owned).collect::<Vec<_>>(),
    );
}

#[test]
fn no_source_file_is_longer_than_a_reader_is_patient() {
    let lengths = files_ending(".rs").map(|file| (file, WORKSPACE.text(file).lines().count()));
    let found = lengths.filter(|(_, lines)| *lines > SOURCE_LINES_MAX);
    let found: Vec<_> = found.map(|(file, lines)| format!("{file}: {lines} lines")).collect();
    assert_none("files with more than 900 lines", &found);
}

#[test]
fn no_test_file_is_forgotten() {
    let mut found = Vec::new();
    for file in files_ending(".rs").filter_map(|file| file.strip_prefix("tests/it/")) {
        // `a.rs` is declared in `main.rs`, `a/b.rs` in `a.rs` or `a/mod.rs`.
        let path = file.trim_end_matches(".rs").trim_end_matches("/mod");
        let (parents, name) = match path.rsplit_once('/') {
            None => (vec!["main.rs".to_owned()], path),
            Some((folder, name)) => {
                (vec![format!("{folder}.rs"), format!("{folder}/mod.rs")], name)
            }
        };
        let declaration = format!("mod {name};");
        let is_declared = parents.iter().map(|parent| format!("tests/it/{parent}")).any(|parent| {
            FILES.contains(&parent)
                && WORKSPACE.text(&parent).lines().any(|line| line == declaration)
        });
        if file != "main.rs" && !is_declared {
            found.push(format!("tests/it/{file}"));
        }
    }
    assert_none("test files that nothing declares", &found);
}

#[test]
fn no_test_is_ignored_without_a_reason() {
    let mut found = Vec::new();
    for file in files_ending(".rs") {
        for (line, code) in code_lines(&WORKSPACE.text(file)) {
            if code.contains("#[ignore]") {
                found.push(format!("{file}:{line}"));
            }
        }
    }
    assert_none("`#[ignore]` without a reason and the command that runs the test", &found);
}

// -- what stands in any file ---------------------------------------------------------------------

/// Files whose bytes are not ours to arrange.
fn is_free(file: &str) -> bool {
    const ENDINGS: [&str; 4] = [".gz", ".snap", ".lock", ".wasm"];
    ENDINGS.iter().any(|ending| file.ends_with(ending))
        || file.starts_with("LICENSE-")
        || file.starts_with("tests/schemas/")
        || file.starts_with("tests/fuzz-regressions/")
}

#[test]
fn no_line_ends_in_a_space() {
    let mut found = Vec::new();
    for file in FILES.iter().filter(|file| !is_free(file)) {
        let Ok(text) = String::from_utf8(std::fs::read(WORKSPACE.root.join(file)).unwrap()) else {
            continue;
        };
        let lines = text.lines().enumerate();
        found.extend(
            lines
                .filter(|(_, line)| line.ends_with([' ', '\t', '\r']))
                .map(|(index, _)| format!("{file}:{}", index + 1)),
        );
        if !text.is_empty() && !text.ends_with('\n') {
            found.push(format!("{file}: no line end at the end"));
        }
    }
    assert_none("trailing blanks", &found);
}

#[test]
fn no_file_names_the_machine_it_was_written_on() {
    // In two pieces, so that this file does not name them either.
    let mut needles = vec![
        concat!("/wo", "rk/main").to_owned(),
        concat!("/wo", "rk/shared").to_owned(),
        concat!("/wo", "rk/notes").to_owned(),
        concat!("/.car", "go/").to_owned(),
        concat!("index.crates", ".io").to_owned(),
        concat!("static.crates", ".io").to_owned(),
        concat!("pypi", ".org").to_owned(),
        concat!("npmjs", ".org").to_owned(),
    ];
    needles.push(WORKSPACE.root.to_string_lossy().into_owned());
    let mut found = Vec::new();
    for file in FILES.iter().filter(|file| !is_free(file)) {
        let Ok(text) = String::from_utf8(std::fs::read(WORKSPACE.root.join(file)).unwrap()) else {
            continue;
        };
        for (index, line) in text.lines().enumerate() {
            if needles.iter().any(|needle| line.contains(needle)) {
                found.push(format!("{file}:{}", index + 1));
            }
        }
    }
    assert_none("paths and hosts of somebody's machine", &found);
}

// -- what documents name -------------------------------------------------------------------------

#[test]
fn every_error_code_has_a_page_and_every_page_a_code() {
    let mut codes: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for file in files_ending("/codes.rs") {
        let text = WORKSPACE.text(file);
        let declared: BTreeSet<&str> = text.split('"').filter(|part| is_code(part)).collect();
        for code in declared {
            codes.entry(code.to_owned()).or_default().push(file);
        }
    }
    assert!(codes.len() > 10, "the tables of codes were not found");
    let pages: BTreeSet<String> = files_ending(".md")
        .filter_map(|file| file.strip_prefix("docs/errors/")?.strip_suffix(".md"))
        .filter(|name| *name != "README")
        .map(str::to_owned)
        .collect();
    let twice = codes.iter().filter(|(_, files)| files.len() > 1);
    let twice = twice.map(|(code, files)| format!("{code} stands in {}", files.join(" and ")));
    let without_page = codes.keys().filter(|code| !pages.contains(*code));
    let without_page = without_page.map(|code| format!("{code} has no page"));
    let without_code = pages.iter().filter(|page| !codes.contains_key(*page));
    let without_code = without_code.map(|page| format!("docs/errors/{page}.md has no code"));
    assert_none(
        "error codes and their pages",
        &twice.chain(without_page).chain(without_code).collect::<Vec<_>>(),
    );
}

/// `G0123`.
fn is_code(text: &str) -> bool {
    let digits = text.strip_prefix('G').unwrap_or_default();
    digits.len() == 4 && digits.bytes().all(|byte| byte.is_ascii_digit())
}

#[test]
fn architecture_names_tests_that_exist() {
    let page = WORKSPACE.text("docs/architecture.md");
    let (_, invariants) = page.split_once("## Invariants").expect("the page has the chapter");
    let named: BTreeSet<&str> = invariants
        .lines()
        .take_while(|line| !line.starts_with("## "))
        .filter_map(|line| line.strip_suffix(" |")?.rsplit('|').next())
        .flat_map(|cell| cell.split('`').skip(1).step_by(2))
        .collect();
    assert!(named.len() > 10, "the table of invariants was not found");
    let sources: Vec<String> = files_ending(".rs").map(|file| WORKSPACE.text(file)).collect();
    let exists = |name: &str| {
        let definition = format!("fn {name}(");
        sources.iter().any(|source| source.contains(&definition))
    };
    let found: Vec<_> = named.into_iter().filter(|name| !exists(name)).map(str::to_owned).collect();
    assert_none("tests that docs/architecture.md names and nobody wrote", &found);
}

#[test]
fn documents_keep_to_their_length() {
    let mut limits = vec![("docs/architecture.md", 200), ("CONTRIBUTING.md", 60)];
    limits.extend(files_ending(".md").filter(|file| is_decision(file)).map(|file| (file, 40)));
    let lengths =
        limits.iter().map(|(file, most)| (file, WORKSPACE.text(file).lines().count(), most));
    let found = lengths.filter(|(_, lines, most)| lines > most);
    let found: Vec<_> =
        found.map(|(file, lines, most)| format!("{file}: {lines} > {most}")).collect();
    assert_none("documents that nobody will read to the end", &found);
}

#[test]
fn decisions_have_the_three_parts() {
    let mut found = Vec::new();
    for file in files_ending(".md").filter(|file| is_decision(file)) {
        let text = WORKSPACE.text(file);
        for part in ["## Context", "## Decision", "## Consequences"] {
            if !text.lines().any(|line| line == part) {
                found.push(format!("{file} has no `{part}`"));
            }
        }
    }
    assert_none("docs/adr", &found);
}

fn is_decision(file: &str) -> bool {
    file.strip_prefix("docs/adr/")
        .is_some_and(|name| name.as_bytes().first().is_some_and(u8::is_ascii_digit))
}

#[test]
fn links_between_documents_lead_somewhere() {
    let mut found = Vec::new();
    for file in files_ending(".md").filter(|file| !file.starts_with("tests/")) {
        let folder = file.rsplit_once('/').map_or("", |(folder, _)| folder);
        let text = WORKSPACE.text(file);
        let targets = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        for target in targets.map(|target| target.split('#').next().unwrap_or_default()) {
            let is_page = !target.is_empty() && !target.contains("://");
            if is_page && !WORKSPACE.root.join(folder).join(target).exists() {
                found.push(format!("{file}: {target}"));
            }
        }
    }
    assert_none("links that lead nowhere", &found);
}
