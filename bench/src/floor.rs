//! The floor as a process of its own.

use crate::audit::last_record;
use crate::process::Process;
use crate::rolecall::Rolecall;
use anyhow::{Context, Result};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

/// What a server answers to a request, and the audit record it leaves, in files for floors.
#[derive(Debug)]
pub struct Sample {
    answer: PathBuf,
    record: PathBuf,
}

impl Sample {
    /// Asks the server, and puts both into a folder.
    ///
    /// # Errors
    /// When the answer is not 200, or there is no record.
    pub fn take(server: &Rolecall, request: &[u8], folder: &Path) -> Result<Self> {
        let sample = Self { answer: folder.join("answer.http"), record: folder.join("record.json") };
        fs::write(&sample.answer, server.raw_answer(request)?)?;
        fs::write(&sample.record, last_record(&server.data)?)?;
        Ok(sample)
    }
}

/// A floor that is running.
#[derive(Debug)]
pub struct Floor {
    /// Its process.
    pub process: Process,
    /// Where it listens.
    pub address: SocketAddr,
}

impl Floor {
    /// Starts the program `floor` that was built with this one, to answer with the same bytes.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn bare(sample: &Sample) -> Result<Self> {
        Self::start(&beside_this_program()?, &[&sample.answer])
    }

    /// As [`Floor::bare`], and to hash what it is sent and to write the same record before it answers.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn dutiful(sample: &Sample) -> Result<Self> {
        Self::start(&beside_this_program()?, &[&sample.answer, &sample.record])
    }

    /// Starts a bare and a dutiful one of this very program.
    ///
    /// # Errors
    /// When they cannot be started.
    pub fn both(program: &Path, sample: &Sample) -> Result<[Self; 2]> {
        Ok([
            Self::start(program, &[&sample.answer])?,
            Self::start(program, &[&sample.answer, &sample.record])?,
        ])
    }

    fn start(program: &Path, files: &[&Path]) -> Result<Self> {
        let process = Process::start(Command::new(program).args(files))?;
        let address = process.line()?.trim_start_matches("http://").parse().context("the floor's address")?;
        Ok(Self { process, address })
    }
}

fn beside_this_program() -> Result<PathBuf> {
    Ok(env::current_exe()?.with_file_name("floor"))
}
