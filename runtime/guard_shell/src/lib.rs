//! Reads command lines of POSIX shells, with what bash adds: which programs run, with which arguments, wrappers
//! unfolded and quotes undone.
//!
//! The grammar is tree-sitter's; what a tree means is decided here. A line that the grammar does not take whole is no
//! command line, and whoever asks about it gets the restrictive answer.
//!
//! INVARIANT: any text is read to an answer within [`limits`]; nothing is run, expanded from a file system or kept.

#![forbid(unsafe_code)]

mod command;
mod fed;
pub mod limits;
mod normal;
mod statement;
mod tables;
mod tree;
mod word;

/// What a command line does, as far as it can be seen without running it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Line {
    /// The programs that run, without their folder: of `sudo /bin/rm x` both `sudo` and `rm`.
    pub programs: Vec<String>,
    /// Each simple command in its normal form: the program, its operands in their order, then its options sorted,
    /// merged short ones apart and some long ones by their short name (`rm / -f -r`); and each variable that is set
    /// (`LD_PRELOAD=/tmp/x.so`).
    pub commands: Vec<String>,
    /// The words of all commands after their program, quotes undone.
    pub arguments: Vec<String>,
    /// What is redirected: `> /etc/motd`, `< names`. Copies of open files (`2>&1`) are not listed.
    pub redirects: Vec<String>,
    /// Programs between which data flow, as `curl | sh`; a substitution that a shell is given is one, too.
    pub pipelines: Vec<String>,
    /// There is a `$(…)`, a backtick, `<(…)` or `>(…)`.
    pub substitutes: bool,
    /// It is one command at most, without operators, redirections, substitutions, variables or wrappers.
    pub is_simple: bool,
    /// Some of what runs cannot be seen: a program's name comes from a variable, a shell is fed by a program, or an
    /// interpreter (`python -c`) is given a text in a language that is not read.
    pub is_opaque: bool,
}

/// Why a text is no command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Malformed;

pub(crate) type Read<T> = Result<T, Malformed>;

/// Reads a command line. `None` where it is none (a quote without its end, an operator without its command), or is
/// past a limit.
pub fn read(text: &str) -> Option<Line> {
    let mut found = Found { is_simple: true, ..Found::default() };
    statement::text(text, &mut found).ok()?;
    let mut line = found.line;
    line.is_simple = found.is_simple && found.commands <= 1 && !line.is_opaque;
    Some(line)
}

/// What has been read so far, shared by the readers of nested texts.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) line: Line,
    /// Simple commands.
    pub(crate) commands: usize,
    /// There is nothing but a simple command.
    pub(crate) is_simple: bool,
    /// Variables that were given a value that can be seen.
    pub(crate) variables: std::collections::BTreeMap<String, String>,
    /// Nested texts around what is read.
    pub(crate) texts: usize,
    /// Statements and words around what is read.
    pub(crate) depth: usize,
    entries: usize,
    bytes: usize,
    steps: usize,
}

impl Found {
    /// Counts an entry of a list, and its bytes.
    pub(crate) fn spend(&mut self, bytes: usize) -> Read<()> {
        self.entries = self.entries.saturating_add(1);
        self.bytes = self.bytes.saturating_add(bytes);
        let is_within = self.entries <= limits::ENTRIES_MAX && self.bytes <= limits::READ_BYTES_MAX;
        if is_within { Ok(()) } else { Err(Malformed) }
    }

    /// What another reading of the same line has cost so far.
    pub(crate) fn take_costs(&mut self, other: &Self) {
        (self.entries, self.bytes, self.steps) = (other.entries, other.bytes, other.steps);
    }

    /// Reads something that stands inside of what is read.
    pub(crate) fn inside<T>(&mut self, read: impl FnOnce(&mut Self) -> Read<T>) -> Read<T> {
        if self.depth >= limits::DEPTH_MAX {
            return Err(Malformed);
        }
        self.steps = self.steps.saturating_add(1);
        if self.steps > limits::STEPS_MAX {
            return Err(Malformed);
        }
        self.depth += 1;
        let result = read(self);
        self.depth -= 1;
        result
    }
}

#[cfg(test)]
mod tests;
