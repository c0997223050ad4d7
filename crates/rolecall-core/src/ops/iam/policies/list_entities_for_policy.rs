//! `ListEntitiesForPolicy`: who has a policy attached or as permissions boundary.

use crate::error::{Error, iam};
use crate::gate::{Cx, Granted, Reply, Serve};
use crate::ops::iam::entity::Entity;
use crate::ops::iam::path;
use crate::ops::iam::policies::{self, SeenPolicy};
use crate::ops::paging::{Page, Paging};
use crate::records::key::{self, Usage};
use crate::records::{Group, Role, User};
use crate::target::Targets;
use rolecall_wire::iam::{
    ListEntitiesForPolicyRequest, ListEntitiesForPolicyResponse, PolicyGroup, PolicyRole, PolicyUser, op,
};
use std::collections::BTreeSet;
use std::sync::Arc;

/// An entity that uses the policy.
enum Holder {
    Group(Arc<Group>),
    Role(Arc<Role>),
    User(Arc<User>),
}

impl Serve for op::ListEntitiesForPolicy {
    type Seen = SeenPolicy;

    async fn targets(
        cx: &Cx<'_>,
        input: &ListEntitiesForPolicyRequest,
    ) -> Result<Targets<SeenPolicy>, Error> {
        policies::targets(cx, "iam:ListEntitiesForPolicy", &input.policy_arn).await
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: ListEntitiesForPolicyRequest,
        granted: Granted<SeenPolicy>,
    ) -> Result<Reply<ListEntitiesForPolicyResponse>, Error> {
        let paging = Paging::of(input.marker.as_deref(), input.max_items)?;
        granted.seen().managed().ok_or_else(|| iam::not_attachable(&input.policy_arn))?;
        let mut holders = Vec::new();
        for (kind, name) in marked(cx, &input).await? {
            holders.extend(holder(cx, &kind, &name).await?);
        }
        holders.retain(|holder| path::has_prefix(holder.path(), input.path_prefix.as_deref()));
        Ok(answer(paging.list(holders, Holder::place)).into())
    }
}

/// Kinds and names of those asked for, each once.
async fn marked(
    cx: &Cx<'_>,
    input: &ListEntitiesForPolicyRequest,
) -> Result<BTreeSet<(String, String)>, Error> {
    let usages: &[Usage] = match input.policy_usage_filter.as_deref() {
        Some("PermissionsPolicy") => &[Usage::Attached],
        Some("PermissionsBoundary") => &[Usage::Boundary],
        _ => &[Usage::Attached, Usage::Boundary],
    };
    let mut marked = BTreeSet::new();
    for usage in usages {
        let range = key::usages(*usage, cx.account(), &input.policy_arn);
        for (key, _) in cx.system.store.scan(&range, usize::MAX).await? {
            let (kind, name) = key::user_of_policy(&key);
            marked.insert((kind.to_owned(), name.to_owned()));
        }
    }
    marked.retain(|(kind, _)| asks_for(input.entity_filter.as_deref(), kind));
    Ok(marked)
}

/// A filter for policies instead of entities shows no entity.
fn asks_for(filter: Option<&str>, kind: &str) -> bool {
    filter.is_none_or(|filter| filter.to_lowercase() == kind)
}

async fn holder(cx: &Cx<'_>, kind: &str, name: &str) -> Result<Option<Holder>, Error> {
    Ok(match kind {
        "group" => stored(cx, name).await?.map(Holder::Group),
        "role" => stored(cx, name).await?.map(Holder::Role),
        _ => stored(cx, name).await?.map(Holder::User),
    })
}

/// The entity of a name in any case, as marks have it.
async fn stored<E: Entity>(cx: &Cx<'_>, name: &str) -> Result<Option<Arc<E>>, Error> {
    let found = cx.system.store.cached(&E::key(cx.account(), name), E::decode).await?;
    Ok(found.map(|(entity, _)| entity))
}

fn answer(page: Page<Holder>) -> ListEntitiesForPolicyResponse {
    let is_truncated = page.is_truncated();
    let mut answer =
        ListEntitiesForPolicyResponse { is_truncated, marker: page.marker, ..Default::default() };
    for holder in page.items {
        match holder {
            Holder::Group(group) => answer
                .policy_groups
                .push(PolicyGroup { group_name: Some(group.name.clone()), group_id: Some(group.id.clone()) }),
            Holder::Role(role) => answer
                .policy_roles
                .push(PolicyRole { role_name: Some(role.name.clone()), role_id: Some(role.id.clone()) }),
            Holder::User(user) => answer
                .policy_users
                .push(PolicyUser { user_name: Some(user.name.clone()), user_id: Some(user.id.clone()) }),
        }
    }
    answer
}

impl Holder {
    fn path(&self) -> &str {
        match self {
            Self::Group(group) => &group.path,
            Self::Role(role) => &role.path,
            Self::User(user) => &user.path,
        }
    }

    fn place(&self) -> String {
        match self {
            Self::Group(group) => group.arn(),
            Self::Role(role) => role.arn(),
            Self::User(user) => user.arn(),
        }
    }
}
