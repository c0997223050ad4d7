//! The tags of the account's own managed policies: `TagPolicy`, `UntagPolicy` and `ListPolicyTags`.

use super::paging::Paging;
use super::policies::{self, change};
use super::tags;
use crate::error::{Error, iam};
use crate::gate::{Cx, Granted, Reply, Serve};
use crate::target::Targets;
use rolecall_wire::iam::{
    ListPolicyTagsRequest, ListPolicyTagsResponse, TagPolicyRequest, UntagPolicyRequest, op,
};
use rolecall_wire::operation::Nothing;

impl Serve for op::TagPolicy {
    type Seen = ();

    async fn targets(cx: &Cx<'_>, input: &TagPolicyRequest) -> Result<Targets, Error> {
        let sent = policies::sent_tags(&input.tags)?;
        let target = policies::target(cx, "iam:TagPolicy", &input.policy_arn).await?;
        Ok(Targets::one(target.with_request_tags(&sent)))
    }

    async fn run(cx: &mut Cx<'_>, input: TagPolicyRequest, _: Granted<()>) -> Result<Reply<Nothing>, Error> {
        let sent = policies::sent_tags(&input.tags)?;
        policies::refuse_aws(&input.policy_arn, iam::foreign_policy_update)?;
        change(cx, &input.policy_arn, |policy| tags::add(&mut policy.tags, sent.clone())).await?;
        Ok(Nothing.into())
    }
}

impl Serve for op::UntagPolicy {
    type Seen = ();

    async fn targets(cx: &Cx<'_>, input: &UntagPolicyRequest) -> Result<Targets, Error> {
        let target = policies::target(cx, "iam:UntagPolicy", &input.policy_arn).await?;
        Ok(Targets::one(target.with_many("aws:TagKeys", input.tag_keys.clone())))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: UntagPolicyRequest,
        _: Granted<()>,
    ) -> Result<Reply<Nothing>, Error> {
        policies::refuse_aws(&input.policy_arn, iam::foreign_policy_update)?;
        change(cx, &input.policy_arn, |policy| {
            tags::remove(&mut policy.tags, &input.tag_keys);
            Ok(())
        })
        .await?;
        Ok(Nothing.into())
    }
}

impl Serve for op::ListPolicyTags {
    type Seen = ();

    async fn targets(cx: &Cx<'_>, input: &ListPolicyTagsRequest) -> Result<Targets, Error> {
        Ok(Targets::one(policies::target(cx, "iam:ListPolicyTags", &input.policy_arn).await?))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: ListPolicyTagsRequest,
        _: Granted<()>,
    ) -> Result<Reply<ListPolicyTagsResponse>, Error> {
        let paging = Paging::of(input.marker.as_deref(), input.max_items)?;
        let found = policies::find(cx.system, cx.account(), &input.policy_arn).await?;
        let policy = found.ok_or_else(|| iam::policy_not_found(&input.policy_arn))?;
        let page = paging.list(tags::shown(policy.tags()), |tag| tag.key.clone());
        let is_truncated = page.is_truncated();
        Ok(ListPolicyTagsResponse { tags: page.items, is_truncated, marker: page.marker }.into())
    }
}
