//! How much longer than most the slowest requests take, of servers that are busy but not at their end.

use crate::rounds::{Contestant, Figures};
use crate::world::World;
use anyhow::Result;

/// What was measured of a server.
#[derive(Debug)]
pub struct Tail {
    /// Requests per second that it answers when each is sent as soon as the one before is answered.
    pub most: f64,
    /// Requests per second that were due.
    pub rate: f64,
    /// The median latency of each round, in milliseconds.
    pub p50: Figures,
    /// What 99.9 % of the requests of each round stayed under, in milliseconds.
    pub p999: Figures,
}

impl Tail {
    /// Measures servers in turn, in rounds of a second: what stalls the whole machine for a moment spoils a round and
    /// not the figure.
    ///
    /// # Errors
    /// When any answer is not 200.
    pub fn measure(world: &World, contestants: &[Contestant<'_>]) -> Result<Vec<Self>> {
        let mut found = Vec::new();
        for contestant in contestants {
            let most = contestant.send(world, WARM_UP, None)?.per_second();
            found.push((most, Vec::new(), Vec::new()));
        }
        for _ in 0..ROUNDS {
            for (contestant, (most, p50, p999)) in contestants.iter().zip(&mut found) {
                let rate = *most * SHARE;
                let outcome = contestant.send(world, rate as usize, Some(rate))?;
                p50.push(outcome.percentile(0.5));
                p999.push(outcome.percentile(0.999));
            }
        }
        let tail = |(most, p50, p999)| Self {
            most,
            rate: most * SHARE,
            p50: Figures::new(p50),
            p999: Figures::new(p999),
        };
        Ok(found.into_iter().map(tail).collect())
    }
}

const SHARE: f64 = 0.7;
const ROUNDS: usize = 15;
const WARM_UP: usize = 20_000;
