//! The server over real sockets, and every operation in a system in memory, in one test binary.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that meets the unexpected ends there"
)]

mod asking;
mod attacks;
mod audit;
mod command;
mod docs;
mod doors;
mod house;
mod installation;
mod lifecycle;
mod limits;
mod log;
mod matrix;
mod metadata;
mod operations;
mod organizations;
mod process;
mod scrape;
mod signatures;
mod simulated;
mod sts;
mod tls;
mod toolbox;
mod truth;
mod web_identity;
