//! Words that are no content, that begin sentences, that deny; opposites; units. English, written for this crate.

use crate::fact::{Fact, Of};
use crate::word::stem_fact;
use std::sync::LazyLock;

/// Words that say nothing about a subject.
static FUNCTION_WORDS: LazyLock<Vec<&str>> = LazyLock::new(|| {
    sorted(
        "a about after again against ain all also am an and any are aren as at back be because been before being \
     between both but by can could couldn d did didn do does doesn doing don done down during each even few first \
     for from further get go got had hadn has hasn have haven he her here hers herself him himself his how i if in \
     into is isn it its itself just let like ll m made make many may me mine more most much must my myself no nor \
     not now nt of off on once one only or other our ours out over own re s said same she should shouldn so some \
     such t than that the their theirs them themselves then there these they this those through time to too two \
     under until up us ve very was wasn we were weren what when where which while who whom whose why will with won \
     would wouldn you your yours yourself",
    )
});

/// Words with a capital that are no names: they begin sentences, or are abbreviations that everybody uses.
static NO_NAMES: LazyLock<Vec<&str>> = LazyLock::new(|| {
    sorted(
        "absolutely according additionally although always another api april asap aud august based besides best cad \
     certainly chf cny currently dear december despite dr either eta eur every everything faq february feel finally \
     friday furthermore fyi gbp good great hello hey hi however id inr instead january jpy july june kind last \
     lastly madam march maybe meanwhile monday moreover mr mrs ms neither never next none note nothing november \
     october ok okay otherwise overall pdf perfect perhaps please pm prof regarding regards result results saturday \
     september several since sir sorry summary sunday sure tbd thank thanks therefore though thursday today \
     tomorrow total tuesday unfortunately url usd using wednesday well yeah yes yesterday",
    )
});

/// Words for who speaks and who is spoken to.
static SPEAKERS: LazyLock<Vec<&str>> =
    LazyLock::new(|| sorted("i im ive me mine my myself our us we you your yours"));

/// Words before a full stop that ends no sentence.
const ABBREVIATIONS: [&str; 12] =
    ["mr", "mrs", "ms", "dr", "prof", "st", "jr", "sr", "inc", "no", "vs", "ltd"];

/// The last labels of most hosts.
const TOP_DOMAINS: [&str; 22] = [
    "com", "org", "net", "edu", "gov", "mil", "int", "io", "co", "ai", "app", "dev", "info", "biz",
    "uk", "de", "fr", "eu", "ru", "cn", "xyz", "me",
];

/// The spellings of each currency.
const CURRENCIES: [(char, &[&str]); 10] = [
    ('$', &["usd", "dollar", "dollars"]),
    ('€', &["eur", "euro", "euros"]),
    ('£', &["gbp", "pound", "pounds"]),
    ('¥', &["jpy", "yen"]),
    ('₹', &["inr", "rupee", "rupees"]),
    ('\0', &["chf"]),
    ('\0', &["cad"]),
    ('\0', &["aud"]),
    ('\0', &["cny", "yuan"]),
    ('₿', &["btc"]),
];

/// Numbers in words, from 0.
const NUMBERS: [&str; 21] = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
    "twenty",
];

/// Words that cannot both be said of one thing.
const OPPOSITES: &str = "able/unable above/below accept/decline accept/reject active/passive add/remove admit/deny \
     advantage/disadvantage advantage/drawback agree/disagree agree/refuse alive/dead all/none all/some \
     allow/forbid allow/prevent allow/prohibit always/never always/sometimes ancient/modern approve/deny \
     approve/reject arrive/leave ask/answer asset/liability attach/detach attack/defend attend/miss attend/skip \
     automatic/manual awake/asleep before/after begin/end benefit/drawback benefit/harm best/worst better/worse \
     big/little big/small boost/hinder born/died borrow/lend boy/girl brave/afraid brother/sister build/destroy \
     buy/sell calm/angry certain/uncertain cheap/expensive clean/dirty collaborate/compete \
     collaboration/competition come/go common/rare confirm/cancel confirm/deny connect/disconnect constant/variable \
     continue/cease continue/stop convex/concave cooperate/compete correct/incorrect create/destroy credit/debit \
     dark/light day/night deep/shallow dense/sparse dependent/independent deterministic/stochastic direct/indirect \
     discount/surcharge discrete/continuous doctor/patient domestic/foreign early/late east/west easy/difficult \
     efficient/inefficient employer/employee enable/disable encode/decode encourage/discourage enter/exit \
     enter/leave everyone/nobody exact/approximate expand/shrink extend/shorten fast/slow father/mother find/lose \
     finite/infinite first/last formal/informal free/paid frequent/rare friend/enemy front/back full/empty \
     full/partial gain/lose give/take good/bad happy/sad happy/unhappy hard/easy heavy/light help/harm help/hinder \
     high/low higher/lower homogeneous/heterogeneous hot/cold husband/wife import/export improve/impair \
     improve/worsen include/exclude income/expense increase/decrease indoor/outdoor innocent/guilty inside/outside \
     interested/uninterested internal/external keep/remove known/unknown large/small lead/follow left/right \
     legal/illegal life/death like/dislike likely/unlikely limited/unlimited limited/various linear/nonlinear \
     local/global local/remote long/short loud/quiet love/hate major/minor majority/minority male/female man/woman \
     manager/worker many/few maximum/minimum minimize/maximize minimum/maximum more/less morning/evening most/least \
     natural/artificial near/far new/old north/south offer/withhold online/offline open/closed optimal/suboptimal \
     optimistic/pessimistic optional/mandatory optional/required over/under past/future permanent/temporary \
     popular/unpopular positive/negative possible/impossible praise/criticise praise/criticize present/absent \
     profit/loss protect/endanger proud/ashamed public/private push/pull question/answer quick/slow raise/lower \
     rapid/slow receive/reject reduce/increase reduce/raise remember/forget rich/poor right/wrong rise/fall \
     robust/fragile safe/dangerous same/different send/receive senior/junior sharp/dull sick/healthy \
     similar/different simple/complex simple/complicated single/double single/married single/multiple slow/rapid \
     smooth/rough soft/hard son/daughter stable/unstable start/end start/stop static/dynamic stay/leave stay/switch \
     strength/weakness strong/weak student/teacher succeed/fail success/failure summer/winter \
     supervised/unsupervised support/oppose sweet/bitter symmetric/asymmetric synchronous/asynchronous teach/learn \
     temporary/permanent thick/thin today/tomorrow top/bottom true/false up/down upload/download upper/lower \
     urban/rural usual/unusual victory/defeat war/peace warm/cool wet/dry wide/narrow win/lose yesterday/tomorrow \
     young/old";

/// What turns a word into its opposite, or into another of its kind.
pub(crate) const PREFIXES: [&[u8]; 17] = [
    b"un", b"in", b"im", b"ir", b"il", b"non", b"dis", b"de", b"sub", b"mis", b"anti", b"post",
    b"pre", b"multi", b"double", b"over", b"under",
];

/// Those of them that a word of the source can have lost.
pub(crate) const DENYING_PREFIXES: [&[u8]; 7] = [b"un", b"in", b"im", b"non", b"dis", b"ir", b"il"];

/// The words of a list, sorted.
fn sorted(words: &'static str) -> Vec<&'static str> {
    let mut words: Vec<&str> = words.split_whitespace().collect();
    words.sort_unstable();
    words
}

fn is_in(list: &[&str], word: &[u8]) -> bool {
    list.binary_search_by(|known| known.as_bytes().cmp(word)).is_ok()
}

/// Of a folded word.
pub(crate) fn is_function_word(word: &[u8]) -> bool {
    is_in(&FUNCTION_WORDS, word)
}

/// Of a folded word: it is no name although it has a capital.
pub(crate) fn is_no_name(word: &[u8]) -> bool {
    is_in(&NO_NAMES, word) || is_in(&FUNCTION_WORDS, word)
}

/// Of a folded word.
pub(crate) fn is_speaker(word: &[u8]) -> bool {
    is_in(&SPEAKERS, word)
}

/// Whether a folded word denies or excludes what follows; `t` is what is left of `don't`.
#[inline]
pub(crate) fn is_denial(word: &[u8]) -> bool {
    matches!(
        word,
        b"cannot"
            | b"neither"
            | b"never"
            | b"no"
            | b"none"
            | b"nor"
            | b"not"
            | b"only"
            | b"t"
            | b"unable"
            | b"without"
    )
}

pub(crate) fn is_abbreviation(word: &str) -> bool {
    ABBREVIATIONS.iter().any(|known| known.eq_ignore_ascii_case(word))
}

pub(crate) fn is_top_domain(label: &str) -> bool {
    TOP_DOMAINS.iter().any(|known| known.eq_ignore_ascii_case(label))
}

/// The number of a currency, by its sign.
pub(crate) fn currency_sign(sign: char) -> Option<u8> {
    if sign == '\0' {
        return None;
    }
    let place = CURRENCIES.iter().position(|(known, _)| *known == sign)?;
    u8::try_from(place).ok()
}

/// The number of a currency, by a word.
pub(crate) fn currency(word: &str) -> Option<u8> {
    let place = CURRENCIES
        .iter()
        .position(|(_, words)| words.iter().any(|known| known.eq_ignore_ascii_case(word)))?;
    u8::try_from(place).ok()
}

/// The power of ten of `k`, `M` and `bn` directly after a number.
pub(crate) fn scale(ending: &str) -> Option<u32> {
    match ending {
        "k" | "K" => Some(3),
        "M" | "mn" => Some(6),
        "B" | "bn" => Some(9),
        _ => None,
    }
}

/// The power of ten of a word after a number.
pub(crate) fn scale_word(word: &str) -> Option<u32> {
    [("thousand", 3), ("million", 6), ("billion", 9), ("trillion", 12)]
        .iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(word))
        .map(|(_, scale)| *scale)
}

/// Whether letters directly after a number leave it a number: `5kg`, `2nd`; not `5G`, `12AB`.
pub(crate) fn is_unit(ending: &str) -> bool {
    ending.len() <= 3 && ending.bytes().all(|byte| byte.is_ascii_lowercase())
        || matches!(ending, "GB" | "MB" | "KB" | "TB" | "kW" | "kWh" | "MW" | "Hz" | "kHz" | "GHz")
}

/// The value of a number in words, folded.
pub(crate) fn number_word(word: &[u8]) -> Option<u8> {
    if !matches!(word, [b'z' | b'o' | b't' | b'f' | b's' | b'e' | b'n', _, _, ..]) {
        return None;
    }
    let place = NUMBERS.iter().position(|known| known.as_bytes() == word)?;
    u8::try_from(place).ok()
}

/// Both directions, by the stem.
static OPPOSITE_STEMS: LazyLock<Vec<(Fact, Fact)>> = LazyLock::new(|| {
    let stem = |word: &str| stem_fact(Of::Stem, word.as_bytes());
    let pairs = OPPOSITES.split_whitespace().filter_map(|pair| pair.split_once('/'));
    let both = |(left, right)| {
        let (left, right) = (stem(left), stem(right));
        [(left, right), (right, left)]
    };
    let mut stems: Vec<(Fact, Fact)> = pairs.flat_map(both).collect();
    stems.sort_unstable();
    stems.dedup();
    stems
});

/// The stems of the opposites of a word with this stem.
pub(crate) fn opposites(stem: Fact) -> impl Iterator<Item = Fact> {
    let all = &*OPPOSITE_STEMS;
    let first = all.partition_point(|(of, _)| *of < stem);
    let from = all.get(first..).unwrap_or_default();
    from.iter().take_while(move |(of, _)| *of == stem).map(|(_, opposite)| *opposite)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opposites_go_both_ways() {
        let stem = |word: &str| stem_fact(Of::Stem, word.as_bytes());
        assert!(opposites(stem("increased")).any(|other| other == stem("decrease")));
        assert!(opposites(stem("decreases")).any(|other| other == stem("increase")));
        assert_eq!(opposites(stem("table")).count(), 0);
    }
}
