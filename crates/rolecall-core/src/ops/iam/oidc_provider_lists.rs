//! The audiences and thumbprints of OpenID Connect providers: `AddClientIDToOpenIDConnectProvider`,
//! `RemoveClientIDFromOpenIDConnectProvider` and `UpdateOpenIDConnectProviderThumbprint`. Adding what is
//! there and removing what is not change nothing.

use super::oidc_providers::{add_client_id, change, target, thumbprints};
use crate::error::Error;
use crate::gate::{Cx, Granted, Reply, Serve};
use crate::target::Targets;
use rolecall_wire::iam::{
    AddClientIDToOpenIDConnectProviderRequest, RemoveClientIDFromOpenIDConnectProviderRequest,
    UpdateOpenIDConnectProviderThumbprintRequest, op,
};
use rolecall_wire::operation::Nothing;

impl Serve for op::AddClientIDToOpenIDConnectProvider {
    type Seen = ();

    async fn targets(
        cx: &Cx<'_>,
        input: &AddClientIDToOpenIDConnectProviderRequest,
    ) -> Result<Targets, Error> {
        let arn = &input.openid_connect_provider_arn;
        Ok(Targets::one(target(cx, "iam:AddClientIDToOpenIDConnectProvider", arn).await?))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: AddClientIDToOpenIDConnectProviderRequest,
        _: Granted<()>,
    ) -> Result<Reply<Nothing>, Error> {
        let arn = &input.openid_connect_provider_arn;
        change(cx, arn, |provider| add_client_id(&mut provider.client_ids, &input.client_id)).await?;
        Ok(Nothing.into())
    }
}

impl Serve for op::RemoveClientIDFromOpenIDConnectProvider {
    type Seen = ();

    async fn targets(
        cx: &Cx<'_>,
        input: &RemoveClientIDFromOpenIDConnectProviderRequest,
    ) -> Result<Targets, Error> {
        let arn = &input.openid_connect_provider_arn;
        Ok(Targets::one(target(cx, "iam:RemoveClientIDFromOpenIDConnectProvider", arn).await?))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: RemoveClientIDFromOpenIDConnectProviderRequest,
        _: Granted<()>,
    ) -> Result<Reply<Nothing>, Error> {
        change(cx, &input.openid_connect_provider_arn, |provider| {
            provider.client_ids.retain(|id| *id != input.client_id);
            Ok(())
        })
        .await?;
        Ok(Nothing.into())
    }
}

impl Serve for op::UpdateOpenIDConnectProviderThumbprint {
    type Seen = ();

    async fn targets(
        cx: &Cx<'_>,
        input: &UpdateOpenIDConnectProviderThumbprintRequest,
    ) -> Result<Targets, Error> {
        let arn = &input.openid_connect_provider_arn;
        Ok(Targets::one(target(cx, "iam:UpdateOpenIDConnectProviderThumbprint", arn).await?))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: UpdateOpenIDConnectProviderThumbprintRequest,
        _: Granted<()>,
    ) -> Result<Reply<Nothing>, Error> {
        let sent = thumbprints(&input.thumbprint_list)?;
        change(cx, &input.openid_connect_provider_arn, |provider| {
            provider.thumbprints.clone_from(&sent);
            Ok(())
        })
        .await?;
        Ok(Nothing.into())
    }
}
