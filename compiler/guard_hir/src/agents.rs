//! The agents of a package and their rules.

use guard_db::{Db, ItemNode, Package, SourceFile, parse};
use guard_grammar::ast::ItemKind;

/// An agent's node and its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, salsa::SalsaValue)]
pub struct AgentNode<'db> {
    /// The file.
    pub file: SourceFile,
    /// The declaration with its rules.
    pub item: ItemNode<'db>,
}

/// The agents of a package, in the order of its files.
pub fn agents(db: &dyn Db, package: Package) -> Vec<AgentNode<'_>> {
    let of_file = |file: &SourceFile| {
        let items = parse(db, *file).items.iter().copied();
        let file = *file;
        items
            .filter(|item| matches!(&*item.kind(db), ItemKind::Agent(_)))
            .map(move |item| AgentNode { file, item })
            .collect::<Vec<_>>()
    };
    package.files(db).iter().flat_map(of_file).collect()
}
