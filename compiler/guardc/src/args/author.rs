//! What authors of policies run: tests, and tests of tests.

use super::MeasureFormat;
use clap::builder::PossibleValuesParser;
use clap::{Args, ValueEnum};
use guard_mutate::Operator;
use std::path::PathBuf;

const TEST_HELP: &str = "\
PATH is a .guard file, a package, or a folder with packages. Every test runs in a session of its own,
on the interpreter and on machine code, which have to agree. A run without any test fails, and so does
a rule that no test makes fire, so that nothing goes untested in silence.

A rule is covered when it fired, and a condition of it when it decided as true and as false: when the
rule would have come out otherwise, had that condition alone been the opposite.

The exit code is 0 when every test passed, 3 when the policy does not check, and 4 when a test failed,
a rule never fired, or less is covered than --min-coverage asks for.

Examples:
  guardc test                        # the folder you are in
  guardc test --run 'delegate' policies/bank
  guardc test --format junit policies/ > tests.xml
  guardc test --coverage=html --coverage-out coverage.html policies/bank
  guardc test --watch policies/bank";

/// `guardc test`.
#[derive(Debug, Args)]
#[command(after_help = TEST_HELP)]
pub(crate) struct TestArguments {
    /// Files, packages or folders
    #[arg(value_name = "PATH", default_value = ".")]
    pub(crate) paths: Vec<PathBuf>,

    /// Only tests in whose title this pattern is found; rules that do not fire then are no failure
    #[arg(long, value_name = "REGEX")]
    pub(crate) run: Option<String>,

    /// How to print what came out
    #[arg(long, value_name = "FORMAT", default_value = "pretty")]
    pub(crate) format: TestFormat,

    /// How many tests run at once; as many as there are processors, unless it is said
    #[arg(long, value_name = "N")]
    pub(crate) jobs: Option<std::num::NonZeroUsize>,

    /// Say what the tests cover
    #[arg(long, value_name = "FORMAT", num_args = 0..=1, require_equals = true)]
    #[arg(default_missing_value = "text")]
    pub(crate) coverage: Option<CoverageFormat>,

    /// Where to write the coverage; behind the results, unless it is said
    #[arg(long, value_name = "FILE", requires = "coverage")]
    pub(crate) coverage_out: Option<PathBuf>,

    /// Fail where less than this share of rules and conditions is covered, in percent
    #[arg(long, value_name = "PERCENT")]
    pub(crate) min_coverage: Option<f64>,

    /// Pass where there is no test
    #[arg(long)]
    pub(crate) allow_no_tests: bool,

    /// Pass where a rule never fires
    #[arg(long)]
    pub(crate) allow_unfired: bool,

    /// Run again whenever a file changes
    #[arg(long)]
    pub(crate) watch: bool,
}

const MUTATE_HELP: &str = "\
A mutant is the policy with one small slip in it: a rule forgotten, a comparison flipped, a bound moved,
an operand dropped, a pattern widened. A mutant that no test notices is a rule that could be broken
unseen. For each, a test that would notice it is looked for, on the policy as it is and on the mutant.

What has been looked at is let be by a comment at the end of the line, or above a rule or declaration:
  // guardc: allow move-bound because both sides of the bound are refused by the tool

The exit code is 0 when every mutant is noticed, 3 when the policy does not check, and 4 when one is
not, or a test fails as it is.

Examples:
  guardc mutate                      # the folder you are in
  guardc mutate --rule 'prohibit tool pay' policies/bank
  guardc mutate --operator move-bound,flip-comparison --format json policies/bank
  guardc mutate --list policies/bank";

/// `guardc mutate`.
#[derive(Debug, Args)]
#[command(after_help = MUTATE_HELP)]
pub(crate) struct MutateArguments {
    /// Files, packages or folders
    #[arg(value_name = "PATH", default_value = ".")]
    pub(crate) paths: Vec<PathBuf>,

    /// Only slips in rules and declarations in whose words this pattern is found
    #[arg(long, value_name = "REGEX")]
    pub(crate) rule: Option<String>,

    /// Only slips of these kinds
    #[arg(long, value_name = "KIND,…", value_delimiter = ',')]
    #[arg(value_parser = PossibleValuesParser::new(Operator::ALL.map(Operator::name)))]
    pub(crate) operator: Vec<String>,

    /// Only tests in whose title this pattern is found
    #[arg(long, value_name = "REGEX")]
    pub(crate) run: Option<String>,

    /// How to print what came out
    #[arg(long, value_name = "FORMAT", default_value = "pretty")]
    pub(crate) format: MeasureFormat,

    /// How many mutants run at once; as many as there are processors, unless it is said
    #[arg(long, value_name = "N")]
    pub(crate) jobs: Option<std::num::NonZeroUsize>,

    /// Look for no tests that would notice what is not noticed
    #[arg(long)]
    pub(crate) no_suggestions: bool,

    /// List the mutants, and run none
    #[arg(long)]
    pub(crate) list: bool,
}

/// How results of tests are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum TestFormat {
    /// For people: what failed, with its reasons, and a summary
    Pretty,
    /// One JSON document
    Json,
    /// XML as servers of continuous integration read it
    Junit,
    /// GitHub workflow commands
    Github,
    /// The Test Anything Protocol
    Tap,
}

/// How coverage is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum CoverageFormat {
    /// For people
    Text,
    /// One JSON document
    Json,
    /// LCOV: rules as functions, conditions as branches
    Lcov,
    /// A page with the sources, coloured by what is covered
    Html,
}
