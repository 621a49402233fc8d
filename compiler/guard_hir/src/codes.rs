//! The codes of errors about names. Each has a page under `docs/errors`.

/// Every code and what it stands for, in order.
pub const CODES: &[(&str, &str)] = &[
    ("G0101", "a name that is declared twice"),
    ("G0102", "a module that does not exist"),
    ("G0103", "names that look alike"),
    ("G0104", "a name that is not composed"),
    ("G0105", "two files that are one module"),
    ("G0111", "a tool that is not declared"),
    ("G0112", "a namespace without tools"),
    ("G0113", "a label that no tool bears"),
    ("G0114", "no tools at all"),
    ("G0115", "a policy that does not exist"),
];
