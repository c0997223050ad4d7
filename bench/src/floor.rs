//! The floor as a process of its own.

use crate::process::Process;
use anyhow::{Context, Result};
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

/// A floor that is running.
#[derive(Debug)]
pub struct Floor {
    /// Its process.
    pub process: Process,
    /// Where it listens.
    pub address: SocketAddr,
}

impl Floor {
    /// Starts the program `floor` that was built with this one, to answer with the bytes of a file.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start(answer: &Path) -> Result<Self> {
        Self::start_program(&std::env::current_exe()?.with_file_name("floor"), answer)
    }

    /// Starts this very program.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start_program(program: &Path, answer: &Path) -> Result<Self> {
        let process = Process::start(Command::new(program).arg(answer))?;
        let address = process.line()?.trim_start_matches("http://").parse().context("the floor's address")?;
        Ok(Self { process, address })
    }
}
