//! Runs the tests again whenever a file changes. What did not change is not compiled again.

use super::{Chosen, package, report};
use crate::args::TestArguments;
use crate::exit::{Answer, Exit, Failure};
use crate::load;
use crate::output::{Output, tell};
use crate::policy::{self, Kept};
use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, SystemTime};

/// How long to wait between two looks at the files.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// How long files have to stay as they are before they are read.
const SETTLED_AFTER: Duration = Duration::from_millis(100);

/// The files, and when each was written, and how long it is.
type Stamp = BTreeMap<PathBuf, (Option<SystemTime>, u64)>;

/// Runs until the reader goes or the user stops it.
pub(super) fn run(arguments: &TestArguments, out: &mut Output) -> Answer {
    let chosen = Chosen::new(arguments.run.as_deref(), "--run")?;
    let mut kept: Vec<(String, Kept)> = Vec::new();
    let mut before: Option<Stamp> = None;
    loop {
        let now = stamp(arguments)?;
        if before.as_ref() == Some(&now) {
            thread::sleep(LOOK_EVERY);
            continue;
        }
        let is_first = before.is_none();
        before = Some(if is_first { now } else { settled(arguments, now)? });
        match once(arguments, &chosen, &mut kept, out) {
            Ok(_) => writeln!(out, "-- waiting for a change")?,
            Err(Failure::ReaderGone) => return Ok(Exit::Clean),
            // A file that is being written can be gone for a moment.
            Err(failure) => tell(&failure),
        }
        out.flush()?;
    }
}

/// The files once they stay as they are for a moment: an editor may be in the middle of writing.
fn settled(arguments: &TestArguments, mut now: Stamp) -> Answer<Stamp> {
    loop {
        thread::sleep(SETTLED_AFTER);
        let later = stamp(arguments)?;
        if later == now {
            return Ok(now);
        }
        now = later;
    }
}

fn once(
    arguments: &TestArguments,
    chosen: &Chosen,
    kept: &mut Vec<(String, Kept)>,
    out: &mut Output,
) -> Answer {
    let mut earlier = std::mem::take(kept);
    let mut all = Vec::new();
    for path in &arguments.paths {
        for files in load::packages(path)? {
            let known = earlier.iter().position(|(name, _)| *name == files.name);
            let loaded = match known {
                Some(known) => earlier.swap_remove(known).1.reload(files),
                None => policy::load(files),
            };
            let name = loaded.name().to_owned();
            let (results, database) = package(loaded, arguments, chosen)?;
            kept.push((name, database));
            all.push(results);
        }
    }
    report(arguments, &all, out)
}

fn stamp(arguments: &TestArguments) -> Answer<Stamp> {
    let mut stamp = Stamp::new();
    for path in &arguments.paths {
        for file in load::policy_files(path)? {
            let metadata = fs::metadata(&file).ok();
            let written = metadata.as_ref().and_then(|of| of.modified().ok());
            stamp.insert(file, (written, metadata.map_or(0, |of| of.len())));
        }
    }
    Ok(stamp)
}
