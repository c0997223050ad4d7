//! Sockets, doors, configuration and the command line of Rolecall.
//!
//! [`app::App`] is the whole server; [`cli::main`] is the program.

pub mod app;
pub mod body;
pub mod cli;
pub mod client;
pub mod config;
pub mod data_dir;
pub mod doors;
pub mod instances;
pub mod operations;
pub mod outbound;
mod overheard;
mod places;
mod progress;
pub mod serve;
mod socket;
pub mod tls;
mod trouble;
pub mod trust;
mod workers;
