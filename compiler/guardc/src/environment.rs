//! `GUARDC_*`: every option has a variable, which stands for it where the command line does not.

use crate::output::remark;
use clap::builder::{FalseyValueParser, OsStr};
use clap::{Arg, ArgAction, Command};

/// What the name of every variable begins with.
const PREFIX: &str = "GUARDC_";

/// Gives every option its variable: `GUARDC_TEST_MIN_COVERAGE` is `--min-coverage` of `guardc test`, and `GUARDC_COLOR`
/// is `--color`, which every command has. A flag is set by every text but the empty one, `0`, `false`, `no`, `n`, `f`
/// and `off`.
pub(crate) fn with_variables(command: Command) -> Command {
    below(command, PREFIX)
}

fn below(command: Command, prefix: &str) -> Command {
    let command = command.mut_args(|argument| with_variable(argument, prefix));
    command.mut_subcommands(|command| {
        let prefix = format!("{prefix}{}_", shouted(command.get_name()));
        below(command, &prefix)
    })
}

fn with_variable(argument: Arg, prefix: &str) -> Arg {
    let Some(name) = argument.get_long().map(|long| format!("{prefix}{}", shouted(long))) else {
        return argument;
    };
    let argument = argument.env(OsStr::from(name)).hide_env(true);
    match argument.get_action() {
        ArgAction::SetTrue => argument.value_parser(FalseyValueParser::new()),
        _ => argument,
    }
}

/// As variables are written: `min-coverage` is `MIN_COVERAGE`.
fn shouted(name: &str) -> String {
    name.replace('-', "_").to_ascii_uppercase()
}

/// Says which variables look like one of ours and are none: a setting that nobody reads protects nobody.
pub(crate) fn tell_unknown(command: &Command) {
    let mut known = Vec::new();
    collect(command, &mut known);
    for (name, _) in std::env::vars_os() {
        let Some(name) = name.to_str().filter(|name| name.starts_with(PREFIX)) else { continue };
        if !known.iter().any(|known| known == name) {
            remark("warning", &format!("no option has the variable `{name}`"));
        }
    }
}

fn collect(command: &Command, known: &mut Vec<String>) {
    let names = command.get_arguments().filter_map(|argument| argument.get_env()?.to_str());
    known.extend(names.map(str::to_owned));
    for command in command.get_subcommands() {
        collect(command, known);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn every_option_has_a_variable_of_its_own() {
        let command = with_variables(crate::args::Arguments::command());
        command.clone().debug_assert();
        let mut known = Vec::new();
        collect(&command, &mut known);
        for name in ["GUARDC_COLOR", "GUARDC_TEST_MIN_COVERAGE", "GUARDC_CHECK_FORMAT"] {
            assert!(known.iter().any(|known| known == name), "{name}");
        }
        let count = known.len();
        known.sort();
        known.dedup();
        assert_eq!(known.len(), count);
    }
}
