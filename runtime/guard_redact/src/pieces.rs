//! The strings and numbers of a JSON text, one after the other, without making a tree of it.

/// A string or a number of a JSON text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Piece {
    /// What it is.
    pub kind: PieceKind,
    /// Where it starts, in bytes; of a string behind the quote.
    pub start: usize,
    /// Where it ends; of a string before the quote.
    pub end: usize,
    /// A string with escapes.
    pub is_escaped: bool,
}

/// What a piece is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PieceKind {
    /// The key of an object.
    Key,
    /// A string that is a value.
    Text,
    /// A number.
    Number,
}

/// Goes over the pieces of a JSON text. Of what is no JSON it gives pieces, too, without meaning.
#[derive(Debug, Clone)]
pub struct Pieces<'a> {
    json: &'a str,
    at: usize,
    end: usize,
    /// The objects and lists around: where the last key of an object stands, or which element of a list it is.
    around: Vec<Around>,
}

#[derive(Debug, Clone, Copy)]
enum Around {
    Object { key: Option<Piece> },
    List { index: usize },
}

impl<'a> Pieces<'a> {
    /// Of a whole text.
    pub fn of(json: &'a str) -> Self {
        Self::within(json, 0, json.len())
    }

    /// Of a part of a text that is a JSON value.
    pub fn within(json: &'a str, start: usize, end: usize) -> Self {
        Self { json, at: start, end, around: Vec::new() }
    }

    /// The text of a piece as it stands.
    pub fn raw(&self, piece: &Piece) -> &'a str {
        self.json.get(piece.start..piece.end).unwrap_or_default()
    }

    /// Where the piece that came last stands: a JSON pointer (RFC 6901).
    pub fn pointer(&self) -> String {
        let mut pointer = String::new();
        for around in &self.around {
            pointer.push('/');
            match around {
                Around::Object { key: Some(key) } => {
                    let mut name = String::new();
                    decode_into(self.raw(key), &mut name);
                    pointer.push_str(&name.replace('~', "~0").replace('/', "~1"));
                }
                Around::Object { key: None } => {}
                Around::List { index } => pointer.push_str(&index.to_string()),
            }
        }
        pointer
    }

    fn byte(&self, at: usize) -> Option<u8> {
        if at < self.end { self.json.as_bytes().get(at).copied() } else { None }
    }

    fn string(&mut self) -> Piece {
        let start = self.at + 1;
        let (mut at, mut is_escaped) = (start, false);
        while let Some(byte) = self.byte(at) {
            match byte {
                b'"' => break,
                b'\\' => {
                    is_escaped = true;
                    at += 2;
                }
                _ => at += 1,
            }
        }
        let end = at.min(self.end);
        self.at = end + 1;
        let mut behind = self.at;
        while self.byte(behind).is_some_and(|byte| byte.is_ascii_whitespace()) {
            behind += 1;
        }
        let kind = if self.byte(behind) == Some(b':') { PieceKind::Key } else { PieceKind::Text };
        Piece { kind, start, end, is_escaped }
    }

    fn number(&mut self) -> Piece {
        let start = self.at;
        let is_part = |byte: u8| matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E');
        while self.byte(self.at).is_some_and(is_part) {
            self.at += 1;
        }
        Piece { kind: PieceKind::Number, start, end: self.at, is_escaped: false }
    }
}

impl Iterator for Pieces<'_> {
    type Item = Piece;

    fn next(&mut self) -> Option<Piece> {
        loop {
            match self.byte(self.at)? {
                b'"' => {
                    let piece = self.string();
                    if let (PieceKind::Key, Some(Around::Object { key })) =
                        (piece.kind, self.around.last_mut())
                    {
                        *key = Some(piece);
                    }
                    return Some(piece);
                }
                b'-' | b'0'..=b'9' => return Some(self.number()),
                b'{' => self.around.push(Around::Object { key: None }),
                b'[' => self.around.push(Around::List { index: 0 }),
                b'}' | b']' => {
                    self.around.pop();
                }
                b',' => {
                    if let Some(Around::List { index }) = self.around.last_mut() {
                        *index += 1;
                    }
                }
                _ => {}
            }
            self.at += 1;
        }
    }
}

/// Appends the contents of a JSON string without escapes. An escape that is none stays as it stands.
pub fn decode_into(raw: &str, out: &mut String) {
    let mut rest = raw;
    while let Some((before, _)) = rest.split_once('\\') {
        out.push_str(before);
        let escape = rest.get(before.len()..).unwrap_or_default();
        let (decoded, length) = unescape(escape);
        match decoded {
            Some(c) => out.push(c),
            None => out.push_str(escape.get(..length).unwrap_or_default()),
        }
        rest = escape.get(length..).unwrap_or_default();
    }
    out.push_str(rest);
}

/// The character of the escape that a text begins with, and how long the escape is.
pub(crate) fn unescape(escape: &str) -> (Option<char>, usize) {
    let bytes = escape.as_bytes();
    let simple = |c: char| (Some(c), 2);
    match bytes.get(1) {
        Some(b'n') => simple('\n'),
        Some(b't') => simple('\t'),
        Some(b'r') => simple('\r'),
        Some(b'b') => simple('\u{8}'),
        Some(b'f') => simple('\u{c}'),
        Some(c @ (b'"' | b'\\' | b'/')) => simple(char::from(*c)),
        Some(b'u') => match unit(escape.get(2..6)) {
            Some(high @ 0xD800..=0xDBFF) => {
                let low = escape.get(6..8).filter(|next| *next == "\\u");
                let low = low.and_then(|_| unit(escape.get(8..12)));
                match low.filter(|low| (0xDC00..=0xDFFF).contains(low)) {
                    Some(low) => {
                        let point = 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00);
                        (char::from_u32(point), 12)
                    }
                    None => (Some(char::REPLACEMENT_CHARACTER), 6),
                }
            }
            Some(point) => (Some(char::from_u32(point).unwrap_or(char::REPLACEMENT_CHARACTER)), 6),
            None => (None, 1),
        },
        _ => (None, 1),
    }
}

fn unit(digits: Option<&str>) -> Option<u32> {
    u32::from_str_radix(digits?, 16).ok()
}

/// Where the value of a key of the outermost object stands.
pub fn value_of_key(json: &str, key: &str) -> Option<(usize, usize)> {
    let mut pieces = Pieces::of(json);
    let start = loop {
        let piece = pieces.next()?;
        if piece.kind == PieceKind::Key && pieces.around.len() == 1 {
            let mut name = String::new();
            decode_into(pieces.raw(&piece), &mut name);
            if name == key {
                break piece.end + 1;
            }
        }
    };
    let colon = json.get(start..)?.find(':')?;
    let start = start + colon + 1;
    Some((start, start + length_of_value(json.get(start..)?)))
}

/// How long the value that a JSON text begins with is, with the white space around it.
fn length_of_value(json: &str) -> usize {
    let (mut depth, mut is_string, mut is_escape) = (0_usize, false, false);
    for (at, byte) in json.bytes().enumerate() {
        if is_string {
            is_string = is_escape || byte != b'"';
            is_escape = !is_escape && byte == b'\\';
            continue;
        }
        match byte {
            b'"' => is_string = true,
            b'{' | b'[' => depth += 1,
            b'}' | b']' | b',' if depth == 0 => return at,
            b'}' | b']' => depth -= 1,
            _ => {}
        }
    }
    json.len()
}
