//! The codes of syntax errors. Each has a page under `docs/errors`.

/// Every code and what it stands for, in order.
pub const CODES: &[(&str, &str)] = &[
    ("G0001", "the header is missing"),
    ("G0002", "the edition does not exist"),
    ("G0003", "a file of another tool"),
    ("G0004", "a sign that means nothing"),
    ("G0005", "a string that is not closed"),
    ("G0006", "an invisible character"),
    ("G0007", "a file that is too long"),
    ("G0008", "brackets that nest too deep"),
    ("G0009", "a chain of operators that is too long"),
    ("G0010", "a brace that is never closed"),
    ("G0011", "a word that begins no declaration"),
    ("G0012", "a word that begins no rule"),
    ("G0013", "something is missing"),
    ("G0014", "something cannot stand here"),
    ("G0015", "a bracket that is never closed"),
    ("G0016", "comparisons that follow one another"),
    ("G0017", "one equals sign in a condition"),
    ("G0018", "a brace that closes nothing"),
    ("G0020", "a clause that is written twice"),
    ("G0021", "a clause that does not belong to its rule"),
    ("G0022", "an escape that means nothing"),
    ("G0023", "a number that is too large"),
    ("G0024", "a length of time that is too long"),
    ("G0025", "an expiry that leads nowhere"),
];
