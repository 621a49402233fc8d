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
    let (glob, text): (Vec<char>, Vec<char>) = (glob.chars().collect(), text.chars().collect());
    let (mut at, mut read) = (0, 0);
    // The last star, and how far the text was read when it began.
    let mut star: Option<(usize, usize)> = None;
    loop {
        match (glob.get(at), text.get(read)) {
            (Some('*'), _) => {
                star = Some((at, read));
                at += 1;
            }
            (Some(wanted), Some(found)) if *wanted == '?' || wanted == found => {
                at += 1;
                read += 1;
            }
            (None, None) => return true,
            (_, None) => return false,
            (_, Some(_)) => {
                let Some((star_at, from)) = star else { return false };
                star = Some((star_at, from + 1));
                (at, read) = (star_at + 1, from + 1);
            }
        }
    }
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
