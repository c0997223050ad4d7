//! Running a server until it is told to stop, or until a command has ended.

use crate::app::{App, Reloaded};
use crate::config::Config;
use anyhow::{Context, Result};
use rustix::process::{Pid, Signal as Number, kill_process};
use std::ffi::OsString;
use std::io::IsTerminal;
use std::os::unix::process::ExitStatusExt;
use std::process::{ExitCode, ExitStatus};
use std::time::{Duration, Instant};
use tokio::process::{Child, Command};
use tokio::signal::unix::{Signal, SignalKind, signal};

/// What SIGHUP means.
pub(super) enum Hangup<'a> {
    /// The terminal is gone: stop. Whoever has the signal ignored, as `nohup` does, goes on.
    Stop,
    /// Read the configuration again, by this.
    Reload(&'a (dyn Fn() -> Result<Config> + Sync)),
}

/// Starts a server and serves until SIGINT or SIGTERM, then lets requests under way finish. A second
/// signal ends at once.
pub(super) async fn until_told(
    config: &Config,
    hangup: Hangup<'_>,
    started: impl AsyncFnOnce(&App),
) -> Result<ExitCode> {
    let mut told = Told::listen(matches!(hangup, Hangup::Reload(_)))?;
    let mut app = App::start(config).await?;
    started(&app).await;
    while let (Number::HUP, Hangup::Reload(read)) = (told.next().await, &hangup) {
        reload(&mut app, *read).await;
    }
    stop(app, &mut told).await;
    Ok(ExitCode::SUCCESS)
}

/// Starts a server for the life of a command, and gives the command's exit code.
pub(super) async fn for_command(
    config: &Config,
    command: &[OsString],
    environment: impl AsyncFnOnce(&App) -> Result<Vec<(String, String)>>,
) -> Result<ExitCode> {
    let mut told = Told::listen(false)?;
    let app = App::start(config).await?;
    let ended = match environment(&app).await {
        Ok(environment) => attend(command, environment, &mut told).await,
        Err(error) => Err(error),
    };
    stop(app, &mut told).await;
    ended.map(code)
}

async fn attend(
    command: &[OsString],
    environment: Vec<(String, String)>,
    told: &mut Told,
) -> Result<ExitStatus> {
    let (program, arguments) = command.split_first().context("no command")?;
    let mut command = Command::new(program);
    for name in ["AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN", "AWS_PROFILE", "AWS_DEFAULT_PROFILE"] {
        command.env_remove(name);
    }
    let child = command.args(arguments).envs(environment).spawn();
    let mut child = child.with_context(|| format!("{}: cannot be run", program.to_string_lossy()))?;
    loop {
        tokio::select! {
            ended = child.wait() => return Ok(ended?),
            number = told.next() => pass_on(&child, number),
        }
    }
}

/// A terminal sends its signals to the command itself.
fn pass_on(child: &Child, number: Number) {
    let was_sent_too = number == Number::INT && std::io::stdin().is_terminal();
    let id = child.id().and_then(|id| Pid::from_raw(id.cast_signed())).filter(|_| !was_sent_too);
    if let Some(id) = id {
        let _ = kill_process(id, number);
    }
}

/// As shells have it: a command that a signal ended has 128 and the signal's number.
fn code(ended: ExitStatus) -> ExitCode {
    let code = ended.code().or_else(|| Some(128 + ended.signal()?)).unwrap_or(1);
    ExitCode::from(u8::try_from(code).unwrap_or(1))
}

async fn stop(app: App, told: &mut Told) {
    tracing::info!("stopping");
    let finished = tokio::select! {
        finished = app.stop() => finished,
        () = told.insists() => false,
    };
    if !finished {
        tracing::warn!("requests under way were cut off");
    }
}

/// Reads the configuration again; whatever is wrong with it leaves everything as it is.
async fn reload(app: &mut App, read: &(dyn Fn() -> Result<Config> + Sync)) {
    let wanted = match read() {
        Ok(wanted) => wanted,
        Err(error) => {
            let error = format!("{error:#}");
            return tracing::error!(error, "the configuration cannot be read again; the one before goes on");
        }
    };
    let Reloaded { taken, left, failed } = app.reload(&wanted).await;
    for what in &failed {
        tracing::error!(what, "not taken over; the one before goes on");
    }
    tracing::info!(taken = taken.join(", "), "the configuration was read again");
    if !left.is_empty() {
        tracing::warn!(changed = left.join(", "), "these need a restart");
    }
}

/// The signals that concern a server; listened to before anybody can know that it runs.
struct Told {
    interrupt: Signal,
    terminate: Signal,
    hangup: Option<Signal>,
}

impl Told {
    fn listen(hangups_are_messages: bool) -> Result<Self> {
        let hangup = (hangups_are_messages || !is_hangup_ignored()).then(|| signal(SignalKind::hangup()));
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hangup: hangup.transpose()?,
        })
    }

    async fn next(&mut self) -> Number {
        let hangup = async {
            match &mut self.hangup {
                Some(hangup) => hangup.recv().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = self.interrupt.recv() => Number::INT,
            _ = self.terminate.recv() => Number::TERM,
            _ = hangup => Number::HUP,
        }
    }

    /// Told once more. A terminal that closes may say so more than once, and some send a signal to the process and
    /// to its group at once, as timeout(1) does: neither cuts anything off.
    async fn insists(&mut self) {
        let begun = Instant::now();
        while self.next().await == Number::HUP || begun.elapsed() < AT_ONCE {}
    }
}

/// Whether the process was started with SIGHUP ignored, as `nohup` does, as far as the system tells (proc(5)).
fn is_hangup_ignored() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    ignored.and_then(|hex| u64::from_str_radix(hex.trim(), 16).ok()).is_some_and(|mask| mask & 1 == 1)
}

const AT_ONCE: Duration = Duration::from_millis(200);
