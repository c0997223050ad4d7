//! The load loop: a fixed number of requests over keep-alive connections, one blocking thread each.

use crate::connection::Connection;
use anyhow::{Result, anyhow, ensure};
use std::net::SocketAddr;
use std::thread;
use std::time::{Duration, Instant};

/// What to send.
#[derive(Debug)]
pub struct Load<'a> {
    /// The server.
    pub address: SocketAddr,
    /// Raw requests, sent in turn and again from the start when they run out.
    pub requests: &'a [Vec<u8>],
    /// How many connections send at once.
    pub connections: usize,
    /// How many requests in all.
    pub count: usize,
    /// Requests per second in all; `None` sends each as soon as the one before it is answered.
    pub rate: Option<f64>,
}

/// What came of it: every answer was 200.
#[derive(Debug)]
pub struct Outcome {
    /// From the first request to the last answer.
    pub wall: Duration,
    latencies: Vec<Duration>,
}

impl Load<'_> {
    /// Sends everything.
    ///
    /// # Errors
    /// When a connection breaks or any answer is not 200; the first such answer is in the message.
    pub fn run(&self) -> Result<Outcome> {
        ensure!(!self.requests.is_empty() && self.connections > 0, "nothing to send");
        let start = Instant::now();
        let parts: Vec<Part> = thread::scope(|scope| {
            let sender = |first| scope.spawn(move || self.send_every_nth(first, start));
            let threads: Vec<_> = (0..self.connections).map(sender).collect();
            threads
                .into_iter()
                .map(|t| t.join().map_err(|_| anyhow!("a sender died"))?)
                .collect::<Result<_>>()
        })?;
        let wall = start.elapsed();
        let errors: usize = parts.iter().map(|part| part.errors).sum();
        let first = parts.iter().find_map(|part| part.first_error.as_deref()).unwrap_or_default();
        ensure!(errors == 0, "{errors} of {} answers were not 200; the first: {first}", self.count);
        let mut latencies = parts.into_iter().flat_map(|part| part.latencies).collect::<Vec<_>>();
        latencies.sort_unstable();
        Ok(Outcome { wall, latencies })
    }

    fn send_every_nth(&self, first: usize, start: Instant) -> Result<Part> {
        let mut connection = Connection::open(self.address)?;
        let mut part = Part::default();
        for number in (first..self.count).step_by(self.connections) {
            let Some(request) = self.requests.get(number % self.requests.len()) else { continue };
            let due = self.wait_for_turn(number, start);
            let answer = connection.exchange(request)?;
            part.latencies.push(due.elapsed());
            if answer.status != 200 {
                part.errors += 1;
                part.first_error.get_or_insert_with(|| format!("{} {}", answer.status, answer.text()));
            }
        }
        Ok(part)
    }

    /// A late answer makes the next request late; its wait counts from when it was due.
    fn wait_for_turn(&self, number: usize, start: Instant) -> Instant {
        let Some(rate) = self.rate else { return Instant::now() };
        let due = start + Duration::from_secs_f64(number as f64 / rate);
        thread::sleep(due.saturating_duration_since(Instant::now()));
        due
    }
}

impl Outcome {
    /// How many requests were answered.
    pub fn requests(&self) -> usize {
        self.latencies.len()
    }

    /// Answers per second of wall time.
    pub fn per_second(&self) -> f64 {
        self.requests() as f64 / self.wall.as_secs_f64()
    }

    /// The latency in milliseconds that this share of the requests stayed under.
    pub fn percentile(&self, share: f64) -> f64 {
        let index = (self.latencies.len() as f64 * share) as usize;
        let latency = self.latencies.get(index).or(self.latencies.last());
        latency.copied().unwrap_or_default().as_secs_f64() * 1000.0
    }

    /// The figures as one line of JSON.
    pub fn json(&self) -> String {
        let (p50, p99) = (self.percentile(0.5), self.percentile(0.99));
        let seconds = self.wall.as_secs_f64();
        format!(
            r#"{{"requests":{},"seconds":{seconds:.3},"p50_ms":{p50:.3},"p99_ms":{p99:.3}}}"#,
            self.requests()
        )
    }
}

#[derive(Default)]
struct Part {
    latencies: Vec<Duration>,
    errors: usize,
    first_error: Option<String>,
}
