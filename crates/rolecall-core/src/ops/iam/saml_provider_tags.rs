//! The tags of SAML providers: `TagSAMLProvider`, `UntagSAMLProvider` and `ListSAMLProviderTags`.

use super::paging::Paging;
use super::saml_providers::{change, load, target};
use super::tags;
use crate::error::Error;
use crate::gate::{Cx, Granted, Reply, Serve};
use crate::target::Targets;
use rolecall_wire::iam::{
    ListSAMLProviderTagsRequest, ListSAMLProviderTagsResponse, TagSAMLProviderRequest,
    UntagSAMLProviderRequest, op,
};
use rolecall_wire::operation::Nothing;

impl Serve for op::TagSAMLProvider {
    type Seen = ();

    async fn targets(cx: &Cx<'_>, input: &TagSAMLProviderRequest) -> Result<Targets, Error> {
        let target = target(cx, "iam:TagSAMLProvider", &input.saml_provider_arn).await?;
        Ok(Targets::one(target.with_request_tags(&tags::sent(&input.tags)?)))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: TagSAMLProviderRequest,
        _: Granted<()>,
    ) -> Result<Reply<Nothing>, Error> {
        let sent = tags::sent(&input.tags)?;
        change(cx, &input.saml_provider_arn, |provider| tags::add(&mut provider.tags, sent.clone())).await?;
        Ok(Nothing.into())
    }
}

impl Serve for op::UntagSAMLProvider {
    type Seen = ();

    async fn targets(cx: &Cx<'_>, input: &UntagSAMLProviderRequest) -> Result<Targets, Error> {
        let target = target(cx, "iam:UntagSAMLProvider", &input.saml_provider_arn).await?;
        Ok(Targets::one(target.with_many("aws:TagKeys", input.tag_keys.clone())))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: UntagSAMLProviderRequest,
        _: Granted<()>,
    ) -> Result<Reply<Nothing>, Error> {
        change(cx, &input.saml_provider_arn, |provider| {
            tags::remove(&mut provider.tags, &input.tag_keys);
            Ok(())
        })
        .await?;
        Ok(Nothing.into())
    }
}

impl Serve for op::ListSAMLProviderTags {
    type Seen = ();

    async fn targets(cx: &Cx<'_>, input: &ListSAMLProviderTagsRequest) -> Result<Targets, Error> {
        Ok(Targets::one(target(cx, "iam:ListSAMLProviderTags", &input.saml_provider_arn).await?))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: ListSAMLProviderTagsRequest,
        _: Granted<()>,
    ) -> Result<Reply<ListSAMLProviderTagsResponse>, Error> {
        let paging = Paging::of(input.marker.as_deref(), input.max_items)?;
        let provider = load(cx, &input.saml_provider_arn).await?;
        let page = paging.list(tags::shown(&provider.tags), |tag| tag.key.clone());
        let is_truncated = page.is_truncated();
        Ok(ListSAMLProviderTagsResponse { tags: page.items, is_truncated, marker: page.marker }.into())
    }
}
