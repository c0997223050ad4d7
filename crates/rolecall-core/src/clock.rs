//! Time as the system sees it: one trait, so that tests decide what time it is.

use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

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

/// The machine's clock, but never behind what has passed since the first look at it: a clock that is set back
/// under a running server makes no session last longer.
#[derive(Debug)]
pub struct SystemClock {
    start: Instant,
    /// Milliseconds since 1970 at the start.
    from: i64,
}

impl SystemClock {
    /// A clock that goes on from `mark`, in milliseconds since 1970, when the machine's is behind it.
    pub fn not_before(mark: i64) -> Self {
        Self { start: Instant::now(), from: machine_ms().max(mark) }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::not_before(0)
    }
}

impl Clock for SystemClock {
    fn now_ms(&self) -> i64 {
        let passed = i64::try_from(self.start.elapsed().as_millis()).unwrap_or(i64::MAX);
        held(machine_ms(), self.from.saturating_add(passed))
    }
}

/// The machine's clock plus an offset that can be advanced.
#[derive(Debug, Default)]
pub struct TestClock {
    machine: SystemClock,
    offset_ms: AtomicI64,
}

impl TestClock {
    /// A clock that goes on from `mark`, as [`SystemClock::not_before`] does.
    pub fn not_before(mark: i64) -> Self {
        Self { machine: SystemClock::not_before(mark), offset_ms: AtomicI64::new(0) }
    }
}

impl Clock for TestClock {
    fn now_ms(&self) -> i64 {
        self.machine.now_ms().saturating_add(self.offset_ms.load(Ordering::SeqCst))
    }

    fn advance(&self, seconds: i64) -> bool {
        self.offset_ms.fetch_add(seconds.saturating_mul(1000), Ordering::SeqCst);
        true
    }
}

fn held(machine: i64, steady: i64) -> i64 {
    if steady.saturating_sub(machine) > TOLD_MS && !SET_BACK.swap(true, Ordering::Relaxed) {
        tracing::warn!(
            seconds = steady.saturating_sub(machine) / 1000,
            "the machine's clock was set back; time goes on from where it was"
        );
    }
    machine.max(steady)
}

/// A setback of the machine's clock that is worth a line in the log, in milliseconds.
const TOLD_MS: i64 = 60_000;
/// True once it was told.
static SET_BACK: AtomicBool = AtomicBool::new(false);

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
    use rolecall_wire::time::push_civil;

    /// `2026-05-01T12:00:00Z`: how AWS writes times in XML answers.
    pub fn iso8601(seconds: i64) -> String {
        let mut text = String::with_capacity(24);
        push_civil(&mut text, seconds.min(LAST));
        text.push('Z');
        text
    }

    /// `2026-05-01T12:00:00.000Z`: how S3 writes times in XML answers.
    pub fn iso8601_ms(ms: i64) -> String {
        let mut text = String::with_capacity(24);
        push_civil(&mut text, ms.div_euclid(1000).min(LAST));
        text.push_str(&format!(".{:03}Z", ms.rem_euclid(1000)));
        text
    }

    /// The last second that can be written, in year 9999.
    const LAST: i64 = 253_402_207_200;
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
        assert!(!SystemClock::default().advance(1));
    }

    /// FLT-08: whatever the machine's clock does, as much time passes as has passed.
    #[test]
    fn flt_08_time_never_passes_more_slowly_than_it_does() {
        const DAY: i64 = 86_400_000;
        let start = 1_800_000_000_000;
        for (jump, seen) in
            [(0, 0), (DAY, DAY), (-DAY, 0), (-start, 0), (20 * 365 * DAY, 20 * 365 * DAY), (-1, 0)]
        {
            for passed in [0, 1_000, 3_600_000] {
                assert_eq!(held(start + passed + jump, start + passed), start + passed + seen, "{jump}");
            }
        }
        let clock = SystemClock::default();
        let before = clock.now_ms();
        assert!(clock.now_ms() >= before);
        assert!((clock.now() - clock.signing_now()).abs() <= 1);
    }

    /// FLT-08: what was set back while nothing ran is not believed either.
    #[test]
    fn flt_08_a_clock_goes_on_from_its_mark() {
        let mark = machine_ms() + 300_000;
        for clock in [&SystemClock::not_before(mark) as &dyn Clock, &TestClock::not_before(mark)] {
            assert!((mark..mark + 5_000).contains(&clock.now_ms()));
            assert!((clock.signing_now() - machine_ms() / 1000).abs() <= 1, "signatures go by the machine's");
        }
        let past = SystemClock::not_before(mark - 600_000);
        assert!((past.now_ms() - machine_ms()).abs() < 5_000);
    }

    #[test]
    fn times_are_written_as_aws_writes_them() {
        assert_eq!(text::iso8601(1_777_636_800), "2026-05-01T12:00:00Z");
        assert_eq!(text::iso8601_ms(1_777_636_800_007), "2026-05-01T12:00:00.007Z");
    }
}
