//! Finds entries that are equal but for constants, so that they share machine code.
//!
//! A shape's key says everything that generated code depends on except the constants themselves:
//! nodes, slots, the lengths of texts, the widths of rows. Constants follow one another in a table
//! of bytes, in the order of the nodes, so entries of one shape have tables of one form.

use crate::JitError;
use crate::scope::{Rows, Unit, item};
use guard_plan::{Comparison, Effect, Load, Node, NodeId, Operation, Region, TextId, TextSetId};

/// Sets of more texts are searched by the host.
pub(crate) const SET_TEXTS_MAX: usize = 64;

/// An entry as its shape and its constants.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Shape {
    /// Equal for entries that can share code.
    pub(crate) key: Vec<u8>,
    /// The constants, each at a multiple of 8 bytes; a whole number of words.
    pub(crate) constants: Vec<u8>,
    /// Where each node's constants stand; 0 for nodes without.
    pub(crate) offsets: Vec<u32>,
}

/// Describes an entry. `part::parts` has accepted it, which bounds the walk below.
pub(crate) fn shape(unit: &Unit<'_>) -> Result<Shape, JitError> {
    let entry = unit.entry;
    let mut writer = Writer { unit, shape: Shape::default() };
    writer.count(entry.nodes.len());
    for node in &entry.nodes {
        let start = writer.align()?;
        writer.shape.offsets.push(start);
        writer.node(node)?;
    }
    writer.count(entry.clauses.len());
    for clause in &entry.clauses {
        writer.word(clause.node.0);
        writer.byte(u8::from(clause.eager));
    }
    writer.count(entry.rules.len());
    for rule in &entry.rules {
        let effect = &item(&unit.plan.rules, rule.rule.0, "an entry names no rule")?.effect;
        writer.byte(u8::from(*effect == Effect::Allow));
        writer.byte(u8::from(rule.condition.is_some()));
        writer.word(rule.condition.map_or(0, |node| node.0));
    }
    if entry.nodes.iter().any(reads_rows) {
        for clause in &entry.clauses {
            writer.rows(clause.node, &mut Vec::new())?;
        }
    }
    writer.align()?;
    Ok(writer.shape)
}

/// The texts of a set that is compiled, in the order of the constants: by length, then by bytes.
/// `None` for a set that the host searches.
pub(crate) fn compiled_set<'p>(
    unit: &Unit<'p>,
    set: TextSetId,
) -> Result<Option<Vec<&'p str>>, JitError> {
    let ids = item(&unit.plan.text_sets, set.0, "a node names no text set")?;
    if ids.len() > SET_TEXTS_MAX {
        return Ok(None);
    }
    let mut texts = ids.iter().map(|id| text(unit, *id)).collect::<Result<Vec<_>, _>>()?;
    texts.sort_by_key(|text| text.len());
    Ok(Some(texts))
}

/// A text of the plan.
pub(crate) fn text<'p>(unit: &Unit<'p>, id: TextId) -> Result<&'p str, JitError> {
    item(&unit.plan.texts, id.0, "a node names no text").map(String::as_str)
}

/// Whether a node's meaning depends on the quantifiers around it.
fn reads_rows(node: &Node) -> bool {
    match node {
        Node::Quantify { .. } | Node::TextInList(..) => true,
        Node::Flag(load)
        | Node::Present(load)
        | Node::Load(load)
        | Node::Otherwise(load, _)
        | Node::RowCount(load) => matches!(load.region, Region::Row(_)),
        _ => false,
    }
}

struct Writer<'a, 'p> {
    unit: &'a Unit<'p>,
    shape: Shape,
}

impl<'p> Writer<'_, 'p> {
    fn byte(&mut self, byte: u8) {
        self.shape.key.push(byte);
    }

    fn word(&mut self, word: u32) {
        self.shape.key.extend_from_slice(&word.to_le_bytes());
    }

    fn count(&mut self, count: usize) {
        self.shape.key.extend_from_slice(&(count as u64).to_le_bytes());
    }

    /// A node's kind and operands.
    fn words(&mut self, kind: u8, words: &[u32]) {
        self.byte(kind);
        for word in words {
            self.word(*word);
        }
    }

    /// A load of a record's own slot must name one; rows are checked by [`Writer::rows`].
    fn load(&mut self, kind: u8, load: Load) -> Result<(), JitError> {
        let (region, depth) = match load.region {
            Region::Event => (0, 0),
            Region::Principal => (1, 0),
            Region::Data => (2, 0),
            Region::Row(depth) => (3, depth),
        };
        if region != 3 {
            self.unit.place(load, &[])?;
        }
        self.words(kind, &[region, depth, load.slot]);
        Ok(())
    }

    /// Pads the constants to whole words and returns how many bytes there are.
    fn align(&mut self) -> Result<u32, JitError> {
        let constants = &mut self.shape.constants;
        constants.resize(constants.len().next_multiple_of(8), 0);
        // Offsets are displacements of instructions, which are signed.
        i32::try_from(constants.len())
            .ok()
            .and_then(|length| u32::try_from(length).ok())
            .ok_or(JitError::TooLarge("an entry has too many constants"))
    }

    fn constant(&mut self, word: u64) {
        self.shape.constants.extend_from_slice(&word.to_ne_bytes());
    }

    fn text(&mut self, text: &str) {
        self.count(text.len());
        self.shape.constants.extend_from_slice(text.as_bytes());
    }

    fn node(&mut self, node: &Node) -> Result<(), JitError> {
        match node {
            Node::Truth(truth) => self.words(1, &[u32::from(*truth)]),
            Node::Flag(load) => self.load(2, *load)?,
            Node::Clause(clause) => self.words(3, &[*clause]),
            Node::And(operands) => self.operands(4, operands),
            Node::Or(operands) => self.operands(5, operands),
            Node::Not(a) => self.words(6, &[a.0]),
            Node::Present(load) => self.load(7, *load)?,
            Node::TruthEqual(a, b) => self.words(8, &[a.0, b.0]),
            Node::CompareInt(how, a, b) => self.words(9, &[comparison(*how), a.0, b.0]),
            Node::CompareFloat(how, a, b) => self.words(10, &[comparison(*how), a.0, b.0]),
            Node::TextEqual(a, b) => self.words(11, &[a.0, b.0]),
            Node::TextIn(a, set) => {
                self.words(12, &[a.0]);
                self.set(*set)?;
            }
            Node::TextInData(a, slot) => {
                item(&self.unit.plan.data.slots, *slot, "a data set has no slot")?;
                self.words(13, &[a.0, *slot]);
            }
            Node::TextInList(a, list) => {
                self.load(14, *list)?;
                self.word(a.0);
            }
            Node::StartsWith(a, b) => self.words(15, &[a.0, b.0]),
            Node::EndsWith(a, b) => self.words(16, &[a.0, b.0]),
            Node::Contains(a, b) => self.words(17, &[a.0, b.0]),
            Node::Match(a, pattern) => {
                self.words(18, &[a.0]);
                self.constant(u64::from(*pattern));
            }
            Node::Quantify { all, list, body } => {
                self.load(19, *list)?;
                self.words(u8::from(*all), &[body.0]);
            }
            Node::Int(value) => {
                self.byte(20);
                self.constant(value.cast_unsigned());
            }
            Node::Float(bits) => {
                self.byte(21);
                self.constant(*bits);
            }
            Node::Text(id) => {
                self.byte(22);
                self.text(text(self.unit, *id)?);
            }
            Node::Load(load) => self.load(23, *load)?,
            Node::Otherwise(load, a) => {
                self.load(24, *load)?;
                self.word(a.0);
            }
            Node::Choose(a, b, c) => self.words(25, &[a.0, b.0, c.0]),
            Node::ArithmeticInt(how, a, b) => self.words(26, &[operation(*how), a.0, b.0]),
            Node::ArithmeticFloat(how, a, b) => self.words(27, &[operation(*how), a.0, b.0]),
            Node::RowCount(list) => self.load(28, *list)?,
            Node::CharCount(a) => self.words(29, &[a.0]),
        }
        Ok(())
    }

    fn operands(&mut self, kind: u8, operands: &[NodeId]) {
        self.byte(kind);
        self.count(operands.len());
        for operand in operands {
            self.word(operand.0);
        }
    }

    fn set(&mut self, set: TextSetId) -> Result<(), JitError> {
        if let Some(texts) = compiled_set(self.unit, set)? {
            self.count(texts.len());
            for text in texts {
                self.text(text);
            }
        } else {
            self.count(usize::MAX);
            self.constant(u64::from(set.0));
        }
        Ok(())
    }

    /// Writes the widths of rows below a node, and checks the loads from them.
    fn rows(&mut self, node: NodeId, rows: &mut Vec<Rows<'p>>) -> Result<(), JitError> {
        let node = self.unit.node(node)?;
        match node {
            Node::Flag(load)
            | Node::Present(load)
            | Node::Load(load)
            | Node::Otherwise(load, _)
            | Node::RowCount(load) => {
                self.unit.place(*load, rows)?;
            }
            Node::TextInList(_, list) => {
                let width = self.unit.rows_of(*list, rows)?.width();
                self.count(width);
            }
            Node::Quantify { list, body, .. } => {
                let inner = self.unit.rows_of(*list, rows)?;
                self.count(inner.width());
                rows.push(inner);
                self.rows(*body, rows)?;
                rows.pop();
                return Ok(());
            }
            _ => {}
        }
        let mut result = Ok(());
        node.for_each_operand(|operand| {
            if result.is_ok() {
                result = self.rows(operand, rows);
            }
        });
        result
    }
}

fn comparison(how: Comparison) -> u32 {
    match how {
        Comparison::Equal => 0,
        Comparison::NotEqual => 1,
        Comparison::Less => 2,
        Comparison::LessOrEqual => 3,
        Comparison::Greater => 4,
        Comparison::GreaterOrEqual => 5,
    }
}

fn operation(how: Operation) -> u32 {
    match how {
        Operation::Add => 0,
        Operation::Subtract => 1,
        Operation::Multiply => 2,
        Operation::Divide => 3,
    }
}
