//! The credential scope and the timestamps of a signature.

use super::key::TERMINATOR;
use crate::plain::split;
use crate::time;
use jiff::{civil, tz::TimeZone};
use std::borrow::Cow;

/// The day, region and service a signature is good for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Scope<'a> {
    /// The day, `YYYYMMDD`.
    pub date: Cow<'a, str>,
    /// The region as the client named it.
    pub region: Cow<'a, str>,
    /// The service's signing name.
    pub service: Cow<'a, str>,
    /// The last element, which must be `aws4_request`.
    pub terminator: Cow<'a, str>,
}

/// `Credential=` taken apart: who signs, for which scope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credential<'a> {
    /// The access key id.
    pub access_key_id: &'a str,
    /// The scope.
    pub scope: Scope<'a>,
}

impl<'a> Scope<'a> {
    /// A scope with the right terminator.
    pub fn new(date: &'a str, region: &'a str, service: &'a str) -> Self {
        let terminator = TERMINATOR.into();
        Self { date: date.into(), region: region.into(), service: service.into(), terminator }
    }

    /// The same, apart from where it was read.
    pub fn into_owned(self) -> Scope<'static> {
        let owned = |text: Cow<'_, str>| Cow::Owned(text.into_owned());
        Scope {
            date: owned(self.date),
            region: owned(self.region),
            service: owned(self.service),
            terminator: owned(self.terminator),
        }
    }

    /// Its elements, as a string to sign joins them with slashes.
    pub(super) fn elements(&self) -> [&str; 4] {
        [&self.date, &self.region, &self.service, &self.terminator]
    }

    /// True when a time in seconds since 1970 is on the scope's day.
    pub(super) fn is_on_day_of(&self, seconds: i64) -> bool {
        self.date.parse() == Ok(day(time::civil(seconds)))
    }
}

impl std::fmt::Display for Scope<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.elements().join("/"))
    }
}

impl<'a> Credential<'a> {
    /// Reads `akid/date/region/service/terminator`. `None` when it has not exactly five elements, one
    /// is empty or longer than any real one, or the day is not eight digits.
    pub fn parse(text: &'a str) -> Option<Self> {
        let mut parts = split(text, b'/');
        let mut next = || parts.next().filter(|part| !part.is_empty() && part.len() <= LONGEST);
        let (id, date, region, service, terminator) = (next()?, next()?, next()?, next()?, next()?);
        let day = date.len() == 8 && date.bytes().all(|b| b.is_ascii_digit());
        if parts.next().is_some() || !day || !text.bytes().all(|b| b.is_ascii_graphic()) {
            return None;
        }
        let scope = Scope { terminator: terminator.into(), ..Scope::new(date, region, service) };
        Some(Self { access_key_id: id, scope })
    }
}

/// Reads `YYYYMMDDTHHMMSSZ` (ISO 8601 basic format) as seconds since 1970.
pub fn parse_timestamp(text: &str) -> Option<i64> {
    let digits = text.len() == 16 && text.get(8..9) == Some("T") && text.ends_with('Z');
    let number = |from: usize, to: usize| {
        let part = text.get(from..to)?;
        part.bytes().all(|b| b.is_ascii_digit()).then(|| part.parse::<i16>().ok())?
    };
    let small = |from: usize| number(from, from + 2).and_then(|n| i8::try_from(n).ok());
    if !digits {
        return None;
    }
    let time =
        civil::DateTime::new(number(0, 4)?, small(4)?, small(6)?, small(9)?, small(11)?, small(13)?, 0);
    Some(time.ok()?.to_zoned(TimeZone::UTC).ok()?.timestamp().as_second())
}

/// Writes seconds since 1970 as `YYYYMMDDTHHMMSSZ`. A time outside years 0–9999 is written as the
/// year 1970's first second.
pub fn format_timestamp(seconds: i64) -> String {
    let mut out = String::with_capacity(16);
    time::push_basic(&mut out, seconds);
    out.push('Z');
    out
}

/// Writes seconds since 1970 as `YYYY-MM-DDTHH:MM:SSZ`, as error bodies show times.
pub fn format_iso(seconds: i64) -> String {
    let mut out = String::with_capacity(20);
    time::push_civil(&mut out, seconds);
    out.push('Z');
    out
}

/// Reads the `Date` header of HTTP: RFC 1123 form or the ISO 8601 basic form.
pub(crate) fn parse_http_date(text: &str) -> Option<i64> {
    let rfc = || jiff::fmt::rfc2822::parse(text).ok().map(|zoned| zoned.timestamp().as_second());
    parse_timestamp(text).or_else(rfc)
}

/// The number that the digits `YYYYMMDD` make.
fn day(time: civil::DateTime) -> i32 {
    i32::from(time.year()) * 10_000 + i32::from(time.month()) * 100 + i32::from(time.day())
}

/// No access key id (16–128 characters), region or service is longer.
const LONGEST: usize = 128;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn timestamps_are_exact() {
        assert_eq!(parse_timestamp("20150830T123600Z"), Some(1_440_938_160));
        assert_eq!(format_timestamp(1_440_938_160), "20150830T123600Z");
        assert_eq!(format_iso(1_440_938_160), "2015-08-30T12:36:00Z");
        for outside in [i64::MIN, i64::MAX] {
            assert_eq!(format_timestamp(outside), "19700101T000000Z");
        }
        assert_eq!(parse_http_date("Sun, 30 Aug 2015 12:36:00 GMT"), Some(1_440_938_160));
    }

    #[test]
    fn sig_19_malformed_dates_are_refused() {
        for text in
            ["", "20150830", "20150830T123600", "20151330T123600Z", "20150230T123600Z", "2015083éT23600Z"]
        {
            assert_eq!(parse_timestamp(text), None, "{text}");
        }
        for text in ["20150830T126000Z", "+0150830T123600Z", "2015-08-30T12:36Z", "99999999T999999Z"] {
            assert_eq!(parse_timestamp(text), None, "{text}");
        }
    }

    #[test]
    fn credentials_have_five_elements() {
        let good = Credential::parse("AKIA/20150830/us-east-1/s3/aws4_request").unwrap();
        assert_eq!((good.access_key_id, good.scope), ("AKIA", Scope::new("20150830", "us-east-1", "s3")));
        for bad in ["", "AKIA", "AKIA/20150830/us-east-1/s3", "AKIA/20150830/us-east-1/s3/aws4_request/x"] {
            assert_eq!(Credential::parse(bad), None, "{bad}");
        }
        for bad in
            ["/20150830/r/s3/aws4_request", "A/2015083/r/s3/aws4_request", "A/20150830//s3/aws4_request"]
        {
            assert_eq!(Credential::parse(bad), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(seconds in -62_167_219_200_i64..=253_402_207_200) {
            prop_assert_eq!(parse_timestamp(&format_timestamp(seconds)), Some(seconds));
        }

        #[test]
        fn never_panics(text in "\\PC*") {
            let _ = (parse_timestamp(&text), parse_http_date(&text), Credential::parse(&text));
        }
    }
}
