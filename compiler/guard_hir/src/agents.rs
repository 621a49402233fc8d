//! The agents of a package, the layers over them, and the policies they include.

use crate::names::Declaration;
use guard_db::{Db, ItemNode, Package, SourceFile, parse};
use guard_grammar::ast::{ItemKind, LayerDecl};

/// An agent's node and its file. A policy and a layer have rules too, see [`BlockNode`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, salsa::SalsaValue)]
pub struct AgentNode<'db> {
    /// The file.
    pub file: SourceFile,
    /// The declaration with its rules.
    pub item: ItemNode<'db>,
}

/// An agent, a layer or a policy: what has rules.
pub type BlockNode<'db> = AgentNode<'db>;

impl AgentNode<'_> {
    /// Its name.
    pub fn name(self, db: &dyn Db) -> String {
        match &*self.item.kind(db) {
            ItemKind::Agent(decl) => decl.name.text.clone(),
            ItemKind::Layer(decl) => decl.name.text.clone(),
            ItemKind::Policy(decl) => decl.name.text.clone(),
            _ => String::new(),
        }
    }
}

/// The agents of a package, in the order of its files.
pub fn agents(db: &dyn Db, package: Package) -> Vec<AgentNode<'_>> {
    blocks(db, package, |kind| matches!(kind, ItemKind::Agent(_)))
}

/// The layers of a package, in the order of its files.
pub fn layers(db: &dyn Db, package: Package) -> Vec<BlockNode<'_>> {
    blocks(db, package, |kind| matches!(kind, ItemKind::Layer(_)))
}

/// The policies of a package, in the order of its files.
pub fn policies(db: &dyn Db, package: Package) -> Vec<BlockNode<'_>> {
    blocks(db, package, |kind| matches!(kind, ItemKind::Policy(_)))
}

/// The node of a declaration.
pub fn block_of<'db>(
    db: &'db dyn Db,
    package: Package,
    declaration: &Declaration,
) -> Option<BlockNode<'db>> {
    let file = package.files(db).iter().find(|file| file.path(db) == declaration.file)?;
    let item = parse(db, *file).items.iter().find(|item| item.key(db) == declaration.key)?;
    Some(AgentNode { file: *file, item: *item })
}

/// Whether a layer is over the agent of this name.
pub fn is_over(layer: &LayerDecl, agent: &str) -> bool {
    layer.matching.as_ref().is_none_or(|glob| matches_glob(&glob.value, agent))
}

/// Whether a whole text matches a glob: `*` stands for any characters, `?` for one.
fn matches_glob(glob: &str, text: &str) -> bool {
    let glob: Vec<char> = glob.chars().collect();
    // Which beginnings of the glob match what was read so far.
    let mut matched = vec![false; glob.len() + 1];
    let stars = |matched: &mut Vec<bool>| {
        for (at, letter) in glob.iter().enumerate() {
            if *letter == '*' && matched.get(at) == Some(&true) {
                matched.iter_mut().skip(at + 1).take(1).for_each(|next| *next = true);
            }
        }
    };
    matched.iter_mut().take(1).for_each(|start| *start = true);
    stars(&mut matched);
    for read in text.chars() {
        let step = |(at, letter): (usize, &char)| {
            let stays = *letter == '*' && matched.get(at + 1) == Some(&true);
            let moves = (*letter == '?' || *letter == read) && *letter != '*';
            stays || moves && matched.get(at) == Some(&true)
        };
        let moved = glob.iter().enumerate().map(step);
        matched = std::iter::once(false).chain(moved).collect();
        stars(&mut matched);
    }
    matched.last() == Some(&true)
}

fn blocks(db: &dyn Db, package: Package, is: fn(&ItemKind) -> bool) -> Vec<BlockNode<'_>> {
    let of_file = |file: &SourceFile| {
        let items = parse(db, *file).items.iter().copied();
        let file = *file;
        items
            .filter(|item| is(&item.kind(db)))
            .map(move |item| AgentNode { file, item })
            .collect::<Vec<_>>()
    };
    package.files(db).iter().flat_map(of_file).collect()
}

#[cfg(test)]
mod tests {
    use super::matches_glob;

    #[test]
    fn a_glob_matches_whole_names() {
        for (glob, name, holds) in [
            ("support-*", "support-eu", true),
            ("support-*", "support", false),
            ("*", "", true),
            ("", "", true),
            ("", "a", false),
            ("*_eu", "a_eu_eu", true),
            ("*_eu", "a_eu_us", false),
            ("a*b*c", "aXbYbZc", true),
            ("a*b*c", "aXcYb", false),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("**", "x", true),
        ] {
            assert_eq!(matches_glob(glob, name), holds, "{glob} {name}");
        }
    }
}
