//! The credential scope and the timestamps of a signature.

use super::key::TERMINATOR;
use jiff::{Timestamp, civil, tz::Offset, tz::TimeZone};

/// The day, region and service a signature is good for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Scope {
    /// The day, `YYYYMMDD`.
    pub date: String,
    /// The region as the client named it.
    pub region: String,
    /// The service's signing name.
    pub service: String,
    /// The last element, which must be `aws4_request`.
    pub terminator: String,
}

/// `Credential=` taken apart: who signs, for which scope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credential {
    /// The access key id.
    pub access_key_id: String,
    /// The scope.
    pub scope: Scope,
}

impl Scope {
    /// A scope with the right terminator.
    pub fn new(date: &str, region: &str, service: &str) -> Self {
        let terminator = TERMINATOR.to_owned();
        Self { date: date.to_owned(), region: region.to_owned(), service: service.to_owned(), terminator }
    }

    /// True when a time in seconds since 1970 is on the scope's day.
    pub(super) fn is_on_day_of(&self, seconds: i64) -> bool {
        self.date.parse() == Ok(day(utc(seconds)))
    }
}

impl std::fmt::Display for Scope {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&[&*self.date, &self.region, &self.service, &self.terminator].join("/"))
    }
}

impl Credential {
    /// Reads `akid/date/region/service/terminator`. `None` when it has not exactly five elements, one
    /// is empty or longer than any real one, or the day is not eight digits.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('/');
        let mut next = || parts.next().filter(|part| !part.is_empty() && part.len() <= LONGEST);
        let (id, date, region, service, terminator) = (next()?, next()?, next()?, next()?, next()?);
        let day = date.len() == 8 && date.bytes().all(|b| b.is_ascii_digit());
        if parts.next().is_some() || !day || !text.bytes().all(|b| b.is_ascii_graphic()) {
            return None;
        }
        let scope = Scope { terminator: terminator.to_owned(), ..Scope::new(date, region, service) };
        Some(Self { access_key_id: id.to_owned(), scope })
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
    let time = utc(seconds);
    let day = day(time);
    let clock = i32::from(time.hour()) * 10_000 + i32::from(time.minute()) * 100 + i32::from(time.second());
    format!("{day:08}T{clock:06}Z")
}

/// Writes seconds since 1970 as `YYYY-MM-DDTHH:MM:SSZ`, as error bodies show times.
pub fn format_iso(seconds: i64) -> String {
    utc(seconds).strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
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

fn utc(seconds: i64) -> civil::DateTime {
    let time = Timestamp::from_second(seconds).ok().filter(|time| time.as_second() >= YEAR_0);
    Offset::UTC.to_datetime(time.unwrap_or(Timestamp::UNIX_EPOCH))
}

/// The first second of year 0.
const YEAR_0: i64 = -62_167_219_200;

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
        for outside in [i64::MIN, YEAR_0 - 1, i64::MAX] {
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
        assert_eq!(
            (good.access_key_id.as_str(), good.scope),
            ("AKIA", Scope::new("20150830", "us-east-1", "s3"))
        );
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
        fn what_is_written_is_read_back(seconds in YEAR_0..=253_402_207_200) {
            prop_assert_eq!(parse_timestamp(&format_timestamp(seconds)), Some(seconds));
        }

        #[test]
        fn never_panics(text in "\\PC*") {
            let _ = (parse_timestamp(&text), parse_http_date(&text), Credential::parse(&text));
        }
    }
}
