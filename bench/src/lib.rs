//! What the benchmark programs share: signed requests, a load loop, processes and their cost.

pub mod audit;
pub mod connection;
pub mod disk;
pub mod federation;
pub mod flood;
pub mod floor;
pub mod instructions;
pub mod load;
pub mod nginx;
pub mod process;
pub mod processors;
pub mod rolecall;
pub mod rounds;
pub mod signed;
pub mod start;
pub mod tail;
pub mod tokens;
pub mod web_identity;
pub mod world;
