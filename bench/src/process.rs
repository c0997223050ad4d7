//! Processes that end with their owner, and what they cost.

use anyhow::{Context, Result, anyhow};
use rustix::process::{Pid, Signal, kill_process};
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};
use std::{fs, thread};

/// A child process, asked to end when dropped and made to when it does not.
#[derive(Debug)]
pub struct Process {
    child: Child,
    lines: Receiver<String>,
}

impl Process {
    /// Starts a program and reads its standard output line by line.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start(command: &mut Command) -> Result<Self> {
        let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn();
        let mut child = child.with_context(|| format!("cannot start {command:?}"))?;
        let stdout = child.stdout.take().ok_or_else(|| anyhow!("no standard output"))?;
        let (send, lines) = channel();
        // Reads to the end even when nobody listens any more, so that the child never waits.
        thread::spawn(move || {
            BufReader::new(stdout).lines().map_while(Result::ok).for_each(|l| drop(send.send(l)))
        });
        Ok(Self { child, lines })
    }

    /// The next line it prints, within ten seconds.
    ///
    /// # Errors
    /// When it ends or stays silent.
    pub fn line(&self) -> Result<String> {
        self.lines.recv_timeout(PATIENCE).context("the program ended or said nothing")
    }

    /// The process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// CPU time used so far by all its threads, in user and system mode, in seconds
    /// (`proc(5)`: utime and stime of `/proc/PID/stat`, in hundredths).
    ///
    /// # Errors
    /// When the process is gone.
    pub fn cpu(&self) -> Result<f64> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.id()))?;
        let (_, after_name) = stat.rsplit_once(')').ok_or_else(|| anyhow!("unreadable: {stat}"))?;
        let ticks = after_name.split_whitespace().skip(FIELDS_BEFORE_UTIME).take(2);
        Ok(ticks.map(str::parse::<f64>).sum::<Result<f64, _>>()? / TICKS_PER_SECOND)
    }

    /// Resident memory now, in MB of 2^20 bytes.
    ///
    /// # Errors
    /// When the process is gone.
    pub fn memory(&self) -> Result<f64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib = line.and_then(|line| line.trim().strip_suffix("kB")).ok_or_else(|| anyhow!("no VmRSS"))?;
        Ok(kib.trim().parse::<f64>()? / 1024.0)
    }

    fn stop(&mut self) {
        if let Ok(Some(pid)) = i32::try_from(self.id()).map(Pid::from_raw) {
            // It may have ended by itself.
            kill_process(pid, Signal::TERM).ok();
        }
        let deadline = Instant::now() + GRACE;
        while Instant::now() < deadline {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            thread::sleep(Duration::from_millis(5));
        }
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.stop();
    }
}

const PATIENCE: Duration = Duration::from_secs(10);
const GRACE: Duration = Duration::from_secs(5);
/// State to cmajflt stand between the name and utime.
const FIELDS_BEFORE_UTIME: usize = 11;
/// USER_HZ, which Linux fixes for programs on every common architecture.
const TICKS_PER_SECOND: f64 = 100.0;
