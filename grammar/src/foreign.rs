//! Recognises a file of AWS CloudFormation Guard, which has the same ending and the same word for
//! something else. Such a file gets one error, which names its tool, and no others.

use crate::pieces::Seen;
use crate::span::Span;
use crate::syntax_error::SyntaxError;
use crate::token::TokenKind as T;

/// The error for a file of the other tool.
pub(crate) fn recognise(source: &str, seen: &[Seen]) -> Option<SyntaxError> {
    let first = seen.first()?;
    if first.token.kind == T::Ident && first.token.span.text(source) == "guard" {
        return None;
    }
    let sign = source.lines().zip(line_starts(source)).find_map(|(line, start)| {
        let trimmed = line.trim_start();
        let code = trimmed.split('#').next().unwrap_or("");
        let hit = code.starts_with("let ") && (code.contains("Resources.") || code.contains("= %"))
            || code.starts_with("rule ") && (code.contains('{') || code.contains("when"))
            || code.starts_with("AWS::") && code.contains('{')
            || code.starts_with("Resources.")
            || code.starts_with('%') && code.contains('.')
            || code.contains("<<") && code.contains(">>");
        hit.then(|| {
            let indent = u32::try_from(line.len() - trimmed.len()).unwrap_or(0);
            let length = u32::try_from(code.trim_end().len()).unwrap_or(0);
            Span::new(start + indent, start + indent + length)
        })
    })?;
    Some(
        SyntaxError::new("G0003", "this is a file of AWS CloudFormation Guard, not an agent policy", sign)
            .label("this is cfn-guard's language")
            .help("check it with `cfn-guard validate`, or keep the two kinds of file in different folders")
            .note("the two tools share the ending `.guard`; agent policies begin with `guard 1`"),
    )
}

fn line_starts(source: &str) -> impl Iterator<Item = u32> + '_ {
    std::iter::once(0).chain(
        source.bytes().zip(1_u32..).filter(|(byte, _)| *byte == b'\n').map(|(_, index)| index),
    )
}
