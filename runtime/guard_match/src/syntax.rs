//! What a pattern's text means. See the crate's documentation for the rules.
//!
//! INVARIANT: a pattern that matches the whole text is anchored in the tree that the automaton is
//! built from, not by text around its source, so nothing written in it can undo the anchors.

use crate::{PatternError, limits};
use regex_syntax::ast::parse::Parser;
use regex_syntax::ast::{
    AssertionKind, Ast, ClassAscii, ClassAsciiKind, ClassBracketed, ClassPerl, ClassPerlKind,
    ClassSet, ClassSetItem, Flag, Flags, FlagsItem, FlagsItemKind, Group, GroupKind, Span,
};
use regex_syntax::hir::{Hir, Look, translate::Translator};

/// The meaning of a pattern's source.
pub(crate) fn parse(source: &str, whole: bool) -> Result<Hir, PatternError> {
    if source.len() > limits::PATTERN_BYTES_MAX {
        return Err(PatternError::new("the pattern is too long"));
    }
    let mut ast = Parser::new()
        .parse(source)
        .map_err(|error| PatternError::at(error.kind().to_string(), error.span()))?;
    Classes::default().restrict(&mut ast);
    let hir = Translator::new()
        .translate(source, &ast)
        .map_err(|error| PatternError::at(error.kind().to_string(), error.span()))?;
    if whole {
        return Ok(Hir::concat(vec![Hir::look(Look::Start), hir, Hir::look(Look::End)]));
    }
    Ok(hir)
}

/// Turns `\b \w \d \s` into their ASCII forms wherever the author has not written a `u` flag.
#[derive(Default)]
struct Classes {
    /// The `u` flag in force, where one is written.
    unicode: Option<bool>,
}

impl Classes {
    fn restrict(&mut self, ast: &mut Ast) {
        match ast {
            Ast::Empty(_) | Ast::Literal(_) | Ast::Dot(_) | Ast::ClassUnicode(_) => {}
            Ast::Flags(set) => self.apply(&set.flags),
            Ast::Repetition(repetition) => self.restrict(&mut repetition.ast),
            Ast::Group(group) => {
                let outside = self.unicode;
                if let GroupKind::NonCapturing(flags) = &group.kind {
                    self.apply(flags);
                }
                self.restrict(&mut group.ast);
                self.unicode = outside;
            }
            // A flag holds to the end of its group, also past a `|`.
            Ast::Alternation(alternation) => {
                alternation.asts.iter_mut().for_each(|ast| self.restrict(ast));
            }
            Ast::Concat(concat) => concat.asts.iter_mut().for_each(|ast| self.restrict(ast)),
            Ast::Assertion(assertion) => {
                if self.unicode.is_none() && is_word_boundary(&assertion.kind) {
                    let span = assertion.span;
                    let inner = std::mem::replace(ast, Ast::empty(span));
                    *ast = without_unicode(span, inner);
                }
            }
            Ast::ClassPerl(class) => {
                if self.unicode.is_none() {
                    let kind = ClassSet::Item(ClassSetItem::Ascii(ascii(class)));
                    let class = ClassBracketed { span: class.span, negated: false, kind };
                    *ast = Ast::class_bracketed(class);
                }
            }
            Ast::ClassBracketed(class) => {
                if self.unicode.is_none() {
                    restrict_set(&mut class.kind);
                }
            }
        }
    }

    fn apply(&mut self, flags: &Flags) {
        if let Some(on) = flags.flag_state(Flag::Unicode) {
            self.unicode = Some(on);
        }
    }
}

fn restrict_set(set: &mut ClassSet) {
    match set {
        ClassSet::Item(item) => restrict_item(item),
        ClassSet::BinaryOp(operation) => {
            restrict_set(&mut operation.lhs);
            restrict_set(&mut operation.rhs);
        }
    }
}

fn restrict_item(item: &mut ClassSetItem) {
    match item {
        ClassSetItem::Perl(class) => *item = ClassSetItem::Ascii(ascii(class)),
        ClassSetItem::Bracketed(class) => restrict_set(&mut class.kind),
        ClassSetItem::Union(union) => union.items.iter_mut().for_each(restrict_item),
        ClassSetItem::Empty(_)
        | ClassSetItem::Literal(_)
        | ClassSetItem::Range(_)
        | ClassSetItem::Ascii(_)
        | ClassSetItem::Unicode(_) => {}
    }
}

fn ascii(class: &ClassPerl) -> ClassAscii {
    let kind = match class.kind {
        ClassPerlKind::Digit => ClassAsciiKind::Digit,
        ClassPerlKind::Space => ClassAsciiKind::Space,
        ClassPerlKind::Word => ClassAsciiKind::Word,
    };
    ClassAscii { span: class.span, kind, negated: class.negated }
}

fn is_word_boundary(kind: &AssertionKind) -> bool {
    !matches!(
        kind,
        AssertionKind::StartLine
            | AssertionKind::EndLine
            | AssertionKind::StartText
            | AssertionKind::EndText
    )
}

/// `(?-u:…)` around an assertion.
fn without_unicode(span: Span, ast: Ast) -> Ast {
    let items = vec![
        FlagsItem { span, kind: FlagsItemKind::Negation },
        FlagsItem { span, kind: FlagsItemKind::Flag(Flag::Unicode) },
    ];
    let kind = GroupKind::NonCapturing(Flags { span, items });
    Ast::group(Group { span, kind, ast: Box::new(ast) })
}
