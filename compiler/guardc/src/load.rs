//! Finds the packages below a path and reads their files. Nothing here understands a policy.
//!
//! INVARIANT: the files of a package are sorted by name, so that the same folder always gives the
//! same findings in the same order.

use crate::codes;
use crate::exit::{Answer, Failure};
use crate::manifest::{self, TestSettings};
use crate::output::remark;
use crate::report::Sources;
use guard_diagnostic::{Anchor, Diagnostic, Label};
use guard_grammar::span::Span;
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

/// The longest file that is read; offsets in it fit the compiler's spans.
const FILE_BYTES_MAX: u64 = 4 << 20;
/// The longest file of a model that is read, in bytes; a plan may have 64 MiB.
const MODEL_BYTES_MAX: u64 = 48 << 20;
/// How deep folders are searched.
const FOLDER_DEPTH_MAX: usize = 32;

/// A package as it lies on the disk.
#[derive(Debug, Clone)]
pub(crate) struct PackageFiles {
    /// From its manifest, or that of its file or folder.
    pub(crate) name: String,
    /// Its modules: the path below the package's root, with slashes, and the text.
    pub(crate) modules: Vec<(Arc<str>, Arc<str>)>,
    /// The files of models that they name: the path as there, and the bytes.
    pub(crate) models: Vec<(Arc<str>, Arc<[u8]>)>,
    /// Its texts, for findings.
    pub(crate) sources: Sources,
    /// What its manifest asks of a run of its tests.
    pub(crate) test: TestSettings,
    /// What is wrong before a policy is looked at.
    pub(crate) diagnostics: Vec<Diagnostic>,
}

/// The packages at a path: a file with what it uses, a package, or every package of a folder.
pub(crate) fn packages(path: &Path) -> Answer<Vec<PackageFiles>> {
    let metadata = fs::metadata(path).map_err(|error| Failure::file(path, error))?;
    if !metadata.is_dir() {
        return Ok(vec![package_of_file(path)?]);
    }
    let mut found = Found::default();
    found.search(path, None, 0)?;
    if found.roots.is_empty() {
        return Ok(vec![nothing_found(path, &found)]);
    }
    found.roots.iter().map(package_of_folder).collect()
}

/// The one package at a path.
pub(crate) fn package(path: &Path) -> Answer<PackageFiles> {
    let mut found = packages(path)?;
    match (found.pop(), found.len()) {
        (Some(only), 0) => Ok(only),
        (last, others) => {
            let names: Vec<String> =
                found.iter().chain(&last).map(|package| format!("`{}`", package.name)).collect();
            Err(Failure::usage(format!("`{}` holds {} packages", path.display(), others + 1))
                .with_help(format!("name one of {}", names.join(", "))))
        }
    }
}

/// The policy files at a path: the file, or every one below the folder, sorted.
pub(crate) fn policy_files(path: &Path) -> Answer<Vec<PathBuf>> {
    let metadata = fs::metadata(path).map_err(|error| Failure::file(path, error))?;
    if !metadata.is_dir() {
        return Ok(vec![path.to_path_buf()]);
    }
    let mut found = Found::default();
    found.search(path, None, 0)?;
    let mut files: Vec<PathBuf> = found.roots.into_iter().flat_map(|root| root.files).collect();
    files.sort();
    Ok(files)
}

/// One file without anything that it uses.
pub(crate) fn lone_file(file: &Path) -> Answer<PackageFiles> {
    let folder = file.parent().unwrap_or(file);
    let mut package = begin(folder, false, file.file_stem())?;
    package.add(folder, file)?;
    Ok(package)
}

/// What a search of folders has found.
#[derive(Debug, Default)]
struct Found {
    roots: Vec<Root>,
    /// Files that end in `.guard` and are something else.
    strangers: usize,
}

/// A package's root and its files.
#[derive(Debug)]
struct Root {
    folder: PathBuf,
    has_manifest: bool,
    files: Vec<PathBuf>,
}

impl Found {
    /// Adds what a folder holds. `root` is the package that the folder is in.
    fn search(&mut self, folder: &Path, root: Option<usize>, depth: usize) -> Answer<()> {
        if depth > FOLDER_DEPTH_MAX {
            return Err(Failure::file(folder, "the folders are nested too deeply"));
        }
        let (files, folders) = list(folder)?;
        let has_manifest = folder.join(manifest::FILE_NAME).is_file();
        let root = if has_manifest { None } else { root };
        let mut policies = Vec::new();
        for file in files {
            if has_header(&file)? {
                policies.push(file);
            } else {
                self.strangers += 1;
                let file = file.display();
                remark("note", &format!("`{file}` is skipped: its first word is not `guard`"));
            }
        }
        let root = match root {
            Some(root) => Some(root),
            None if has_manifest || !policies.is_empty() => {
                let folder = folder.to_path_buf();
                self.roots.push(Root { folder, has_manifest, files: Vec::new() });
                Some(self.roots.len() - 1)
            }
            None => None,
        };
        if let Some(root) = root.and_then(|root| self.roots.get_mut(root)) {
            root.files.extend(policies);
        }
        folders.iter().try_for_each(|folder| self.search(folder, root, depth + 1))
    }
}

/// The `.guard` files and the folders in a folder, sorted. Hidden folders and links to folders are
/// left out: the first hold other tools' state, the second can lead in a circle.
fn list(folder: &Path) -> Answer<(Vec<PathBuf>, Vec<PathBuf>)> {
    let unreadable = |error| Failure::file(folder, error);
    let (mut files, mut folders) = (Vec::new(), Vec::new());
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let path = entry.path();
        let hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
        if entry.file_type().map_err(unreadable)?.is_dir() {
            if !hidden {
                folders.push(path);
            }
        } else if path.extension().is_some_and(|extension| extension == "guard") && path.is_file() {
            files.push(path);
        }
    }
    files.sort();
    folders.sort();
    Ok((files, folders))
}

fn has_header(file: &Path) -> Answer<bool> {
    let text = read_bounded(file)?.0;
    Ok(starts_with_header(&String::from_utf8_lossy(&text)))
}

/// Whether the first word of a text, comments aside, is `guard`.
fn starts_with_header(text: &str) -> bool {
    let mut rest = text.trim_start_matches('\u{feff}').trim_start();
    while rest.starts_with("//") {
        rest = rest.split_once('\n').map_or("", |(_, below)| below.trim_start());
    }
    rest.strip_prefix("guard").is_some_and(|after| {
        after.chars().next().is_none_or(|next| !next.is_alphanumeric() && next != '_')
    })
}

fn nothing_found(path: &Path, found: &Found) -> PackageFiles {
    let mut package = PackageFiles::empty(path.display().to_string());
    let label = whole_file(&path.display().to_string().into(), "holds no policy");
    let mut finding =
        Diagnostic::error(codes::NO_POLICY, format!("no policy in `{}`", path.display()), label)
            .with_help("a policy is a file that ends in `.guard` and begins with `guard 1`");
    if found.strangers > 0 {
        let note = "its `.guard` files are skipped because their first word is not `guard`; \
                    AWS CloudFormation Guard uses the same ending";
        finding = finding.with_note(note);
    }
    package.diagnostics.push(finding);
    package
}

fn package_of_folder(root: &Root) -> Answer<PackageFiles> {
    let mut package = begin(&root.folder, root.has_manifest, None)?;
    if root.has_manifest && root.files.is_empty() && package.diagnostics.is_empty() {
        let label = whole_file(&manifest_name(), "the package of this manifest is empty");
        let headline = format!("no policy in the package `{}`", package.name);
        package.diagnostics.push(Diagnostic::error(codes::NO_POLICY, headline, label));
    }
    root.files.iter().try_for_each(|file| package.add(&root.folder, file).map(drop))?;
    package.modules.sort();
    Ok(package)
}

/// A file, and the modules that it uses, and those that they use.
fn package_of_file(file: &Path) -> Answer<PackageFiles> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    let root = root_above(folder);
    let has_manifest = root.is_some();
    let root = root.unwrap_or_else(|| folder.to_path_buf());
    let mut package = begin(&root, has_manifest, file.file_stem())?;
    let Some(first) = package.add(&root, file)? else { return Ok(package) };
    let mut known = BTreeSet::from([first.0]);
    let mut unread = vec![first.1];
    while let Some(text) = unread.pop() {
        for used in used_modules(&text) {
            let path = root.join(&used);
            if !path.is_file() || !known.insert(name_of(&used)) {
                continue;
            }
            unread.extend(package.add(&root, &path)?.map(|(_, text)| text));
        }
    }
    package.modules.sort();
    Ok(package)
}

/// The nearest folder at or above this one that has a manifest.
fn root_above(folder: &Path) -> Option<PathBuf> {
    if let Some(found) = folder.ancestors().find(|above| is_root(above)) {
        return Some(found.to_path_buf());
    }
    let whole = folder.canonicalize().ok()?;
    whole.ancestors().find(|above| is_root(above)).map(Path::to_path_buf)
}

fn is_root(folder: &Path) -> bool {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    folder.join(manifest::FILE_NAME).is_file()
}

/// The modules that a text may use: every path after the word `use`, as the path of a file. Too many
/// do no harm, since only those that exist are read; what a `use` means is for the compiler to say.
fn used_modules(text: &str) -> Vec<PathBuf> {
    use guard_grammar::TokenKind::{Comment, DocComment, Dot, String, Whitespace};
    let (tokens, _) = guard_grammar::lex(text);
    let unread = |kind| matches!(kind, Whitespace | Comment | DocComment);
    let mut words = tokens.all.into_iter().filter(|token| !unread(token.kind)).peekable();
    let mut modules = Vec::new();
    while let Some(word) = words.next() {
        if word.span.text(text) != "use" {
            continue;
        }
        let mut path = PathBuf::new();
        while let Some(segment) = words.next() {
            let name = segment.span.text(text);
            path.push(if segment.kind == String { name.trim_matches('"') } else { name });
            if words.next_if(|token| token.kind == Dot).is_none() {
                break;
            }
        }
        // A quoted name could lead out of the package.
        if stays_inside(&path) && path.add_extension("guard") {
            modules.push(path);
        }
    }
    modules
}

/// The files of models that a text names: every text after the word `model`.
fn named_models(text: &str) -> Vec<&str> {
    use guard_grammar::TokenKind::{Model, String};
    let (tokens, _) = guard_grammar::lex(text);
    let read = |kind: guard_grammar::TokenKind| {
        use guard_grammar::TokenKind::{Comment, DocComment, Whitespace};
        !matches!(kind, Whitespace | Comment | DocComment)
    };
    let words: Vec<_> = tokens.all.into_iter().filter(|token| read(token.kind)).collect();
    let pairs = words.windows(2).filter_map(|pair| match pair {
        [word, name] if word.kind == Model && name.kind == String => Some(name.span.text(text)),
        _ => None,
    });
    pairs.map(|quoted| quoted.trim_matches('"')).collect()
}

fn stays_inside(path: &Path) -> bool {
    path.components().all(|part| matches!(part, Component::Normal(_)))
}

fn manifest_name() -> Arc<str> {
    manifest::FILE_NAME.into()
}

/// A package without modules.
fn begin(root: &Path, has_manifest: bool, name: Option<&std::ffi::OsStr>) -> Answer<PackageFiles> {
    let folder_name = || root.canonicalize().ok()?.file_name().map(ToOwned::to_owned);
    let name = name.map(ToOwned::to_owned).or_else(folder_name).unwrap_or_default();
    let mut package = PackageFiles::empty(name.to_string_lossy().into_owned());
    if has_manifest {
        package.read_manifest(root)?;
    }
    Ok(package)
}

impl PackageFiles {
    /// A package without files.
    pub(crate) fn empty(name: String) -> Self {
        let (modules, models, sources) = (Vec::new(), Vec::new(), Sources::default());
        let (test, diagnostics) = (TestSettings::default(), Vec::new());
        Self { name, modules, models, sources, test, diagnostics }
    }

    fn read_manifest(&mut self, root: &Path) -> Answer<()> {
        let path = root.join(manifest::FILE_NAME);
        let file = manifest_name();
        let Some(text) = self.read(&file, &path)? else { return Ok(()) };
        match manifest::read(&file, &text) {
            Ok(manifest) => (self.name, self.test) = (manifest.name, manifest.test),
            Err(finding) => self.diagnostics.push(*finding),
        }
        Ok(())
    }

    /// Reads a module, or finds why it cannot be read.
    fn add(&mut self, root: &Path, file: &Path) -> Answer<Option<(Arc<str>, Arc<str>)>> {
        let name = name_of(&below(root, file));
        let Some(text) = self.read(&name, file)? else { return Ok(None) };
        self.modules.push((Arc::clone(&name), Arc::clone(&text)));
        for path in named_models(&text) {
            self.add_model(root, path)?;
        }
        Ok(Some((name, text)))
    }

    /// Reads a model, and the tokenizer that stands beside a network. One that there is not is for the compiler to
    /// say; so is one that is cut.
    fn add_model(&mut self, root: &Path, path: &str) -> Answer<()> {
        let is_known = self.models.iter().any(|(known, _)| **known == *path);
        let file = root.join(path);
        if !is_known && stays_inside(Path::new(path)) && file.is_file() {
            let (bytes, _) = read_up_to(&file, MODEL_BYTES_MAX)?;
            self.models.push((path.into(), bytes.into()));
        }
        match guard_types::onnx_folder(path) {
            Some(folder) => self.add_model(root, &format!("{folder}{}", guard_types::TOKENIZER)),
            None => Ok(()),
        }
    }

    fn read(&mut self, name: &Arc<str>, file: &Path) -> Answer<Option<Arc<str>>> {
        let shown_path = shown_path(file);
        let (bytes, whole) = read_bounded(file)?;
        let text = String::from_utf8(bytes);
        let problem = match (&text, whole) {
            (_, false) => format!("is longer than {} MiB", FILE_BYTES_MAX >> 20),
            (Err(error), true) => {
                format!("is not UTF-8 text: byte {} is wrong", error.utf8_error().valid_up_to())
            }
            (Ok(_), true) => String::new(),
        };
        match text {
            Ok(text) if whole => {
                let text: Arc<str> = text.into();
                self.sources.add(Arc::clone(name), shown_path, Arc::clone(&text));
                Ok(Some(text))
            }
            _ => {
                let headline = format!("`{shown_path}` {problem}");
                let label = whole_file(&shown_path.into(), "");
                self.diagnostics.push(Diagnostic::error(codes::UNREADABLE_FILE, headline, label));
                Ok(None)
            }
        }
    }
}

/// A path as short as it can be for someone who stands where the command was given.
fn shown_path(file: &Path) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    let short = file.strip_prefix(".").or_else(|_| file.strip_prefix(here)).unwrap_or(file);
    short.display().to_string()
}

/// The bytes of a file, and whether those are all.
fn read_bounded(file: &Path) -> Answer<(Vec<u8>, bool)> {
    read_up_to(file, FILE_BYTES_MAX)
}

fn read_up_to(file: &Path, most: u64) -> Answer<(Vec<u8>, bool)> {
    let mut bytes = Vec::new();
    let read = File::open(file)
        .and_then(|opened| opened.take(most + 1).read_to_end(&mut bytes))
        .map_err(|error| Failure::file(file, error))?;
    Ok((bytes, u64::try_from(read).unwrap_or(u64::MAX) <= most))
}

fn below(root: &Path, file: &Path) -> PathBuf {
    if let Ok(below) = file.strip_prefix(root) {
        return below.to_path_buf();
    }
    let whole = file.canonicalize().ok();
    let root = root.canonicalize().ok();
    let below = whole
        .zip(root)
        .and_then(|(file, root)| file.strip_prefix(root).ok().map(Path::to_path_buf));
    below.unwrap_or_else(|| file.file_name().map_or_else(|| file.to_path_buf(), PathBuf::from))
}

/// A path below the root as the compiler knows it: with slashes.
fn name_of(below: &Path) -> Arc<str> {
    let parts: Vec<_> = below.iter().map(|part| part.to_string_lossy()).collect();
    parts.join("/").into()
}

fn whole_file(file: &Arc<str>, text: &str) -> Label {
    Label {
        file: Arc::clone(file),
        anchor: Anchor::File,
        span: Span::new(0, 0),
        text: text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder with these files, each of them only a header and what it uses.
    fn folder(name: &str, files: &[(&str, &str)]) -> PathBuf {
        let root = std::env::temp_dir().join(format!("guardc-load-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&root);
        for (file, text) in files {
            let path = root.join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        root
    }

    fn modules(package: &PackageFiles) -> Vec<&str> {
        package.modules.iter().map(|(name, _)| &**name).collect()
    }

    const MANIFEST: (&str, &str) = ("guard.toml", "name = \"bank\"\nedition = 1\n");

    #[test]
    fn a_file_comes_with_what_it_uses_and_nothing_else() {
        let files = [
            ("main.guard", "guard 1 use tools.bank"),
            ("tools/bank.guard", "guard 1\nuse shared\nuse nowhere"),
            ("shared.guard", "guard 1\nuse main"),
            ("other.guard", "guard 1"),
        ];
        let root = folder("uses", &files);
        let package = package(&root.join("main.guard")).unwrap();
        assert_eq!(package.name, "main");
        assert_eq!(modules(&package), ["main.guard", "shared.guard", "tools/bank.guard"]);
        fs::remove_dir_all(root).unwrap();
    }

    #[test]
    fn the_nearest_manifest_above_a_file_makes_its_root() {
        let files = [
            MANIFEST,
            ("agents/teller.guard", "guard 1\nuse tools.bank"),
            ("tools/bank.guard", "guard 1"),
        ];
        let root = folder("root", &files);
        let package = package(&root.join("agents/teller.guard")).unwrap();
        assert_eq!(package.name, "bank");
        assert_eq!(modules(&package), ["agents/teller.guard", "tools/bank.guard"]);
        fs::remove_dir_all(root).unwrap();
    }

    #[test]
    fn every_package_of_a_folder_is_found() {
        let files = [
            ("a/guard.toml", MANIFEST.1),
            ("a/x/one.guard", "guard 1"),
            ("a/two.guard", "guard 1"),
            ("a/inner/guard.toml", "name = \"inner\"\nedition = 1\n"),
            ("a/inner/three.guard", "guard 1"),
            ("b/loose.guard", "guard 1"),
            ("b/tools/four.guard", "guard 1"),
            (".hidden/five.guard", "guard 1"),
            ("c/readme.md", "guard 1"),
        ];
        let root = folder("packages", &files);
        let packages = packages(&root).unwrap();
        let found: Vec<(&str, Vec<&str>)> =
            packages.iter().map(|package| (&*package.name, modules(package))).collect();
        assert_eq!(
            found,
            [
                ("bank", vec!["two.guard", "x/one.guard"]),
                ("inner", vec!["three.guard"]),
                ("b", vec!["loose.guard", "tools/four.guard"]),
            ]
        );
        let failure = package(&root).unwrap_err();
        assert_eq!(failure.exit(), crate::exit::Exit::Usage);
        fs::remove_dir_all(root).unwrap();
    }

    #[test]
    fn a_policy_begins_with_its_header() {
        for text in ["guard 1", "\u{feff}// a\n\n/// b\n guard 1", "guard", "guard// x"] {
            assert!(starts_with_header(text), "{text}");
        }
        for text in ["", "// guard 1", "guardian", "let x = Resources.*", "rule guard"] {
            assert!(!starts_with_header(text), "{text}");
        }
    }

    #[test]
    fn used_modules_are_found_wherever_they_stand() {
        let text =
            "guard 1 use a.b // use x.y\nuse std.pii\n  use\n  c\nuse \"..\".x use \"/etc\" use";
        let found: Vec<PathBuf> = used_modules(text);
        assert_eq!(found, ["a/b.guard", "std/pii.guard", "c.guard"].map(PathBuf::from));
    }
}
