//! A text in disguise: what the scanner is to undo.

/// Names of the disguises.
pub const DISGUISES: [&str; 14] = [
    "upper case",
    "zero width",
    "homoglyphs",
    "full width",
    "mathematical",
    "spaced letters",
    "spaced, words by one blank",
    "dotted letters",
    "base64",
    "base64 in a sentence",
    "entities",
    "hex entities",
    "percent",
    "leetspeak",
];

/// The text in a disguise.
pub fn disguised(text: &str, name: &str) -> String {
    match name {
        "upper case" => text.to_uppercase(),
        "zero width" => each(text, |c| format!("{c}\u{200B}")),
        "homoglyphs" => each(text, |c| homoglyph(c).to_string()),
        "full width" => each(text, |c| {
            if c.is_ascii_graphic() { shifted(c, 0xFEE0).to_string() } else { c.to_string() }
        }),
        "mathematical" => each(text, |c| match c {
            'a'..='z' => shifted(c, 0x1D41A - 0x61).to_string(),
            'A'..='Z' => shifted(c, 0x1D400 - 0x41).to_string(),
            _ => c.to_string(),
        }),
        "spaced letters" => each(text, |c| format!("{c} ")),
        "spaced, words by one blank" => {
            each(text, |c| if c == ' ' { String::new() } else { format!("{c} ") })
        }
        "dotted letters" => {
            let words: Vec<String> = text
                .split(' ')
                .map(|word| word.chars().map(String::from).collect::<Vec<_>>().join("."))
                .collect();
            words.join(" ")
        }
        "base64" => base64(text.as_bytes()),
        "base64 in a sentence" => {
            format!("Here is the note you asked for: {} Have a nice day.", base64(text.as_bytes()))
        }
        "entities" => each(text, |c| format!("&#{};", u32::from(c))),
        "hex entities" => each(text, |c| format!("&#x{:x};", u32::from(c))),
        "percent" => text.bytes().map(|b| format!("%{b:02X}")).collect(),
        _ => each(text, |c| match c {
            'a' => "4".into(),
            'e' => "3".into(),
            'i' => "1".into(),
            'o' => "0".into(),
            's' => "5".into(),
            't' => "7".into(),
            _ => c.to_string(),
        }),
    }
}

fn each(text: &str, change: impl Fn(char) -> String) -> String {
    text.chars().map(change).collect()
}

fn shifted(character: char, by: u32) -> char {
    char::from_u32(u32::from(character) + by).unwrap_or(character)
}

fn homoglyph(character: char) -> char {
    const PAIRS: [(char, char); 22] = [
        ('a', 'а'),
        ('c', 'с'),
        ('d', 'ԁ'),
        ('e', 'е'),
        ('g', 'ɡ'),
        ('h', 'һ'),
        ('i', 'і'),
        ('j', 'ј'),
        ('k', 'к'),
        ('l', 'ӏ'),
        ('n', 'ո'),
        ('o', 'о'),
        ('p', 'р'),
        ('s', 'ѕ'),
        ('u', 'υ'),
        ('v', 'ν'),
        ('x', 'х'),
        ('y', 'у'),
        ('A', 'А'),
        ('E', 'Е'),
        ('O', 'О'),
        ('S', 'Ѕ'),
    ];
    PAIRS.iter().find(|(from, _)| *from == character).map_or(character, |(_, to)| *to)
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let all = chunk
            .iter()
            .chain([0, 0].iter())
            .take(3)
            .fold(0_u32, |all, byte| all << 8 | u32::from(*byte));
        for index in 0..4 {
            let digit = DIGITS[(all >> (18 - 6 * index) & 63) as usize];
            out.push(if index <= chunk.len() { char::from(digit) } else { '=' });
        }
    }
    out
}
