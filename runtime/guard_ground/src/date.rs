//! Dates and times of day in their usual spellings.

use crate::fact::{Fact, Of};

/// A date, or as much of one as a text says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Date {
    pub(crate) year: Option<u16>,
    pub(crate) month: u8,
    pub(crate) day: Option<u8>,
}

impl Date {
    /// The fact that all of it is.
    pub(crate) fn fact(self) -> Option<Fact> {
        let month = u64::from(self.month);
        match (self.year.map(u64::from), self.day.map(u64::from)) {
            (Some(year), Some(day)) => Some(Fact::numbers(Of::Date, &[year, month, day])),
            (None, Some(day)) => Some(Fact::numbers(Of::MonthDay, &[month, day])),
            (Some(year), None) => Some(Fact::numbers(Of::YearMonth, &[year, month])),
            (None, None) => None,
        }
    }

    /// It and what follows from it: of a whole date its month and its day.
    pub(crate) fn facts(self) -> impl Iterator<Item = Fact> {
        let without_year = Self { year: None, ..self };
        let without_day = Self { day: None, ..self };
        [self, without_year, without_day].into_iter().filter_map(Self::fact)
    }

    fn checked(year: Option<u16>, month: u8, day: Option<u8>) -> Option<Self> {
        let is_one = (1..=12).contains(&month)
            && day.is_none_or(|day| (1..=31).contains(&day))
            && year.is_none_or(|year| (1000..=2999).contains(&year));
        is_one.then_some(Self { year, month, day })
    }
}

/// `2026-01-13`, `2026/1/13`, `13.01.2026`, `01/13/26`, with a time behind a `T` or without; two dates where
/// day and month can be told apart by nothing.
pub(crate) fn numeric(text: &str) -> Option<(Date, Option<Date>)> {
    let (text, rest) = text.split_once('T').unwrap_or((text, ""));
    if text.len() > 10 || !(rest.is_empty() || is_clock(rest)) {
        return None;
    }
    let mark =
        text.chars().find(|c| !c.is_ascii_digit()).filter(|c| matches!(c, '-' | '/' | '.'))?;
    let mut parts = text.split(mark);
    let (first, second, third) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    if first.len() == 4 {
        let date = Date::checked(Some(number(first)?), small(second)?, Some(small(third)?))?;
        return Some((date, None));
    }
    let year = match third.len() {
        4 => number(third)?,
        2 if mark != '.' || first.len() == 2 => 2000 + number(third)?,
        _ => return None,
    };
    let (first, second) = (small(first)?, small(second)?);
    let day_first = Date::checked(Some(year), second, Some(first));
    let month_first =
        Date::checked(Some(year), first, Some(second)).filter(|_| mark != '.' && first != second);
    match (day_first, month_first) {
        (Some(date), other) => Some((date, other)),
        (None, Some(date)) => Some((date, None)),
        (None, None) => None,
    }
}

fn is_clock(text: &str) -> bool {
    text.len() <= 20
        && text.chars().all(|c| c.is_ascii_digit() || matches!(c, ':' | '.' | 'Z' | '+' | '-'))
}

fn number(digits: &str) -> Option<u16> {
    digits.parse().ok().filter(|_| digits.bytes().all(|byte| byte.is_ascii_digit()))
}

fn small(digits: &str) -> Option<u8> {
    digits.parse().ok().filter(|_| digits.len() <= 2 && digits.bytes().all(|b| b.is_ascii_digit()))
}

/// The months by their first three letters; what follows must be the rest of the name.
const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// The number of a month by its name or its usual abbreviation.
pub(crate) fn month(word: &str) -> Option<u8> {
    if !(3..=9).contains(&word.len()) || !word.is_ascii() {
        return None;
    }
    let is_it = |name: &str| {
        let start = name.get(..word.len());
        let is_abbreviated = word.len() == 3 || (word.len() == 4 && name.starts_with("sept"));
        start.is_some_and(|start| start.eq_ignore_ascii_case(word))
            && (is_abbreviated || name.len() == word.len())
    };
    let index = MONTHS.iter().position(|name| is_it(name))?;
    u8::try_from(index + 1).ok()
}

/// A date in words, from its first word on: `13 January 2026`, `13th of Jan.`, `January 13, 2026`, `January 2026`.
/// Also how many bytes it takes. It looks at a bounded number of characters.
pub(crate) fn in_words(text: &str) -> Option<(Date, usize)> {
    let mut cursor = Cursor { text, at: 0 };
    if let Some(day) = cursor.day() {
        cursor.space()?;
        let mut after = cursor;
        if after.word() == "of" && after.space().is_some() {
            cursor = after;
        }
        let month = month(cursor.word())?;
        return cursor.with_year(month, Some(day));
    }
    let month = month(cursor.word())?;
    cursor.dot();
    cursor.space()?;
    if let Some(year) = cursor.year() {
        return Some((Date::checked(Some(year), month, None)?, cursor.at));
    }
    let day = cursor.day()?;
    cursor.with_year(month, Some(day))
}

#[derive(Clone, Copy)]
struct Cursor<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Cursor<'t> {
    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// A run of letters, of at most twelve.
    fn word(&mut self) -> &'t str {
        let length = self.rest().bytes().take(13).take_while(u8::is_ascii_alphabetic).count();
        let word = self.rest().get(..length).unwrap_or_default();
        self.at += length;
        word
    }

    fn digits(&self) -> &'t str {
        let length = self.rest().bytes().take(5).take_while(u8::is_ascii_digit).count();
        self.rest().get(..length).unwrap_or_default()
    }

    /// `13`, `13th`.
    fn day(&mut self) -> Option<u8> {
        let mut after = *self;
        let digits = after.digits();
        let day = small(digits).filter(|day| (1..=31).contains(day))?;
        after.at += digits.len();
        let ending = after.word();
        let is_ordinal = ["st", "nd", "rd", "th"].iter().any(|it| it.eq_ignore_ascii_case(ending));
        if !ending.is_empty() && !is_ordinal {
            return None;
        }
        *self = after;
        Some(day)
    }

    /// Four digits that nothing continues.
    fn year(&mut self) -> Option<u16> {
        let digits = self.digits();
        let year =
            number(digits).filter(|year| digits.len() == 4 && (1000..=2999).contains(year))?;
        let mut rest = self.rest().chars().skip(4);
        let is_whole = match rest.next() {
            Some('.' | ',') => !rest.next().is_some_and(|c| c.is_ascii_digit()),
            Some(c) => !c.is_alphanumeric() && !matches!(c, '-' | '/' | '_'),
            None => true,
        };
        self.at += 4;
        is_whole.then_some(year)
    }

    /// One or two blanks.
    fn space(&mut self) -> Option<()> {
        let length = self.rest().bytes().take(2).take_while(|byte| *byte == b' ').count();
        self.at += length;
        (length > 0).then_some(())
    }

    fn dot(&mut self) {
        self.at += usize::from(self.rest().starts_with('.'));
    }

    /// With the year that follows, if one does.
    fn with_year(mut self, month: u8, day: Option<u8>) -> Option<(Date, usize)> {
        let end = self.at;
        let without = (Date::checked(None, month, day)?, end);
        if self.rest().starts_with(['.', ',']) {
            self.at += 1;
        }
        if self.space().is_none() {
            return Some(without);
        }
        match self.year() {
            Some(year) => Some((Date::checked(Some(year), month, day)?, self.at)),
            None => Some(without),
        }
    }
}

/// Minutes after midnight, twice where morning and afternoon can be told apart by nothing: `10:30`, `3:05:10`, and
/// with `half` the `am` or `pm` that follows.
pub(crate) fn clock(text: &str, half: Option<bool>) -> Option<(u16, Option<u16>)> {
    let mut parts = text.split(':');
    let (hour, minute) = (parts.next()?, parts.next());
    let second = parts.next();
    if parts.next().is_some() || minute.is_some_and(|minute| minute.len() != 2) {
        return None;
    }
    let hour = u16::from(small(hour)?);
    let minute = u16::from(small(minute.unwrap_or("0"))?);
    let second = small(second.unwrap_or("0"))?;
    if minute > 59 || second > 59 || hour > 23 {
        return None;
    }
    let at = |hour: u16| hour * 60 + minute;
    match half {
        Some(_) if !(1..=12).contains(&hour) => None,
        Some(is_afternoon) => Some((at(hour % 12 + if is_afternoon { 12 } else { 0 }), None)),
        None if (1..=12).contains(&hour) && !text.starts_with('0') => {
            Some((at(hour), Some(at((hour + 12) % 24))))
        }
        None => Some((at(hour), None)),
    }
}

/// The fact that a time of day is.
pub(crate) fn time_fact(minutes: u16) -> Fact {
    Fact::numbers(Of::Time, &[u64::from(minutes)])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(year: u16, month: u8, day: u8) -> Date {
        Date { year: Some(year), month, day: Some(day) }
    }

    #[test]
    fn numeric_dates() {
        for (text, want) in [
            ("2026-01-13", Some((date(2026, 1, 13), None))),
            ("2026-01-13T10:00:00Z", Some((date(2026, 1, 13), None))),
            ("13.01.2026", Some((date(2026, 1, 13), None))),
            ("13/01/2026", Some((date(2026, 1, 13), None))),
            ("01/13/26", Some((date(2026, 1, 13), None))),
            ("03/04/2026", Some((date(2026, 4, 3), Some(date(2026, 3, 4))))),
            ("2026-13-13", None),
            ("1.2.3", None),
            ("10.0.0.1", None),
            ("1-2", None),
            ("", None),
        ] {
            assert_eq!(numeric(text), want, "{text}");
        }
    }

    #[test]
    fn dates_in_words() {
        let month_day = Date { year: None, month: 1, day: Some(13) };
        for (text, want) in [
            ("13 January 2026.", Some((date(2026, 1, 13), 15))),
            ("13th of Jan 2026", Some((date(2026, 1, 13), 16))),
            ("January 13, 2026", Some((date(2026, 1, 13), 16))),
            ("Jan. 13 at", Some((month_day, 7))),
            ("13 January", Some((month_day, 10))),
            ("Sept 2026", Some((Date { year: Some(2026), month: 9, day: None }, 9))),
            ("may 13.5", Some((Date { year: None, month: 5, day: Some(13) }, 6))),
            ("may be", None),
            ("January", None),
            ("32 January", None),
            ("13 Januarys", None),
        ] {
            assert_eq!(in_words(text), want, "{text}");
        }
    }

    #[test]
    fn times_of_day() {
        assert_eq!(clock("15:00", None), Some((900, None)));
        assert_eq!(clock("3:00", None), Some((180, Some(900))));
        assert_eq!(clock("3:00", Some(true)), Some((900, None)));
        assert_eq!(clock("12", Some(false)), Some((0, None)));
        assert_eq!(clock("03:00", None), Some((180, None)));
        assert_eq!(clock("25:00", None), None);
        assert_eq!(clock("3:5", None), None);
    }
}
