//! `CreateInstanceProfile`, `GetInstanceProfile`, `ListInstanceProfiles` and `DeleteInstanceProfile`.

use crate::error::{Error, iam};
use crate::gate::{Cx, Granted, Reply, Serve};
use crate::id::{Prefix, unique_id};
use crate::ops::iam::instance_profiles::{listed, require, shown, targets};
use crate::ops::iam::path;
use crate::ops::iam::quota;
use crate::ops::iam::tags;
use crate::ops::paging::Paging;
use crate::records::{self, InstanceProfile, Sight, instance_profile, key};
use crate::target::{Target, Targets};
use rolecall_wire::iam::{
    self as wire, CreateInstanceProfileRequest, CreateInstanceProfileResponse, DeleteInstanceProfileRequest,
    GetInstanceProfileRequest, GetInstanceProfileResponse, ListInstanceProfilesRequest,
    ListInstanceProfilesResponse, op,
};
use rolecall_wire::operation::Nothing;

impl Serve for op::CreateInstanceProfile {
    type Seen = ();

    async fn targets(cx: &Cx<'_>, input: &CreateInstanceProfileRequest) -> Result<Targets<()>, Error> {
        let path = path::or_root(input.path.as_deref())?;
        let arn = instance_profile::arn(cx.account(), &path, &input.instance_profile_name);
        let sent = tags::sent(&input.tags)?;
        Ok(tags::creation(Target::new("iam:CreateInstanceProfile", arn), "iam:TagInstanceProfile", &sent))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: CreateInstanceProfileRequest,
        granted: Granted<()>,
    ) -> Result<Reply<CreateInstanceProfileResponse>, Error> {
        let profile = InstanceProfile {
            account: cx.account().clone(),
            path: path::or_root(input.path.as_deref())?,
            name: input.instance_profile_name,
            id: unique_id(Prefix::InstanceProfile)?,
            created: cx.now,
            tags: tags::sent(&input.tags)?,
            role: None,
        };
        quota::INSTANCE_PROFILES.check(cx.system, &key::instance_profiles(&profile.account)).await?;
        let key = key::instance_profile(&profile.account, &profile.name);
        let mut txn = granted.begin(cx);
        if txn.get(&key).await?.is_some() {
            return Err(iam::instance_profile_exists(&profile.name));
        }
        records::write(&mut txn, key, &profile)?;
        txn.commit().await?;
        let tags = tags::shown_if_any(&profile.tags);
        let instance_profile = wire::InstanceProfile { tags, ..listed(cx, &profile).await? };
        Ok(CreateInstanceProfileResponse { instance_profile }.into())
    }
}

impl Serve for op::GetInstanceProfile {
    type Seen = Sight<InstanceProfile>;

    async fn targets(
        cx: &Cx<'_>,
        input: &GetInstanceProfileRequest,
    ) -> Result<Targets<Sight<InstanceProfile>>, Error> {
        targets(cx, "iam:GetInstanceProfile", &input.instance_profile_name).await
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: GetInstanceProfileRequest,
        granted: Granted<Sight<InstanceProfile>>,
    ) -> Result<Reply<GetInstanceProfileResponse>, Error> {
        let profile = require(granted.seen(), &input.instance_profile_name)?;
        Ok(GetInstanceProfileResponse { instance_profile: shown(cx, profile).await? }.into())
    }
}

impl Serve for op::ListInstanceProfiles {
    type Seen = ();

    async fn targets(cx: &Cx<'_>, input: &ListInstanceProfilesRequest) -> Result<Targets, Error> {
        let path = input.path_prefix.as_deref().unwrap_or("/");
        let arn = format!("arn:aws:iam::{}:instance-profile{path}", cx.account());
        Ok(Targets::on("iam:ListInstanceProfiles", arn))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: ListInstanceProfilesRequest,
        _: Granted<()>,
    ) -> Result<Reply<ListInstanceProfilesResponse>, Error> {
        let paging = Paging::of(input.marker.as_deref(), input.max_items)?;
        let keep = |p: &InstanceProfile| path::has_prefix(&p.path, input.path_prefix.as_deref());
        let range = key::instance_profiles(cx.account());
        let page = paging.records(&cx.system.store, &range, keep).await?;
        let is_truncated = page.is_truncated();
        let mut instance_profiles = Vec::with_capacity(page.items.len());
        for profile in &page.items {
            instance_profiles.push(listed(cx, profile).await?);
        }
        Ok(ListInstanceProfilesResponse { instance_profiles, is_truncated, marker: page.marker }.into())
    }
}

impl Serve for op::DeleteInstanceProfile {
    type Seen = Sight<InstanceProfile>;

    async fn targets(
        cx: &Cx<'_>,
        input: &DeleteInstanceProfileRequest,
    ) -> Result<Targets<Sight<InstanceProfile>>, Error> {
        targets(cx, "iam:DeleteInstanceProfile", &input.instance_profile_name).await
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: DeleteInstanceProfileRequest,
        granted: Granted<Sight<InstanceProfile>>,
    ) -> Result<Reply<Nothing>, Error> {
        let profile = require(granted.seen(), &input.instance_profile_name)?;
        if profile.role.is_some() {
            return Err(iam::must_leave_instance_profiles());
        }
        let mut txn = granted.begin(cx);
        txn.delete(key::instance_profile(&profile.account, &profile.name));
        txn.commit().await?;
        Ok(Nothing.into())
    }
}
