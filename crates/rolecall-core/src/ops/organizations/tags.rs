//! Tags of what is in an organization: `TagResource`, `UntagResource`, `ListTagsForResource`.

use super::node::Node;
use super::page;
use super::standing::{self, SeenPlace};
use crate::error::{Error, organizations as sentence};
use crate::gate::{Cx, Granted, Reply, Serve};
use crate::records::{self, ControlPolicy, Organization, Tags, key};
use crate::target::{Target, Targets};
use rolecall_store::Txn;
use rolecall_wire::operation::Nothing;
use rolecall_wire::organizations::{
    ListTagsForResourceRequest, ListTagsForResourceResponse, Tag, TagResourceRequest, UntagResourceRequest,
    op,
};

impl Serve for op::TagResource {
    type Seen = SeenPlace;

    async fn targets(cx: &Cx<'_>, input: &TagResourceRequest) -> Result<Targets<SeenPlace>, Error> {
        let targets = standing::targets(cx, "organizations:TagResource", &[&input.resource_id]).await?;
        let sent = sent(&input.tags)?;
        Ok(targets.map(|target| target.with_request_tags(&sent)))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: TagResourceRequest,
        granted: Granted<SeenPlace>,
    ) -> Result<Reply<Nothing>, Error> {
        let more = sent(&input.tags)?;
        change(cx, &granted, &input.resource_id, |tags| {
            tags.retain(|(key, _)| !more.iter().any(|(k, _)| k == key));
            tags.extend(more);
            if tags.len() > MOST { Err(sentence::too_many_tags()) } else { Ok(()) }
        })
        .await
    }
}

impl Serve for op::UntagResource {
    type Seen = SeenPlace;

    async fn targets(cx: &Cx<'_>, input: &UntagResourceRequest) -> Result<Targets<SeenPlace>, Error> {
        let targets = standing::targets(cx, "organizations:UntagResource", &[&input.resource_id]).await?;
        Ok(targets.map(|target| target.with_many("aws:TagKeys", input.tag_keys.clone())))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: UntagResourceRequest,
        granted: Granted<SeenPlace>,
    ) -> Result<Reply<Nothing>, Error> {
        change(cx, &granted, &input.resource_id, |tags| {
            tags.retain(|(key, _)| !input.tag_keys.contains(key));
            Ok(())
        })
        .await
    }
}

impl Serve for op::ListTagsForResource {
    type Seen = SeenPlace;

    async fn targets(cx: &Cx<'_>, input: &ListTagsForResourceRequest) -> Result<Targets<SeenPlace>, Error> {
        standing::targets(cx, "organizations:ListTagsForResource", &[&input.resource_id]).await
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: ListTagsForResourceRequest,
        granted: Granted<SeenPlace>,
    ) -> Result<Reply<ListTagsForResourceResponse>, Error> {
        let organization = granted.seen().observing()?;
        let mut txn = granted.begin(cx);
        let mut tagged = Tagged::read(&mut txn, granted.seen(), organization, &input.resource_id).await?;
        let tags = tagged.tags().iter().map(|(key, value)| Tag { key: key.clone(), value: value.clone() });
        let page =
            page::of(input.next_token.as_deref(), Some(MOST as i64))?.list(tags, |tag| tag.key.clone());
        Ok(ListTagsForResourceResponse { tags: page.items, next_token: page.marker }.into())
    }
}

/// What can be tagged.
enum Tagged {
    Node(Node),
    Policy(ControlPolicy),
}

impl Tagged {
    async fn read(
        txn: &mut Txn<'_>,
        seen: &SeenPlace,
        organization: &Organization,
        id: &str,
    ) -> Result<Self, Error> {
        let found = if id.starts_with("p-") {
            seen.own_policy(id).map(|policy| Self::Policy(ControlPolicy::clone(policy)))
        } else {
            Node::read(txn, organization, id).await?.map(Self::Node)
        };
        found.ok_or_else(sentence::no_such_target)
    }

    fn tags(&mut self) -> &mut Tags {
        match self {
            Self::Node(node) => node.tags(),
            Self::Policy(policy) => &mut policy.tags,
        }
    }

    fn write(self, txn: &mut Txn<'_>, organization: &Organization) -> Result<(), Error> {
        match self {
            Self::Node(node) => node.write(txn),
            Self::Policy(policy) => {
                records::write(txn, key::control_policy(&organization.id, &policy.id), &policy)
            }
        }
    }
}

/// What creating something needs: to create it and, when it gets tags, to tag it as well.
pub(super) async fn creation(
    cx: &Cx<'_>,
    action: &'static str,
    ids: &[&str],
    tags: &[Tag],
) -> Result<Targets<SeenPlace>, Error> {
    let targets = standing::targets(cx, action, ids).await?;
    let sent = sent(tags)?;
    if sent.is_empty() {
        return Ok(targets);
    }
    let tagging = Target::new("organizations:TagResource", "*").with_request_tags(&sent);
    Ok(targets.map(|target| target.with_request_tags(&sent)).and(tagging))
}

/// The tags of a request. Keys are compared with regard to case.
///
/// # Errors
/// When a key comes twice, is AWS's own, or there are more than 50.
pub(super) fn sent(tags: &[Tag]) -> Result<Tags, Error> {
    let tags: Tags = tags.iter().map(|tag| (tag.key.clone(), tag.value.clone())).collect();
    let comes_again = |at: usize, key: &str| tags.iter().skip(at + 1).any(|(k, _)| k == key);
    if tags.iter().enumerate().any(|(at, (key, _))| comes_again(at, key)) {
        return Err(sentence::duplicate_tags());
    }
    if tags.iter().any(|(key, _)| key.to_lowercase().starts_with("aws:")) {
        return Err(sentence::reserved_tag());
    }
    if tags.len() > MOST { Err(sentence::too_many_tags()) } else { Ok(tags) }
}

async fn change(
    cx: &Cx<'_>,
    granted: &Granted<SeenPlace>,
    id: &str,
    change: impl FnOnce(&mut Tags) -> Result<(), Error>,
) -> Result<Reply<Nothing>, Error> {
    let organization = granted.seen().managing()?;
    let mut txn = granted.begin(cx);
    let mut tagged = Tagged::read(&mut txn, granted.seen(), organization, id).await?;
    change(tagged.tags())?;
    tagged.write(&mut txn, organization)?;
    txn.commit().await?;
    Ok(Nothing.into())
}

/// The most tags of a thing (Organizations User Guide, Quotas).
const MOST: usize = 50;
