//! Values that differ from a value in one thing, made of what stands in a policy: its numbers and their neighbours, its
//! texts, its times.

use guard_grammar::{TokenKind, lex};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// How many texts, numbers and times are taken from a policy, each.
const HINTS_MAX: usize = 64;

/// How many variants of one value are made.
const VARIANTS_MAX: usize = 600;

/// At how many places a letter is put into a text.
const LETTERS_MAX: usize = 32;

/// How many values of one argument are taken from other calls.
const SAMPLES_MAX: usize = 16;

/// Literals of a policy, and values from its tests.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Hints {
    /// By tool and argument.
    samples: BTreeMap<(String, String), Vec<Value>>,
    whole: BTreeSet<i64>,
    /// As bits, so that they have an order.
    floats: BTreeSet<u64>,
    texts: BTreeSet<String>,
    milliseconds: BTreeSet<i64>,
}

impl Hints {
    /// Takes in the literals of a piece of policy. Those that are taken in first have precedence.
    pub fn take(&mut self, source: &str) {
        for token in lex(source).0.all {
            let text = token.span.text(source);
            let plain = text.replace('_', "");
            match token.kind {
                TokenKind::Int if self.whole.len() < HINTS_MAX => {
                    self.whole.extend(plain.parse::<i64>());
                }
                TokenKind::Float if self.floats.len() < HINTS_MAX => {
                    self.floats.extend(plain.parse::<f64>().map(f64::to_bits));
                }
                TokenKind::String if self.texts.len() < HINTS_MAX => {
                    let inner = text.trim_matches('"');
                    self.texts.insert(inner.replace("\\\"", "\"").replace("\\\\", "\\"));
                }
                TokenKind::Duration if self.milliseconds.len() < HINTS_MAX => {
                    self.milliseconds.extend(milliseconds(text));
                }
                _ => {}
            }
        }
    }

    /// Takes in the arguments of a call, so that they are tried in other calls of the tool.
    pub(crate) fn take_call(&mut self, tool: &str, arguments: &Map<String, Value>) {
        for (name, value) in arguments {
            let known = self.samples.entry((tool.to_owned(), name.clone())).or_default();
            if known.len() < SAMPLES_MAX && !known.contains(value) {
                known.push(value.clone());
            }
        }
    }

    /// The arguments of a call with one of them as it was in another call of the tool, and with one more list of the same
    /// kind behind a list.
    pub(crate) fn with_values_of_others(
        &self,
        tool: &str,
        arguments: &Map<String, Value>,
    ) -> Vec<Value> {
        let mut found = Vec::new();
        for ((_, name), values) in self.samples.iter().filter(|((of, _), _)| of == tool) {
            let mut with = |value: Value| {
                let mut changed = arguments.clone();
                changed.insert(name.clone(), value);
                found.push(Value::Object(changed));
            };
            for value in values {
                with(value.clone());
                if let (Some(Value::Array(here)), Value::Array(more)) = (arguments.get(name), value)
                {
                    with(Value::Array(here.iter().chain(more).cloned().collect()));
                }
            }
        }
        found
    }

    /// Times that lie around the policy's own, the shortest first.
    pub(crate) fn waits(&self) -> BTreeSet<i64> {
        let around = |time: &i64| [time / 4 * 3, *time, time + time / 2, time.saturating_mul(3)];
        self.milliseconds.iter().flat_map(around).filter(|time| *time > 0).collect()
    }

    fn whole_numbers(&self) -> impl Iterator<Item = i64> {
        let around = |number: &i64| [*number, number.saturating_add(1), number.saturating_sub(1)];
        self.whole.iter().flat_map(around)
    }

    fn float_numbers(&self) -> impl Iterator<Item = f64> {
        let around = |bits: &u64| {
            let number = f64::from_bits(*bits);
            [number, number + 0.01, number - 0.01, number + 0.5, number - 0.5]
        };
        self.floats.iter().flat_map(around)
    }
}

/// Of one unit only: what is composed of several is rare, and its parts are times as well.
fn milliseconds(text: &str) -> Option<i64> {
    let digits = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = text.split_at_checked(digits)?;
    let size = match unit {
        "ms" => 1,
        "s" => 1000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        "w" => 604_800_000,
        _ => return None,
    };
    number.parse::<i64>().ok()?.checked_mul(size)
}

/// Values that differ from this one in one place.
pub(crate) fn variants(value: &Value, hints: &Hints) -> Vec<Value> {
    let mut found = match value {
        Value::Null => Vec::new(),
        Value::Bool(value) => vec![Value::Bool(!value)],
        Value::Number(number) if number.is_f64() => {
            hints.float_numbers().map(Value::from).collect()
        }
        Value::Number(_) => hints.whole_numbers().map(Value::from).collect(),
        Value::String(text) => of_text(text, hints),
        Value::Array(elements) => of_list(elements, hints),
        Value::Object(fields) => of_record(fields, hints),
    };
    found.retain(|other| other != value);
    found.truncate(VARIANTS_MAX);
    found
}

/// A record or a list that is told as text is varied as such; a text is replaced, lengthened and emptied.
fn of_text(text: &str, hints: &Hints) -> Vec<Value> {
    if let Ok(value @ (Value::Object(_) | Value::Array(_))) = serde_json::from_str(text) {
        return variants(&value, hints).iter().map(|value| value.to_string().into()).collect();
    }
    let mut found: Vec<Value> = hints.texts.iter().map(|text| text.as_str().into()).collect();
    for hint in &hints.texts {
        // What an address, a link or a path is replaced by has to be one.
        found.extend(grafted(text, hint).map(Value::from));
        found.push(format!("{text} {hint}").into());
    }
    found.push("".into());
    if let Some(rest) = text.strip_prefix("https://") {
        found.push(format!("http://{rest}").into());
    }
    let edges = text.char_indices().filter(|(at, c)| {
        let before = text.get(..*at).and_then(|before| before.chars().next_back());
        before.is_some_and(char::is_alphanumeric) != c.is_alphanumeric()
    });
    for at in edges.map(|(at, _)| at).chain([text.len()]).take(LETTERS_MAX) {
        let (before, after) = text.split_at_checked(at).unwrap_or((text, ""));
        found.push(format!("{before}x{after}").into());
    }
    found
}

/// An address at another host, a link to another host, a path in another folder.
fn grafted(text: &str, hint: &str) -> Option<String> {
    if let Some((local, _)) = text.split_once('@') {
        return Some(format!("{local}@{hint}"));
    }
    if let Some((scheme, rest)) = text.split_once("://") {
        let path = rest.find('/').and_then(|at| rest.get(at..)).unwrap_or_default();
        return Some(format!("{scheme}://{hint}{path}"));
    }
    let (_, name) = text.rsplit_once('/')?;
    Some(format!("{hint}/{name}"))
}

fn of_list(elements: &[Value], hints: &Hints) -> Vec<Value> {
    let mut found = vec![Value::Array(Vec::new())];
    for (index, element) in elements.iter().enumerate() {
        let with = |new: Option<Value>| {
            let mut changed = elements.to_vec();
            changed.splice(index..=index, new);
            Value::Array(changed)
        };
        found.push(with(None));
        found.extend(variants(element, hints).into_iter().map(|new| with(Some(new))));
    }
    // One more of what is there, the same and another.
    if let Some(last) = elements.last() {
        let more = variants(last, hints).into_iter().take(8).chain([last.clone()]);
        found.extend(more.map(|new| {
            let mut changed = elements.to_vec();
            changed.push(new);
            Value::Array(changed)
        }));
    }
    found
}

fn of_record(fields: &Map<String, Value>, hints: &Hints) -> Vec<Value> {
    let mut found = Vec::new();
    for (name, value) in fields {
        for new in variants(value, hints) {
            let mut changed = fields.clone();
            changed.insert(name.clone(), new);
            found.push(Value::Object(changed));
        }
        let mut changed = fields.clone();
        changed.remove(name);
        found.push(Value::Object(changed));
    }
    found
}
