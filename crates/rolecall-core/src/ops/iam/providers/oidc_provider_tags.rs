//! The tags of OpenID Connect providers: `TagOpenIDConnectProvider`, `UntagOpenIDConnectProvider` and
//! `ListOpenIDConnectProviderTags`.

use crate::error::{Error, iam};
use crate::gate::{Cx, Granted, Reply, Serve};
use crate::ops::iam::providers::oidc_providers::{require, targets};
use crate::ops::iam::tags;
use crate::ops::paging::Paging;
use crate::records::{OidcProvider, Sight};
use crate::target::Targets;
use rolecall_wire::iam::{
    ListOpenIDConnectProviderTagsRequest, ListOpenIDConnectProviderTagsResponse,
    TagOpenIDConnectProviderRequest, UntagOpenIDConnectProviderRequest, op,
};
use rolecall_wire::operation::Nothing;

impl Serve for op::TagOpenIDConnectProvider {
    type Seen = Option<Sight<OidcProvider>>;

    async fn targets(
        cx: &Cx<'_>,
        input: &TagOpenIDConnectProviderRequest,
    ) -> Result<Targets<Option<Sight<OidcProvider>>>, Error> {
        let arn = &input.openid_connect_provider_arn;
        let targets = targets(cx, "iam:TagOpenIDConnectProvider", arn).await?;
        let sent = tags::sent(&input.tags)?;
        Ok(targets.map(|target| target.with_request_tags(&sent)))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: TagOpenIDConnectProviderRequest,
        granted: Granted<Option<Sight<OidcProvider>>>,
    ) -> Result<Reply<Nothing>, Error> {
        let sent = tags::sent(&input.tags)?;
        let missing = || iam::no_such_oidc_provider(&input.openid_connect_provider_arn);
        granted.change(cx, missing, |provider| tags::add(&mut provider.tags, sent)).await?;
        Ok(Nothing.into())
    }
}

impl Serve for op::UntagOpenIDConnectProvider {
    type Seen = Option<Sight<OidcProvider>>;

    async fn targets(
        cx: &Cx<'_>,
        input: &UntagOpenIDConnectProviderRequest,
    ) -> Result<Targets<Option<Sight<OidcProvider>>>, Error> {
        let arn = &input.openid_connect_provider_arn;
        let targets = targets(cx, "iam:UntagOpenIDConnectProvider", arn).await?;
        Ok(targets.map(|target| target.with_many("aws:TagKeys", input.tag_keys.clone())))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: UntagOpenIDConnectProviderRequest,
        granted: Granted<Option<Sight<OidcProvider>>>,
    ) -> Result<Reply<Nothing>, Error> {
        let missing = || iam::no_such_oidc_provider(&input.openid_connect_provider_arn);
        let remove = |provider: &mut OidcProvider| {
            tags::remove(&mut provider.tags, &input.tag_keys);
            Ok(())
        };
        granted.change(cx, missing, remove).await?;
        Ok(Nothing.into())
    }
}

impl Serve for op::ListOpenIDConnectProviderTags {
    type Seen = Option<Sight<OidcProvider>>;

    async fn targets(
        cx: &Cx<'_>,
        input: &ListOpenIDConnectProviderTagsRequest,
    ) -> Result<Targets<Option<Sight<OidcProvider>>>, Error> {
        let arn = &input.openid_connect_provider_arn;
        targets(cx, "iam:ListOpenIDConnectProviderTags", arn).await
    }

    async fn run(
        _: &mut Cx<'_>,
        input: ListOpenIDConnectProviderTagsRequest,
        granted: Granted<Option<Sight<OidcProvider>>>,
    ) -> Result<Reply<ListOpenIDConnectProviderTagsResponse>, Error> {
        let paging = Paging::of(input.marker.as_deref(), input.max_items)?;
        let provider = require(&granted, &input.openid_connect_provider_arn)?;
        let page = paging.list(tags::shown(&provider.tags), |tag| tag.key.clone());
        let is_truncated = page.is_truncated();
        let (tags, marker) = (page.items, page.marker);
        Ok(ListOpenIDConnectProviderTagsResponse { tags, is_truncated, marker }.into())
    }
}
