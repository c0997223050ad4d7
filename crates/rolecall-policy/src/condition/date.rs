//! The date operators: the W3C profile of ISO 8601, or seconds since 1970.

use std::cmp::Ordering;

use jiff::SignedDuration;
use jiff::civil::{Date, DateTime, Time};

use super::Test;
use crate::context::Context;
use crate::variable::Dialect;

#[derive(Debug)]
struct Compare {
    limit: SignedDuration,
    accepts: fn(Ordering) -> bool,
}

pub(super) fn equals(text: &str, _: Dialect) -> Option<Box<dyn Test>> {
    compare(text, Ordering::is_eq)
}

pub(super) fn less(text: &str, _: Dialect) -> Option<Box<dyn Test>> {
    compare(text, Ordering::is_lt)
}

pub(super) fn less_or_equal(text: &str, _: Dialect) -> Option<Box<dyn Test>> {
    compare(text, Ordering::is_le)
}

pub(super) fn greater(text: &str, _: Dialect) -> Option<Box<dyn Test>> {
    compare(text, Ordering::is_gt)
}

pub(super) fn greater_or_equal(text: &str, _: Dialect) -> Option<Box<dyn Test>> {
    compare(text, Ordering::is_ge)
}

/// True when the text can be read as a date.
pub(crate) fn is_date(text: &str) -> bool {
    instant(text).is_some()
}

fn compare(text: &str, accepts: fn(Ordering) -> bool) -> Option<Box<dyn Test>> {
    Some(Box::new(Compare { limit: instant(text)?, accepts }))
}

impl Test for Compare {
    fn holds(&self, value: &str, _: &Context<'_>) -> bool {
        instant(value).is_some_and(|at| (self.accepts)(at.cmp(&self.limit)))
    }
}

/// The time since 1970. Four digits are a year; other numbers, or with a sign, are seconds.
fn instant(text: &str) -> Option<SignedDuration> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let year = text.len() == 4 && digits.len() == 4;
    if digits.bytes().all(|b| b.is_ascii_digit()) && !year {
        return text.parse().ok().map(SignedDuration::from_secs);
    }
    match text.split_once('T') {
        None => Some(utc(date(text)?.to_datetime(Time::midnight()))),
        Some((day, clock)) if day.len() == 10 => zoned(date(day)?, clock),
        Some(_) => None,
    }
}

/// Not as a `Timestamp`, which ends a day before the year 9999 does; policies are written to hold till then.
fn utc(at: DateTime) -> SignedDuration {
    at.duration_since(DateTime::constant(1970, 1, 1, 0, 0, 0, 0))
}

fn date(text: &str) -> Option<Date> {
    let mut parts = text.split('-');
    let year = number(parts.next()?, 4)?;
    let month = parts.next().map_or(Some(1), |m| number(m, 2))?;
    let day = parts.next().map_or(Some(1), |d| number(d, 2))?;
    if parts.next().is_some() {
        return None;
    }
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

/// `hh:mm[:ss[.fraction]]` followed by `Z` or `±hh:mm`.
fn zoned(day: Date, text: &str) -> Option<SignedDuration> {
    let at = text.find(['Z', '+', '-'])?;
    let (clock, zone) = text.split_at_checked(at)?;
    utc(day.to_datetime(time(clock)?)).checked_sub(offset(zone)?)
}

fn time(text: &str) -> Option<Time> {
    let (clock, fraction) = text.split_once('.').map_or((text, None), |(c, f)| (c, Some(f)));
    let mut parts = clock.split(':');
    let hour = number(parts.next()?, 2)?;
    let minute = number(parts.next()?, 2)?;
    let second = parts.next().map(|s| number(s, 2));
    if parts.next().is_some() || (fraction.is_some() && second.is_none()) {
        return None;
    }
    let small = |n: i16| i8::try_from(n).ok();
    let nanos = fraction.map_or(Some(0), nanoseconds)?;
    Time::new(small(hour)?, small(minute)?, small(second.unwrap_or(Some(0))?)?, nanos).ok()
}

fn nanoseconds(fraction: &str) -> Option<i32> {
    let digits = !fraction.is_empty() && fraction.bytes().all(|b| b.is_ascii_digit());
    let place = |sum: i32, digit: u8| sum * 10 + i32::from(digit - b'0');
    digits.then(|| fraction.bytes().chain(std::iter::repeat(b'0')).take(9).fold(0, place))
}

fn offset(zone: &str) -> Option<SignedDuration> {
    if zone == "Z" {
        return Some(SignedDuration::ZERO);
    }
    let sign = if zone.starts_with('-') { -1 } else { 1 };
    let (hours, minutes) = zone.get(1..)?.split_once(':')?;
    let (hours, minutes) = (number(hours, 2)?, number(minutes, 2)?);
    let valid = hours < 24 && minutes < 60;
    valid.then(|| SignedDuration::from_mins(sign * i64::from(hours * 60 + minutes)))
}

fn number(text: &str, digits: usize) -> Option<i16> {
    let valid = text.len() == digits && text.bytes().all(|b| b.is_ascii_digit());
    valid.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_profile() {
        for (text, seconds) in [
            ("0", 0),
            ("1700000000", 1_700_000_000),
            ("-5", -5),
            ("1970", 0),
            ("1970-02", 2_678_400),
            ("1970-01-02", 86_400),
            ("1970-01-01T00:01Z", 60),
            ("1970-01-01T00:01:02Z", 62),
            ("1970-01-01T02:00:00+02:00", 0),
            ("1970-01-01T00:00:00.000-01:30", 5400),
            ("-123", -123),
            ("9999-12-31T23:59:59Z", 253_402_300_799),
            ("1700000000000", 1_700_000_000_000),
        ] {
            assert_eq!(instant(text).map(|at| at.as_secs()), Some(seconds), "{text}");
        }
        assert_eq!(instant("1970-01-01T00:00:00.5Z").map(|t| t.subsec_nanos()), Some(500_000_000));
    }

    #[test]
    fn refuses_the_rest() {
        for text in [
            "",
            "-",
            "x",
            "1970-1",
            "1970-13",
            "1970-02-30",
            "1970-01-01T",
            "1970-01-01T00:00",
            "1970-01T00:00Z",
            "1970-01-01T25:00Z",
            "1970-01-01T00:00:00.Z",
            "1970-01-01T00:00.5Z",
            "1970-01-01T00:00+2",
            "1970-01-01 00:00Z",
            "99999999999999999999",
            "1970-01-01-01",
            "1970-01-01T00:00:00Zz",
            "*",
        ] {
            assert!(!is_date(text), "{text}");
        }
    }
}
