//! Points in time as text, written digit by digit: every request needs several.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;

/// Appends `2026-05-01T12:00:00` for seconds since 1970, in UTC. A time outside years 0–9999 is written as the
/// year 1970's first second.
pub fn push_civil(out: &mut String, seconds: i64) {
    push(out, seconds, *b"yyyy-mm-ddThh:mm:ss", [5, 8, 11, 14, 17]);
}

/// Appends `20260501T120000` (ISO 8601 basic format), under the same conditions.
pub fn push_basic(out: &mut String, seconds: i64) {
    push(out, seconds, *b"yyyymmddThhmmss", [4, 6, 9, 11, 13]);
}

/// Fills a form in: the year at its beginning, the other parts at these places.
fn push<const N: usize>(out: &mut String, seconds: i64, mut text: [u8; N], places: [usize; 5]) {
    let time = civil(seconds);
    put_two(&mut text, 0, time.year() / 100);
    put_two(&mut text, 2, time.year() % 100);
    let parts = [time.month(), time.day(), time.hour(), time.minute(), time.second()];
    places.into_iter().zip(parts).for_each(|(at, part)| put_two(&mut text, at, part.into()));
    out.push_str(str::from_utf8(&text).unwrap_or_default());
}

/// The parts of a point in time.
pub(crate) fn civil(seconds: i64) -> DateTime {
    let time = Timestamp::from_second(seconds).ok().filter(|time| time.as_second() >= YEAR_0);
    Offset::UTC.to_datetime(time.unwrap_or(Timestamp::UNIX_EPOCH))
}

fn put_two(text: &mut [u8], at: usize, number: i16) {
    let digit = |n: i16| b'0' + u8::try_from(n % 10).unwrap_or(0);
    if let Some([tens, ones]) = text.get_mut(at..).and_then(|rest| rest.first_chunk_mut()) {
        (*tens, *ones) = (digit(number / 10), digit(number));
    }
}

/// The first second of year 0.
const YEAR_0: i64 = -62_167_219_200;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_digit_by_digit() {
        let written = |seconds| {
            let (mut extended, mut basic) = (String::new(), String::new());
            push_civil(&mut extended, seconds);
            push_basic(&mut basic, seconds);
            (extended, basic)
        };
        let pair = |extended: &str, basic: &str| (extended.to_owned(), basic.to_owned());
        assert_eq!(written(1_777_636_809), pair("2026-05-01T12:00:09", "20260501T120009"));
        assert_eq!(written(YEAR_0), pair("0000-01-01T00:00:00", "00000101T000000"));
        assert_eq!(written(253_402_207_200), pair("9999-12-30T22:00:00", "99991230T220000"));
        for outside in [i64::MIN, YEAR_0 - 1, i64::MAX] {
            assert_eq!(written(outside), pair("1970-01-01T00:00:00", "19700101T000000"));
        }
    }
}
