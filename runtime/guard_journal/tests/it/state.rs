//! Limits in a file do what every store of limits must, also between processes.

use crate::common::{Folder, WAIT};
use guard_journal::SqliteState;
use guard_state::conformance;
use std::cell::Cell;

#[test]
fn the_file_does_what_every_store_must() {
    let folder = Folder::new();
    let made = Cell::new(0);
    conformance::all(&|| {
        made.set(made.get() + 1);
        let file = folder.file(&format!("{}.db", made.get()));
        Box::new(SqliteState::open(&file, WAIT).unwrap())
    });
}
