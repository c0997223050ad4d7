//! Running a server until it is told to stop.

use crate::app::App;
use crate::config::Config;
use anyhow::Result;
use std::process::ExitCode;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Starts a server and serves until SIGINT or SIGTERM, then lets requests under way finish. A second
/// signal ends at once.
pub(super) async fn until_told(config: &Config, started: impl FnOnce(&App)) -> Result<ExitCode> {
    let mut told = Told::listen()?;
    let app = App::start(config).await?;
    started(&app);
    told.stop().await;
    tracing::info!("stopping");
    let finished = tokio::select! {
        finished = app.stop() => finished,
        () = told.stop() => false,
    };
    if !finished {
        tracing::warn!("requests under way were cut off");
    }
    Ok(ExitCode::SUCCESS)
}

/// The signals that end a server; listened to before anybody can know that it runs.
struct Told {
    interrupt: Signal,
    terminate: Signal,
}

impl Told {
    fn listen() -> Result<Self> {
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    async fn stop(&mut self) {
        tokio::select! { _ = self.interrupt.recv() => {} _ = self.terminate.recv() => {} }
    }
}
