//! Time as the system sees it: one trait, so that tests decide what time it is.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// Where the current time comes from.
pub trait Clock: Send + Sync + 'static {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    fn now_ms(&self) -> i64;

    /// Whole seconds since 1970-01-01T00:00:00Z.
    fn now(&self) -> i64 {
        self.now_ms().div_euclid(1000)
    }

    /// The time that fresh signatures are held to, in seconds since 1970: the machine's, also when
    /// [`Clock::now`] has been moved, because the clients that sign go by it.
    fn signing_now(&self) -> i64 {
        machine_ms().div_euclid(1000)
    }

    /// Moves the clock forward, where the clock allows it; tells whether it did.
    fn advance(&self, _seconds: i64) -> bool {
        false
    }
}

/// The machine's clock.
#[derive(Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now_ms(&self) -> i64 {
        machine_ms()
    }
}

/// The machine's clock plus an offset that can be advanced.
#[derive(Debug, Default)]
pub struct TestClock {
    offset_ms: AtomicI64,
}

impl Clock for TestClock {
    fn now_ms(&self) -> i64 {
        machine_ms().saturating_add(self.offset_ms.load(Ordering::SeqCst))
    }

    fn advance(&self, seconds: i64) -> bool {
        self.offset_ms.fetch_add(seconds.saturating_mul(1000), Ordering::SeqCst);
        true
    }
}

/// A clock before 1970 reads as 1970: nothing issued then is still valid now.
fn machine_ms() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .ok()
        .and_then(|d| i64::try_from(d.as_millis()).ok())
        .unwrap_or(0)
}

/// Text forms of a point in time. Seconds and milliseconds since 1970-01-01T00:00:00Z come in.
pub mod text {
    use jiff::Timestamp;
    use jiff::civil::DateTime;
    use jiff::tz::Offset;

    /// `2026-05-01T12:00:00Z`: how AWS writes times in XML answers.
    pub fn iso8601(seconds: i64) -> String {
        let mut text = civil(seconds);
        text.push('Z');
        text
    }

    /// `2026-05-01T12:00:00.000Z`: how S3 writes times in XML answers.
    pub fn iso8601_ms(ms: i64) -> String {
        format!("{}.{:03}Z", civil(ms.div_euclid(1000)), ms.rem_euclid(1000))
    }

    /// Written digit by digit: every request needs it several times.
    fn civil(seconds: i64) -> String {
        let time: DateTime =
            Offset::UTC.to_datetime(Timestamp::from_second(seconds).unwrap_or(Timestamp::MAX));
        let mut text = String::with_capacity(24);
        let year = time.year().unsigned_abs();
        for (number, after) in [(year / 100, ""), (year % 100, "-")] {
            two(&mut text, u8::try_from(number).unwrap_or(0), after);
        }
        let parts = [
            (time.month(), "-"),
            (time.day(), "T"),
            (time.hour(), ":"),
            (time.minute(), ":"),
            (time.second(), ""),
        ];
        for (number, after) in parts {
            two(&mut text, number.unsigned_abs(), after);
        }
        text
    }

    fn two(text: &mut String, number: u8, after: &str) {
        text.push(char::from(b'0' + number / 10 % 10));
        text.push(char::from(b'0' + number % 10));
        text.push_str(after);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_clock_moves_by_what_it_is_told() {
        let clock = TestClock::default();
        let before = clock.now();
        assert!(clock.advance(3600));
        assert!((3600..3602).contains(&(clock.now() - before)));
        assert!(!SystemClock.advance(1));
    }

    #[test]
    fn times_are_written_as_aws_writes_them() {
        assert_eq!(text::iso8601(1_777_636_800), "2026-05-01T12:00:00Z");
        assert_eq!(text::iso8601_ms(1_777_636_800_007), "2026-05-01T12:00:00.007Z");
    }
}
