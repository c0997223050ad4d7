//! Whether principals of an account may get tokens to show elsewhere: `EnableOutboundWebIdentityFederation`,
//! `DisableOutboundWebIdentityFederation` and `GetOutboundWebIdentityFederationInfo`.

use crate::error::{Error, iam};
use crate::federation::issuer;
use crate::gate::{Cx, Granted, Reply, Serve};
use crate::records::key;
use crate::target::Targets;
use rolecall_wire::iam::{
    EnableOutboundWebIdentityFederationResponse, GetOutboundWebIdentityFederationInfoResponse, op,
};
use rolecall_wire::operation::Nothing;

impl Serve for op::EnableOutboundWebIdentityFederation {
    type Seen = ();

    async fn targets(_cx: &Cx<'_>, _input: &Nothing) -> Result<Targets<()>, Error> {
        Ok(Targets::on("iam:EnableOutboundWebIdentityFederation", "*"))
    }

    async fn run(
        cx: &mut Cx<'_>,
        _input: Nothing,
        granted: Granted<()>,
    ) -> Result<Reply<EnableOutboundWebIdentityFederationResponse>, Error> {
        let key = key::outbound_federation(cx.account());
        let mut txn = granted.begin(cx);
        if txn.get(&key).await?.is_some() {
            return Err(iam::outbound_federation_enabled());
        }
        issuer::ensure_keys(&cx.system.keys, cx.now).await.map_err(|e| Error::internal(e.to_string()))?;
        txn.put(key, vec![1]);
        txn.commit().await?;
        let issuer_identifier = Some(issuer::identifier(cx.system, cx.account()));
        Ok(EnableOutboundWebIdentityFederationResponse { issuer_identifier }.into())
    }
}

impl Serve for op::DisableOutboundWebIdentityFederation {
    type Seen = ();

    async fn targets(_cx: &Cx<'_>, _input: &Nothing) -> Result<Targets<()>, Error> {
        Ok(Targets::on("iam:DisableOutboundWebIdentityFederation", "*"))
    }

    async fn run(cx: &mut Cx<'_>, _input: Nothing, granted: Granted<()>) -> Result<Reply<Nothing>, Error> {
        let key = key::outbound_federation(cx.account());
        let mut txn = granted.begin(cx);
        if txn.get(&key).await?.is_none() {
            return Err(iam::outbound_federation_disabled());
        }
        txn.delete(key);
        txn.commit().await?;
        Ok(Nothing.into())
    }
}

impl Serve for op::GetOutboundWebIdentityFederationInfo {
    type Seen = ();

    async fn targets(_cx: &Cx<'_>, _input: &Nothing) -> Result<Targets, Error> {
        Ok(Targets::on("iam:GetOutboundWebIdentityFederationInfo", "*"))
    }

    async fn run(
        cx: &mut Cx<'_>,
        _input: Nothing,
        _: Granted<()>,
    ) -> Result<Reply<GetOutboundWebIdentityFederationInfoResponse>, Error> {
        if !issuer::is_enabled(cx.system, cx.account()).await? {
            return Err(iam::outbound_federation_disabled());
        }
        let issuer_identifier = Some(issuer::identifier(cx.system, cx.account()));
        let jwt_vending_enabled = Some(true);
        Ok(GetOutboundWebIdentityFederationInfoResponse { issuer_identifier, jwt_vending_enabled }.into())
    }
}
