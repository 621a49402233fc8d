//! Which modules of the standard library a package has to do with. The others are held to everything by
//! the library's own tests, and not looked at each time.

use guard_db::{Db, Package, SourceFile, parse};
use guard_grammar::ast::ItemKind;
use guard_hir::module_name;
use std::collections::BTreeSet;
use std::sync::Arc;

/// The files of a package that are its own or used by it, over however many modules.
#[salsa::tracked(returns(clone))]
pub(crate) fn looked_at(db: &dyn Db, package: Package) -> Arc<BTreeSet<Arc<str>>> {
    let files = package.files(db);
    let own = files.iter().copied().filter(|file| !is_of_library(&file.path(db)));
    let mut waiting: Vec<SourceFile> = own.collect();
    let mut found = BTreeSet::new();
    while let Some(file) = waiting.pop() {
        if !found.insert(file.path(db)) {
            continue;
        }
        let used: BTreeSet<String> =
            parse(db, file).items.iter().filter_map(|item| used(&item.kind(db))).collect();
        let is_used = |file: &&SourceFile| used.contains(&*module_name(&file.path(db)));
        waiting.extend(files.iter().filter(is_used));
    }
    Arc::new(found)
}

fn used(kind: &ItemKind) -> Option<String> {
    match kind {
        ItemKind::Use(path) => Some(path.dotted()),
        _ => None,
    }
}

fn is_of_library(path: &str) -> bool {
    path.starts_with("std/")
}
