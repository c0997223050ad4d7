//! The tags of OpenID Connect providers: `TagOpenIDConnectProvider`, `UntagOpenIDConnectProvider` and
//! `ListOpenIDConnectProviderTags`.

use super::oidc_providers::{change, load, target};
use super::paging::Paging;
use super::tags;
use crate::error::Error;
use crate::gate::{Cx, Granted, Reply, Serve};
use crate::target::Targets;
use rolecall_wire::iam::{
    ListOpenIDConnectProviderTagsRequest, ListOpenIDConnectProviderTagsResponse,
    TagOpenIDConnectProviderRequest, UntagOpenIDConnectProviderRequest, op,
};
use rolecall_wire::operation::Nothing;

impl Serve for op::TagOpenIDConnectProvider {
    type Seen = ();

    async fn targets(cx: &Cx<'_>, input: &TagOpenIDConnectProviderRequest) -> Result<Targets, Error> {
        let arn = &input.openid_connect_provider_arn;
        let target = target(cx, "iam:TagOpenIDConnectProvider", arn).await?;
        Ok(Targets::one(target.with_request_tags(&tags::sent(&input.tags)?)))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: TagOpenIDConnectProviderRequest,
        _: Granted<()>,
    ) -> Result<Reply<Nothing>, Error> {
        let sent = tags::sent(&input.tags)?;
        let arn = &input.openid_connect_provider_arn;
        change(cx, arn, |provider| tags::add(&mut provider.tags, sent.clone())).await?;
        Ok(Nothing.into())
    }
}

impl Serve for op::UntagOpenIDConnectProvider {
    type Seen = ();

    async fn targets(cx: &Cx<'_>, input: &UntagOpenIDConnectProviderRequest) -> Result<Targets, Error> {
        let arn = &input.openid_connect_provider_arn;
        let target = target(cx, "iam:UntagOpenIDConnectProvider", arn).await?;
        Ok(Targets::one(target.with_many("aws:TagKeys", input.tag_keys.clone())))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: UntagOpenIDConnectProviderRequest,
        _: Granted<()>,
    ) -> Result<Reply<Nothing>, Error> {
        change(cx, &input.openid_connect_provider_arn, |provider| {
            tags::remove(&mut provider.tags, &input.tag_keys);
            Ok(())
        })
        .await?;
        Ok(Nothing.into())
    }
}

impl Serve for op::ListOpenIDConnectProviderTags {
    type Seen = ();

    async fn targets(cx: &Cx<'_>, input: &ListOpenIDConnectProviderTagsRequest) -> Result<Targets, Error> {
        let arn = &input.openid_connect_provider_arn;
        Ok(Targets::one(target(cx, "iam:ListOpenIDConnectProviderTags", arn).await?))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: ListOpenIDConnectProviderTagsRequest,
        _: Granted<()>,
    ) -> Result<Reply<ListOpenIDConnectProviderTagsResponse>, Error> {
        let paging = Paging::of(input.marker.as_deref(), input.max_items)?;
        let provider = load(cx, &input.openid_connect_provider_arn).await?;
        let page = paging.list(tags::shown(&provider.tags), |tag| tag.key.clone());
        let is_truncated = page.is_truncated();
        let (tags, marker) = (page.items, page.marker);
        Ok(ListOpenIDConnectProviderTagsResponse { tags, is_truncated, marker }.into())
    }
}
