//! Disguises of a text that a reader or a model still understands.

/// The name of a disguise, and what it makes of a text.
type Disguise = (&'static str, fn(&str) -> String);

/// All of them.
pub(crate) const ALL: [Disguise; 8] = [
    ("zero-width", zero_width),
    ("homoglyphs", homoglyphs),
    ("full width", full_width),
    ("base64", base64),
    ("leetspeak", leetspeak),
    ("HTML entities", entities),
    ("percent-encoding", percent),
    ("soft hyphens", soft_hyphens),
];

/// Every third character is followed by a space of no width.
fn zero_width(text: &str) -> String {
    between(text, '\u{200b}')
}

fn soft_hyphens(text: &str) -> String {
    between(text, '\u{ad}')
}

fn between(text: &str, sign: char) -> String {
    let mut out = String::new();
    for (place, character) in text.chars().enumerate() {
        out.push(character);
        if place % 3 == 2 {
            out.push(sign);
        }
    }
    out
}

/// Cyrillic letters that look like Latin ones.
fn homoglyphs(text: &str) -> String {
    const PAIRS: [(char, char); 8] = [
        ('a', '\u{430}'),
        ('e', '\u{435}'),
        ('o', '\u{43e}'),
        ('p', '\u{440}'),
        ('c', '\u{441}'),
        ('A', '\u{410}'),
        ('E', '\u{415}'),
        ('T', '\u{422}'),
    ];
    let look_alike = |c: char| PAIRS.iter().find(|(from, _)| *from == c).map_or(c, |(_, to)| *to);
    text.chars().map(look_alike).collect()
}

fn full_width(text: &str) -> String {
    let wide = |c: char| match c {
        '!'..='~' => char::from_u32(u32::from(c) + 0xfee0).unwrap(),
        _ => c,
    };
    text.chars().map(wide).collect()
}

fn leetspeak(text: &str) -> String {
    let leet = |c: char| match c.to_ascii_lowercase() {
        'a' => '4',
        'e' => '3',
        'i' => '1',
        'o' => '0',
        's' => '5',
        't' => '7',
        _ => c,
    };
    text.chars().map(leet).collect()
}

fn entities(text: &str) -> String {
    let entities: Vec<String> = text.chars().map(|c| format!("&#{};", u32::from(c))).collect();
    entities.concat()
}

fn percent(text: &str) -> String {
    let encoded: Vec<String> = text.bytes().map(|byte| format!("%{byte:02x}")).collect();
    encoded.concat()
}

fn base64(text: &str) -> String {
    const SIGNS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for group in text.as_bytes().chunks(3) {
        let word = (0..3).fold(0_usize, |word, place| {
            word << 8 | usize::from(group.get(place).copied().unwrap_or(0))
        });
        for place in 0..4 {
            let sign = char::from(*SIGNS.get(word >> (18 - 6 * place) & 63).unwrap());
            out.push(if place <= group.len() { sign } else { '=' });
        }
    }
    out
}
