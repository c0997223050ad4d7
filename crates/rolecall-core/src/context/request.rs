//! Keys that the connection and the clock know.

use crate::clock::text::iso8601;
use rolecall_policy::Context;
use std::net::IpAddr;

/// What is known of the connection a request came by.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Connection<'a> {
    /// The address of the peer of the socket.
    pub peer: IpAddr,
    /// True when the connection is encrypted.
    pub secure: bool,
    /// The `User-Agent` header.
    pub user_agent: Option<&'a str>,
    /// The `Referer` header.
    pub referer: Option<&'a str>,
    /// The region asked.
    pub region: &'a str,
}

pub(super) fn fill<'a>(context: &mut Context<'a>, connection: &Connection<'a>, now: i64) {
    context.set("aws:CurrentTime", iso8601(now));
    context.set("aws:EpochTime", now.to_string());
    context.set("aws:SecureTransport", connection.secure.to_string());
    context.set("aws:SourceIp", connection.peer.to_canonical().to_string());
    context.set("aws:RequestedRegion", connection.region);
    context.set("aws:ViaAWSService", "false");
    if let Some(agent) = connection.user_agent {
        context.set("aws:UserAgent", agent);
    }
    if let Some(referer) = connection.referer {
        context.set("aws:referer", referer);
    }
}
