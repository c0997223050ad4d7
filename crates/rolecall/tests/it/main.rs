//! The server over real sockets, in one test binary.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that meets the unexpected ends there"
)]

mod asking;
mod audit;
mod command;
mod docs;
mod doors;
mod house;
mod installation;
mod lifecycle;
mod limits;
mod metadata;
mod process;
mod signatures;
mod tls;
mod web_identity;
