//! The one door for JSON: events, an agent's parameters, the host's facts.

use crate::fault::{About, Fault, FaultKind, Faults, Subject};
use crate::pass::{EVENT, Pass};
use crate::said::Said;
use crate::scan::{Scanner, Stopped};
use crate::walk::{Scratch, Walk};
use crate::{EventHead, EventKind, Facts, Layouts, Record, limits};
use guard_plan::{Layout, Shape};

/// Reads events and other JSON values. One is kept for each session and reused: once warm, reading
/// what is in order allocates nothing but for URLs and for names that are not ASCII.
#[derive(Debug, Default)]
pub struct Reader {
    scratch: Scratch,
    faults: Faults,
    /// The texts of the event's own keys that have escapes, without them.
    unescaped: Vec<u8>,
}

impl Reader {
    /// Reads an event and fills `record` as its layout says.
    ///
    /// The reader fills the slots for what the event says of itself; those about the session
    /// (`Meta::SessionId`, `SessionAge`, `SessionEvents`) are left absent. The value of a result is
    /// read from its text, and is absent in a failure.
    ///
    /// An error means that the event is unreadable; the record is then of no meaning.
    pub fn event<'r, L: Layouts>(
        &'r mut self,
        bytes: &'r [u8],
        layouts: &L,
        record: &mut Record,
    ) -> Result<EventHead<'r, L::Target>, Fault> {
        self.clear();
        record.reset(0);
        let text = text_of(bytes, EVENT)?;
        let (scratch, faults) = (&mut self.scratch, &mut self.faults);
        let mut pass = Pass::new(text, layouts, record, scratch, faults, &mut self.unescaped);
        let (kind, found) = pass.run()?;
        let said = Said::of(&mut pass, kind);
        if kind == EventKind::Result
            && said.failed == Ok(Some(false))
            && let Ok(Some(result)) = &said.text
        {
            pass.result_value(&found, result);
        }
        said.fill(&mut pass, &found);
        Ok(said.head(kind, &found, text, &self.unescaped, &self.faults))
    }

    /// Reads one JSON value and fills `record` as `layout` says: an agent's parameters, say.
    pub fn value<'r>(
        &'r mut self,
        json: &[u8],
        shapes: &[Shape],
        layout: &Layout,
        subject: Subject<'_>,
        record: &mut Record,
    ) -> Result<&'r Faults, Fault> {
        self.clear();
        record.reset(layout.slots.len());
        let mut json = Scanner::new(text_of(json, subject)?);
        let (scratch, faults) = (&mut self.scratch, &mut self.faults);
        let walked = Walk::new(&mut json, shapes, layout, record, scratch, faults, subject).whole();
        walked.map_err(|Stopped| json.fault(subject))?;
        Ok(&self.faults)
    }

    fn clear(&mut self) {
        self.scratch.clear();
        self.faults.clear();
        self.unescaped.clear();
        self.unescaped.shrink_to(limits::SCRATCH_KEPT_MAX);
    }
}

/// Reads the facts that a host supplies: an object with one key for each. What is missing or `null`
/// is unknown; anything wrong refuses them all.
pub fn read_facts(json: &[u8], shapes: &[Shape], layout: &Layout) -> Result<Facts, Fault> {
    let subject = Subject { about: About::Fact, owner: "" };
    let mut json = Scanner::new(text_of(json, subject)?);
    let mut facts = Facts::unknown(layout.slots.len());
    let (mut scratch, mut faults) = (Scratch::default(), Faults::default());
    let record = &mut facts.record;
    let mut walk = Walk::new(&mut json, shapes, layout, record, &mut scratch, &mut faults, subject);
    walk.sets = Some(Vec::new());
    let walked = walk.whole();
    let sets = walk.sets.take().unwrap_or_default();
    walked.map_err(|Stopped| json.fault(subject))?;
    if let Some(fault) = faults.described().first() {
        return Err(fault.clone());
    }
    for (slot, texts) in sets {
        if let Ok(slot) = usize::try_from(slot) {
            facts.set_texts(slot, texts);
        }
    }
    Ok(facts)
}

/// The bytes as text, if they are not too many and UTF-8.
fn text_of<'b>(bytes: &'b [u8], subject: Subject<'_>) -> Result<&'b str, Fault> {
    if bytes.len() > limits::EVENT_BYTES_MAX {
        return Err(Fault::new(FaultKind::TooLarge, subject, "is too large"));
    }
    simdutf8::basic::from_utf8(bytes).map_err(|_| {
        let at = std::str::from_utf8(bytes).err().map_or(0, |error| error.valid_up_to());
        Fault::new(FaultKind::NotUtf8, subject, "is not valid UTF-8").at(at)
    })
}
