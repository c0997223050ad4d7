//! Time that stands still until a test lets it pass, so that the last second of something is met however slow
//! the machine is.

use crate::clock::{Clock, SystemClock};
use std::sync::atomic::{AtomicI64, Ordering};

/// The time at which it was made, and what has been let pass since.
#[derive(Debug)]
pub(super) struct StandingClock(AtomicI64);

impl Default for StandingClock {
    fn default() -> Self {
        Self(SystemClock::default().now_ms().into())
    }
}

impl Clock for StandingClock {
    fn now_ms(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }

    fn advance(&self, seconds: i64) -> bool {
        self.0.fetch_add(seconds.saturating_mul(1000), Ordering::SeqCst);
        true
    }
}
