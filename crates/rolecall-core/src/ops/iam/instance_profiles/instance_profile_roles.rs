//! The role of an instance profile: `AddRoleToInstanceProfile`, `RemoveRoleFromInstanceProfile` and
//! `ListInstanceProfilesForRole`.

use crate::error::{Error, iam};
use crate::gate::{Cx, Granted, Reply, Serve};
use crate::ops::iam::entity::{self, Entity};
use crate::ops::iam::instance_profiles::{listed, require, targets};
use crate::ops::paging::Paging;
use crate::records::{self, InstanceProfile, Record, Role, Sight, key};
use crate::target::Targets;
use rolecall_wire::iam::{
    AddRoleToInstanceProfileRequest, ListInstanceProfilesForRoleRequest, ListInstanceProfilesForRoleResponse,
    RemoveRoleFromInstanceProfileRequest, op,
};
use rolecall_wire::operation::Nothing;

impl Serve for op::AddRoleToInstanceProfile {
    type Seen = (Sight<InstanceProfile>, Sight<Role>);

    /// Whoever puts a role into a profile passes it to the machines that get the profile.
    async fn targets(
        cx: &Cx<'_>,
        input: &AddRoleToInstanceProfileRequest,
    ) -> Result<Targets<(Sight<InstanceProfile>, Sight<Role>)>, Error> {
        let profile = targets(cx, "iam:AddRoleToInstanceProfile", &input.instance_profile_name).await?;
        let passed = entity::targets::<Role>(cx, "iam:PassRole", &input.role_name).await?;
        Ok(profile.with(passed.map(|target| target.with("iam:PassedToService", "ec2.amazonaws.com"))))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: AddRoleToInstanceProfileRequest,
        granted: Granted<(Sight<InstanceProfile>, Sight<Role>)>,
    ) -> Result<Reply<Nothing>, Error> {
        let (profile, role) = granted.seen();
        let mut profile = InstanceProfile::clone(require(profile, &input.instance_profile_name)?);
        let role = entity::require(role, &input.role_name)?;
        role.check_modifiable()?;
        if profile.role.is_some() {
            return Err(iam::quota("InstanceSessionsPerInstanceProfile", 1));
        }
        profile.role = Some(role.name.clone());
        let mut txn = granted.begin(cx);
        txn.put(key::profile_of_role(&profile.account, &role.name, &profile.name), Vec::new());
        records::write(&mut txn, key::instance_profile(&profile.account, &profile.name), &profile)?;
        txn.commit().await?;
        Ok(Nothing.into())
    }
}

impl Serve for op::RemoveRoleFromInstanceProfile {
    type Seen = Sight<InstanceProfile>;

    async fn targets(
        cx: &Cx<'_>,
        input: &RemoveRoleFromInstanceProfileRequest,
    ) -> Result<Targets<Sight<InstanceProfile>>, Error> {
        targets(cx, "iam:RemoveRoleFromInstanceProfile", &input.instance_profile_name).await
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: RemoveRoleFromInstanceProfileRequest,
        granted: Granted<Sight<InstanceProfile>>,
    ) -> Result<Reply<Nothing>, Error> {
        let name = &input.instance_profile_name;
        let mut profile = InstanceProfile::clone(require(granted.seen(), name)?);
        let held = profile.role.take().filter(|role| *role == input.role_name);
        let role = held.ok_or_else(|| iam::role_not_in_profile(&input.role_name, name))?;
        let mut txn = granted.begin(cx);
        txn.delete(key::profile_of_role(&profile.account, &role, name));
        records::write(&mut txn, key::instance_profile(&profile.account, name), &profile)?;
        txn.commit().await?;
        Ok(Nothing.into())
    }
}

impl Serve for op::ListInstanceProfilesForRole {
    type Seen = Sight<Role>;

    async fn targets(
        cx: &Cx<'_>,
        input: &ListInstanceProfilesForRoleRequest,
    ) -> Result<Targets<Sight<Role>>, Error> {
        entity::targets(cx, "iam:ListInstanceProfilesForRole", &input.role_name).await
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: ListInstanceProfilesForRoleRequest,
        granted: Granted<Sight<Role>>,
    ) -> Result<Reply<ListInstanceProfilesForRoleResponse>, Error> {
        let paging = Paging::of(input.marker.as_deref(), input.max_items)?;
        let role = entity::require(granted.seen(), &input.role_name)?;
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
