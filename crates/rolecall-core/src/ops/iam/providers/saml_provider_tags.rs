//! The tags of SAML providers: `TagSAMLProvider`, `UntagSAMLProvider` and `ListSAMLProviderTags`.

use crate::error::{Error, iam};
use crate::gate::{Cx, Granted, Reply, Serve};
use crate::ops::iam::providers::saml_providers::{require, targets};
use crate::ops::iam::tags;
use crate::ops::paging::Paging;
use crate::records::{SamlProvider, Sight};
use crate::target::Targets;
use rolecall_wire::iam::{
    ListSAMLProviderTagsRequest, ListSAMLProviderTagsResponse, TagSAMLProviderRequest,
    UntagSAMLProviderRequest, op,
};
use rolecall_wire::operation::Nothing;

impl Serve for op::TagSAMLProvider {
    type Seen = Option<Sight<SamlProvider>>;

    async fn targets(
        cx: &Cx<'_>,
        input: &TagSAMLProviderRequest,
    ) -> Result<Targets<Option<Sight<SamlProvider>>>, Error> {
        let targets = targets(cx, "iam:TagSAMLProvider", &input.saml_provider_arn).await?;
        let sent = tags::sent(&input.tags)?;
        Ok(targets.map(|target| target.with_request_tags(&sent)))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: TagSAMLProviderRequest,
        granted: Granted<Option<Sight<SamlProvider>>>,
    ) -> Result<Reply<Nothing>, Error> {
        let sent = tags::sent(&input.tags)?;
        let missing = || iam::no_such_saml_provider(&input.saml_provider_arn);
        granted.change(cx, missing, |provider| tags::add(&mut provider.tags, sent)).await?;
        Ok(Nothing.into())
    }
}

impl Serve for op::UntagSAMLProvider {
    type Seen = Option<Sight<SamlProvider>>;

    async fn targets(
        cx: &Cx<'_>,
        input: &UntagSAMLProviderRequest,
    ) -> Result<Targets<Option<Sight<SamlProvider>>>, Error> {
        let targets = targets(cx, "iam:UntagSAMLProvider", &input.saml_provider_arn).await?;
        Ok(targets.map(|target| target.with_many("aws:TagKeys", input.tag_keys.clone())))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: UntagSAMLProviderRequest,
        granted: Granted<Option<Sight<SamlProvider>>>,
    ) -> Result<Reply<Nothing>, Error> {
        let missing = || iam::no_such_saml_provider(&input.saml_provider_arn);
        let remove = |provider: &mut SamlProvider| {
            tags::remove(&mut provider.tags, &input.tag_keys);
            Ok(())
        };
        granted.change(cx, missing, remove).await?;
        Ok(Nothing.into())
    }
}

impl Serve for op::ListSAMLProviderTags {
    type Seen = Option<Sight<SamlProvider>>;

    async fn targets(
        cx: &Cx<'_>,
        input: &ListSAMLProviderTagsRequest,
    ) -> Result<Targets<Option<Sight<SamlProvider>>>, Error> {
        targets(cx, "iam:ListSAMLProviderTags", &input.saml_provider_arn).await
    }

    async fn run(
        _: &mut Cx<'_>,
        input: ListSAMLProviderTagsRequest,
        granted: Granted<Option<Sight<SamlProvider>>>,
    ) -> Result<Reply<ListSAMLProviderTagsResponse>, Error> {
        let paging = Paging::of(input.marker.as_deref(), input.max_items)?;
        let provider = require(&granted, &input.saml_provider_arn)?;
        let page = paging.list(tags::shown(&provider.tags), |tag| tag.key.clone());
        let is_truncated = page.is_truncated();
        Ok(ListSAMLProviderTagsResponse { tags: page.items, is_truncated, marker: page.marker }.into())
    }
}
