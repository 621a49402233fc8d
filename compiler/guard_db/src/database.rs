//! Inputs, and the database that remembers what was computed from them.

use std::sync::{Arc, Mutex, PoisonError};

/// What every query asks for.
#[salsa::db]
pub trait Db: salsa::Database {}

/// The text of one file.
#[salsa::input(debug)]
pub struct SourceFile {
    /// Relative to the package, with slashes: `tools/bank.guard`. Files of the standard library
    /// begin with `std/`.
    #[returns(clone)]
    pub path: Arc<str>,
    /// The text.
    #[returns(clone)]
    pub text: Arc<str>,
}

/// The files of a package, those of the standard library included.
#[salsa::input(debug)]
pub struct Package {
    /// Its name.
    #[returns(clone)]
    pub name: Arc<str>,
    /// Sorted by path.
    #[returns(deref)]
    pub files: Vec<SourceFile>,
    /// The files of models: path and bytes, those of the standard library included.
    #[returns(deref)]
    pub models: Vec<(Arc<str>, Arc<[u8]>)>,
    /// Models that cannot be used: path, and why. What is known of a model without running it is not said here.
    #[returns(deref)]
    pub unusable_models: Vec<(Arc<str>, Arc<str>)>,
}

/// The database that the command line, an editor and the tests share.
#[salsa::db]
#[derive(Clone)]
pub struct GuardDatabase {
    storage: salsa::Storage<Self>,
    executed: Arc<Mutex<Vec<String>>>,
}

impl std::fmt::Debug for GuardDatabase {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("GuardDatabase").finish_non_exhaustive()
    }
}

impl Default for GuardDatabase {
    fn default() -> Self {
        Self { storage: salsa::Storage::new(None), executed: Arc::default() }
    }
}

impl GuardDatabase {
    /// A database that notes which queries ran, for tests of what an edit costs.
    pub fn with_log() -> Self {
        let executed = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&executed);
        let note = move |event: salsa::Event| {
            if let salsa::EventKind::WillExecute { database_key } = event.kind {
                let mut log = log.lock().unwrap_or_else(PoisonError::into_inner);
                log.push(format!("{database_key:?}"));
            }
        };
        Self { storage: salsa::Storage::new(Some(Box::new(note))), executed }
    }

    /// The queries that ran since the last call, as `name(id)`.
    pub fn take_log(&self) -> Vec<String> {
        std::mem::take(&mut *self.executed.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[salsa::db]
impl salsa::Database for GuardDatabase {}

#[salsa::db]
impl Db for GuardDatabase {}

/// Makes a package of these files (path, text) and the standard library's, with the models (path, bytes)
/// that its detectors may name.
pub fn package_from_texts<'a>(
    db: &dyn Db,
    name: &str,
    files: impl IntoIterator<Item = (&'a str, &'a str)>,
    standard_library: &[(&'a str, &'a str)],
    models: &[(&'a str, &'a [u8])],
) -> Package {
    let mut sources: Vec<(Arc<str>, SourceFile)> = files
        .into_iter()
        .chain(standard_library.iter().copied())
        .map(|(path, text)| {
            let path: Arc<str> = path.into();
            (Arc::clone(&path), SourceFile::new(db, path, text.into()))
        })
        .collect();
    sources.sort_by(|(a, _), (b, _)| a.cmp(b));
    let files = sources.into_iter().map(|(_, file)| file).collect();
    let models = models.iter().map(|(path, bytes)| ((*path).into(), (*bytes).into())).collect();
    Package::new(db, name.into(), files, models, Vec::new())
}

/// Says of models why they cannot be used (path, reason); whoever runs them knows.
pub fn refuse_models(db: &mut dyn Db, package: Package, unusable: Vec<(Arc<str>, Arc<str>)>) {
    use salsa::Setter as _;
    package.set_unusable_models(db).to(unusable);
}

/// Replaces a file's text; what depends on it is computed again when it is next asked for.
pub fn set_text(db: &mut dyn Db, file: SourceFile, text: &str) {
    use salsa::Setter as _;
    file.set_text(db).to(text.into());
}
