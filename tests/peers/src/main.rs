//! Measures policy engines beside each other and beside code written by hand, on the same rules and the
//! same calls, in one process. Before anything is timed, all contenders must decide every call of the
//! pool alike. Prints Markdown, and at its end a line of JSON for each goal of rows 6 and 11:
//! `cargo run --release -- [ROW…]`.

mod bench;
mod call;
mod cedar;
mod cel_rules;
#[cfg(feature = "guard")]
mod guard;
mod hand;
mod hand_json;
#[cfg(feature = "guard")]
mod patterns;
#[cfg(feature = "guard")]
mod prose;
mod random;
mod rego;
mod rows;
mod rule_set;

use bench::Effort;

const USAGE: &str = "\
usage: guard_peers [--rounds N] [--milliseconds N] [--rules N,N] [ROW…]

rows: decision   twelve rules, decoded calls
      rules      100 to 10,000 rules over many agents and tools
      json       from the bytes of an event to a decision
      load       from the text of a policy to the first decision it could make
      threads    two threads against one
      session    an event of a session of 10, 1,000 and 1,000,000
      limits     a keyed limit check
      scan       sixty patterns over prose
Without a row, all of them. At least nine rounds are run.";

fn main() {
    let mut effort = Effort { rounds: 11, milliseconds: 25 };
    let mut counts = vec![100, 1_000, 10_000];
    let mut rows: Vec<String> = Vec::new();
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut number = || arguments.next().unwrap_or_else(|| usage());
        match argument.as_str() {
            "--rounds" => effort.rounds = parsed(&number()),
            "--milliseconds" => effort.milliseconds = parsed(&number()),
            "--rules" => counts = number().split(',').map(parsed).collect(),
            "decision" | "rules" | "json" | "load" | "threads" | "session" | "limits" | "scan" => {
                rows.push(argument)
            }
            _ => usage(),
        }
    }
    if effort.rounds < 9 || effort.milliseconds == 0 || counts.is_empty() {
        usage();
    }
    let wanted = |row: &str| rows.is_empty() || rows.iter().any(|wanted| wanted == row);
    if wanted("decision") {
        rows::decision::run(effort);
    }
    if wanted("rules") {
        rows::rules::run(&counts, effort);
    }
    if wanted("json") {
        rows::json::run(effort);
    }
    if wanted("load") {
        rows::load::run(&counts, effort);
    }
    if wanted("threads") {
        rows::threads::run(effort);
    }
    #[cfg(feature = "guard")]
    if wanted("scan") {
        rows::scan::run(effort);
    }
    let mut goals: Vec<String> = Vec::new();
    #[cfg(feature = "guard")]
    if wanted("session") {
        goals.extend(rows::session::run(effort));
    }
    #[cfg(feature = "guard")]
    if wanted("limits") {
        goals.extend(rows::limits::run(effort));
    }
    println!();
    for goal in goals {
        println!("{goal}");
    }
}

fn parsed<T: std::str::FromStr>(text: &str) -> T {
    text.parse().unwrap_or_else(|_| usage())
}

fn usage() -> ! {
    eprintln!("{USAGE}");
    std::process::exit(2)
}
