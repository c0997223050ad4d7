//! The server over real sockets, in one test binary.

mod audit;
mod command;
mod doors;
mod house;
mod lifecycle;
mod limits;
mod signatures;
mod tls;
