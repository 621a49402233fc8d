//! `guardc man`: the manual pages, one for each command.

use crate::args::{Arguments, ManArguments};
use crate::exit::{Answer, Exit};
use clap::{Command, CommandFactory as _};
use clap_mangen::Man;
use std::io::{self, Write};

/// Prints the page of `guardc`, or writes those of all commands into a folder.
pub(crate) fn run(arguments: &ManArguments, out: &mut dyn Write) -> Answer {
    let Some(folder) = &arguments.out else {
        out.write_all(&page(Arguments::command())?)?;
        return Ok(Exit::Clean);
    };
    for (name, page) in pages()? {
        super::write_whole(&folder.join(&name), &page)?;
        writeln!(out, "{name}")?;
    }
    Ok(Exit::Clean)
}

/// Every page with the name of its file, in the order of the help.
fn pages() -> io::Result<Vec<(String, Vec<u8>)>> {
    let mut command = Arguments::command();
    command.build();
    let mut pages = vec![("guardc.1".to_owned(), page(command.clone())?)];
    add_below(&command, "guardc", &mut pages)?;
    Ok(pages)
}

fn add_below(command: &Command, name: &str, pages: &mut Vec<(String, Vec<u8>)>) -> io::Result<()> {
    for below in command.get_subcommands().filter(|below| below.get_name() != "help") {
        let name = format!("{name}-{}", below.get_name());
        pages.push((format!("{name}.1"), page(below.clone().display_name(name.clone()))?));
        add_below(below, &name, pages)?;
    }
    Ok(())
}

/// A page, without the day on which it was made: the same program always writes the same page.
fn page(command: Command) -> io::Result<Vec<u8>> {
    let mut page = Vec::new();
    Man::new(command).date("").render(&mut page)?;
    Ok(page)
}
