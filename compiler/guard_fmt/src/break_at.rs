//! Where a line that is too long breaks.

use crate::WIDTH;
use crate::gaps::{Gap, Place};
use crate::layout::Line;
use crate::tokens::Printed;
use guard_grammar::TokenKind as T;

/// Breaks every line that is too long at its outermost places. Says whether it found any.
pub(crate) fn shorten(
    tokens: &[Printed<'_>],
    gaps: &[Gap],
    lines: &[Line],
    breaks: &mut [bool],
) -> bool {
    let mut found = false;
    for line in lines.iter().filter(|line| line.width() > WIDTH && line.first < line.end) {
        found |= shorten_line(tokens, gaps, line, breaks);
    }
    found
}

/// The outermost bracket around a token whose first element stands on the bracket's own line.
fn pushing_bracket(gaps: &[Gap], index: usize, breaks: &[bool]) -> Option<(usize, usize)> {
    let bracket_of = |index: usize| gaps.get(index).and_then(|gap| gap.bracket);
    let around = std::iter::successors(bracket_of(index), |open| bracket_of(*open));
    let pushes = around.filter(|open| !breaks.get(open + 1).copied().unwrap_or(true));
    let open = pushes.last()?;
    Some((open, gaps.get(open)?.partner?))
}

fn shorten_line(tokens: &[Printed<'_>], gaps: &[Gap], line: &Line, breaks: &mut [bool]) -> bool {
    // A line that is pushed to the right by a bracket above gets its room first.
    if let Some((open, close)) = pushing_bracket(gaps, line.first, breaks) {
        set(breaks, close);
        return set(breaks, open + 1);
    }
    let places = line.first + 1..line.end;
    let open_places = places.clone().filter_map(|index| {
        let gap = gaps.get(index)?;
        let place = gap.place.filter(|place| *place != Place::Close)?;
        Some((gap.depth, place, index))
    });
    let Some((depth, place, first)) = open_places.min() else { return false };
    if matches!(place, Place::Open | Place::Element) {
        let bracket = gaps.get(first).and_then(|gap| gap.bracket);
        return break_elements(tokens, gaps, line, bracket, depth, breaks);
    }
    for index in places {
        let here =
            gaps.get(index).is_some_and(|gap| (gap.depth, gap.place) == (depth, Some(place)));
        if here && let Some(at) = breaks.get_mut(index) {
            *at = true;
        }
    }
    true
}

/// Breaks between elements: each on its own line in `(…)` and `{…}`, as many as fit on each in `[…]`
/// and outside brackets.
fn break_elements(
    tokens: &[Printed<'_>],
    gaps: &[Gap],
    line: &Line,
    bracket: Option<usize>,
    depth: usize,
    breaks: &mut [bool],
) -> bool {
    let close = bracket.and_then(|open| gaps.get(open)?.partner);
    let mut broke = false;
    if let (Some(open), Some(close)) = (bracket, close) {
        broke = set(breaks, open + 1);
        set(breaks, close);
    }
    let elements = bracket.map_or(line.first, |open| open + 1)..close.unwrap_or(line.end);
    let begins = |index: usize| {
        let gap = gaps.get(index);
        gap.is_some_and(|gap| gap.depth == depth && gap.place == Some(Place::Element))
    };
    let kind = bracket.and_then(|open| tokens.get(open)).map(|token| token.kind);
    if !matches!(kind, None | Some(T::LeftBracket)) {
        // Of brackets that are spread already only this line is left.
        let range = if broke { elements } else { line.first + 1..line.end };
        for index in range.filter(|index| begins(*index)) {
            broke |= set(breaks, index);
        }
        return broke;
    }
    if broke {
        // The lines inside are looked at again, where they are now.
        return true;
    }
    let mut width = line.indent;
    let mut last = None;
    for index in line.first..line.end {
        let (Some(gap), Some(token)) = (gaps.get(index), tokens.get(index)) else { break };
        if index > line.first && elements.contains(&index) && begins(index) {
            last = Some((index, width));
        }
        width += token.text.chars().count() + usize::from(gap.space);
        if width > WIDTH
            && let Some((at, before)) = last.take()
        {
            width = line.indent + width.saturating_sub(before);
            broke |= set(breaks, at);
        }
    }
    broke
}

fn set(breaks: &mut [bool], at: usize) -> bool {
    breaks.get_mut(at).is_some_and(|at| !std::mem::replace(at, true))
}
