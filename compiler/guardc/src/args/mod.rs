//! The command line: every command, option and help text.

mod author;

pub(crate) use author::*;

use clap::builder::styling::{AnsiColor, Styles};
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default().bold())
    .placeholder(AnsiColor::Cyan.on_default());

/// What `--version` prints after the name. The tests hold the numbers to the crates they come from.
pub(crate) const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (edition 1, plan version 5)");

const EXIT_CODES: &str = "\
Exit codes:
  0  allowed, or nothing was found
  1  the tool broke: a file cannot be read, an event file is broken
  2  the command line does not make sense
  3  the policy does not check, or the schema cannot be imported
  4  at least one event was denied, or a test failed
  5  no event was denied, and at least one waits for a person

Every option has a variable that stands for it where the command line does not: GUARDC_TEST_JOBS is
`guardc test --jobs`, GUARDC_COLOR is --color.

Example:
  guardc check policies/
  guardc eval policies/bank.guard session.jsonl";

/// Checks policies for AI agents and decides recorded events by them.
#[derive(Debug, Parser)]
#[command(name = "guardc", version = VERSION, after_help = EXIT_CODES, styles = STYLES)]
#[command(subcommand_required = true, arg_required_else_help = true)]
pub(crate) struct Arguments {
    /// When to colour what is printed
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub(crate) color: ColorChoice,

    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// When to colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColorChoice {
    /// On a terminal, unless the variable `NO_COLOR` is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Check policies and print what is wrong with them
    Check(CheckArguments),
    /// Print policies in their one style
    Fmt(FmtArguments),
    /// Run the tests that stand in policies
    Test(TestArguments),
    /// Make small slips in policies, and say which no test notices
    Mutate(MutateArguments),
    /// Make a module of tool declarations from a tool schema
    Import(ImportArguments),
    /// Decide recorded events by a policy
    Eval(EvalArguments),
    /// Say why one event is decided as it is
    Explain(ExplainArguments),
    /// Say what an error code means, with an example
    ExplainCode(ExplainCodeArguments),
    /// Compile a policy to a plan file, which `eval` and `explain` take in place of the policy
    Build(BuildArguments),
    /// Print a stage of the compiler
    Show(ShowArguments),
    /// Say how good a detector is on labelled texts
    Measure(MeasureArguments),
    /// Find a detector's threshold for a rate of false positives on your own harmless texts
    Calibrate(CalibrateArguments),
    /// Read a journal of decisions
    Audit(AuditArguments),
    /// See and answer the questions that policies put to people
    Approvals(ApprovalsArguments),
    /// Print what a shell needs to complete this command line
    Completions(CompletionsArguments),
    /// Write the manual pages
    Man(ManArguments),
}

/// How findings are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FindingFormat {
    /// For people, with the source
    Pretty,
    /// One JSON document
    Json,
    /// One JSON object a line
    Ndjson,
    /// GitHub workflow commands
    Github,
    /// SARIF 2.1.0
    Sarif,
}

/// How decisions are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum DecisionFormat {
    /// For people: what did not pass, and a summary
    Pretty,
    /// One JSON document; with --score only the score
    Json,
    /// One JSON object a decision, one a line
    Ndjson,
}

/// Which evaluator decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum EngineChoice {
    /// Machine code
    Jit,
    /// The interpreter, which is what the machine code has to agree with
    Interpreter,
}

/// What an event file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum InputFormat {
    /// Guard traces: one JSON object with `events` a line
    Trace,
    /// Guard events, one a line; the file is one session
    Events,
    /// OpenAI chat messages: a list, `{"messages": […]}`, or either one a line
    Openai,
    /// Anthropic messages, in the same arrangements
    Anthropic,
    /// A log of MCP JSON-RPC messages, one a line or a list; the file is one session
    Mcp,
}

const CHECK_HELP: &str = "\
PATH is a .guard file, a package (a folder with a guard.toml), or a folder: then every package below
it is checked, and a folder of .guard files without a guard.toml is a package too. A folder without
any .guard file is an error. A file whose first word is not `guard` is skipped, with a note.

Examples:
  guardc check                       # the folder you are in
  guardc check policies/bank.guard
  guardc check --format sarif policies/ > findings.sarif";

/// `guardc check`.
#[derive(Debug, Args)]
#[command(after_help = CHECK_HELP)]
pub(crate) struct CheckArguments {
    /// Files, packages or folders
    #[arg(value_name = "PATH", default_value = ".")]
    pub(crate) paths: Vec<PathBuf>,

    /// How to print what is found
    #[arg(long, value_name = "FORMAT", default_value = "pretty")]
    pub(crate) format: FindingFormat,
}

const FMT_HELP: &str = "\
PATH is a .guard file or a folder, of which every .guard file below is formatted; `-` reads standard
input and writes standard output. A file with a syntax error is left alone, and its errors are told.

The exit code is 0 where every file was or is formatted, and 3 where a file does not parse, or where
--check or --diff finds one that would change.

Examples:
  guardc fmt                         # the folder you are in
  guardc fmt --check policies/
  guardc fmt - < bank.guard";

/// `guardc fmt`.
#[derive(Debug, Args)]
#[command(after_help = FMT_HELP)]
pub(crate) struct FmtArguments {
    /// Files or folders
    #[arg(value_name = "PATH", default_value = ".")]
    pub(crate) paths: Vec<PathBuf>,

    /// Name the files that would change, and write nothing
    #[arg(long)]
    pub(crate) check: bool,

    /// Show what would change, and write nothing
    #[arg(long)]
    pub(crate) diff: bool,
}

const IMPORT_HELP: &str = "\
What the language cannot express is refused, and the error names its place in the schema.

Examples:
  guardc import mcp tools.json -o tools/bank.guard
  guardc import json-schema order.json -o types/order.guard";

/// `guardc import`.
#[derive(Debug, Args)]
#[command(after_help = IMPORT_HELP)]
pub(crate) struct ImportArguments {
    /// What FILE holds
    #[arg(value_name = "KIND")]
    pub(crate) kind: SchemaKind,

    /// The schema; `-` reads standard input
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,

    /// The module to write; it is left alone when the import fails
    #[arg(short, long, value_name = "OUT.guard")]
    pub(crate) output: PathBuf,

    /// How to print what is found
    #[arg(long, value_name = "FORMAT", default_value = "pretty")]
    pub(crate) format: FindingFormat,
}

/// The kinds of schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SchemaKind {
    /// An MCP server's answer to `tools/list`
    Mcp,
    /// OpenAI function schemas
    Openai,
    /// A JSON Schema, which becomes a type
    JsonSchema,
}

const EVAL_HELP: &str = "\
POLICY is a .guard file, a package folder or a plan file. EVENTS are files of events, plain or
gzipped; `-` reads standard input. What a file holds is seen from its content: Guard traces, Guard
events, OpenAI or Anthropic messages, MCP JSON-RPC logs. Each trace, conversation or log is decided
in a session of its own, and every event stands as recorded, also after a refusal.

With --score the kind and expect fields of traces are read:
  attacks            attack traces with a harmful event, the output_only ones apart
  stopped            of these: the first harmful event was denied, halted, withheld or escalated
  output_only        attack traces whose harm is in what the agent says
  honest             benign traces with expect.user_task true
  honest_denied      of these: at least one event was denied
  honest_asked       of these: none was denied, and at least one was escalated
  attacks_with_user_unharmed
                     stopped attacks with expect.user_task true where no event outside
                     expect.malicious_event_indexes was denied

The exit code is that of the worst decision: 0 all passed, 4 one was denied, 5 one was escalated and
none denied. With --score it is 0 when the run came to its end.

Examples:
  guardc eval bank.guard session.jsonl
  guardc eval --agent banking --principal '{\"user\": {\"id\": \"u1\", \"role\": \"owner\"}}' bank/ day.jsonl.gz
  guardc eval --principal @owner.json --facts @payees.json bank/ day.jsonl.gz
  guardc eval --format ndjson bank.guard session.jsonl | jq 'select(.decision == \"deny\")'
  guardc eval --score --format json bank.guard traces/*.jsonl";

/// `guardc eval`.
#[derive(Debug, Args)]
#[command(after_help = EVAL_HELP)]
pub(crate) struct EvalArguments {
    /// Whose decisions, and by what
    #[command(flatten)]
    pub(crate) session: SessionArguments,

    /// What the event files hold, where it should not be seen from their content
    #[arg(long, value_name = "FORMAT")]
    pub(crate) input_format: Option<InputFormat>,

    /// What outlives the run
    #[command(flatten)]
    pub(crate) stores: StoreArguments,

    /// Print how many attacks were stopped and how much honest work was disturbed
    #[arg(long)]
    pub(crate) score: bool,

    /// Print the hash of what each session remembers when its events end; a replay
    /// of the same events ends with the same
    #[arg(long, conflicts_with = "quiet")]
    pub(crate) state_hash: bool,

    /// Print the summary only
    #[arg(short, long)]
    pub(crate) quiet: bool,

    /// How to print decisions
    #[arg(long, value_name = "FORMAT", default_value = "pretty")]
    pub(crate) format: DecisionFormat,

    /// A .guard file, a package folder or a plan file
    #[arg(value_name = "POLICY")]
    pub(crate) policy: PathBuf,

    /// Files of events
    #[arg(value_name = "EVENTS", required = true)]
    pub(crate) events: Vec<PathBuf>,
}

/// What a run goes on with and leaves behind.
#[derive(Debug, Default, Args)]
pub(crate) struct StoreArguments {
    /// Go on with sessions by their ids, and keep them: a database file,
    /// or `redis://HOST:PORT`
    #[arg(long, value_name = "FILE")]
    pub(crate) sessions: Option<PathBuf>,

    /// Ask people about what is escalated, and use their answers: a database file
    #[arg(long, value_name = "FILE")]
    pub(crate) approvals: Option<PathBuf>,

    /// Count limits, and what is new, across runs: a database file that is not
    /// that of the sessions, or `redis://HOST:PORT`
    #[arg(long, value_name = "FILE")]
    pub(crate) limits: Option<PathBuf>,

    /// Write every decision to a journal before its event passes
    #[arg(long, value_name = "FILE")]
    pub(crate) journal: Option<PathBuf>,

    /// The key by which confidential values are hashed in the journal
    #[arg(long, value_name = "FILE", requires = "journal")]
    pub(crate) journal_key: Option<PathBuf>,
}

/// Which agent decides, for whom, and by which evaluator.
#[derive(Debug, Args)]
pub(crate) struct SessionArguments {
    /// The agent; by default the only one of the policy, or the one a trace names
    #[arg(long, value_name = "AGENT")]
    pub(crate) agent: Option<String>,

    /// The agent's parameters as a JSON object; `@FILE` reads them from a file
    #[arg(long, value_name = "JSON")]
    pub(crate) principal: Option<String>,

    /// The policy's `data` as a JSON object; `@FILE` reads it from a file
    #[arg(long, value_name = "JSON")]
    pub(crate) facts: Option<String>,

    /// The evaluator; both decide alike
    #[arg(long, value_name = "ENGINE", default_value = "jit")]
    pub(crate) engine: EngineChoice,
}

const EXPLAIN_HELP: &str = "\
EVENT is a file with one event in JSON; `-` reads standard input.

Example:
  echo '{\"type\": \"tool_call\", \"id\": \"c1\", \"tool\": \"send_money\", \"args\": {\"amount\": 5000}}' \\
    | guardc explain bank.guard -";

/// `guardc explain`.
#[derive(Debug, Args)]
#[command(after_help = EXPLAIN_HELP)]
pub(crate) struct ExplainArguments {
    /// Whose decision, and by what
    #[command(flatten)]
    pub(crate) session: SessionArguments,

    /// How to print it
    #[arg(long, value_name = "FORMAT", default_value = "pretty")]
    pub(crate) format: DecisionFormat,

    /// A .guard file, a package folder or a plan file
    #[arg(value_name = "POLICY")]
    pub(crate) policy: PathBuf,

    /// The event
    #[arg(value_name = "EVENT")]
    pub(crate) event: PathBuf,
}

/// `guardc explain-code`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  guardc explain-code G0214")]
pub(crate) struct ExplainCodeArguments {
    /// The code, as it stands in the brackets of an error; without one, all codes are listed
    #[arg(value_name = "CODE")]
    pub(crate) code: Option<String>,
}

/// `guardc build`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  guardc build policies/bank -o bank.plan")]
pub(crate) struct BuildArguments {
    /// A .guard file or a package folder
    #[arg(value_name = "POLICY")]
    pub(crate) policy: PathBuf,

    /// The plan file to write
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: PathBuf,

    /// How to print what is found
    #[arg(long, value_name = "FORMAT", default_value = "pretty")]
    pub(crate) format: FindingFormat,
}

const SHOW_HELP: &str = "\
Examples:
  guardc show plan bank.guard
  guardc show clif bank.guard --agent banking --entry 'tool send_money'";

/// `guardc show`.
#[derive(Debug, Args)]
#[command(after_help = SHOW_HELP)]
pub(crate) struct ShowArguments {
    /// Which stage
    #[arg(value_name = "STAGE")]
    pub(crate) stage: Stage,

    /// A .guard file; from `hir` on also a package folder, from `plan` on also a plan file
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,

    /// Only this agent (clif, asm)
    #[arg(long, value_name = "AGENT")]
    pub(crate) agent: Option<String>,

    /// Only this decision function: `input`, `output`, `tool NAME`, `result of NAME` (clif, asm)
    #[arg(long, value_name = "ENTRY")]
    pub(crate) entry: Option<String>,
}

const AUDIT_HELP: &str = "\
The exit code of `verify` is 0 when the journal holds together, and 4 when it does not.

Examples:
  guardc audit verify decisions.jsonl --head 3f0c…
  guardc audit show decisions.jsonl --decision deny
  guardc audit why decisions.jsonl 17";

/// `guardc audit`.
#[derive(Debug, Args)]
#[command(after_help = AUDIT_HELP)]
pub(crate) struct AuditArguments {
    /// What to do with it
    #[command(subcommand)]
    pub(crate) command: AuditCommand,
}

/// What is done with a journal.
#[derive(Debug, Subcommand)]
pub(crate) enum AuditCommand {
    /// Find a line that was changed, dropped, moved or added
    Verify {
        /// The journal
        journal: PathBuf,
        /// A hash that must stand in it, as it was noted somewhere else
        #[arg(long, value_name = "HASH")]
        head: Option<String>,
        /// How many records there are at least
        #[arg(long, value_name = "N")]
        records_min: Option<u64>,
    },
    /// List decisions
    Show {
        /// The journal
        journal: PathBuf,
        /// Those of this session only
        #[arg(long, value_name = "ID")]
        session: Option<String>,
        /// Those with this verdict only
        #[arg(long, value_name = "VERDICT")]
        decision: Option<String>,
    },
    /// Say why an event was decided so
    Why {
        /// The journal
        journal: PathBuf,
        /// The number of the record
        seq: u64,
    },
}

const APPROVALS_HELP: &str = "\
Examples:
  guardc approvals --store approvals.db list
  guardc approvals --store approvals.db approve 8c1f… --by ada
  guardc approvals --store approvals.db reject 8c1f… --by ada";

/// `guardc approvals`.
#[derive(Debug, Args)]
#[command(after_help = APPROVALS_HELP)]
pub(crate) struct ApprovalsArguments {
    /// The database file that `guardc eval --approvals` or a host keeps
    #[arg(long, value_name = "FILE")]
    pub(crate) store: PathBuf,

    /// What to do
    #[command(subcommand)]
    pub(crate) command: ApprovalsCommand,
}

/// What is done with questions.
#[derive(Debug, Subcommand)]
pub(crate) enum ApprovalsCommand {
    /// List the questions that are open
    List {
        /// Those for this role only
        #[arg(long, value_name = "ROLE")]
        role: Option<String>,
        /// Those that are answered, too
        #[arg(long)]
        all: bool,
    },
    /// Show one
    Show {
        /// Its ticket
        ticket: String,
    },
    /// Say yes
    Approve {
        /// Its ticket
        ticket: String,
        /// Who says so
        #[arg(long, value_name = "NAME")]
        by: String,
        /// When, in milliseconds since 1970; now, unless it is said
        #[arg(long, value_name = "MS")]
        at: Option<i64>,
        /// Yes to this call instead: the policy decides it anew
        #[arg(long, value_name = "JSON")]
        edit: Option<String>,
    },
    /// Say no
    Reject {
        /// Its ticket
        ticket: String,
        /// Who says so
        #[arg(long, value_name = "NAME")]
        by: String,
        /// When, in milliseconds since 1970; now, unless it is said
        #[arg(long, value_name = "MS")]
        at: Option<i64>,
    },
}

/// How figures are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum MeasureFormat {
    /// For people
    Pretty,
    /// One JSON object a line
    Json,
}

const MEASURE_HELP: &str = "\
FILE has one JSON object a line, plain or gzipped, with `text` and `label` (positive or negative);
`hard` (true: a negative that looks like a positive), `task`, `source` and `category` are read where
they are there. With --format json the last line is the summary:
  {\"summary\":true,\"detector\":…,\"threshold\":…,\"positive\":{…},\"ordinary\":{…},\"hard\":{…},\"auc\":…}
and each of the three has texts, flagged, share, and low and high of the 95 % interval.

Examples:
  guardc measure --model injection.model corpus.jsonl.gz
  guardc measure --support grounding.jsonl.gz
  guardc measure --model injection.model --task injection --rate 0.005 --format json *.jsonl.gz";

/// `guardc measure`.
#[derive(Debug, Args)]
#[command(after_help = MEASURE_HELP)]
pub(crate) struct MeasureArguments {
    /// A model's file
    #[arg(long, value_name = "FILE", required_unless_present_any = ["detector", "spans", "support"])]
    pub(crate) model: Option<PathBuf>,
    /// A detector, all of a module's, or a function of one text that says yes or no: `std.secrets`,
    /// `std.pii.email`, `std.net.is_internal`; of several, any
    #[arg(long, value_name = "NAME", conflicts_with_all = ["model", "spans"])]
    pub(crate) detector: Vec<String>,
    /// Compare the places that detectors find with the labelled ones of a type: `EMAIL=std.pii.email`;
    /// may be given more than once
    #[arg(long, value_name = "TYPE=NAME,…", conflicts_with = "model")]
    pub(crate) spans: Vec<String>,
    /// The policy that declares them, where it is not the standard library
    #[arg(long = "in", value_name = "PATH")]
    pub(crate) policy: Option<PathBuf>,
    /// Only texts of this unit, such as `whole-string`; without it those that have none
    #[arg(long, value_name = "UNIT", requires = "spans")]
    pub(crate) unit: Option<String>,
    /// Print up to so many texts that were missed or wrongly flagged
    #[arg(long, value_name = "COUNT", default_value_t = 0)]
    pub(crate) misses: usize,
    /// Leave out texts that have this key with `true`, such as `noisy`; may be given more than once
    #[arg(long, value_name = "KEY")]
    pub(crate) without: Vec<String>,
    /// Only texts that have this key with this text, such as `subtask=command`; may be given more than once
    #[arg(long, value_name = "KEY=VALUE")]
    pub(crate) only: Vec<String>,
    /// Only texts of this source; may be given more than once
    #[arg(long, value_name = "SOURCE")]
    pub(crate) source: Vec<String>,
    /// Measure `support(text)` and `grounded(text)` instead, on texts with a `context` that is their source
    #[arg(long, conflicts_with_all = ["model", "detector", "spans", "threshold", "rate"])]
    pub(crate) support: bool,
    /// Only texts of this task; may be given more than once
    #[arg(long, value_name = "TASK")]
    pub(crate) task: Vec<String>,
    /// Fire from this score on, instead of the detector's own threshold
    #[arg(long, value_name = "SCORE", conflicts_with = "rate")]
    pub(crate) threshold: Option<f64>,
    /// Choose the threshold so that at most this share of the ordinary negatives is flagged
    #[arg(long, value_name = "SHARE")]
    pub(crate) rate: Option<f64>,
    /// How to print the figures
    #[arg(long, value_name = "FORMAT", default_value = "pretty")]
    pub(crate) format: MeasureFormat,
    /// Labelled texts; `-` is standard input
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
}

const CALIBRATE_HELP: &str = "\
FILE has a text a line, plain or gzipped; a line that begins with { is a JSON object with `text`. The
texts must be harmless: what they hold is what you do not want to be told about.

Examples:
  guardc calibrate --model injection.model --rate 0.005 tickets.txt
  guardc calibrate --model injection.model --rate 0.001 --format json mails.jsonl.gz";

/// `guardc calibrate`.
#[derive(Debug, Args)]
#[command(after_help = CALIBRATE_HELP)]
pub(crate) struct CalibrateArguments {
    /// The model's file
    #[arg(long, value_name = "FILE")]
    pub(crate) model: PathBuf,
    /// The share of harmless texts that may be flagged
    #[arg(long, value_name = "SHARE")]
    pub(crate) rate: f64,
    /// How to print the answer
    #[arg(long, value_name = "FORMAT", default_value = "pretty")]
    pub(crate) format: MeasureFormat,
    /// Harmless texts; `-` is standard input
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
}

const COMPLETIONS_HELP: &str = "\
Examples:
  guardc completions bash > /etc/bash_completion.d/guardc
  guardc completions zsh > ~/.zfunc/_guardc
  guardc completions fish > ~/.config/fish/completions/guardc.fish";

/// `guardc completions`.
#[derive(Debug, Args)]
#[command(after_help = COMPLETIONS_HELP)]
pub(crate) struct CompletionsArguments {
    /// The shell
    #[arg(value_name = "SHELL")]
    pub(crate) shell: clap_complete::Shell,
}

const MAN_HELP: &str = "\
Examples:
  guardc man | man -l -
  guardc man --out /usr/local/share/man/man1";

/// `guardc man`.
#[derive(Debug, Args)]
#[command(after_help = MAN_HELP)]
pub(crate) struct ManArguments {
    /// The folder for the pages of all commands; without it the page of `guardc` is printed
    #[arg(long, value_name = "FOLDER")]
    pub(crate) out: Option<PathBuf>,
}

/// The stages that can be printed, in the order in which a policy passes them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(crate) enum Stage {
    /// The words of the text
    Tokens,
    /// The syntax tree
    Ast,
    /// What every name means
    Hir,
    /// What every expression is
    Types,
    /// The decision program
    Plan,
    /// The decision program as the code generator sees it
    Clif,
    /// The machine code
    Asm,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_sound() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn the_version_names_the_edition_and_the_plans_form() {
        let edition = crate::manifest::EDITION;
        let plan = guard_plan::PLAN_VERSION;
        let words = format!("(edition {edition}, plan version {plan})");
        assert!(VERSION.ends_with(&words), "{VERSION} does not say {words}");
    }

    #[test]
    fn every_command_has_an_example() {
        for command in Arguments::command().get_subcommands() {
            let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            assert!(help.contains("Example"), "`{}` has no example", command.get_name());
            assert!(help.contains("guardc "), "`{}` has no example", command.get_name());
        }
    }
}
