//! How much of its rate signed traffic keeps beside a flood of tokens that do not hold.

use crate::connection::Connection;
use crate::federation::Issuer;
use crate::load::Load;
use crate::rolecall::Rolecall;
use crate::rounds::{CONNECTIONS, Figures};
use crate::world::{Ask, World};
use anyhow::{Result, anyhow};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// Figures of rounds in turn.
#[derive(Debug)]
pub struct Flood {
    /// Signed requests answered per second while nothing else is asked.
    pub alone: Figures,
    /// The same beside the flood.
    pub beside: Figures,
    /// Answers to the flood per second.
    pub flood: Figures,
}

impl Flood {
    /// Measures on a server of its own, which has the limits of `rolecall serve` for those who prove nobody, or for
    /// comparison none.
    ///
    /// # Errors
    /// When the server does not start, or a signed request is not answered with 200.
    pub fn measure(binary: &Path, data: &Path, ask: Ask, limited: bool) -> Result<Self> {
        let server = Rolecall::start_with(binary, data, if limited { LIMITS } else { "" })?;
        let world = World::create(&server)?;
        let issuer = Issuer::start(&server)?;
        // The issuer's key is known from here on, so that the flood costs what it can.
        server.ask(issuer.requests(server.address, 1)?.first().ok_or_else(|| anyhow!("no request"))?)?;
        let forged = issuer.forged(server.address, FORGED)?;
        signed(&world, &server, ask, ROUND)?;
        let (mut alone, mut beside, mut flood) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            alone.push(signed(&world, &server, ask, ROUND)?);
            let (rate, answers) = flooded(server.address, &forged, || signed(&world, &server, ask, ROUND))?;
            beside.push(rate);
            flood.push(answers);
        }
        let [alone, beside, flood] = [alone, beside, flood].map(Figures::new);
        Ok(Self { alone, beside, flood })
    }
}

/// Signed requests per second, for about this long.
fn signed(world: &World, server: &Rolecall, ask: Ask, round: Duration) -> Result<f64> {
    let requests = world.requests(ask)?;
    let load = |count| {
        Load { address: server.address, requests: &requests, connections: CONNECTIONS, count, rate: None }
            .run()
    };
    let rate = load(PROBE)?.per_second();
    Ok(load(((rate * round.as_secs_f64()) as usize).max(PROBE))?.per_second())
}

/// What is measured while the flood goes on, and how many answers a second the flood gets.
fn flooded(to: SocketAddr, forged: &[Vec<u8>], measure: impl FnOnce() -> Result<f64>) -> Result<(f64, f64)> {
    let (over, answers) = (AtomicBool::new(false), AtomicUsize::new(0));
    thread::scope(|scope| {
        let send = |first: usize| {
            let mut connection = Connection::open(to)?;
            for request in forged.iter().cycle().skip(first) {
                if over.load(Ordering::Relaxed) {
                    break;
                }
                connection.exchange(request)?;
                answers.fetch_add(1, Ordering::Relaxed);
            }
            Ok::<_, std::io::Error>(())
        };
        let start = Instant::now();
        let senders: Vec<_> = (0..FLOODING).map(|first| scope.spawn(move || send(first))).collect();
        thread::sleep(SETTLE);
        let rate = measure();
        let per_second = answers.load(Ordering::Relaxed) as f64 / start.elapsed().as_secs_f64();
        over.store(true, Ordering::Relaxed);
        for sender in senders {
            sender.join().map_err(|_| anyhow!("a sender died"))??;
        }
        Ok((rate?, per_second))
    })
}

/// Connections that flood at once.
pub const FLOODING: usize = 64;

const FORGED: usize = 256;
const ROUNDS: usize = 5;
const PROBE: usize = 500;
const ROUND: Duration = Duration::from_millis(1500);
const SETTLE: Duration = Duration::from_millis(200);
/// The limits of `rolecall serve` but for principals, who are to send as fast as they can.
const LIMITS: &str =
    "[throttle]\naddress = { per_second = 50, burst = 500 }\nissuer = { per_second = 3000, burst = 3000 }\n";
