//! Where values came from: the texts of a session by the kinds of source that its agent's rules tell
//! apart.

use guard_ground::Checked;
use guard_origin::{
    Bounds, Classes, FieldClasses, FieldKind, FieldPath, OriginIndex, Quota, is_disguised,
};
use guard_plan::{Agent, Provenance, ResultSources, Sources, ToolId, Truth};

/// The bound on what a session remembers of its texts, in words; past it an answer that is not
/// certain is unknown. What the user says has room of its own, so that nobody else can use it up.
pub(crate) const BOUNDS: Bounds = Bounds::USUAL;

/// The sources of a value.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Found {
    pub(crate) certain: Sources,
    /// Those that can no longer be told.
    pub(crate) perhaps: Sources,
}

impl From<guard_origin::Found> for Found {
    fn from(found: guard_origin::Found) -> Self {
        Self { certain: Sources(found.in_classes.0), perhaps: Sources(found.perhaps.0) }
    }
}

/// The class of what is confidential.
const SECRET: Classes = Classes(1);

const NOTHING: Found = Found { certain: Sources(0), perhaps: Sources(0) };

/// The texts of one session; nothing where no rule asks.
#[derive(Debug, Clone)]
pub(crate) struct Origins {
    index: Option<OriginIndex>,
}

impl Origins {
    /// For an agent; nothing was said.
    pub(crate) fn new(agent: &Agent) -> Self {
        let Provenance { names, has_facts, .. } = &agent.provenance;
        let new = if *has_facts { OriginIndex::with_facts } else { OriginIndex::new };
        Self { index: (!names.is_empty()).then(|| new(BOUNDS)) }
    }

    /// What was said, as bytes; nothing where nothing is kept.
    pub(crate) fn to_bytes(&self) -> Option<Vec<u8>> {
        self.index.as_ref().map(OriginIndex::to_bytes)
    }

    /// What [`Origins::to_bytes`] wrote for a session of this agent.
    pub(crate) fn from_bytes(agent: &Agent, bytes: Option<Vec<u8>>) -> Option<Self> {
        let is_asked = !agent.provenance.names.is_empty();
        let has_facts = agent.provenance.has_facts;
        let index = match (is_asked, bytes) {
            (true, Some(bytes)) => {
                let index = OriginIndex::from_bytes(&bytes, BOUNDS).ok();
                Some(index.filter(|index| index.has_facts() == has_facts)?)
            }
            (false, None) => None,
            _ => return None,
        };
        Some(Self { index })
    }

    /// Whether texts are kept.
    pub(crate) fn keeps(&self) -> bool {
        self.index.is_some()
    }

    /// Adds an input.
    pub(crate) fn heard(&mut self, text: &str, by_user: bool) {
        let Some(index) = &mut self.index else { return };
        if by_user {
            let classes = Sources::ANYWHERE.and(Sources::USER);
            index.add_text(text, Classes(classes.0), Quota::User);
            if let Some(spaced) = spaced(text) {
                index.add_text(&spaced, Classes(classes.0), Quota::User);
            }
        } else {
            index.add_text(text, Classes(Sources::ANYWHERE.0), Quota::Other);
        }
    }

    /// Adds a result.
    pub(crate) fn read(&mut self, text: &str, tool: ToolId, provenance: &Provenance) {
        let Some(index) = &mut self.index else { return };
        let sources = sources_of(provenance, tool);
        let all = sources.map_or(Sources::ANYWHERE, |sources| sources.text);
        let fields = sources.map_or(&[][..], |sources| sources.fields.as_slice());
        let classes_of = |path: &FieldPath| {
            // What cannot be read by field could be anything.
            let mut classes = if path.is_read() { all } else { all.and(Sources::UNTRUSTED) };
            for field in fields {
                let is_meant =
                    if field.is_whole { path.is(&field.name) } else { path.ends_with(&field.name) };
                if is_meant {
                    classes = classes.and(field.sources);
                }
            }
            FieldClasses { text: Classes(classes.0), whole: Classes(classes.0) }
        };
        index.add_result(text, &classes_of);
        let Some(sources) = sources.filter(|of| of.is_secret || !of.secrets.is_empty()) else {
            return;
        };
        // What is a field's value is secret, and what stands around values is not. What cannot be read
        // by field could be anything.
        for field in &guard_origin::fields(text) {
            let is_named = || sources.secrets.iter().any(|name| field.path.ends_with(name));
            let is_secret = sources.is_secret || !field.path.is_read() || is_named();
            if field.kind == FieldKind::Value && is_secret {
                index.add_secret(&field.text, SECRET);
            }
        }
    }

    /// Where a text came from. One that only looks like what was said may be something else.
    pub(crate) fn text(&self, text: &[u8], whole: bool) -> Found {
        let (Some(index), Ok(text)) = (&self.index, std::str::from_utf8(text)) else {
            return NOTHING;
        };
        let found: Found = if whole { index.find_whole(text) } else { index.find(text) }.into();
        if found.certain.is_empty() || !is_disguised(text) {
            return found;
        }
        Found { certain: Sources(0), perhaps: found.perhaps.and(found.certain) }
    }

    /// Where a number came from.
    pub(crate) fn number(&self, value: f64, whole: bool) -> Found {
        self.index.as_ref().map_or(NOTHING, |index| {
            if whole { index.find_whole_number(value) } else { index.find_number(value) }.into()
        })
    }

    /// Whether the claims of a text stand in texts of these sources; nothing where nothing is kept.
    pub(crate) fn check(&self, text: &str, sources: Sources) -> Option<Checked> {
        let index = self.index.as_ref()?;
        Some(guard_ground::check(text, &index.among(Classes(sources.0))))
    }

    /// How much of a text these sources support; nothing where that can no longer be told.
    pub(crate) fn support(&self, text: &str, sources: Sources) -> Option<f64> {
        let index = self.index.as_ref()?;
        guard_ground::support(text, &index.among(Classes(sources.0)))
    }

    /// Whether a text holds a confidential value, or may.
    pub(crate) fn conceals(&self, text: &str) -> bool {
        self.index.as_ref().is_some_and(|index| index.carried(text) != guard_origin::Found::NOWHERE)
    }

    /// Whether a text holds a confidential value.
    pub(crate) fn carries(&self, text: &[u8]) -> Truth {
        let (Some(index), Ok(text)) = (&self.index, std::str::from_utf8(text)) else {
            return Truth::Unknown;
        };
        let found = index.carried(text);
        match (found.in_classes.is_empty(), found.perhaps.is_empty()) {
            (false, _) => Truth::True,
            (true, false) => Truth::Unknown,
            (true, true) => Truth::False,
        }
    }
}

/// The text with the spaces that its writer left out after full stops: in `www.a.com.They said` the
/// address ends before `They`. Nothing where none is left out.
fn spaced(text: &str) -> Option<String> {
    let mut spaced = String::new();
    let mut before = ' ';
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        spaced.push(c);
        let mut next = rest.clone();
        let starts = next.next().is_some_and(char::is_uppercase);
        if c == '.'
            && before.is_lowercase()
            && starts
            && next.next().is_some_and(char::is_lowercase)
        {
            spaced.push(' ');
        }
        before = c;
    }
    (spaced.len() > text.len()).then_some(spaced)
}

/// Where a tool's results are from.
pub(crate) fn sources_of(provenance: &Provenance, tool: ToolId) -> Option<&ResultSources> {
    let index = provenance.results.binary_search_by_key(&tool, |sources| sources.tool).ok()?;
    provenance.results.get(index)
}

#[cfg(test)]
mod tests {
    //! The bound that a plan's listing prints is that of the index.

    use super::BOUNDS;
    use guard_origin::OriginIndex;
    use guard_plan::limits::{FACT_BYTES_MAX, ORIGIN_BYTES_MAX};

    #[test]
    fn the_index_keeps_no_more_than_is_printed() {
        assert!(
            OriginIndex::bytes_max(BOUNDS) <= ORIGIN_BYTES_MAX,
            "{}",
            OriginIndex::bytes_max(BOUNDS)
        );
        assert!(
            OriginIndex::facts_bytes_max(BOUNDS) <= FACT_BYTES_MAX,
            "{}",
            OriginIndex::facts_bytes_max(BOUNDS)
        );
    }
}
