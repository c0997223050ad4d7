//! One-time codes (RFC 6238, with HMAC-SHA-1, steps of 30 seconds and six digits), and how many wrong ones
//! a device suffers.

use crate::records::MfaDevice;
use std::ops::RangeInclusive;
use totp_rs::{Algorithm, Builder, Totp};

/// The codes of a seed.
pub struct Codes(Totp);

impl Codes {
    /// The codes that a seed makes; `None` for a seed shorter than RFC 4226 §4 requires.
    pub fn of(seed: &[u8]) -> Option<Self> {
        let totp = Builder::new()
            .with_algorithm(Algorithm::SHA1)
            .with_digits(6)
            .with_step_duration(STEP.unsigned_abs());
        totp.with_secret(seed.to_vec()).with_skew(0).build().ok().map(Self)
    }

    fn is(&self, code: &str, step: i64) -> bool {
        u64::try_from(step.saturating_mul(STEP)).is_ok_and(|time| self.0.check(code, time).is_some())
    }

    /// The earliest of these steps whose code this is. All are tried, so that the time taken does not tell
    /// which one it was.
    fn step(&self, code: &str, steps: RangeInclusive<i64>) -> Option<i64> {
        steps.rev().fold(None, |found, step| if self.is(code, step) { Some(step) } else { found })
    }

    /// The code of a time, in seconds since 1970.
    #[cfg(any(test, feature = "testing"))]
    pub fn at(&self, time: i64) -> String {
        self.0.generate(u64::try_from(time).unwrap_or_default()).to_string()
    }
}

impl MfaDevice {
    /// True while no code is looked at, because too many were wrong.
    pub(crate) fn is_locked(&self, now: i64) -> bool {
        now < self.locked_until
    }

    /// Takes a code: right when it is of the device's present step or a neighbour of it, and later than
    /// every code taken before. The device remembers the outcome either way.
    pub(crate) fn accept(&mut self, codes: &Codes, code: &str, now: i64) -> bool {
        let step = step_of(now).saturating_add(self.drift);
        let first = step.saturating_sub(SKEW).max(self.last_step.saturating_add(1));
        let found = codes.step(code, first..=step.saturating_add(SKEW));
        self.note(found, now);
        found.is_some()
    }

    /// Takes two consecutive codes and learns from them how far the device's clock is from ours. A step is how
    /// long it takes to type them, not a difference.
    pub(crate) fn align(&mut self, codes: &Codes, first: &str, second: &str, now: i64) -> bool {
        let here = step_of(now);
        let earliest = here.saturating_sub(SEARCHED).max(self.last_step.saturating_add(1));
        let mut steps = earliest..=here.saturating_add(SEARCHED);
        let found = steps.find(|step| codes.is(first, *step) && codes.is(second, step.saturating_add(1)));
        let found = found.map(|step| step.saturating_add(1));
        if let Some(step) = found {
            let off = step.saturating_sub(here);
            self.drift = if off.abs() <= SKEW { 0 } else { off };
        }
        self.note(found, now);
        found.is_some()
    }

    fn note(&mut self, found: Option<i64>, now: i64) {
        match found {
            Some(step) => (self.last_step, self.wrong) = (step, 0),
            None => {
                self.wrong = self.wrong.saturating_add(1);
                self.locked_until =
                    self.wrong.checked_sub(FORGIVEN).map_or(0, |more| now.saturating_add(pause(more)));
            }
        }
    }
}

/// How long a device rests after so many wrong codes more than are forgiven: a minute, doubling each time,
/// an hour at most.
fn pause(more: u32) -> i64 {
    PAUSE.checked_shl(more.min(16)).unwrap_or(LONGEST_PAUSE).min(LONGEST_PAUSE)
}

fn step_of(time: i64) -> i64 {
    time.div_euclid(STEP)
}

/// In seconds.
const STEP: i64 = 30;
/// How many steps before and after the present one a code may be of (RFC 6238 §5.2).
const SKEW: i64 = 1;
/// How far from ours a device's clock is searched for: twelve hours either way.
const SEARCHED: i64 = 12 * 3_600 / STEP;
/// The wrong code that first locks a device.
const FORGIVEN: u32 = 5;
/// How long a device is first locked, in seconds.
const PAUSE: i64 = 60;
/// How long a device is locked at most, in seconds.
const LONGEST_PAUSE: i64 = 3_600;

#[cfg(test)]
mod tests {
    use super::*;

    const SEED: &[u8] = b"12345678901234567890";

    fn device() -> (Codes, MfaDevice) {
        let device = MfaDevice {
            account: "123456789012".parse().unwrap(),
            path: "/".into(),
            name: "d".into(),
            id: "id".into(),
            tags: Vec::new(),
            sealed_seed: Vec::new(),
            assigned: None,
            drift: 0,
            last_step: 0,
            wrong: 0,
            locked_until: 0,
        };
        (Codes::of(SEED).unwrap(), device)
    }

    /// RFC 6238, Appendix B, the last six of the eight digits given there.
    #[test]
    fn codes_are_those_of_the_rfc() {
        for (time, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            let (codes, mut device) = device();
            assert_eq!(codes.at(time), code);
            assert!(device.accept(&codes, code, time));
        }
        assert!(Codes::of(&[0; 15]).is_none());
    }

    #[test]
    fn a_code_is_taken_from_a_step_before_to_a_step_after_and_once() {
        let now = 1_000_000_000;
        for (late, taken) in [(-61, false), (-30, true), (0, true), (30, true), (61, false)] {
            let (codes, mut device) = device();
            let code = codes.at(now);
            assert_eq!(device.accept(&codes, &code, now + late), taken, "{late}");
            assert!(!device.accept(&codes, &code, now + late), "{late}");
        }
        let (codes, mut device) = device();
        assert!(device.accept(&codes, &codes.at(now + 30), now));
        assert!(!device.accept(&codes, &codes.at(now), now), "nor one before the last one taken");
        assert!(device.accept(&codes, &codes.at(now + 60), now + 30));
    }

    #[test]
    fn only_six_plain_digits_are_a_code() {
        let (codes, device) = device();
        let now = 1_111_111_109;
        for odd in
            ["", "81804", " 81804", "081804 ", "0 81804", "08180４", "٠٨١٨٠٤", "0818040", "+81804", "0x1804"]
        {
            assert!(!device.clone().accept(&codes, odd, now), "{odd}");
        }
        assert!(device.clone().accept(&codes, "081804", now));
    }

    #[test]
    fn two_consecutive_codes_tell_the_drift() {
        let now = 1_000_000_000;
        for (ahead, found) in
            [(0, true), (-600, true), (3_600, true), (43_000, true), (43_500, false), (-50_000, false)]
        {
            let (codes, mut device) = device();
            let (first, second) = (codes.at(now + ahead), codes.at(now + ahead + 30));
            assert_eq!(device.align(&codes, &first, &second, now), found, "{ahead}");
            assert!(!device.align(&codes, &first, &second, now), "codes are taken once");
            if found {
                assert!(!device.accept(&codes, &second, now + 30), "{ahead}");
                assert!(device.accept(&codes, &codes.at(now + ahead + 60), now + 60), "{ahead}");
            }
        }
        for late in [0, 30, 49] {
            let (codes, mut device) = device();
            assert!(device.align(&codes, &codes.at(now - 60), &codes.at(now - 30), now + late - 30));
            assert!(device.accept(&codes, &codes.at(now + 30), now), "{late}");
        }
        let (codes, mut device) = device();
        let (one, two) = (codes.at(now), codes.at(now + 60));
        assert!(!device.align(&codes, &one, &two, now), "not consecutive");
        assert!(!device.align(&codes, &one, &one, now), "not two");
        assert!(!device.align(&codes, &codes.at(now + 30), &one, now), "not in order");
    }

    #[test]
    fn a_day_of_guesses_is_a_few_dozen() {
        let (codes, mut device) = device();
        let (mut now, mut looked_at) = (1_000_000_000, Vec::new());
        while now < 1_000_000_000 + 86_400 {
            if !device.is_locked(now) {
                assert!(!device.accept(&codes, "000000", now) && !device.accept(&codes, "000000", now));
                looked_at.push(now);
            }
            now += 1;
        }
        assert!(looked_at.len() < 40, "{}", looked_at.len());
        assert_eq!((pause(0), pause(1), pause(5), pause(6), pause(u32::MAX)), (60, 120, 1_920, 3_600, 3_600));
        while device.is_locked(now) {
            now += 1;
        }
        assert!(device.accept(&codes, &codes.at(now), now), "its owner gets in again");
        assert_eq!(device.wrong, 0);
    }
}
