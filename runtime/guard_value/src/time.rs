//! Times as RFC 3339 writes them, in milliseconds since 1970-01-01 UTC.

/// The milliseconds of `2026-01-31T12:00:00.5Z` or `2026-01-31T13:00:00+01:00`. Digits past the
/// millisecond are cut off; a leap second is the second before it.
pub fn parse_time(text: &str) -> Option<i64> {
    let bytes = text.as_bytes();
    let (date, rest) = bytes.split_at_checked(10)?;
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = date else { return None };
    let (year, month) = (number(&[*y1, *y2, *y3, *y4])?, number(&[*m1, *m2])?);
    let day = number(&[*d1, *d2])?;
    let (time, rest) = rest.split_at_checked(9)?;
    let [b'T' | b't' | b' ', h1, h2, b':', n1, n2, b':', s1, s2] = time else { return None };
    let (hour, minute) = (number(&[*h1, *h2])?, number(&[*n1, *n2])?);
    let second = number(&[*s1, *s2])?;
    let (millisecond, rest) = fraction(rest)?;
    let offset = offset(rest)?;
    let is_day = (1..=12).contains(&month) && (1..=days_of_month(year, month)).contains(&day);
    if !is_day || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let minutes = days_since_epoch(year, month, day) * 1440 + hour * 60 + minute - offset;
    Some((minutes * 60 + second.min(59)) * 1000 + millisecond)
}

fn number(digits: &[u8]) -> Option<i64> {
    digits.iter().try_fold(0, |value, digit| {
        digit.is_ascii_digit().then(|| value * 10 + i64::from(digit - b'0'))
    })
}

/// `.5` as 500, and what follows it.
fn fraction(rest: &[u8]) -> Option<(i64, &[u8])> {
    let [b'.', digits @ ..] = rest else { return Some((0, rest)) };
    let count = digits.iter().take_while(|digit| digit.is_ascii_digit()).count();
    let (digits, rest) = digits.split_at_checked(count)?;
    let mut three = [b'0'; 3];
    three.iter_mut().zip(digits).for_each(|(place, digit)| *place = *digit);
    (count > 0).then_some((number(&three)?, rest))
}

/// `Z` or `+01:00`, in minutes.
fn offset(rest: &[u8]) -> Option<i64> {
    match rest {
        [b'Z' | b'z'] => Some(0),
        [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] => {
            let (hours, minutes) = (number(&[*h1, *h2])?, number(&[*m1, *m2])?);
            let offset = hours * 60 + minutes;
            (hours < 24 && minutes < 60).then_some(if *sign == b'-' { -offset } else { offset })
        }
        _ => None,
    }
}

fn days_of_month(year: i64, month: i64) -> i64 {
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 if is_leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days of the proleptic Gregorian calendar. Years are counted from March, so that the leap day is
/// a year's last.
fn days_since_epoch(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    day_of_era + day_of_year - 719_468
}
