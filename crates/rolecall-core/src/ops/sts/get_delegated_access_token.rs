//! `GetDelegatedAccessToken`: trades a token that the console hands to partners for credentials. Nobody issues
//! such tokens here, so none is ever good.

use crate::error::{Error, sts};
use crate::gate::{Cx, Granted, Reply, Serve};
use crate::target::Targets;
use rolecall_wire::sts::{GetDelegatedAccessTokenRequest, GetDelegatedAccessTokenResponse, op};

impl Serve for op::GetDelegatedAccessToken {
    type Seen = ();

    async fn targets(_cx: &Cx<'_>, _input: &GetDelegatedAccessTokenRequest) -> Result<Targets, Error> {
        Ok(Targets::on("sts:GetDelegatedAccessToken", "*"))
    }

    async fn run(
        _cx: &mut Cx<'_>,
        _input: GetDelegatedAccessTokenRequest,
        _: Granted<()>,
    ) -> Result<Reply<GetDelegatedAccessTokenResponse>, Error> {
        Err(sts::expired_trade_in_token())
    }
}
