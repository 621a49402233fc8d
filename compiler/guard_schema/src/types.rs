//! The types a schema becomes, and how they are written.

use std::fmt::Write;

/// A type of the language, as far as schemas need it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Type {
    Bool,
    Int,
    Float,
    /// `string` or one of the parsed strings.
    Text(Text),
    /// Any JSON value.
    Json,
    /// Only `null`. It is written `json?`, and as `?` where it is one of several alternatives.
    Null,
    List(Box<Type>),
    Map(Box<Type>),
    Record(Vec<Field>),
    /// The strings that are permitted, at least one.
    Union(Vec<String>),
    Optional(Box<Type>),
}

/// The kinds of string.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Text {
    Any,
    Email,
    Url,
    Host,
    Ip,
    Path,
    Command,
    Sql,
}

/// An argument of a tool or a field of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) ty: Type,
}

impl Text {
    /// The kind that a `format` asks for. The last three are what pydantic writes for its path types; for command lines and SQL
    /// no standard has a word.
    pub(crate) fn of_format(format: &str) -> Option<Self> {
        Some(match format {
            "email" | "idn-email" => Self::Email,
            "uri" | "url" | "iri" => Self::Url,
            "hostname" | "idn-hostname" => Self::Host,
            "ipv4" | "ipv6" | "ip" => Self::Ip,
            "command" | "shell" | "shell-command" => Self::Command,
            "sql" => Self::Sql,
            "path" | "file-path" | "directory-path" => Self::Path,
            _ => return None,
        })
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Any => "string",
            Self::Email => "email",
            Self::Url => "url",
            Self::Host => "host",
            Self::Ip => "ip",
            Self::Path => "path",
            Self::Command => "command",
            Self::Sql => "sql",
        }
    }
}

impl Type {
    pub(crate) const STRING: Self = Self::Text(Text::Any);

    /// `T?`, once.
    pub(crate) fn optional(self) -> Self {
        match self {
            Self::Optional(_) => self,
            Self::Null => Self::Optional(Box::new(Self::Json)),
            present => Self::Optional(Box::new(present)),
        }
    }

    /// The type without its `?`, and whether it had one.
    pub(crate) fn split_optional(self) -> (Self, bool) {
        match self {
            Self::Optional(present) => (*present, true),
            present => (present, false),
        }
    }

    pub(crate) fn is_text(&self) -> bool {
        matches!(self, Self::Text(_) | Self::Union(_))
    }

    /// Whether values of this type can hold an object of which something is known.
    pub(crate) fn holds_object(&self) -> bool {
        match self {
            Self::Record(_) | Self::Map(_) => true,
            Self::List(element) | Self::Optional(element) => element.holds_object(),
            _ => false,
        }
    }

    pub(crate) fn written(&self) -> String {
        let mut text = String::new();
        self.write(&mut text);
        text
    }

    fn write(&self, out: &mut String) {
        match self {
            Self::Bool => out.push_str("bool"),
            Self::Int => out.push_str("int"),
            Self::Float => out.push_str("float"),
            Self::Text(kind) => out.push_str(kind.word()),
            Self::Json => out.push_str("json"),
            Self::Null => out.push_str("json?"),
            Self::List(element) => {
                out.push('[');
                element.write(out);
                out.push(']');
            }
            Self::Map(element) => {
                out.push_str("map[");
                element.write(out);
                out.push(']');
            }
            Self::Record(fields) => write_record(fields, out),
            Self::Union(values) => {
                let quoted: Vec<String> =
                    values.iter().map(|value| guard_grammar::written_string(value)).collect();
                out.push_str(&quoted.join(" | "));
            }
            Self::Optional(present) => write_optional(present, out),
        }
    }
}

/// `?` binds tighter than `|`.
fn write_optional(present: &Type, out: &mut String) {
    if matches!(present, Type::Union(values) if values.len() > 1) {
        out.push('(');
        present.write(out);
        out.push(')');
    } else {
        present.write(out);
    }
    out.push('?');
}

fn write_record(fields: &[Field], out: &mut String) {
    if fields.is_empty() {
        out.push_str("{}");
        return;
    }
    let written: Vec<String> = fields.iter().map(Field::written).collect();
    // A `String` takes every write.
    let _ = write!(out, "{{ {} }}", written.join(", "));
}

impl Field {
    pub(crate) fn written(&self) -> String {
        format!("{}: {}", guard_grammar::written_name(&self.name), self.ty.written())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_written_as_the_language_reads_them() {
        let status = Type::Union(vec!["open".to_owned(), "a\"b\\".to_owned()]);
        let field = |name: &str, ty| Field { name: name.to_owned(), ty };
        let record = Type::Record(vec![
            field("status", status.optional()),
            field("content-type", Type::List(Box::new(Type::STRING))),
            field("in", Type::Map(Box::new(Type::Null)).optional().optional()),
            field("one", Type::Union(vec!["x".to_owned()]).optional()),
        ]);
        insta::assert_snapshot!(record.written(), @r#"{ status: ("open" | "a\"b\\")?, "content-type": [string], "in": map[json?]?, one: "x"? }"#);
    }
}
