//! The server under test, as `rolecall dev` starts it.

use crate::connection::Connection;
use crate::process::Process;
use crate::signed::{Key, Sender};
use anyhow::{Context, Result, ensure};
use std::fs::{self, File};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A running server.
#[derive(Debug)]
pub struct Rolecall {
    /// Its process.
    pub process: Process,
    /// Where it listens.
    pub address: SocketAddr,
    /// The root credential, which it prints.
    pub root: Key,
    /// Its data directory.
    pub data: PathBuf,
}

impl Rolecall {
    /// Starts the server on a free loopback port and waits until it has said where it listens and
    /// who may use it.
    ///
    /// # Errors
    /// When it cannot be started or does not say so within ten seconds.
    pub fn start(binary: &Path, data: &Path) -> Result<Self> {
        Self::start_with(binary, data, "")
    }

    /// The same with a configuration file of this text.
    ///
    /// # Errors
    /// As [`Rolecall::start`].
    pub fn start_with(binary: &Path, data: &Path, configuration: &str) -> Result<Self> {
        Self::started(Command::new(binary), data, configuration)
    }

    /// The same as [`Rolecall::start`], by callgrind, which counts the instructions and says so in the log.
    ///
    /// # Errors
    /// As [`Rolecall::start`].
    pub fn start_counted(binary: &Path, data: &Path) -> Result<Self> {
        let mut command = Command::new("valgrind");
        command.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]).arg(binary);
        Self::started(command, data, "")
    }

    fn started(mut command: Command, data: &Path, configuration: &str) -> Result<Self> {
        let (log, file) = (data.with_extension("log"), data.with_extension("toml"));
        fs::write(&file, configuration)?;
        command.args(["dev", "--listen", "127.0.0.1:0", "--data-dir"]).arg(data).stderr(File::create(&log)?);
        if !configuration.is_empty() {
            command.arg("--config").arg(&file);
        }
        let process = Process::start(&mut command)?;
        let (mut address, mut id, mut secret) = (None, None, None);
        loop {
            let line = process.line().with_context(|| fs::read_to_string(&log).unwrap_or_default())?;
            address = address.or(endpoint(&line));
            id = id.or(exported(&line, "AWS_ACCESS_KEY_ID"));
            secret = secret.or(exported(&line, "AWS_SECRET_ACCESS_KEY"));
            if let (Some(address), Some(id), Some(secret)) = (address, &id, &secret) {
                let (root, data) = (Key::new(id, secret), data.to_owned());
                return Ok(Self { process, address, root, data });
            }
        }
    }

    /// A sender with this credential.
    pub fn sender<'a>(&self, key: &'a Key) -> Sender<'a> {
        Sender { address: self.address, key }
    }

    /// Sends one request on a fresh connection and returns the body of its answer.
    ///
    /// # Errors
    /// When the answer is not 200.
    pub fn ask(&self, request: &[u8]) -> Result<String> {
        Ok(String::from_utf8_lossy(&self.raw_answer(request)?).into_owned())
    }

    /// As [`Rolecall::ask`], head and body as they travelled.
    ///
    /// # Errors
    /// When the answer is not 200.
    pub fn raw_answer(&self, request: &[u8]) -> Result<Vec<u8>> {
        let mut connection = Connection::open(self.address)?;
        let answer = connection.exchange(request)?;
        ensure!(answer.status == 200, "{} {}", answer.status, answer.text());
        Ok(answer.raw())
    }
}

fn endpoint(line: &str) -> Option<SocketAddr> {
    let (_, rest) = line.split_once("http://")?;
    let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.' && c != ':').unwrap_or(rest.len());
    rest.get(..end)?.parse().ok()
}

fn exported(line: &str, name: &str) -> Option<String> {
    let value = line.trim().strip_prefix("export ")?.strip_prefix(name)?.strip_prefix('=')?;
    Some(value.trim_matches(['"', '\'']).to_owned())
}
