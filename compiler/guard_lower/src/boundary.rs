//! The scope of a layer as prohibitions: a call passes only where the agent's own scope permits it,
//! and some line of the scope of every layer does.

use crate::assemble::meaning;
use crate::fragment::{Formula, Fragment};
use guard_grammar::span::Span;
use guard_plan::{Effect, Place};
use guard_types::asked::Does;
use guard_types::boundary::{Beyond, beyond};
use guard_types::tir::EventRef;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The scopes of the layers over one agent, by the layer's name.
#[derive(Debug, Default)]
pub(crate) struct Boundaries {
    layers: BTreeMap<String, Boundary>,
}

#[derive(Debug)]
struct Boundary {
    /// Where the layer's first scope stands.
    place: Place,
    /// The lines of all of them.
    lines: Vec<Arc<Fragment>>,
}

impl Boundaries {
    /// Takes note of a scope; one without lines permits nothing, and so does its layer.
    pub(crate) fn scope(&mut self, layer: &str, place: Place) {
        let new = || Boundary { place, lines: Vec::new() };
        self.layers.entry(layer.to_owned()).or_insert_with(new);
    }

    /// Takes a line of the layer's scope that was noted last.
    pub(crate) fn permit(&mut self, layer: &str, line: Arc<Fragment>) {
        if let Some(boundary) = self.layers.get_mut(layer) {
            boundary.lines.push(line);
        }
    }

    /// What they forbid of these tools, which are all there are.
    pub(crate) fn prohibitions(self, tools: &[&String]) -> Vec<(Arc<Fragment>, Place)> {
        let mut found = Vec::new();
        for (name, boundary) in self.layers {
            let mut lines = boundary.lines;
            // The plan does not depend on the order in which lines were written.
            lines.sort_by(|a, b| key(a).cmp(&key(b)).then_with(|| meaning(a).cmp(&meaning(b))));
            lines.dedup();
            let covered: Vec<(&[EventRef], bool)> =
                lines.iter().map(|line| (&*line.events, line.formula.is_none())).collect();
            for beyond in beyond(&covered, tools) {
                let fragment = prohibition(&name, &lines, beyond);
                found.push((Arc::new(fragment), boundary.place.clone()));
            }
        }
        found
    }
}

fn key(line: &Fragment) -> impl Ord + '_ {
    (&line.title, &line.condition_text, &line.events, &line.because, &line.respond)
}

/// Forbids calls unless one of the lines permits them. What is not known does not permit.
fn prohibition(layer: &str, lines: &[Arc<Fragment>], beyond: Beyond) -> Fragment {
    let mut clauses = Vec::new();
    let mut permitted = Vec::new();
    let mut texts = Vec::new();
    for line in beyond.lines.iter().filter_map(|at| lines.get(*at)) {
        let Some(formula) = &line.formula else { continue };
        permitted.push(formula.after(clauses.len()));
        clauses.extend(line.clauses.iter().cloned());
        texts.push(format!("({})", line.condition_text.as_deref().unwrap_or_default()));
    }
    let permitted = match permitted.len() {
        0 => None,
        1 => permitted.pop(),
        _ => Some(Formula::Or(permitted)),
    };
    Fragment {
        effect: Effect::Deny,
        does: Does::Nothing,
        events: beyond.events,
        formula: permitted.map(|permitted| Formula::Not(Box::new(permitted))),
        clauses,
        title: format!("layer {layer}"),
        condition_text: (!texts.is_empty()).then(|| format!("not {}", texts.join(" and not "))),
        because: Some(format!("outside the boundary of layer {layer}")),
        respond: None,
        span: Span::default(),
        is_of_layer: true,
    }
}
