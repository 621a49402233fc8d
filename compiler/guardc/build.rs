//! Embeds the pages of docs/errors, so that `guardc explain-code` needs no file.

use std::error::Error;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() -> Result<(), Box<dyn Error>> {
    let pages = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("../../docs/errors");
    let mut found: Vec<(String, PathBuf)> = Vec::new();
    if pages.is_dir() {
        // One line each: the folder for pages that come and go, the page for what it says.
        rerun_when_changed(&pages);
        for entry in fs::read_dir(&pages)? {
            let path = entry?.path();
            let code = path.file_stem().and_then(|stem| stem.to_str()).filter(|stem| is_code(stem));
            if let (Some(code), true) = (code, path.extension().is_some_and(|e| e == "md")) {
                rerun_when_changed(&path);
                found.push((code.to_owned(), path.canonicalize()?));
            }
        }
    }
    found.sort();
    let mut text = String::from("&[\n");
    for (code, path) in found {
        writeln!(text, "    ({code:?}, include_str!({:?})),", path.display().to_string())?;
    }
    text.push(']');
    fs::write(Path::new(&env::var("OUT_DIR")?).join("error_pages.rs"), text)?;
    Ok(())
}

fn is_code(stem: &str) -> bool {
    stem.strip_prefix('G')
        .is_some_and(|digits| digits.len() == 4 && digits.bytes().all(|byte| byte.is_ascii_digit()))
}

fn rerun_when_changed(path: &Path) {
    println!("cargo::rerun-if-changed={}", path.display());
}
