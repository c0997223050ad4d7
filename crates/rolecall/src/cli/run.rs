//! Running a server until it is told to stop.

use crate::app::App;
use anyhow::Result;
use std::process::ExitCode;
use tokio::signal::unix::{SignalKind, signal};

/// Serves until SIGINT or SIGTERM, then lets requests under way finish. A second signal ends at once.
pub(super) async fn until_told(app: App) -> Result<ExitCode> {
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    tokio::select! { _ = interrupt.recv() => {} _ = terminate.recv() => {} }
    tracing::info!("stopping");
    let finished = tokio::select! {
        finished = app.stop() => finished,
        _ = interrupt.recv() => false,
        _ = terminate.recv() => false,
    };
    if !finished {
        tracing::warn!("requests under way were cut off");
    }
    Ok(ExitCode::SUCCESS)
}
