//! Names inside one declaration: each stands once, can be told from the others, and is composed.

use crate::lookalike::skeleton;
use crate::names::Declaration;
use guard_diagnostic::Diagnostic;
use guard_grammar::ast::{Field, Name, ToolDecl, TypeExpr, TypeKind};
use std::collections::BTreeMap;
use unicode_normalization::{UnicodeNormalization, is_nfc};

/// Checks a tool's own name, its arguments and its result.
pub(crate) fn tool(declaration: &Declaration, tool: &ToolDecl, diagnostics: &mut Vec<Diagnostic>) {
    for name in &tool.name.segments {
        composed(declaration, name, diagnostics);
    }
    fields(declaration, "argument", &tool.arguments, diagnostics);
    look_alike_arguments(declaration, tool, diagnostics);
    if let Some(result) = &tool.result {
        in_type(declaration, result, diagnostics);
    }
}

/// Checks arguments, parameters or a record's fields, and their types.
pub(crate) fn fields(
    declaration: &Declaration,
    what: &str,
    fields: &[Field],
    diagnostics: &mut Vec<Diagnostic>,
) {
    let mut seen: BTreeMap<&str, &Name> = BTreeMap::new();
    for field in fields {
        composed(declaration, &field.name, diagnostics);
        in_type(declaration, &field.ty, diagnostics);
        if let Some(first) = seen.insert(&field.name.text, &field.name) {
            let headline = format!("{what} `{}` is declared twice", field.name.text);
            diagnostics.push(second(declaration, "G0101", headline, first, &field.name));
        }
    }
}

/// Checks the records inside a type.
pub(crate) fn in_type(declaration: &Declaration, ty: &TypeExpr, diagnostics: &mut Vec<Diagnostic>) {
    match &ty.kind {
        TypeKind::Record(inner) => fields(declaration, "field", inner, diagnostics),
        TypeKind::List(inner)
        | TypeKind::Set(inner)
        | TypeKind::Map(inner)
        | TypeKind::Optional(inner) => in_type(declaration, inner, diagnostics),
        TypeKind::Named(_) | TypeKind::Union(_) | TypeKind::Error => {}
    }
}

fn look_alike_arguments(
    declaration: &Declaration,
    tool: &ToolDecl,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let mut seen: BTreeMap<String, &Name> = BTreeMap::new();
    for argument in &tool.arguments {
        let name = &argument.name;
        let Some(first) = seen.insert(skeleton(&name.text), name) else { continue };
        if first.text != name.text {
            let headline = format!("arguments `{}` and `{}` look alike", first.text, name.text);
            diagnostics.push(second(declaration, "G0103", headline, first, name));
        }
    }
}

fn second(
    declaration: &Declaration,
    code: &'static str,
    headline: String,
    first: &Name,
    second: &Name,
) -> Diagnostic {
    Diagnostic::error(code, headline, declaration.label(second.span, "the second one"))
        .with_related(declaration.label(first.span, "the first one"))
        .with_help("give one of them another name")
}

/// Names are compared byte for byte, so each must have the one form that Unicode calls composed.
fn composed(declaration: &Declaration, name: &Name, diagnostics: &mut Vec<Diagnostic>) {
    if name.text.is_ascii() || is_nfc(&name.text) {
        return;
    }
    let form: String = name.text.nfc().collect();
    let label = declaration.label(name.span, "has letters that are put together from several");
    let error = Diagnostic::error("G0104", format!("`{form}` is not in its composed form"), label)
        .with_help("write each letter with its accent as one (Unicode NFC)")
        .with_note("another text of the same look would be another name");
    let place = declaration.label(name.span, "");
    diagnostics.push(error.with_fix(place, format!("\"{form}\"")));
}
