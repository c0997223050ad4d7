//! The role of an instance profile: `AddRoleToInstanceProfile`, `RemoveRoleFromInstanceProfile` and
//! `ListInstanceProfilesForRole`.

use super::entity::{self, Entity};
use super::instance_profiles::{listed, read, target};
use super::paging::Paging;
use crate::error::{Error, iam};
use crate::gate::{Cx, Granted, Reply, Serve};
use crate::records::{self, InstanceProfile, Record, Role, key};
use crate::target::Targets;
use rolecall_store::Retry;
use rolecall_wire::iam::{
    AddRoleToInstanceProfileRequest, ListInstanceProfilesForRoleRequest, ListInstanceProfilesForRoleResponse,
    RemoveRoleFromInstanceProfileRequest, op,
};
use rolecall_wire::operation::Nothing;

impl Serve for op::AddRoleToInstanceProfile {
    type Seen = ();

    /// Whoever puts a role into a profile passes it to the machines that get the profile.
    async fn targets(cx: &Cx<'_>, input: &AddRoleToInstanceProfileRequest) -> Result<Targets, Error> {
        let profile = target(cx, "iam:AddRoleToInstanceProfile", &input.instance_profile_name).await?;
        let passed = entity::target::<Role>(cx, "iam:PassRole", &input.role_name).await?;
        Ok(Targets::one(profile).and(passed.with("iam:PassedToService", "ec2.amazonaws.com")))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: AddRoleToInstanceProfileRequest,
        _: Granted<()>,
    ) -> Result<Reply<Nothing>, Error> {
        let (account, name) = (cx.account(), &input.instance_profile_name);
        let mut retry = Retry::default();
        loop {
            let mut txn = cx.system.store.begin();
            let mut profile = read(&mut txn, account, name).await?;
            let role: Role = entity::read(&mut txn, account, &input.role_name).await?;
            role.check_modifiable()?;
            if profile.role.is_some() {
                return Err(iam::quota("InstanceSessionsPerInstanceProfile", 1));
            }
            txn.put(key::profile_of_role(account, &role.name, name), Vec::new());
            profile.role = Some(role.name);
            records::write(&mut txn, key::instance_profile(account, name), &profile)?;
            if retry.commit(txn).await? {
                return Ok(Nothing.into());
            }
        }
    }
}

impl Serve for op::RemoveRoleFromInstanceProfile {
    type Seen = ();

    async fn targets(cx: &Cx<'_>, input: &RemoveRoleFromInstanceProfileRequest) -> Result<Targets, Error> {
        let action = "iam:RemoveRoleFromInstanceProfile";
        Ok(Targets::one(target(cx, action, &input.instance_profile_name).await?))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: RemoveRoleFromInstanceProfileRequest,
        _: Granted<()>,
    ) -> Result<Reply<Nothing>, Error> {
        let (account, name) = (cx.account(), &input.instance_profile_name);
        let mut retry = Retry::default();
        loop {
            let mut txn = cx.system.store.begin();
            let mut profile = read(&mut txn, account, name).await?;
            if profile.role.as_ref() != Some(&input.role_name) {
                return Err(iam::role_not_in_profile(&input.role_name, name));
            }
            profile.role = None;
            txn.delete(key::profile_of_role(account, &input.role_name, name));
            records::write(&mut txn, key::instance_profile(account, name), &profile)?;
            if retry.commit(txn).await? {
                return Ok(Nothing.into());
            }
        }
    }
}

impl Serve for op::ListInstanceProfilesForRole {
    type Seen = ();

    async fn targets(cx: &Cx<'_>, input: &ListInstanceProfilesForRoleRequest) -> Result<Targets, Error> {
        let action = "iam:ListInstanceProfilesForRole";
        Ok(Targets::one(entity::target::<Role>(cx, action, &input.role_name).await?))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: ListInstanceProfilesForRoleRequest,
        _: Granted<()>,
    ) -> Result<Reply<ListInstanceProfilesForRoleResponse>, Error> {
        let paging = Paging::of(input.marker.as_deref(), input.max_items)?;
        let role = entity::load::<Role>(cx, &input.role_name).await?;
        let range = key::profiles_of_role(cx.account(), &role.name);
        let name = |key: &rolecall_store::Key, _: &_| Ok(Some(key::last_part(key).to_owned()));
        let page = paging.scan(&cx.system.store, &range, name).await?;
        let is_truncated = page.is_truncated();
        let mut instance_profiles = Vec::with_capacity(page.items.len());
        for name in &page.items {
            let key = key::instance_profile(cx.account(), name);
            let found = cx.system.store.cached(&key, InstanceProfile::decode).await?;
            if let Some((profile, _)) = found {
                instance_profiles.push(listed(cx, &profile).await?);
            }
        }
        Ok(ListInstanceProfilesForRoleResponse { instance_profiles, is_truncated, marker: page.marker }
            .into())
    }
}
