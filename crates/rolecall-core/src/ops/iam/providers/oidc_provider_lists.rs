//! The audiences and thumbprints of OpenID Connect providers: `AddClientIDToOpenIDConnectProvider`,
//! `RemoveClientIDFromOpenIDConnectProvider` and `UpdateOpenIDConnectProviderThumbprint`. Adding what is
//! there and removing what is not change nothing.

use crate::error::{Error, iam};
use crate::gate::{Cx, Granted, Reply, Serve};
use crate::ops::iam::providers::oidc_providers::{add_client_id, targets, thumbprints};
use crate::records::{OidcProvider, Sight};
use crate::target::Targets;
use rolecall_wire::iam::{
    AddClientIDToOpenIDConnectProviderRequest, RemoveClientIDFromOpenIDConnectProviderRequest,
    UpdateOpenIDConnectProviderThumbprintRequest, op,
};
use rolecall_wire::operation::Nothing;

impl Serve for op::AddClientIDToOpenIDConnectProvider {
    type Seen = Option<Sight<OidcProvider>>;

    async fn targets(
        cx: &Cx<'_>,
        input: &AddClientIDToOpenIDConnectProviderRequest,
    ) -> Result<Targets<Option<Sight<OidcProvider>>>, Error> {
        let arn = &input.openid_connect_provider_arn;
        targets(cx, "iam:AddClientIDToOpenIDConnectProvider", arn).await
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: AddClientIDToOpenIDConnectProviderRequest,
        granted: Granted<Option<Sight<OidcProvider>>>,
    ) -> Result<Reply<Nothing>, Error> {
        let missing = || iam::no_such_oidc_provider(&input.openid_connect_provider_arn);
        let add = |provider: &mut OidcProvider| add_client_id(&mut provider.client_ids, &input.client_id);
        granted.change(cx, missing, add).await?;
        Ok(Nothing.into())
    }
}

impl Serve for op::RemoveClientIDFromOpenIDConnectProvider {
    type Seen = Option<Sight<OidcProvider>>;

    async fn targets(
        cx: &Cx<'_>,
        input: &RemoveClientIDFromOpenIDConnectProviderRequest,
    ) -> Result<Targets<Option<Sight<OidcProvider>>>, Error> {
        let arn = &input.openid_connect_provider_arn;
        targets(cx, "iam:RemoveClientIDFromOpenIDConnectProvider", arn).await
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: RemoveClientIDFromOpenIDConnectProviderRequest,
        granted: Granted<Option<Sight<OidcProvider>>>,
    ) -> Result<Reply<Nothing>, Error> {
        let missing = || iam::no_such_oidc_provider(&input.openid_connect_provider_arn);
        let remove = |provider: &mut OidcProvider| {
            provider.client_ids.retain(|id| *id != input.client_id);
            Ok(())
        };
        granted.change(cx, missing, remove).await?;
        Ok(Nothing.into())
    }
}

impl Serve for op::UpdateOpenIDConnectProviderThumbprint {
    type Seen = Option<Sight<OidcProvider>>;

    async fn targets(
        cx: &Cx<'_>,
        input: &UpdateOpenIDConnectProviderThumbprintRequest,
    ) -> Result<Targets<Option<Sight<OidcProvider>>>, Error> {
        let arn = &input.openid_connect_provider_arn;
        targets(cx, "iam:UpdateOpenIDConnectProviderThumbprint", arn).await
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: UpdateOpenIDConnectProviderThumbprintRequest,
        granted: Granted<Option<Sight<OidcProvider>>>,
    ) -> Result<Reply<Nothing>, Error> {
        let sent = thumbprints(&input.thumbprint_list)?;
        let missing = || iam::no_such_oidc_provider(&input.openid_connect_provider_arn);
        let replace = |provider: &mut OidcProvider| {
            provider.thumbprints = sent;
            Ok(())
        };
        granted.change(cx, missing, replace).await?;
        Ok(Nothing.into())
    }
}
