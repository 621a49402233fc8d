//! The commands, one a file.

pub(crate) mod approvals;
pub(crate) mod audit;
pub(crate) mod build;
pub(crate) mod calibrate;
pub(crate) mod check;
pub(crate) mod completions;
pub(crate) mod eval;
pub(crate) mod explain;
pub(crate) mod explain_code;
pub(crate) mod fmt;
pub(crate) mod import;
pub(crate) mod man;
pub(crate) mod measure;
pub(crate) mod measure_spans;
pub(crate) mod measure_support;
pub(crate) mod mutate;
pub(crate) mod show;
pub(crate) mod test;

use crate::exit::{Answer, Failure};
use std::io::{self, Read};
use std::path::Path;

/// Reads a file, or standard input for `-`, up to so many bytes; more is an error.
pub(crate) fn read_bounded(path: &Path, bytes_max: u64) -> io::Result<Vec<u8>> {
    let mut input: Box<dyn Read> = if path == Path::new("-") {
        Box::new(io::stdin().lock())
    } else {
        Box::new(std::fs::File::open(path)?)
    };
    let mut bytes = Vec::new();
    (&mut input).take(bytes_max).read_to_end(&mut bytes)?;
    if input.read(&mut [0])? > 0 {
        let problem = format!("it is longer than {} MiB", bytes_max >> 20);
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, problem));
    }
    Ok(bytes)
}

/// Writes a file so that nobody ever sees half of it: beside it first, then in its place.
fn write_whole(path: &Path, bytes: &[u8]) -> Answer<()> {
    let failed = |error| Failure::file(path, error);
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    // A device or a pipe has no place that a file could take.
    if path.exists() && !path.is_file() {
        return std::fs::write(path, bytes).map_err(failed);
    }
    let mut beside = path.as_os_str().to_owned();
    beside.push(format!(".{}.part", std::process::id()));
    let written = std::fs::write(&beside, bytes).and_then(|()| std::fs::rename(&beside, path));
    written.map_err(|error| {
        // What is left of it is of no use; that it cannot be removed would be a second error.
        let _ = std::fs::remove_file(&beside);
        failed(error)
    })
}
