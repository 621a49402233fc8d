//! Limits in a file do what every store of limits must.

use crate::common::{Folder, WAIT};
use guard_journal::SqliteState;
use guard_state::conformance;

#[test]
fn the_file_does_what_every_store_must() {
    let folder = Folder::new();
    let store = SqliteState::open(&folder.file("limits.db"), WAIT).unwrap();
    conformance::check_state(&store).unwrap();
}

#[test]
fn generated_histories_are_those_of_the_oracle() {
    let folder = Folder::new();
    let store = SqliteState::open(&folder.file("limits.db"), WAIT).unwrap();
    conformance::histories_agree_with_the_oracle(&store, 12).unwrap();
}
