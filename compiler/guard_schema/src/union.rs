//! Types for values that may be one of several things: alternatives, and lists of permitted values.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::codes;
use crate::convert::Converter;
use crate::merge::Merged;
use crate::site::Site;
use crate::types::Type;

pub(crate) const UNION_HELP: &str =
    "give the value one type, or split the tool into one for each alternative";

impl<'a> Converter<'a, '_> {
    /// The type of an `anyOf` or a `oneOf`.
    pub(crate) fn union_type(&mut self, merged: &Merged<'a>, site: &Site<'a>) -> Type {
        let Some((alternatives, at)) = &merged.alternatives else { return Type::Json };
        let Value::Array(alternatives) = alternatives else {
            self.malformed(codes::MALFORMED_SCHEMA, at, "not a list of alternatives", None);
            return Type::Json;
        };
        if alternatives.is_empty() {
            self.malformed(codes::MALFORMED_SCHEMA, at, "no alternative is listed", None);
        }
        if speaks_beside_alternatives(merged) {
            let message = "alternatives and other constraints on the same value have no type";
            self.inexpressible(codes::BAD_UNION, at, message, Some(UNION_HELP));
            return Type::Json;
        }
        let outer_type = merged.types.as_ref().map(|(types, _)| *types);
        let types: Vec<Type> = alternatives
            .iter()
            .enumerate()
            .map(|(index, schema)| self.alternative(schema, &at.index(index), outer_type))
            .collect();
        if merged.failed { Type::Json } else { self.joined(types, site) }
    }

    /// One type for all the alternatives.
    pub(crate) fn joined(&mut self, types: Vec<Type>, site: &Site<'a>) -> Type {
        let mut nullable = false;
        let mut distinct = Vec::new();
        let mut written = BTreeSet::new();
        for ty in types {
            let (ty, optional) = ty.split_optional();
            nullable |= optional || ty == Type::Null;
            if ty != Type::Null && written.insert(ty.written()) {
                distinct.push(ty);
            }
        }
        let ty = match distinct.len() {
            0 => return Type::Null,
            1 => distinct.pop().unwrap_or(Type::Json),
            _ => self.covering(distinct, site),
        };
        if nullable { ty.optional() } else { ty }
    }

    /// One type for several that differ.
    fn covering(&mut self, types: Vec<Type>, site: &Site<'a>) -> Type {
        if types.contains(&Type::Json) {
            self.report.note(site, "one alternative accepts anything; written as `json`");
            return Type::Json;
        }
        if types.iter().all(|ty| matches!(ty, Type::Int | Type::Float)) {
            return Type::Float;
        }
        if types.iter().all(Type::is_text) {
            return self.covering_text(types, site);
        }
        if types.iter().any(Type::holds_object) {
            let message = "alternatives of which one is an object have no type";
            self.inexpressible(codes::BAD_UNION, site, message, Some(UNION_HELP));
            return Type::Json;
        }
        if types.iter().all(|ty| matches!(ty, Type::List(_))) {
            let elements = types.into_iter().filter_map(|ty| match ty {
                Type::List(element) => Some(*element),
                _ => None,
            });
            let element = self.joined(elements.collect(), site);
            return Type::List(Box::new(element));
        }
        self.report.note(site, "the alternatives are of different kinds; written as `json`");
        Type::Json
    }

    /// Permitted strings stay permitted strings; anything else becomes text.
    fn covering_text(&mut self, types: Vec<Type>, site: &Site<'a>) -> Type {
        if types.contains(&Type::STRING) {
            return Type::STRING;
        }
        if types.iter().any(|ty| matches!(ty, Type::Text(_))) {
            self.report.note(site, "the alternatives are kinds of text; written as `string`");
            return Type::STRING;
        }
        let mut values = Vec::new();
        let mut seen = BTreeSet::new();
        for ty in types {
            let Type::Union(alternatives) = ty else { continue };
            values.extend(alternatives.into_iter().filter(|value| seen.insert(value.clone())));
        }
        Type::Union(values)
    }

    /// The type of an `enum` or a `const`.
    pub(crate) fn enumerated(&mut self, merged: &Merged<'a>, site: &Site<'a>) -> Type {
        let (permitted, at) = match (&merged.permitted, &merged.constant) {
            (Some((listed, at)), None) => {
                let Some(listed) = listed.as_array().filter(|listed| !listed.is_empty()) else {
                    let message = "`enum` is a list of at least one value";
                    self.malformed(codes::MALFORMED_SCHEMA, at, message, None);
                    return Type::Json;
                };
                (listed.as_slice(), at)
            }
            (listed, Some((constant, at))) => {
                let listed = listed.as_ref().and_then(|(listed, _)| listed.as_array());
                if listed.is_some_and(|listed| !listed.contains(constant)) {
                    self.malformed(codes::MALFORMED_SCHEMA, at, "`enum` forbids this", None);
                }
                (std::slice::from_ref(*constant), at)
            }
            (None, None) => return Type::Json,
        };
        if !self.type_admits(merged, permitted, at) {
            return Type::Json;
        }
        let nullable = permitted.iter().any(Value::is_null);
        let values: Vec<&Value> = permitted.iter().filter(|value| !value.is_null()).collect();
        if values.is_empty() {
            return Type::Null;
        }
        let ty = self.permitted_values(&values, at, site);
        if nullable { ty.optional() } else { ty }
    }

    /// Whether each permitted value has the `type` beside it; one that has not could never occur.
    fn type_admits(&mut self, merged: &Merged<'a>, permitted: &[Value], at: &Site<'a>) -> bool {
        if merged.types.is_none() {
            return true;
        }
        let Some(names) = self.type_names(merged) else { return false };
        let admitted = |value: &Value| names.iter().any(|name| is_of_type(value, name));
        let all_admitted = permitted.iter().all(admitted);
        if !all_admitted {
            let message = "permits a value that the `type` beside it forbids";
            self.malformed(codes::MALFORMED_SCHEMA, at, message, None);
        }
        all_admitted
    }

    fn permitted_values(&mut self, values: &[&Value], at: &Site<'a>, site: &Site<'a>) -> Type {
        let strings: Option<Vec<&str>> = values.iter().map(|value| value.as_str()).collect();
        if let Some(strings) = strings {
            self.spend(strings.iter().map(|value| value.len() + 5).sum(), site);
            let mut seen = BTreeSet::new();
            let distinct = strings.into_iter().filter(|value| seen.insert(*value));
            return Type::Union(distinct.map(str::to_owned).collect());
        }
        let has = |wanted: bool| values.iter().any(|value| **value == wanted);
        if has(true) && has(false) && values.iter().all(|value| value.is_boolean()) {
            return Type::Bool;
        }
        let message = "only strings can be listed as permitted values";
        let help = "list the values as strings, or let the type accept all and state the rule in the policy";
        self.inexpressible(codes::BAD_ENUM, at, message, Some(help));
        Type::Json
    }
}

/// Whether a schema with alternatives constrains the value in a second way. A `type` alone is
/// passed on to the alternatives.
fn speaks_beside_alternatives(merged: &Merged<'_>) -> bool {
    !merged.properties.is_empty()
        || !merged.required.is_empty()
        || merged.additional.is_some()
        || merged.items.is_some()
        || merged.permitted.is_some()
        || merged.constant.is_some()
        || merged.format.is_some()
}

fn is_of_type(value: &Value, type_name: &str) -> bool {
    match type_name {
        "string" => value.is_string(),
        "integer" => {
            value.is_i64() || value.is_u64() || value.as_f64().is_some_and(|n| n.fract() == 0.0)
        }
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => value.is_null(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_of_the_types_that_json_schema_says() {
        let one: Value = serde_json::from_str("1.0").unwrap();
        assert!(is_of_type(&one, "integer") && is_of_type(&one, "number"));
        assert!(!is_of_type(&serde_json::json!(1.5), "integer"));
        assert!(!is_of_type(&serde_json::json!("1"), "number"));
        assert!(is_of_type(&Value::Null, "null"));
    }
}
