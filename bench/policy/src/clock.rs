//! How long something takes: processor time of this thread, so that a busy machine moves it little, in the
//! quickest of several rounds.

use rustix::time::{ClockId, clock_gettime};
use std::hint::black_box;

/// Nanoseconds for one call of `work`, which is told how many came before it.
pub(crate) fn nanoseconds<T>(mut work: impl FnMut(usize) -> T) -> f64 {
    let mut batch = 1;
    while run(batch, &mut work) < ROUND {
        batch *= 2;
    }
    let rounds = (0..ROUNDS).map(|_| run(batch, &mut work) / batch as f64);
    rounds.fold(f64::INFINITY, f64::min)
}

fn run<T>(batch: usize, work: &mut impl FnMut(usize) -> T) -> f64 {
    let begun = now();
    for n in 0..batch {
        black_box(work(black_box(n)));
    }
    now() - begun
}

fn now() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as f64 * 1e9 + time.tv_nsec as f64
}

/// Nanoseconds of a round, at least.
const ROUND: f64 = 5e6;
const ROUNDS: usize = 25;
