//! Rounds in turn: the same number of requests to each server, and the CPU time each needed.

use crate::load::{Load, Outcome};
use crate::process::Process;
use crate::world::{Ask, World};
use anyhow::Result;
use std::fmt;
use std::net::SocketAddr;
use std::thread;
use std::time::Duration;

/// A server in a comparison.
#[derive(Debug, Clone, Copy)]
pub struct Contestant<'a> {
    /// Its process.
    pub process: &'a Process,
    /// Where it listens.
    pub address: SocketAddr,
    /// What it is asked.
    pub ask: Ask,
}

/// Figures of several rounds, in the order measured.
#[derive(Debug, Clone)]
pub struct Figures(Vec<f64>);

/// Requests per CPU-second of every contestant, round by round. After a warm-up the number of
/// requests is chosen so that all rounds together take about `seconds` per contestant.
///
/// # Errors
/// When any answer is not 200.
pub fn race(world: &World, contestants: &[Contestant<'_>], seconds: f64) -> Result<Vec<Figures>> {
    let warm = contestants.iter().map(|c| c.send(world, WARM_UP, None)).collect::<Result<Vec<_>>>()?;
    let slowest = warm.iter().map(Outcome::per_second).fold(f64::INFINITY, f64::min);
    let count = ((slowest * seconds / ROUNDS as f64) as usize).clamp(WARM_UP, MOST);
    let mut figures = vec![Figures(Vec::new()); contestants.len()];
    for _ in 0..ROUNDS {
        for (contestant, figures) in contestants.iter().zip(&mut figures) {
            figures.0.push(contestant.per_cpu_second(world, count)?);
        }
    }
    Ok(figures)
}

impl Contestant<'_> {
    /// Sends `count` requests over eight connections, at most `rate` per second.
    ///
    /// # Errors
    /// When any answer is not 200.
    pub fn send(&self, world: &World, count: usize, rate: Option<f64>) -> Result<Outcome> {
        let requests = world.requests(self.ask)?;
        Load { address: self.address, requests: &requests, connections: CONNECTIONS, count, rate }.run()
    }

    fn per_cpu_second(&self, world: &World, count: usize) -> Result<f64> {
        let requests = world.requests(self.ask)?;
        per_cpu_second(self.process, self.address, &requests, count)
    }
}

/// What a server answers per second of its processor time, sent over eight connections.
///
/// # Errors
/// When any answer is not 200.
pub fn per_cpu_second(
    process: &Process,
    address: SocketAddr,
    requests: &[Vec<u8>],
    count: usize,
) -> Result<f64> {
    let before = process.cpu()?;
    Load { address, requests, connections: CONNECTIONS, count, rate: None }.run()?;
    // What the last requests left to do, such as their audit records, belongs to them.
    thread::sleep(SETTLE);
    Ok(count as f64 / (process.cpu()? - before).max(TICK))
}

impl Figures {
    /// Figures measured elsewhere.
    pub fn new(figures: Vec<f64>) -> Self {
        Self(figures)
    }

    /// Each figure divided by the other's of the same round.
    #[must_use]
    pub fn over(&self, other: &Self) -> Self {
        Self(self.0.iter().zip(&other.0).map(|(ours, theirs)| ours / theirs).collect())
    }

    /// The rates of doing what both count, one after the other.
    #[must_use]
    pub fn in_turn_with(&self, other: &Self) -> Self {
        Self(self.0.iter().zip(&other.0).map(|(one, other)| 1.0 / (1.0 / one + 1.0 / other)).collect())
    }

    /// The middle figure.
    pub fn median(&self) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
    }
}

/// Median, lowest and highest.
impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lowest = self.0.iter().copied().fold(f64::INFINITY, f64::min);
        let highest = self.0.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let digits = if highest < 10.0 {
            2
        } else if highest < 100.0 {
            1
        } else {
            0
        };
        write!(f, "{:.digits$} ({lowest:.digits$}–{highest:.digits$})", self.median())
    }
}

/// Connections that send at once.
pub const CONNECTIONS: usize = 8;

const ROUNDS: usize = 5;
const WARM_UP: usize = 1000;
const MOST: usize = 60_000;
const SETTLE: Duration = Duration::from_millis(100);
const TICK: f64 = 0.01;
