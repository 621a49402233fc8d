//! The codes of import errors, `G0701` to `G0799`, with what each is about.

/// The document is not JSON.
pub const NOT_JSON: &str = "G0701";
/// The document is larger than an import reads.
pub const TOO_LARGE: &str = "G0702";
/// The document, or a chain of references in it, is nested too deeply.
pub const TOO_DEEP: &str = "G0703";
/// A key stands twice in one JSON object.
pub const DUPLICATE_KEY: &str = "G0704";
/// The document is not of the form that was announced.
pub const WRONG_FORM: &str = "G0705";
/// The document declares nothing.
pub const NOTHING_DECLARED: &str = "G0706";
/// A name that cannot be declared.
pub const BAD_NAME: &str = "G0707";
/// Two names that are the same or look the same.
pub const LOOK_ALIKE: &str = "G0708";
/// A keyword that no declaration can express.
pub const INEXPRESSIBLE: &str = "G0709";
/// A reference to something that is not in the schema.
pub const BAD_REFERENCE: &str = "G0710";
/// A schema that contains itself.
pub const RECURSIVE: &str = "G0711";
/// Alternatives that no type covers.
pub const BAD_UNION: &str = "G0712";
/// A list of permitted values that are not all strings.
pub const BAD_ENUM: &str = "G0713";
/// Schemas that must all hold and contradict or overlap each other.
pub const BAD_ALL_OF: &str = "G0714";
/// A tool's input that is not a record of arguments.
pub const INPUT_NOT_A_RECORD: &str = "G0715";
/// Declarations that would be larger than an import writes.
pub const EXPANDS_TOO_FAR: &str = "G0716";
/// A keyword whose value is not what JSON Schema says it is.
pub const MALFORMED_SCHEMA: &str = "G0717";
/// More errors than are listed.
pub const MORE_ERRORS: &str = "G0718";

/// Every code with one line on what it is about.
pub const CODES: &[(&str, &str)] = &[
    (NOT_JSON, "the document to import is not JSON"),
    (TOO_LARGE, "the document to import is too large"),
    (TOO_DEEP, "the document to import is nested too deeply"),
    (DUPLICATE_KEY, "a key stands twice in one JSON object"),
    (WRONG_FORM, "the document is not of the announced form"),
    (NOTHING_DECLARED, "the document declares nothing to import"),
    (BAD_NAME, "a name in the schema cannot be declared"),
    (LOOK_ALIKE, "two names in the schema are the same or look the same"),
    (INEXPRESSIBLE, "the schema uses a keyword that a declaration cannot express"),
    (BAD_REFERENCE, "a `$ref` does not lead to a schema in the document"),
    (RECURSIVE, "a schema contains itself"),
    (BAD_UNION, "no type covers all the alternatives of the schema"),
    (BAD_ENUM, "the permitted values are not all strings"),
    (BAD_ALL_OF, "the schemas of an `allOf` cannot be merged into one type"),
    (INPUT_NOT_A_RECORD, "a tool's input is not a record of arguments"),
    (EXPANDS_TOO_FAR, "the schemas expand into more than an import writes"),
    (MALFORMED_SCHEMA, "a schema keyword has a value of the wrong kind"),
    (MORE_ERRORS, "the document has more errors than are listed"),
];
