//! `GetServerInfo`: what this server is and how long it has been up.

use crate::error::Error;
use crate::gate::{Cx, Granted, Reply, Serve};
use crate::target::Targets;
use rolecall_wire::operation::Nothing;
use rolecall_wire::rolecall::{GetServerInfoResponse, op};

impl Serve for op::GetServerInfo {
    type Seen = ();

    async fn targets(_cx: &Cx<'_>, _input: &Nothing) -> Result<Targets, Error> {
        Ok(Targets::on("rolecall:GetServerInfo", "*"))
    }

    async fn run(
        cx: &mut Cx<'_>,
        _input: Nothing,
        _: Granted<()>,
    ) -> Result<Reply<GetServerInfoResponse>, Error> {
        let settings = &cx.system.settings;
        let response = GetServerInfoResponse {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            account_id: settings.account.to_string(),
            region: settings.region.to_string(),
            now: cx.now,
            uptime_seconds: cx.now.saturating_sub(cx.system.started),
        };
        Ok(response.into())
    }
}
