//! The scripts. What they are told stands at the head of each.

use redis::Script;

/// How long after its end state stays on the server, in milliseconds: the clocks of the hosts may
/// differ by as much.
pub(crate) const EXPIRY_SLACK_MS: u32 = 10 * 60 * 1000;

#[derive(Debug)]
pub(crate) struct Scripts {
    pub(crate) claim: Text,
    pub(crate) give_back: Text,
    pub(crate) record: Text,
    pub(crate) rates: Text,
    pub(crate) open: Text,
    pub(crate) close: Text,
    pub(crate) save: Text,
}

/// A script and the digest under which a server knows it.
#[derive(Debug)]
pub(crate) struct Text {
    pub(crate) text: String,
    pub(crate) digest: String,
}

impl Text {
    fn new(text: &str) -> Self {
        let text = format!("local EXPIRY_SLACK_MS = {EXPIRY_SLACK_MS}\n{text}");
        let digest = Script::new(&text).get_hash().to_owned();
        Self { text, digest }
    }
}

impl Scripts {
    pub(crate) fn new() -> Self {
        Self {
            claim: Text::new(include_str!("scripts/claim.lua")),
            give_back: Text::new(include_str!("scripts/give_back.lua")),
            record: Text::new(include_str!("scripts/record.lua")),
            rates: Text::new(include_str!("scripts/rates.lua")),
            open: Text::new(include_str!("scripts/open.lua")),
            close: Text::new(include_str!("scripts/close.lua")),
            save: Text::new(include_str!("scripts/save.lua")),
        }
    }
}
