//! The other side of a connection.

use std::net::IpAddr;
use std::sync::Arc;

/// The other side of a connection. What is written of it is made once.
#[derive(Debug, Clone)]
pub struct Peer {
    /// Its address.
    pub address: IpAddr,
    text: Arc<str>,
}

impl Peer {
    /// The address as it is written in records and policies: one of IPv4 in its own form.
    pub fn text(&self) -> &str {
        &self.text
    }
}

impl<A: Into<IpAddr>> From<A> for Peer {
    fn from(address: A) -> Self {
        let address = address.into();
        Self { address, text: address.to_canonical().to_string().into() }
    }
}
