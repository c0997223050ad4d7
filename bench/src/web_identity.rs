//! What `AssumeRoleWithWebIdentity` costs beside a server that answers at once and one verification of a signature.

use crate::federation::Issuer;
use crate::floor::{Floor, Sample};
use crate::rolecall::Rolecall;
use crate::rounds::{Figures, per_cpu_second};
use anyhow::{Context, Result};
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
    /// What that would be of a server that also hashed what it is sent and recorded what it answers, and no more.
    pub most: Figures,
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
        let sample = Sample::take(server, warm_up.first().context("no request")?, folder)?;
        let (floor, dutiful) = (Floor::bare(&sample)?, Floor::dutiful(&sample)?);
        let measured = |batch: &[Vec<u8>]| -> Result<[f64; 3]> {
            Ok([
                per_cpu_second(&server.process, server.address, batch, batch.len())?,
                per_cpu_second(&floor.process, floor.address, batch, batch.len())?,
                per_cpu_second(&dutiful.process, dutiful.address, batch, batch.len())?,
            ])
        };
        measured(warm_up)?;
        let (mut rounds, mut verifications) = (Vec::new(), Vec::new());
        for batch in fresh.chunks(COUNT) {
            rounds.push(measured(batch)?);
            verifications.push(1.0 / issuer.cost_of_a_verification()?);
        }
        Ok(Self::of(&rounds, Figures::new(verifications)))
    }

    fn of(rounds: &[[f64; 3]], verifications: Figures) -> Self {
        let column = |of: fn(&[f64; 3]) -> f64| Figures::new(rounds.iter().map(of).collect());
        let (ours, floor) = (column(|[ours, ..]| *ours), column(|[_, floor, _]| *floor));
        let best = floor.in_turn_with(&verifications);
        let most = column(|[.., dutiful]| *dutiful).in_turn_with(&verifications).over(&best);
        Self { ratio: ours.over(&best), most, ours, floor, verifications }
    }
}

const WARM_UP: usize = 1000;
const ROUNDS: usize = 5;
/// The kernel counts processor time in hundredths of a second.
const COUNT: usize = 8000;
