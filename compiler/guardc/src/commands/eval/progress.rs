//! A bar on standard error, where that is a terminal.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::path::PathBuf;

/// How far the reading of event files has come.
#[derive(Debug)]
pub(super) struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// A bar over the bytes of all files; `hidden` draws none.
    pub(super) fn new(files: &[PathBuf], hidden: bool) -> Self {
        let sizes = files.iter().map(|file| std::fs::metadata(file).map_or(0, |m| m.len()));
        // Draws nothing where standard error is no terminal.
        let target =
            if hidden { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
        let bar = ProgressBar::with_draw_target(Some(sizes.sum()), target);
        let style = "{elapsed_precise} [{bar:40}] {bytes}/{total_bytes} {eta}";
        if let Ok(style) = ProgressStyle::with_template(style) {
            bar.set_style(style.progress_chars("=> "));
        }
        Self { bar }
    }

    /// So many more bytes have been read.
    pub(super) fn advance(&self, bytes: u64) {
        self.bar.inc(bytes);
    }

    /// Takes the bar away.
    pub(super) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
