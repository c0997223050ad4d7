//! `CreateGroup`, `GetGroup`, `ListGroups`, `ListGroupsForUser`, `DeleteGroup`.

mod membership;
mod update_group;

use crate::error::{Error, iam};
use crate::gate::{Cx, Granted, Reply, Serve};
use crate::id::{Prefix, unique_id};
use crate::ops::iam::entity::{self, Entity};
use crate::ops::iam::path::{self, has_prefix};
use crate::ops::iam::users::listed;
use crate::ops::paging::{Page, Paging};
use crate::records::{self, Group, Record, Sight, User, group, key};
use crate::target::Targets;
use rolecall_wire::iam::{self as wire, op};
use rolecall_wire::operation::Nothing;

impl Serve for op::CreateGroup {
    type Seen = ();

    async fn targets(cx: &Cx<'_>, input: &wire::CreateGroupRequest) -> Result<Targets, Error> {
        let path = path::or_root(input.path.as_deref())?;
        Ok(Targets::on("iam:CreateGroup", group::arn(cx.account(), &path, &input.group_name)))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: wire::CreateGroupRequest,
        granted: Granted<()>,
    ) -> Result<Reply<wire::CreateGroupResponse>, Error> {
        let group = new_group(cx, input)?;
        let account = cx.account();
        let mut txn = granted.begin(cx);
        entity::check_free::<Group>(&mut txn, account, &group.name).await?;
        if txn.scan(&key::groups(account), MOST).await?.len() >= MOST {
            return Err(iam::quota("GroupsPerAccount", MOST));
        }
        records::write(&mut txn, Group::key(account, &group.name), &group)?;
        txn.commit().await?;
        Ok(wire::CreateGroupResponse { group: shown(&group) }.into())
    }
}

impl Serve for op::GetGroup {
    type Seen = Sight<Group>;

    async fn targets(cx: &Cx<'_>, input: &wire::GetGroupRequest) -> Result<Targets<Sight<Group>>, Error> {
        entity::targets(cx, "iam:GetGroup", &input.group_name).await
    }

    /// The group and, by the page, its members.
    async fn run(
        cx: &mut Cx<'_>,
        input: wire::GetGroupRequest,
        granted: Granted<Sight<Group>>,
    ) -> Result<Reply<wire::GetGroupResponse>, Error> {
        let paging = Paging::of(input.marker.as_deref(), input.max_items)?;
        let group = entity::require(granted.seen(), &input.group_name)?;
        let (store, account) = (&cx.system.store, cx.account());
        let name = |key: &Vec<u8>, _: &_| Ok(Some(key::last_part(key).to_owned()));
        let page = paging.scan(store, &key::members(account, &group.name), name).await?;
        let is_truncated = page.is_truncated();
        let Page { items, marker } = page;
        let mut users = Vec::new();
        for name in &items {
            let found = store.cached(&key::user(account, name), User::decode).await?;
            users.extend(found.map(|(user, _)| listed(&user)));
        }
        Ok(wire::GetGroupResponse { group: shown(group), users, is_truncated, marker }.into())
    }
}

impl Serve for op::ListGroups {
    type Seen = ();

    async fn targets(cx: &Cx<'_>, input: &wire::ListGroupsRequest) -> Result<Targets, Error> {
        let prefix = input.path_prefix.as_deref().unwrap_or(path::ROOT);
        Ok(Targets::on("iam:ListGroups", group::arn(cx.account(), prefix, "")))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: wire::ListGroupsRequest,
        _: Granted<()>,
    ) -> Result<Reply<wire::ListGroupsResponse>, Error> {
        let paging = Paging::of(input.marker.as_deref(), input.max_items)?;
        let keep = |group: &Group| has_prefix(&group.path, input.path_prefix.as_deref());
        let page = paging.records(&cx.system.store, &key::groups(cx.account()), keep).await?;
        let is_truncated = page.is_truncated();
        let Page { items: groups, marker } = page.map(|group| shown(&group));
        Ok(wire::ListGroupsResponse { groups, is_truncated, marker }.into())
    }
}

impl Serve for op::ListGroupsForUser {
    type Seen = Sight<User>;

    async fn targets(
        cx: &Cx<'_>,
        input: &wire::ListGroupsForUserRequest,
    ) -> Result<Targets<Sight<User>>, Error> {
        entity::targets(cx, "iam:ListGroupsForUser", &input.user_name).await
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: wire::ListGroupsForUserRequest,
        granted: Granted<Sight<User>>,
    ) -> Result<Reply<wire::ListGroupsForUserResponse>, Error> {
        let paging = Paging::of(input.marker.as_deref(), input.max_items)?;
        let user = entity::require(granted.seen(), &input.user_name)?;
        let page = paging.list(user.groups.iter().cloned(), String::clone);
        let is_truncated = page.is_truncated();
        let Page { items, marker } = page;
        let mut groups = Vec::new();
        for name in &items {
            groups.extend(entity::find::<Group>(cx, name).await?.as_deref().map(shown));
        }
        Ok(wire::ListGroupsForUserResponse { groups, is_truncated, marker }.into())
    }
}

impl Serve for op::DeleteGroup {
    type Seen = Sight<Group>;

    async fn targets(cx: &Cx<'_>, input: &wire::DeleteGroupRequest) -> Result<Targets<Sight<Group>>, Error> {
        entity::targets(cx, "iam:DeleteGroup", &input.group_name).await
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: wire::DeleteGroupRequest,
        granted: Granted<Sight<Group>>,
    ) -> Result<Reply<Nothing>, Error> {
        let group = entity::require(granted.seen(), &input.group_name)?;
        let mut txn = granted.begin(cx);
        if !txn.scan(&key::members(&group.account, &group.name), 1).await?.is_empty() {
            return Err(iam::must_leave_groups());
        }
        entity::check_bare(group.as_ref())?;
        txn.delete(Group::key(&group.account, &group.name));
        txn.commit().await?;
        Ok(Nothing.into())
    }
}

fn new_group(cx: &Cx<'_>, input: wire::CreateGroupRequest) -> Result<Group, Error> {
    Ok(Group {
        account: cx.account().clone(),
        path: path::or_root(input.path.as_deref())?,
        name: input.group_name,
        id: unique_id(Prefix::Group)?,
        created: cx.now,
        attached: Vec::new(),
        inline: Vec::new(),
    })
}

fn shown(group: &Group) -> wire::Group {
    wire::Group {
        path: group.path.clone(),
        group_name: group.name.clone(),
        group_id: group.id.clone(),
        arn: group.arn(),
        create_date: group.created,
    }
}

/// The most groups of an account (IAM User Guide, IAM quotas).
pub(in crate::ops::iam) const MOST: usize = 300;
