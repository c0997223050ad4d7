//! How long a start takes: from exec to the first answer.

use crate::connection::Connection;
use crate::floor::{Floor, Sample};
use crate::rolecall::Rolecall;
use crate::rounds::Figures;
use crate::signed::{Key, Sender};
use anyhow::{Result, ensure};
use std::net::SocketAddr;
use std::path::Path;
use std::time::Instant;

/// Milliseconds from exec to the first answer, of several starts.
#[derive(Debug)]
pub struct Starts {
    /// Of a server on a data directory it used before.
    pub initialised: Figures,
    /// Of a server on an empty data directory, which it has to initialise first.
    pub fresh: Figures,
    /// Of the floor.
    pub floor: Figures,
}

impl Starts {
    /// Starts and stops each of them, in turn.
    ///
    /// # Errors
    /// When one does not start or an answer is not 200.
    pub fn measure(binary: &Path, folder: &Path) -> Result<Self> {
        let (mut initialised, mut fresh, mut floor) = (Vec::new(), Vec::new(), Vec::new());
        let used = folder.join("used");
        let sample = sample(binary, &used, folder)?;
        for number in 0..STARTS {
            initialised.push(of_rolecall(binary, &used)?);
            fresh.push(of_rolecall(binary, &folder.join(format!("fresh-{number}")))?);
            floor.push(of_floor(&sample)?);
        }
        let [initialised, fresh, floor] = [initialised, fresh, floor].map(Figures::new);
        Ok(Self { initialised, fresh, floor })
    }
}

/// What a server answers after its first start on a data directory.
fn sample(binary: &Path, data: &Path, folder: &Path) -> Result<Sample> {
    let server = Rolecall::start(binary, data)?;
    Sample::take(&server, &server.sender(&server.root).query("sts", "GetCallerIdentity", &[])?, folder)
}

fn of_rolecall(binary: &Path, data: &Path) -> Result<f64> {
    let start = Instant::now();
    let server = Rolecall::start(binary, data)?;
    first_answer(start, server.address, &server.root)
}

fn of_floor(sample: &Sample) -> Result<f64> {
    let start = Instant::now();
    let floor = Floor::bare(sample)?;
    first_answer(start, floor.address, &Key::new("AKIAIOSFODNN7EXAMPLE", "none"))
}

fn first_answer(start: Instant, address: SocketAddr, key: &Key) -> Result<f64> {
    let request = Sender { address, key }.query("sts", "GetCallerIdentity", &[])?;
    let mut connection = Connection::open(address)?;
    let answer = connection.exchange(&request)?;
    ensure!(answer.status == 200, "{} {}", answer.status, answer.text());
    Ok(start.elapsed().as_secs_f64() * 1000.0)
}

/// How many starts of each.
pub const STARTS: usize = 15;
