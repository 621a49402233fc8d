//! What a layer's scope leaves out.

use crate::tir::EventRef;

/// Calls that the same lines of a layer's scopes permit, none of them always.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Beyond {
    /// The calls, sorted.
    pub events: Vec<EventRef>,
    /// The indexes of the lines; where there is none the calls are never permitted.
    pub lines: Vec<usize>,
}

/// Sorts the calls of tools by the lines (the events of each, sorted, and whether it has no condition) that
/// permit them. Those that a line always permits are left out.
pub fn beyond(lines: &[(&[EventRef], bool)], tools: &[&String]) -> Vec<Beyond> {
    let mut groups: Vec<Beyond> = Vec::new();
    for tool in tools {
        let event = EventRef::Call((*tool).clone());
        let covers =
            |(_, (events, _)): &(usize, &(&[EventRef], bool))| events.binary_search(&event).is_ok();
        let covering: Vec<(usize, bool)> = lines
            .iter()
            .enumerate()
            .filter(covers)
            .map(|(at, (_, always))| (at, *always))
            .collect();
        if covering.iter().any(|(_, always)| *always) {
            continue;
        }
        let lines: Vec<usize> = covering.into_iter().map(|(at, _)| at).collect();
        match groups.iter_mut().find(|group| group.lines == lines) {
            Some(group) => group.events.push(event),
            None => groups.push(Beyond { events: vec![event], lines }),
        }
    }
    for group in &mut groups {
        group.events.sort();
    }
    groups
}
