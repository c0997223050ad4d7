//! `GetAccountAuthorizationDetails`: users, groups, roles and managed policies of an account with
//! everything that is on them, by the page.

use crate::error::Error;
use crate::gate::{Cx, Granted, Reply, Serve};
use crate::ops::iam::encoded::encoded;
use crate::ops::iam::entity::{Entity, Facts};
use crate::ops::iam::instance_profiles;
use crate::ops::iam::policies::policy_versions;
use crate::ops::iam::policies::{self, Counts, Managed};
use crate::ops::iam::roles;
use crate::ops::iam::tags;
use crate::ops::iam::users;
use crate::ops::paging::Paging;
use crate::principals;
use crate::records::key::{self, Usage};
use crate::records::{Group, InstanceProfile, ManagedPolicy, Record, Role, User};
use crate::target::Targets;
use rolecall_store::Range;
use rolecall_wire::iam::{
    AttachedPolicy, GetAccountAuthorizationDetailsRequest, GetAccountAuthorizationDetailsResponse,
    GroupDetail, ManagedPolicyDetail, PolicyDetail, RoleDetail, UserDetail, op,
};
use std::collections::BTreeSet;
use std::sync::Arc;

/// One of what is listed.
enum Item {
    User(User),
    Group(Group),
    Role(Role),
    Policy(Managed),
}

impl Serve for op::GetAccountAuthorizationDetails {
    type Seen = ();

    async fn targets(_cx: &Cx<'_>, _input: &GetAccountAuthorizationDetailsRequest) -> Result<Targets, Error> {
        Ok(Targets::on("iam:GetAccountAuthorizationDetails", "*"))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: GetAccountAuthorizationDetailsRequest,
        _: Granted<()>,
    ) -> Result<Reply<GetAccountAuthorizationDetailsResponse>, Error> {
        let paging = Paging::of(input.marker.as_deref(), input.max_items)?;
        let page = paging.list(items(cx, &input.filter).await?, Item::place);
        let counts = Counts::all(cx.system, cx.account()).await?;
        let mut response = GetAccountAuthorizationDetailsResponse {
            is_truncated: page.is_truncated(),
            marker: page.marker,
            ..Default::default()
        };
        for item in page.items {
            match item {
                Item::User(user) => response.user_detail_list.push(user_detail(&user)),
                Item::Group(group) => response.group_detail_list.push(group_detail(&group)),
                Item::Role(role) => response.role_detail_list.push(role_detail(cx, &role).await?),
                Item::Policy(policy) => response.policies.push(policy_detail(&policy, &counts)),
            }
        }
        Ok(response.into())
    }
}

impl Item {
    /// Where it stands in the list: by kind, then by name.
    fn place(&self) -> String {
        match self {
            Self::User(user) => format!("1{}", user.name.to_lowercase()),
            Self::Group(group) => format!("2{}", group.name.to_lowercase()),
            Self::Role(role) => format!("3{}", role.name.to_lowercase()),
            Self::Policy(policy) => format!("4{}", policy.arn()),
        }
    }
}

async fn items(cx: &Cx<'_>, filter: &[String]) -> Result<Vec<Item>, Error> {
    let wants = |kind: &str| filter.is_empty() || filter.iter().any(|wanted| wanted == kind);
    let account = cx.account();
    let mut items = Vec::new();
    if wants("User") {
        items.extend(all(cx, &key::users(account)).await?.into_iter().map(Item::User));
    }
    if wants("Group") {
        items.extend(all(cx, &key::groups(account)).await?.into_iter().map(Item::Group));
    }
    if wants("Role") {
        items.extend(all(cx, &key::roles(account)).await?.into_iter().map(Item::Role));
    }
    if wants("LocalManagedPolicy") {
        let own = all::<ManagedPolicy>(cx, &key::policies(account)).await?;
        items.extend(own.into_iter().map(|policy| Item::Policy(Managed::Own(Arc::new(policy)))));
    }
    if wants("AWSManagedPolicy") {
        items.extend(used_of_aws(cx).await?.into_iter().map(Item::Policy));
    }
    Ok(items)
}

async fn all<R: Record>(cx: &Cx<'_>, range: &Range) -> Result<Vec<R>, Error> {
    let stored = cx.system.store.scan(range, usize::MAX).await?;
    stored.iter().map(|(_, stored)| Ok(R::decode(stored)?)).collect()
}

/// AWS's policies that something of the account uses.
async fn used_of_aws(cx: &Cx<'_>) -> Result<Vec<Managed>, Error> {
    let mut arns = BTreeSet::new();
    for usage in [Usage::Attached, Usage::Boundary] {
        let uses = cx.system.store.scan(&key::all_usages(usage, cx.account()), usize::MAX).await?;
        arns.extend(uses.iter().map(|(key, _)| key::used_policy(key).to_owned()));
    }
    let mut found = Vec::new();
    for arn in arns {
        let policy = policies::find(cx.system, cx.account(), &arn).await?;
        found.extend(policy.filter(|policy| matches!(policy, Managed::Aws(_))));
    }
    Ok(found)
}

fn user_detail(user: &User) -> UserDetail {
    let facts = user.facts();
    UserDetail {
        path: Some(user.path.clone()),
        user_name: Some(user.name.clone()),
        user_id: Some(user.id.clone()),
        arn: Some(user.arn()),
        create_date: Some(user.created),
        user_policy_list: inline(&facts),
        group_list: user.groups.clone(),
        attached_managed_policies: attached(&facts),
        permissions_boundary: user.boundary.as_deref().map(users::boundary),
        tags: tags::shown(&user.tags),
    }
}

fn group_detail(group: &Group) -> GroupDetail {
    let facts = group.facts();
    GroupDetail {
        path: Some(group.path.clone()),
        group_name: Some(group.name.clone()),
        group_id: Some(group.id.clone()),
        arn: Some(group.arn()),
        create_date: Some(group.created),
        group_policy_list: inline(&facts),
        attached_managed_policies: attached(&facts),
    }
}

async fn role_detail(cx: &Cx<'_>, role: &Role) -> Result<RoleDetail, Error> {
    let facts = role.facts();
    let mut profiles = Vec::new();
    for (at, _) in cx.system.store.scan(&key::profiles_of_role(&role.account, &role.name), usize::MAX).await?
    {
        let key = key::instance_profile(&role.account, key::last_part(&at));
        if let Some((profile, _)) = cx.system.store.cached(&key, InstanceProfile::decode).await? {
            profiles.push(instance_profiles::listed(cx, &profile).await?);
        }
    }
    Ok(RoleDetail {
        path: Some(role.path.clone()),
        role_name: Some(role.name.clone()),
        role_id: Some(role.id.clone()),
        arn: Some(role.arn()),
        create_date: Some(role.created),
        assume_role_policy_document: Some(encoded(&principals::shown(cx.system, &role.trust).await?)),
        instance_profile_list: profiles,
        role_policy_list: inline(&facts),
        attached_managed_policies: attached(&facts),
        permissions_boundary: role.boundary.as_deref().map(users::boundary),
        tags: tags::shown(&role.tags),
        role_last_used: Some(roles::last_used(cx.system, role).await?),
    })
}

fn policy_detail(policy: &Managed, counts: &Counts) -> ManagedPolicyDetail {
    let shown = policy.shown(counts);
    ManagedPolicyDetail {
        policy_name: shown.policy_name,
        policy_id: shown.policy_id,
        arn: shown.arn,
        path: shown.path,
        default_version_id: shown.default_version_id,
        attachment_count: shown.attachment_count,
        permissions_boundary_usage_count: shown.permissions_boundary_usage_count,
        is_attachable: shown.is_attachable,
        description: shown.description,
        create_date: shown.create_date,
        update_date: shown.update_date,
        policy_version_list: policy_versions::all(policy),
    }
}

fn inline(facts: &Facts<'_>) -> Vec<PolicyDetail> {
    let detail = |name: &String, text: &str| PolicyDetail {
        policy_name: Some(name.clone()),
        policy_document: Some(encoded(text)),
    };
    facts.inline.iter().map(|(name, document)| detail(name, &document.text)).collect()
}

fn attached(facts: &Facts<'_>) -> Vec<AttachedPolicy> {
    let named = |arn: &String| AttachedPolicy {
        policy_name: arn.rsplit('/').next().map(str::to_owned),
        policy_arn: Some(arn.clone()),
    };
    facts.attached.iter().map(named).collect()
}

#[cfg(test)]
mod tests {
    use crate::testing::{ALLOW_ALL, World};
    use rolecall_wire::Service;

    #[tokio::test]
    async fn everything_of_an_account_is_told_by_the_page() {
        let world = World::new().await;
        world.user("u", Some(ALLOW_ALL)).await;
        world.iam("CreateGroup", &[("GroupName", "g")]).await;
        let admin = ("PolicyArn", "arn:aws:iam::aws:policy/AdministratorAccess");
        world.iam("AttachGroupPolicy", &[("GroupName", "g"), admin]).await;
        world.iam("CreatePolicy", &[("PolicyName", "p"), ("PolicyDocument", ALLOW_ALL)]).await;
        let trust = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"123456789012"},"Action":"sts:AssumeRole"}]}"#;
        world.iam("CreateRole", &[("RoleName", "r"), ("AssumeRolePolicyDocument", trust)]).await;
        let all = world.iam("GetAccountAuthorizationDetails", &[]).await;
        for text in [
            "<UserName>u<",
            "<GroupName>g<",
            "<RoleName>r<",
            "<PolicyName>p<",
            "<Arn>arn:aws:iam::aws:policy/AdministratorAccess<",
        ] {
            assert!(all.body.contains(text), "{text}: {}", all.body);
        }
        assert!(all.body.contains(&super::encoded(ALLOW_ALL)), "documents are there, encoded");
        let only = world.iam("GetAccountAuthorizationDetails", &[("Filter.member.1", "Role")]).await;
        assert!(only.body.contains("<RoleName>r<") && !only.body.contains("<UserName>u<"));
        let (mut seen, mut marker) = (0, None::<String>);
        loop {
            let mut params = vec![("MaxItems", "1")];
            params.extend(marker.as_deref().map(|marker| ("Marker", marker)));
            let page =
                world.ask(&world.root, Service::Iam, "GetAccountAuthorizationDetails", &params).await.ok();
            seen += 1;
            marker = page.tag("Marker").map(str::to_owned);
            if marker.is_none() {
                break;
            }
        }
        assert_eq!(seen, 5);
    }
}
