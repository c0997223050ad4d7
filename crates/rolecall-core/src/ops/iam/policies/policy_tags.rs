//! The tags of the account's own managed policies: `TagPolicy`, `UntagPolicy` and `ListPolicyTags`.

use crate::error::{Error, iam};
use crate::gate::{Cx, Granted, Reply, Serve};
use crate::ops::iam::policies::{self, SeenPolicy, change};
use crate::ops::iam::tags;
use crate::ops::paging::Paging;
use crate::target::Targets;
use rolecall_wire::iam::{
    ListPolicyTagsRequest, ListPolicyTagsResponse, TagPolicyRequest, UntagPolicyRequest, op,
};
use rolecall_wire::operation::Nothing;

impl Serve for op::TagPolicy {
    type Seen = SeenPolicy;

    async fn targets(cx: &Cx<'_>, input: &TagPolicyRequest) -> Result<Targets<SeenPolicy>, Error> {
        let sent = policies::sent_tags(&input.tags)?;
        let targets = policies::targets(cx, "iam:TagPolicy", &input.policy_arn).await?;
        Ok(targets.map(|target| target.with_request_tags(&sent)))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: TagPolicyRequest,
        granted: Granted<SeenPolicy>,
    ) -> Result<Reply<Nothing>, Error> {
        let sent = policies::sent_tags(&input.tags)?;
        policies::refuse_aws(&input.policy_arn, iam::foreign_policy_update)?;
        change(cx, &granted, &input.policy_arn, |policy| tags::add(&mut policy.tags, sent)).await?;
        Ok(Nothing.into())
    }
}

impl Serve for op::UntagPolicy {
    type Seen = SeenPolicy;

    async fn targets(cx: &Cx<'_>, input: &UntagPolicyRequest) -> Result<Targets<SeenPolicy>, Error> {
        let targets = policies::targets(cx, "iam:UntagPolicy", &input.policy_arn).await?;
        Ok(targets.map(|target| target.with_many("aws:TagKeys", input.tag_keys.clone())))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: UntagPolicyRequest,
        granted: Granted<SeenPolicy>,
    ) -> Result<Reply<Nothing>, Error> {
        policies::refuse_aws(&input.policy_arn, iam::foreign_policy_update)?;
        change(cx, &granted, &input.policy_arn, |policy| {
            tags::remove(&mut policy.tags, &input.tag_keys);
            Ok(())
        })
        .await?;
        Ok(Nothing.into())
    }
}

impl Serve for op::ListPolicyTags {
    type Seen = SeenPolicy;

    async fn targets(cx: &Cx<'_>, input: &ListPolicyTagsRequest) -> Result<Targets<SeenPolicy>, Error> {
        policies::targets(cx, "iam:ListPolicyTags", &input.policy_arn).await
    }

    async fn run(
        _: &mut Cx<'_>,
        input: ListPolicyTagsRequest,
        granted: Granted<SeenPolicy>,
    ) -> Result<Reply<ListPolicyTagsResponse>, Error> {
        let paging = Paging::of(input.marker.as_deref(), input.max_items)?;
        let policy = granted.seen().any(&input.policy_arn)?;
        let page = paging.list(tags::shown(policy.tags()), |tag| tag.key.clone());
        let is_truncated = page.is_truncated();
        Ok(ListPolicyTagsResponse { tags: page.items, is_truncated, marker: page.marker }.into())
    }
}
