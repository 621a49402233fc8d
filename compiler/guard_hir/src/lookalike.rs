//! Names that a reader cannot tell apart.

use unicode_normalization::UnicodeNormalization;

/// What two names share when they differ only by case or by letters that look alike. Compatibility
/// forms are folded (NFKC), letters of other scripts become the Latin ones they look like, `0` is
/// `o` and `1` is `l`.
pub fn skeleton(name: &str) -> String {
    name.nfkc().flat_map(char::to_lowercase).map(latin).collect()
}

/// The Latin letter that a letter looks like; from the confusables of Unicode Technical Standard 39,
/// the part that covers whole alphabets in use.
fn latin(c: char) -> char {
    match c {
        'а' | 'α' => 'a',
        'в' | 'β' => 'b',
        'с' | 'ϲ' => 'c',
        'ԁ' => 'd',
        'е' | 'ё' | 'ε' => 'e',
        'і' | 'ι' | 'ї' | '1' | 'ӏ' | 'i' => 'l',
        'ј' => 'j',
        'к' | 'κ' => 'k',
        'м' => 'm',
        'һ' | 'н' => 'h',
        'о' | 'ο' | 'σ' | '0' | 'օ' => 'o',
        'р' | 'ρ' => 'p',
        'ѕ' => 's',
        'т' | 'τ' => 't',
        'υ' | 'ս' => 'u',
        'ν' | 'ѵ' => 'v',
        'х' | 'χ' => 'x',
        'у' | 'γ' => 'y',
        'ѡ' => 'w',
        c => c,
    }
}

#[cfg(test)]
mod tests {
    use super::skeleton;

    #[test]
    fn case_and_cyrillic_letters_do_not_make_another_name() {
        assert_eq!(skeleton("Send_Mail"), skeleton("send_mail"));
        assert_eq!(skeleton("раy"), skeleton("pay"));
        assert_eq!(skeleton("pay1"), skeleton("payl"));
        assert_ne!(skeleton("pay"), skeleton("play"));
    }
}
