//! Log lines on stderr.

use super::paint;
use crate::config::LogFormat;
use tracing_subscriber::EnvFilter;

/// Starts logging; `ROLECALL_LOG` filters as `RUST_LOG` does elsewhere, such as `rolecall=debug`.
pub(super) fn start(format: LogFormat) {
    let filter = EnvFilter::try_from_env("ROLECALL_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // A terminal that is gone takes no line, and no complaint about it either.
    let lines = lines.log_internal_errors(false);
    match format {
        LogFormat::Text => lines.with_ansi(paint::wants_colour(&std::io::stderr())).init(),
        LogFormat::Json => lines.json().init(),
    }
}
