//! Colour on terminals that want it, and how errors are told.

use std::io::{IsTerminal, Write};

/// Tells an error and its causes on stderr.
pub(super) fn error(error: &anyhow::Error) {
    let mut causes = error.chain().map(ToString::to_string).collect::<Vec<_>>();
    causes.dedup();
    let label = if wants_colour(&std::io::stderr()) { "\x1b[1;31merror:\x1b[0m" } else { "error:" };
    let _ = writeln!(std::io::stderr(), "{label} {}", causes.join(": "));
}

/// Whether colour may be written there (no-color.org).
pub(super) fn wants_colour(stream: &impl IsTerminal) -> bool {
    std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()) && stream.is_terminal()
}
