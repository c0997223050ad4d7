//! How long answers took: a histogram that is counted without a lock.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Times by size.
#[derive(Debug, Default)]
pub(super) struct Latency {
    /// One for each bound, and one for what is longer than all.
    buckets: [AtomicU64; BOUNDS.len() + 1],
    nanoseconds: AtomicU64,
}

/// What a histogram held at a moment.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Times {
    /// All times together, in seconds.
    pub(super) sum: f64,
    /// How many there were.
    pub(super) count: u64,
    /// Upper bounds in seconds, each with how many times are below it and above the one before.
    pub(super) buckets: Vec<(f64, u64)>,
}

impl Latency {
    /// Counts a time.
    pub(super) fn note(&self, time: Duration) {
        let nanoseconds = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        let at = BOUNDS.iter().take_while(|bound| **bound < nanoseconds).count();
        if let Some(bucket) = self.buckets.get(at) {
            bucket.fetch_add(1, Ordering::Relaxed);
        }
        self.nanoseconds.fetch_add(nanoseconds, Ordering::Relaxed);
    }

    /// What there is. Times that are noted meanwhile are in all of it or only in a part.
    pub(super) fn times(&self) -> Times {
        let bounds = BOUNDS.iter().map(|bound| seconds(*bound)).chain([f64::MAX]);
        let counts = self.buckets.iter().map(|bucket| bucket.load(Ordering::Relaxed));
        let buckets: Vec<(f64, u64)> = bounds.zip(counts).collect();
        let count = buckets.iter().map(|(_, count)| count).sum();
        Times { sum: seconds(self.nanoseconds.load(Ordering::Relaxed)), count, buckets }
    }
}

fn seconds(nanoseconds: u64) -> f64 {
    Duration::from_nanos(nanoseconds).as_secs_f64()
}

/// Upper bounds, in nanoseconds: most answers are found at the first few.
const BOUNDS: [u64; 15] = [
    100_000,
    250_000,
    500_000,
    1_000_000,
    2_500_000,
    5_000_000,
    10_000_000,
    25_000_000,
    50_000_000,
    100_000_000,
    250_000_000,
    500_000_000,
    1_000_000_000,
    2_500_000_000,
    10_000_000_000,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_counted_at_the_first_bound_that_it_does_not_exceed() {
        let latency = Latency::default();
        for nanoseconds in [0, 100_000, 100_001, 250_000, 3_000_000_000, 10_000_000_001] {
            latency.note(Duration::from_nanos(nanoseconds));
        }
        let times = latency.times();
        let filled: Vec<_> = times.buckets.iter().filter(|(_, count)| *count > 0).copied().collect();
        assert_eq!(filled, [(0.0001, 2), (0.00025, 2), (10.0, 1), (f64::MAX, 1)]);
        assert_eq!(times.count, 6);
        assert!((times.sum - 13.000_450_002).abs() < 1e-9, "{}", times.sum);
    }

    #[test]
    fn bounds_grow() {
        assert!(BOUNDS.is_sorted_by(|a, b| a < b));
    }
}
