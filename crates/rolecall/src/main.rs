//! The `rolecall` program.

use std::process::ExitCode;

/// A request makes many small allocations; this allocator halves what they cost. It asks for no huge pages: the first
/// touch of one stalls a thread for a fifth of a millisecond, and for several when the machine has to find the memory
/// first, and an idle server would hold half as much again.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    rolecall::cli::main()
}
