//! The twelve rules as a careful Rust programmer writes them: on a typed struct, with the `regex` crate
//! or with a dense DFA.

use crate::call::{ALLOW, Call, DENY, DESTROYS, ESCALATE, RUNS_FETCHED, Tool};
use regex_automata::dfa::{Automaton, StartKind, dense};
use regex_automata::util::syntax;
use regex_automata::{Input, MatchKind};
use std::sync::LazyLock;

static BAD_COMMAND: LazyLock<regex::bytes::Regex> = LazyLock::new(|| {
    let both = format!("{DESTROYS}|{RUNS_FETCHED}");
    regex::bytes::RegexBuilder::new(&both)
        .unicode(false)
        .build()
        .expect("the patterns are well formed")
});

static BAD_COMMAND_DFA: LazyLock<dense::DFA<Vec<u32>>> = LazyLock::new(|| {
    let config = dense::Config::new()
        .minimize(true)
        .match_kind(MatchKind::All)
        .start_kind(StartKind::Unanchored);
    dense::Builder::new()
        .configure(config)
        .syntax(syntax::Config::new().unicode(false).utf8(false))
        .build(&format!("{DESTROYS}|{RUNS_FETCHED}"))
        .expect("the patterns are well formed")
});

#[inline]
pub fn is_bad_command(command: &str) -> bool {
    BAD_COMMAND.is_match(command.as_bytes())
}

#[inline]
pub fn is_bad_command_dfa(command: &str) -> bool {
    let input = Input::new(command.as_bytes()).earliest(true);
    BAD_COMMAND_DFA.try_search_fwd(&input).is_ok_and(|found| found.is_some())
}

/// What the rules read, from wherever it comes.
#[derive(Debug)]
pub struct Facts<'a, To> {
    pub tool: Tool,
    pub role: &'a str,
    pub command: &'a str,
    pub amount: i64,
    pub currency: &'a str,
    pub path: &'a str,
    pub host: &'a str,
    pub to: To,
    pub to_count: usize,
}

#[inline(always)]
pub fn decide<'a, To>(facts: Facts<'a, To>, is_bad_command: impl Fn(&str) -> bool) -> u64
where
    To: Iterator<Item = &'a str>,
{
    let mut to = facts.to;
    match facts.tool {
        Tool::Shell if is_bad_command(facts.command) => DENY,
        Tool::Pay if facts.amount > 10_000 && facts.role != "treasurer" => DENY,
        Tool::Pay if !matches!(facts.currency, "EUR" | "CHF" | "USD") => DENY,
        Tool::Pay if facts.amount > 1_000 => ESCALATE,
        Tool::SendEmail if to.any(|address| !is_known_mail(address)) => DENY,
        Tool::SendEmail if facts.to_count > 10 => ESCALATE,
        Tool::ReadFile | Tool::WriteFile if !facts.path.starts_with("/srv/team/") => DENY,
        Tool::ReadFile | Tool::WriteFile if facts.path.contains("..") => DENY,
        Tool::WriteFile if facts.path.ends_with(".env") || facts.path.ends_with(".pem") => DENY,
        Tool::HttpGet if !is_known_host(facts.host) => DENY,
        Tool::Other => DENY,
        _ => ALLOW,
    }
}

#[inline(always)]
fn is_known_mail(address: &str) -> bool {
    address.bytes().rposition(|byte| byte == b'@').and_then(|at| address.get(at..)).is_some_and(
        |ending| {
            matches!(
                ending,
                "@northwind.example"
                    | "@mail.northwind.example"
                    | "@northwind.test"
                    | "@fabrikam.example"
                    | "@contoso.example"
            )
        },
    )
}

#[inline(always)]
fn is_known_host(host: &str) -> bool {
    matches!(
        host,
        "docs.northwind.example"
            | "wiki.northwind.example"
            | "git.northwind.example"
            | "builds.northwind.example"
            | "tickets.northwind.example"
            | "status.northwind.example"
            | "people.northwind.example"
            | "prices.northwind.example"
            | "packages.example"
            | "mirror.packages.example"
            | "manuals.example"
            | "standards.example"
            | "dictionary.example"
            | "weather.example"
            | "timetable.example"
            | "maps.example"
            | "rates.example"
            | "library.example"
            | "papers.library.example"
            | "news.example"
    )
}

#[inline(always)]
fn facts(call: &Call, tool: Tool) -> Facts<'_, impl Iterator<Item = &str>> {
    Facts {
        tool,
        role: &call.role,
        command: &call.command,
        amount: call.amount,
        currency: &call.currency,
        path: &call.path,
        host: &call.host,
        to: call.to.iter().map(String::as_str),
        to_count: call.to.len(),
    }
}

/// The tool is a text.
#[inline(never)]
pub fn by_name(call: &Call) -> u64 {
    decide(facts(call, Tool::from_name(&call.tool_name)), is_bad_command)
}

/// The tool is a text, the patterns are a DFA.
#[inline(never)]
pub fn by_name_dfa(call: &Call) -> u64 {
    decide(facts(call, Tool::from_name(&call.tool_name)), is_bad_command_dfa)
}

/// The tool is an enum already, the patterns are a DFA.
#[inline(never)]
pub fn resolved_dfa(call: &Call) -> u64 {
    decide(facts(call, call.tool), is_bad_command_dfa)
}
