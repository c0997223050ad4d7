//! The `rolecall` program.

use std::process::ExitCode;

/// A request makes many small allocations; this allocator halves what they cost. It asks for no huge pages: clearing one
/// would stall the requests of a thread for milliseconds, and an idle server would hold half as much memory again.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    rolecall::cli::main()
}
