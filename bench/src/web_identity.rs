//! What `AssumeRoleWithWebIdentity` costs beside a server that answers at once and one verification of a signature.

use crate::federation::Issuer;
use crate::floor::Floor;
use crate::rolecall::Rolecall;
use crate::rounds::{Figures, per_cpu_second};
use anyhow::{Context, Result};
use std::fs;
use std::path::Path;

/// Figures of rounds in turn.
#[derive(Debug)]
pub struct WebIdentity {
    /// Requests per CPU-second of the server, each with a token that it has never seen.
    pub ours: Figures,
    /// The same requests to a server that answers at once with the same bytes.
    pub floor: Figures,
    /// How many signatures one CPU-second verifies.
    pub verifications: Figures,
    /// Ours in parts of what a server would reach that does nothing but HTTP and one verification.
    pub ratio: Figures,
}

impl WebIdentity {
    /// Measures. Tokens are signed beforehand.
    ///
    /// # Errors
    /// When any answer is not 200.
    pub fn measure(server: &Rolecall, folder: &Path) -> Result<Self> {
        let issuer = Issuer::start(server)?;
        let requests = issuer.requests(server.address, WARM_UP + ROUNDS * COUNT)?;
        let (warm_up, fresh) = requests.split_at_checked(WARM_UP).context("too few requests")?;
        let answer = folder.join("web-identity.http");
        fs::write(&answer, server.raw_answer(warm_up.first().context("no request")?)?)?;
        let floor = Floor::start(&answer)?;
        for (process, address) in [(&server.process, server.address), (&floor.process, floor.address)] {
            per_cpu_second(process, address, warm_up, WARM_UP)?;
        }
        let (mut ours, mut bare, mut verifications) = (Vec::new(), Vec::new(), Vec::new());
        for batch in fresh.chunks(COUNT) {
            ours.push(per_cpu_second(&server.process, server.address, batch, COUNT)?);
            bare.push(per_cpu_second(&floor.process, floor.address, batch, COUNT)?);
            verifications.push(1.0 / issuer.cost_of_a_verification()?);
        }
        Ok(Self::of(ours, bare, verifications))
    }

    fn of(ours: Vec<f64>, floor: Vec<f64>, verifications: Vec<f64>) -> Self {
        let best = floor.iter().zip(&verifications).map(|(floor, rate)| 1.0 / (1.0 / floor + 1.0 / rate));
        let best = Figures::new(best.collect());
        let [ours, floor, verifications] = [ours, floor, verifications].map(Figures::new);
        Self { ratio: ours.over(&best), ours, floor, verifications }
    }
}

const WARM_UP: usize = 1000;
const ROUNDS: usize = 5;
/// The kernel counts processor time in hundredths of a second.
const COUNT: usize = 8000;
