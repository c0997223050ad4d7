//! `CreateOpenIDConnectProvider`, `GetOpenIDConnectProvider`, `ListOpenIDConnectProviders` and
//! `DeleteOpenIDConnectProvider`.

use crate::error::{Error, iam};
use crate::gate::{Cx, Granted, Reply, Serve};
use crate::ops::iam::providers::oidc_providers::{check_issuer, client_ids, require, targets, thumbprints};
use crate::ops::iam::quota;
use crate::ops::iam::tags;
use crate::records::{self, OidcProvider, Record, Sight, key, oidc_provider};
use crate::target::{Target, Targets};
use rolecall_wire::iam::{
    CreateOpenIDConnectProviderRequest, CreateOpenIDConnectProviderResponse,
    DeleteOpenIDConnectProviderRequest, GetOpenIDConnectProviderRequest, GetOpenIDConnectProviderResponse,
    ListOpenIDConnectProvidersRequest, ListOpenIDConnectProvidersResponse, OpenIDConnectProviderListEntry,
    op,
};
use rolecall_wire::operation::Nothing;

impl Serve for op::CreateOpenIDConnectProvider {
    type Seen = ();

    async fn targets(cx: &Cx<'_>, input: &CreateOpenIDConnectProviderRequest) -> Result<Targets<()>, Error> {
        check_issuer(cx, &input.url)?;
        let arn = oidc_provider::arn(cx.account(), oidc_provider::name(&input.url));
        let create = Target::new("iam:CreateOpenIDConnectProvider", arn);
        Ok(tags::creation(create, "iam:TagOpenIDConnectProvider", &tags::sent(&input.tags)?))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: CreateOpenIDConnectProviderRequest,
        granted: Granted<()>,
    ) -> Result<Reply<CreateOpenIDConnectProviderResponse>, Error> {
        let provider = OidcProvider {
            account: cx.account().clone(),
            created: cx.now,
            client_ids: client_ids(&input.client_id_list)?,
            thumbprints: thumbprints(&input.thumbprint_list)?,
            tags: tags::sent(&input.tags)?,
            issuer: input.url,
        };
        quota::OIDC_PROVIDERS.check(cx.system, &key::oidc_providers(&provider.account)).await?;
        let key = key::oidc_provider(&provider.account, provider.name());
        let mut txn = granted.begin(cx);
        if txn.get(&key).await?.is_some() {
            return Err(iam::oidc_provider_exists(&provider.issuer));
        }
        records::write(&mut txn, key, &provider)?;
        txn.commit().await?;
        let openid_connect_provider_arn = Some(provider.arn());
        let tags = tags::shown_if_any(&provider.tags);
        Ok(CreateOpenIDConnectProviderResponse { openid_connect_provider_arn, tags }.into())
    }
}

impl Serve for op::GetOpenIDConnectProvider {
    type Seen = Option<Sight<OidcProvider>>;

    async fn targets(
        cx: &Cx<'_>,
        input: &GetOpenIDConnectProviderRequest,
    ) -> Result<Targets<Option<Sight<OidcProvider>>>, Error> {
        let arn = &input.openid_connect_provider_arn;
        targets(cx, "iam:GetOpenIDConnectProvider", arn).await
    }

    async fn run(
        _: &mut Cx<'_>,
        input: GetOpenIDConnectProviderRequest,
        granted: Granted<Option<Sight<OidcProvider>>>,
    ) -> Result<Reply<GetOpenIDConnectProviderResponse>, Error> {
        let provider = require(&granted, &input.openid_connect_provider_arn)?;
        Ok(GetOpenIDConnectProviderResponse {
            url: Some(provider.name().to_owned()),
            client_id_list: provider.client_ids.clone(),
            thumbprint_list: provider.thumbprints.clone(),
            create_date: Some(provider.created),
            tags: tags::shown(&provider.tags),
        }
        .into())
    }
}

impl Serve for op::ListOpenIDConnectProviders {
    type Seen = ();

    async fn targets(_cx: &Cx<'_>, _input: &ListOpenIDConnectProvidersRequest) -> Result<Targets, Error> {
        Ok(Targets::on("iam:ListOpenIDConnectProviders", "*"))
    }

    async fn run(
        cx: &mut Cx<'_>,
        _input: ListOpenIDConnectProvidersRequest,
        _: Granted<()>,
    ) -> Result<Reply<ListOpenIDConnectProvidersResponse>, Error> {
        let all = cx.system.store.scan(&key::oidc_providers(cx.account()), usize::MAX).await?;
        let mut openid_connect_provider_list = Vec::with_capacity(all.len());
        for (_, stored) in &all {
            let arn = Some(OidcProvider::decode(stored)?.arn());
            openid_connect_provider_list.push(OpenIDConnectProviderListEntry { arn });
        }
        Ok(ListOpenIDConnectProvidersResponse { openid_connect_provider_list }.into())
    }
}

impl Serve for op::DeleteOpenIDConnectProvider {
    type Seen = Option<Sight<OidcProvider>>;

    async fn targets(
        cx: &Cx<'_>,
        input: &DeleteOpenIDConnectProviderRequest,
    ) -> Result<Targets<Option<Sight<OidcProvider>>>, Error> {
        let arn = &input.openid_connect_provider_arn;
        targets(cx, "iam:DeleteOpenIDConnectProvider", arn).await
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: DeleteOpenIDConnectProviderRequest,
        granted: Granted<Option<Sight<OidcProvider>>>,
    ) -> Result<Reply<Nothing>, Error> {
        let missing = || iam::no_oidc_provider_to_delete(&input.openid_connect_provider_arn);
        let provider = granted.record().ok_or_else(missing)?;
        let mut txn = granted.begin(cx);
        txn.delete(key::oidc_provider(&provider.account, provider.name()));
        txn.commit().await?;
        Ok(Nothing.into())
    }
}
