//! The codes of errors about types and about rules that could never matter. Each has a page under
//! `docs/errors`.

/// Every code and what it stands for, in order.
pub const CODES: &[(&str, &str)] = &[
    ("G0200", "a type that does not exist"),
    ("G0201", "a name that means nothing here"),
    ("G0202", "an argument that not all tools of the rule have"),
    ("G0203", "a field that does not exist"),
    ("G0204", "a function that does not exist"),
    ("G0205", "the wrong number of arguments"),
    ("G0206", "a declaration that needs itself"),
    ("G0207", "a value that is not known when the policy is compiled"),
    ("G0210", "two values of different types"),
    ("G0211", "a value where a condition is needed"),
    ("G0212", "an operation that the type does not have"),
    ("G0213", "a text that is not of its kind"),
    ("G0214", "a word that is not in the union"),
    ("G0215", "arithmetic that overflows"),
    ("G0216", "a pattern that cannot be used"),
    ("G0217", "a type that cannot stand here"),
    ("G0231", "an optional value that is used unchecked"),
    ("G0232", "a value that is always there"),
    ("G0240", "a pattern searched for in a parsed text"),
    ("G0241", "a suffix that other domains share"),
    ("G0301", "a rule that can never fire"),
    ("G0302", "a permission that a prohibition makes useless"),
    ("G0303", "an escalation that names nobody"),
    ("G0304", "a permitted tool that goes beyond the scope's ceiling"),
    ("G0305", "a resource that no tool touches"),
    ("G0400", "a part of the language that has no meaning yet"),
];
