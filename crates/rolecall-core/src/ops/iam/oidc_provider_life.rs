//! `CreateOpenIDConnectProvider`, `GetOpenIDConnectProvider`, `ListOpenIDConnectProviders` and
//! `DeleteOpenIDConnectProvider`.

use super::oidc_providers::{check_issuer, client_ids, load, read, target, thumbprints};
use super::quota;
use super::tags;
use crate::error::{Error, iam};
use crate::gate::{Cx, Granted, Reply, Serve};
use crate::records::{self, OidcProvider, Record, key, oidc_provider};
use crate::target::{Target, Targets};
use rolecall_store::Retry;
use rolecall_wire::iam::{
    CreateOpenIDConnectProviderRequest, CreateOpenIDConnectProviderResponse,
    DeleteOpenIDConnectProviderRequest, GetOpenIDConnectProviderRequest, GetOpenIDConnectProviderResponse,
    ListOpenIDConnectProvidersRequest, ListOpenIDConnectProvidersResponse, OpenIDConnectProviderListEntry,
    op,
};
use rolecall_wire::operation::Nothing;

impl Serve for op::CreateOpenIDConnectProvider {
    type Seen = ();

    async fn targets(cx: &Cx<'_>, input: &CreateOpenIDConnectProviderRequest) -> Result<Targets, Error> {
        check_issuer(cx, &input.url)?;
        let arn = oidc_provider::arn(cx.account(), oidc_provider::name(&input.url));
        let create = Target::new("iam:CreateOpenIDConnectProvider", arn);
        Ok(tags::creation(create, "iam:TagOpenIDConnectProvider", &tags::sent(&input.tags)?))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: CreateOpenIDConnectProviderRequest,
        _: Granted<()>,
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
        let mut retry = Retry::default();
        loop {
            let mut txn = cx.system.store.begin();
            if txn.get(&key).await?.is_some() {
                return Err(iam::oidc_provider_exists(&provider.issuer));
            }
            records::write(&mut txn, key.clone(), &provider)?;
            if retry.commit(txn).await? {
                let openid_connect_provider_arn = Some(provider.arn());
                let tags = tags::shown(&provider.tags);
                return Ok(CreateOpenIDConnectProviderResponse { openid_connect_provider_arn, tags }.into());
            }
        }
    }
}

impl Serve for op::GetOpenIDConnectProvider {
    type Seen = ();

    async fn targets(cx: &Cx<'_>, input: &GetOpenIDConnectProviderRequest) -> Result<Targets, Error> {
        let arn = &input.openid_connect_provider_arn;
        Ok(Targets::one(target(cx, "iam:GetOpenIDConnectProvider", arn).await?))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: GetOpenIDConnectProviderRequest,
        _: Granted<()>,
    ) -> Result<Reply<GetOpenIDConnectProviderResponse>, Error> {
        let provider = load(cx, &input.openid_connect_provider_arn).await?;
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
    type Seen = ();

    async fn targets(cx: &Cx<'_>, input: &DeleteOpenIDConnectProviderRequest) -> Result<Targets, Error> {
        let arn = &input.openid_connect_provider_arn;
        Ok(Targets::one(target(cx, "iam:DeleteOpenIDConnectProvider", arn).await?))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: DeleteOpenIDConnectProviderRequest,
        _: Granted<()>,
    ) -> Result<Reply<Nothing>, Error> {
        let arn = &input.openid_connect_provider_arn;
        let mut retry = Retry::default();
        loop {
            let mut txn = cx.system.store.begin();
            let provider = read(cx, &mut txn, arn, iam::no_oidc_provider_to_delete).await?;
            txn.delete(key::oidc_provider(&provider.account, provider.name()));
            if retry.commit(txn).await? {
                return Ok(Nothing.into());
            }
        }
    }
}
