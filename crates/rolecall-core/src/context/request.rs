//! Keys that the connection and the clock know.

use crate::clock::text::iso8601;
use rolecall_policy::{Context, Key};

/// What is known of the connection a request came by.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Connection<'a> {
    /// The address of the peer of the socket, as it is written.
    pub peer: &'a str,
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
    context.set(const { Key::new("aws:CurrentTime") }, iso8601(now));
    context.set(const { Key::new("aws:EpochTime") }, now.to_string());
    context.set(const { Key::new("aws:SecureTransport") }, word(connection.secure));
    context.set(const { Key::new("aws:SourceIp") }, connection.peer);
    context.set(const { Key::new("aws:RequestedRegion") }, connection.region);
    context.set(const { Key::new("aws:ViaAWSService") }, "false");
    if let Some(agent) = connection.user_agent {
        context.set(const { Key::new("aws:UserAgent") }, agent);
    }
    if let Some(referer) = connection.referer {
        context.set(const { Key::new("aws:referer") }, referer);
    }
}

pub(super) const fn word(yes: bool) -> &'static str {
    if yes { "true" } else { "false" }
}
