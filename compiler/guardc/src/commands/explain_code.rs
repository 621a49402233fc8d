//! `guardc explain-code`: the page of an error code.

use crate::args::ExplainCodeArguments;
use crate::exit::{Answer, Exit, Failure};
use std::io::Write;

/// Every code that has a page, with the page; sorted by code.
static PAGES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/error_pages.rs"));

/// Prints the page, or the list of all codes.
pub(crate) fn run(arguments: &ExplainCodeArguments, out: &mut dyn Write) -> Answer {
    let Some(asked) = &arguments.code else {
        for (code, page) in PAGES {
            writeln!(out, "{code}  {}", title(page))?;
        }
        return Ok(Exit::Clean);
    };
    let code = asked.trim().to_ascii_uppercase();
    match PAGES.iter().find(|(known, _)| *known == code) {
        Some((_, page)) => {
            writeln!(out, "{}", page.trim_end())?;
            Ok(Exit::Clean)
        }
        None => Err(Failure::usage(format!("there is no error code `{asked}`"))
            .with_help("`guardc explain-code` without a code lists all of them")),
    }
}

/// The first heading, without the code it may begin with.
fn title(page: &str) -> &str {
    let heading = page.lines().find_map(|line| line.strip_prefix("# ")).unwrap_or_default();
    match heading.split_once(": ") {
        Some((code, title)) if code.starts_with('G') && code.len() == 5 => title,
        _ => heading,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_has_a_title() {
        assert!(PAGES.is_sorted());
        for (code, page) in PAGES {
            assert!(!title(page).is_empty(), "{code} has no title");
        }
    }

    #[test]
    fn an_unknown_code_is_a_mistake_in_the_command() {
        let arguments = ExplainCodeArguments { code: Some("G9999".to_owned()) };
        let failure = run(&arguments, &mut Vec::new()).unwrap_err();
        assert!(matches!(failure, Failure::Message { exit: Exit::Usage, .. }));
    }
}
