//! Tags of what is in an organization: `TagResource`, `UntagResource`, `ListTagsForResource`.

use super::node::Node;
use super::{page, standing};
use crate::error::{Error, organizations as sentence};
use crate::gate::{Cx, Granted, Reply, Serve};
use crate::organizations::Place;
use crate::records::{self, ControlPolicy, Tags, key};
use crate::target::{Target, Targets};
use rolecall_store::{Retry, Txn};
use rolecall_wire::operation::Nothing;
use rolecall_wire::organizations::{
    ListTagsForResourceRequest, ListTagsForResourceResponse, Tag, TagResourceRequest, UntagResourceRequest,
    op,
};

impl Serve for op::TagResource {
    type Seen = ();

    async fn targets(cx: &Cx<'_>, input: &TagResourceRequest) -> Result<Targets, Error> {
        let targets = standing::targets(cx, "organizations:TagResource", &[&input.resource_id]).await?;
        let sent = sent(&input.tags)?;
        Ok(targets.map(|target| target.with_request_tags(&sent)))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: TagResourceRequest,
        _: Granted<()>,
    ) -> Result<Reply<Nothing>, Error> {
        let more = sent(&input.tags)?;
        change(cx, &input.resource_id, |tags| {
            tags.retain(|(key, _)| !more.iter().any(|(k, _)| k == key));
            tags.extend(more.clone());
            if tags.len() > MOST { Err(sentence::too_many_tags()) } else { Ok(()) }
        })
        .await
    }
}

impl Serve for op::UntagResource {
    type Seen = ();

    async fn targets(cx: &Cx<'_>, input: &UntagResourceRequest) -> Result<Targets, Error> {
        let targets = standing::targets(cx, "organizations:UntagResource", &[&input.resource_id]).await?;
        Ok(targets.map(|target| target.with_many("aws:TagKeys", input.tag_keys.clone())))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: UntagResourceRequest,
        _: Granted<()>,
    ) -> Result<Reply<Nothing>, Error> {
        change(cx, &input.resource_id, |tags| {
            tags.retain(|(key, _)| !input.tag_keys.contains(key));
            Ok(())
        })
        .await
    }
}

impl Serve for op::ListTagsForResource {
    type Seen = ();

    async fn targets(cx: &Cx<'_>, input: &ListTagsForResourceRequest) -> Result<Targets, Error> {
        standing::targets(cx, "organizations:ListTagsForResource", &[&input.resource_id]).await
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: ListTagsForResourceRequest,
        _: Granted<()>,
    ) -> Result<Reply<ListTagsForResourceResponse>, Error> {
        let place = standing::observing(cx).await?;
        let mut txn = cx.system.store.begin();
        let mut tagged = Tagged::read(&mut txn, &place, &input.resource_id).await?;
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
    async fn read(txn: &mut Txn<'_>, place: &Place, id: &str) -> Result<Self, Error> {
        let organization = standing::organization(txn, place).await?;
        let found = if id.starts_with("p-") {
            let found = records::read(txn, &key::control_policy(&organization.id, id)).await?;
            found.map(|(policy, _)| Self::Policy(policy))
        } else {
            Node::read(txn, &organization, id).await?.map(Self::Node)
        };
        found.ok_or_else(sentence::no_such_target)
    }

    fn tags(&mut self) -> &mut Tags {
        match self {
            Self::Node(node) => node.tags(),
            Self::Policy(policy) => &mut policy.tags,
        }
    }

    fn write(self, txn: &mut Txn<'_>, place: &Place) -> Result<(), Error> {
        match self {
            Self::Node(node) => node.write(txn),
            Self::Policy(policy) => {
                records::write(txn, key::control_policy(&place.organization.id, &policy.id), &policy)
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
) -> Result<Targets, Error> {
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
    id: &str,
    change: impl Fn(&mut Tags) -> Result<(), Error> + Send,
) -> Result<Reply<Nothing>, Error> {
    let place = standing::managing(cx).await?;
    let mut retry = Retry::default();
    loop {
        let mut txn = cx.system.store.begin();
        let mut tagged = Tagged::read(&mut txn, &place, id).await?;
        change(tagged.tags())?;
        tagged.write(&mut txn, &place)?;
        if retry.commit(txn).await? {
            return Ok(Nothing.into());
        }
    }
}

/// The most tags of a thing (Organizations User Guide, Quotas).
const MOST: usize = 50;
