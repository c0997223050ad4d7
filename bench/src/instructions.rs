//! Instructions that a request costs, counted by callgrind: a figure that does not move with the machine.

use crate::connection::Connection;
use crate::rolecall::Rolecall;
use crate::world::{Ask, World};
use anyhow::{Context, Result, ensure};
use std::fs;
use std::path::Path;

/// How many instructions one request costs: what so many more of them add to a whole run of the server.
///
/// # Errors
/// When the server cannot be run by valgrind, or an answer is not 200.
pub fn of_a_request(binary: &Path, folder: &Path, ask: Ask) -> Result<u64> {
    let few = of_a_run(binary, &folder.join("few"), ask, FEW)?;
    let many = of_a_run(binary, &folder.join("many"), ask, MANY)?;
    Ok(many.saturating_sub(few) / (MANY - FEW) as u64)
}

fn of_a_run(binary: &Path, data: &Path, ask: Ask, count: usize) -> Result<u64> {
    let server = Rolecall::start_counted(binary, data)?;
    let requests = World::create(&server)?.requests(ask)?;
    let mut connection = Connection::open(server.address)?;
    for request in requests.iter().cycle().take(count) {
        let answer = connection.exchange(request)?;
        ensure!(answer.status == 200, "{} {}", answer.status, answer.text());
    }
    drop((connection, server));
    let log = fs::read_to_string(data.with_extension("log"))?;
    fs::remove_dir_all(data)?;
    let line = log.lines().find_map(|line| line.split_once("Collected :")).context("callgrind said nothing")?;
    Ok(line.1.trim().parse()?)
}

/// Requests of the shorter run, so that what only the first ones cost is in both.
const FEW: usize = 300;
const MANY: usize = 1_300;
