//! The project as it lies on the disk: its crates, what they depend on, its files. Nothing is built and
//! nothing is fetched to find out.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

/// When a dependency is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DependencyKind {
    /// Always.
    Normal,
    /// For the build script.
    Build,
    /// For tests.
    Development,
}

/// One of our crates.
#[derive(Debug)]
pub struct Crate {
    /// Its package's name.
    pub name: String,
    /// Its folder, relative to the project's, with slashes.
    pub folder: String,
    /// What its manifest names, optional or not.
    pub dependencies: BTreeSet<(DependencyKind, String)>,
    /// The files that its targets begin with, relative to the project's folder: `lib.rs`, `main.rs`,
    /// a test's `main.rs`. Build scripts are not among them.
    pub roots: Vec<String>,
}

/// The whole project.
#[derive(Debug)]
pub struct Workspace {
    /// Its folder.
    pub root: PathBuf,
    /// Our crates, sorted by name.
    pub crates: Vec<Crate>,
    /// What crates of others depend on, from the lock file. Optional dependencies are among it when
    /// something switches them on.
    locked: BTreeMap<String, BTreeSet<String>>,
}

impl Workspace {
    /// Reads it.
    pub fn read() -> Self {
        let root = root();
        let metadata = metadata(&root);
        let packages = metadata["packages"].as_array().unwrap();
        let mut crates: Vec<Crate> = packages.iter().map(|one| read_crate(one, &root)).collect();
        crates.sort_by(|a, b| a.name.cmp(&b.name));
        let locked = locked(&root.join("Cargo.lock"));
        Self { root, crates, locked }
    }

    /// One of our crates.
    pub fn find(&self, name: &str) -> &Crate {
        self.crates.iter().find(|one| one.name == name).unwrap_or_else(|| panic!("no crate {name}"))
    }

    /// Whether a crate is one of ours.
    pub fn is_ours(&self, name: &str) -> bool {
        self.crates.iter().any(|one| one.name == name)
    }

    /// Everything that comes with a crate where it is used, itself included: normal dependencies of
    /// ours, and all that the lock file says of others.
    pub fn comes_with(&self, name: &str) -> BTreeSet<String> {
        let mut seen = BTreeSet::new();
        let mut open = vec![name.to_owned()];
        while let Some(name) = open.pop() {
            if !seen.insert(name.clone()) {
                continue;
            }
            if self.is_ours(&name) {
                open.extend(self.find(&name).uses(DependencyKind::Normal).map(str::to_owned));
            } else {
                open.extend(self.locked.get(&name).into_iter().flatten().cloned());
            }
        }
        seen
    }

    /// Every file of the project, relative to its folder, with slashes; sorted. Without what is built
    /// and what version control keeps.
    pub fn files(&self) -> Vec<String> {
        let mut files = Vec::new();
        let mut folders = vec![self.root.clone()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(&folder).unwrap() {
                let entry = entry.unwrap();
                let path = entry.path();
                if entry.file_type().unwrap().is_dir() {
                    let name = entry.file_name();
                    let is_output = name == "target" || path.join("CACHEDIR.TAG").exists();
                    if !is_output && name != ".git" {
                        folders.push(path);
                    }
                } else {
                    files.push(relative(&path, &self.root));
                }
            }
        }
        files.sort();
        files
    }

    /// The text of a file.
    pub fn text(&self, file: &str) -> String {
        let path = self.root.join(file);
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{file}: {error}"))
    }
}

impl Crate {
    /// The names of its dependencies of one kind.
    pub fn uses(&self, kind: DependencyKind) -> impl Iterator<Item = &str> {
        self.dependencies.iter().filter(move |(of, _)| *of == kind).map(|(_, name)| name.as_str())
    }
}

/// The project's folder.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().expect("the tests lie in a folder of the project").to_owned()
}

/// What cargo says of our crates alone, for which it needs no other.
fn metadata(root: &Path) -> Value {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(root)
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("cargo writes JSON")
}

fn read_crate(package: &Value, root: &Path) -> Crate {
    let manifest = Path::new(package["manifest_path"].as_str().unwrap());
    let dependencies = package["dependencies"].as_array().unwrap().iter().map(|dependency| {
        let kind = match dependency["kind"].as_str() {
            Some("dev") => DependencyKind::Development,
            Some("build") => DependencyKind::Build,
            _ => DependencyKind::Normal,
        };
        (kind, dependency["name"].as_str().unwrap().to_owned())
    });
    let targets = package["targets"].as_array().unwrap().iter();
    let targets = targets.filter(|target| target["kind"][0] != "custom-build");
    Crate {
        name: package["name"].as_str().unwrap().to_owned(),
        folder: relative(manifest.parent().unwrap(), root),
        dependencies: dependencies.collect(),
        roots: targets
            .map(|target| relative(Path::new(target["src_path"].as_str().unwrap()), root))
            .collect(),
    }
}

fn locked(file: &Path) -> BTreeMap<String, BTreeSet<String>> {
    let lock: toml::Table = toml::from_str(&fs::read_to_string(file).unwrap()).unwrap();
    let mut locked: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for package in lock["package"].as_array().unwrap() {
        let name = package["name"].as_str().unwrap().to_owned();
        let dependencies = package.get("dependencies").and_then(toml::Value::as_array);
        // A dependency is `name`, or `name version` where two versions are there.
        let names = dependencies.into_iter().flatten().filter_map(toml::Value::as_str);
        let names = names.filter_map(|name| name.split(' ').next()).map(str::to_owned);
        locked.entry(name).or_default().extend(names);
    }
    locked
}

fn relative(path: &Path, root: &Path) -> String {
    let parts = path.strip_prefix(root).unwrap_or(path).components();
    let parts: Vec<_> = parts.map(|part| part.as_os_str().to_string_lossy()).collect();
    parts.join("/")
}
