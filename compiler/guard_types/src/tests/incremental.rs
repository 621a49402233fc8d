//! What an edit costs: the queries that run again. `surroundings` looks at the first word of each of
//! an agent's rules, for the marks that they set; what it finds is the same, so no rule is checked.

use crate::diagnostics;
use guard_db::{GuardDatabase, Package, package_from_texts, set_text};

const TOOLS: &str = "guard 1\ntool x(n: int)\ntool y(n: int)\n";
const RULES: &str = "guard 1\nuse tools\nagent a(user: { id: string }) {\n  scope { tool x, y }\n  prohibit tool x when n > 1\n  prohibit tool y when n > 2\n  prohibit tool y when n > 3\n}\n";

struct Edited {
    db: GuardDatabase,
    package: Package,
}

impl Edited {
    fn new() -> Self {
        Self::of(RULES)
    }

    fn of(rules: &str) -> Self {
        let db = GuardDatabase::with_log();
        let files = [("rules.guard", rules), ("tools.guard", TOOLS)];
        let package = package_from_texts(&db, "test", files, &[], &[]);
        let this = Self { db, package };
        assert!(diagnostics(&this.db, this.package).is_empty());
        this.db.take_log();
        this
    }

    /// Replaces the text of a file and says which queries run, in alphabetical order.
    fn queries(&mut self, path: &str, text: &str) -> Vec<String> {
        let files = self.package.files(&self.db).to_vec();
        let file = files.into_iter().find(|file| &*file.path(&self.db) == path).unwrap();
        set_text(&mut self.db, file, text);
        diagnostics(&self.db, self.package);
        let name = |query: String| query.split('(').next().unwrap_or_default().to_owned();
        let mut names: Vec<String> = self.db.take_log().into_iter().map(name).collect();
        names.sort();
        names
    }
}

#[test]
fn editing_one_condition_rechecks_only_that_rule() {
    let queries = Edited::new().queries("rules.guard", &RULES.replace("n > 2", "n > 20"));
    assert_eq!(queries, ["check_rule", "diagnostics", "parse", "surroundings"]);
}

#[test]
fn a_comment_above_everything_rechecks_no_rule() {
    let edited = RULES.replace("use tools", "// a comment\n\nuse tools");
    // Where nothing is wrong, no place is read.
    let queries = Edited::new().queries("rules.guard", &edited);
    assert_eq!(queries, ["parse"]);
}

#[test]
fn a_new_rule_is_the_only_one_checked() {
    let edited =
        RULES.replace("  prohibit tool x", "  prohibit tool x, y when n > 9\n  prohibit tool x");
    let queries = Edited::new().queries("rules.guard", &edited);
    assert_eq!(queries, ["check_rule", "diagnostics", "parse", "surroundings"]);
}

#[test]
fn a_rule_that_goes_rechecks_no_other_than_those_of_its_words() {
    let edited = RULES.replace("  prohibit tool x when n > 1\n", "");
    let queries = Edited::new().queries("rules.guard", &edited);
    assert_eq!(queries, ["diagnostics", "parse", "surroundings"]);
}

#[test]
fn another_type_of_an_argument_rechecks_the_rules() {
    let mut edited = Edited::new();
    let queries =
        edited.queries("tools.guard", &TOOLS.replace("tool y(n: int)", "tool y(n: float)"));
    assert!(queries.iter().filter(|query| *query == "check_rule").count() >= 3, "{queries:?}");
    assert!(!diagnostics(&edited.db, edited.package).is_empty());
}

#[test]
fn what_an_edit_leaves_is_what_a_fresh_check_finds() {
    let mut edited = Edited::new();
    let broken = RULES.replace("n > 2", "m > 2").replace("use tools", "\nuse tools");
    edited.queries("rules.guard", &broken);
    let fresh = GuardDatabase::default();
    let files = [("rules.guard", broken.as_str()), ("tools.guard", TOOLS)];
    let package = package_from_texts(&fresh, "test", files, &[], &[]);
    assert_eq!(diagnostics(&edited.db, edited.package), diagnostics(&fresh, package));
}

const SHARED: &str = "guard 1\nuse tools\npolicy capped(most: int) {\n  prohibit tool x when n > most\n  prohibit tool y when n > 2\n}\nlayer org {\n  include capped(7)\n  prohibit tool x when n > 8\n}\nagent a { scope { tool x, y }\n  include capped(1)\n}\nagent b { scope { tool x, y } }\n";

fn after(from: &str, to: &str) -> Vec<String> {
    let mut edited = Edited::of(SHARED);
    let mut queries = edited.queries("rules.guard", &SHARED.replace(from, to));
    queries.retain(|query| query == "check_rule" || query == "given");
    queries
}

#[test]
fn a_rule_of_a_policy_is_checked_again_once_in_each_place_that_includes_it() {
    assert_eq!(after("n > 2", "n > 20"), ["check_rule"; 3]);
}

#[test]
fn a_rule_of_a_layer_is_checked_again_once_for_each_agent() {
    assert_eq!(after("n > 8", "n > 80"), ["check_rule"; 2]);
}

#[test]
fn what_an_agent_gives_to_a_policy_checks_its_rules_again_in_that_agent_alone() {
    // The `include` itself, and the two rules of the policy.
    assert_eq!(
        after("capped(1)", "capped(11)"),
        ["check_rule", "check_rule", "check_rule", "given"]
    );
}

#[test]
fn a_line_above_a_policy_checks_nothing_again() {
    assert_eq!(after("policy capped", "\n\npolicy capped"), [""; 0]);
}
