//! `CreateAccountAlias`, `ListAccountAliases`, `DeleteAccountAlias`, `GetAccountSummary`.

mod authorization_details;
mod organizations_features;
mod outbound_federation;
mod token_preferences;

use crate::error::{Error, iam};
use crate::gate::{Cx, Granted, Reply, Serve};
use crate::id::AccountId;
use crate::ops::iam::account::token_preferences::global_endpoint_token_version;
use crate::ops::iam::users;
use crate::ops::iam::users::belongings;
use crate::ops::paging::{Page, Paging};
use crate::records::{self, Account, ManagedPolicy, Record, key};
use crate::target::Targets;
use rolecall_store::{Range, Txn};
use rolecall_wire::iam::{
    CreateAccountAliasRequest, DeleteAccountAliasRequest, GetAccountSummaryResponse,
    ListAccountAliasesRequest, ListAccountAliasesResponse, op,
};
use rolecall_wire::operation::Nothing;

impl Serve for op::CreateAccountAlias {
    type Seen = ();

    async fn targets(_cx: &Cx<'_>, input: &CreateAccountAliasRequest) -> Result<Targets<()>, Error> {
        if input.account_alias.parse::<AccountId>().is_ok() {
            return Err(iam::alias_is_account_id());
        }
        Ok(Targets::on("iam:CreateAccountAlias", "*"))
    }

    /// An account has one alias; another takes its place.
    async fn run(
        cx: &mut Cx<'_>,
        input: CreateAccountAliasRequest,
        granted: Granted<()>,
    ) -> Result<Reply<Nothing>, Error> {
        let wanted = input.account_alias;
        let mut txn = granted.begin(cx);
        let mut account = read(&mut txn, cx.account()).await?;
        if account.alias.as_ref() != Some(&wanted) && txn.get(&key::alias(&wanted)).await?.is_some() {
            return Err(iam::alias_exists(&wanted));
        }
        if let Some(old) = account.alias.replace(wanted.clone()) {
            txn.delete(key::alias(&old));
        }
        txn.put(key::alias(&wanted), account.id.as_str().to_owned());
        records::write(&mut txn, key::account(&account.id), &account)?;
        txn.commit().await?;
        Ok(Nothing.into())
    }
}

impl Serve for op::ListAccountAliases {
    type Seen = ();

    async fn targets(_cx: &Cx<'_>, _input: &ListAccountAliasesRequest) -> Result<Targets, Error> {
        Ok(Targets::on("iam:ListAccountAliases", "*"))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: ListAccountAliasesRequest,
        _: Granted<()>,
    ) -> Result<Reply<ListAccountAliasesResponse>, Error> {
        let paging = Paging::of(input.marker.as_deref(), input.max_items)?;
        let account = users::account(cx).await?;
        let page = paging.list(account.alias.clone(), String::clone);
        let is_truncated = page.is_truncated();
        let Page { items: account_aliases, marker } = page;
        Ok(ListAccountAliasesResponse { account_aliases, is_truncated, marker }.into())
    }
}

impl Serve for op::DeleteAccountAlias {
    type Seen = ();

    async fn targets(_cx: &Cx<'_>, _input: &DeleteAccountAliasRequest) -> Result<Targets<()>, Error> {
        Ok(Targets::on("iam:DeleteAccountAlias", "*"))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: DeleteAccountAliasRequest,
        granted: Granted<()>,
    ) -> Result<Reply<Nothing>, Error> {
        let mut txn = granted.begin(cx);
        let mut account = read(&mut txn, cx.account()).await?;
        if account.alias.take().as_ref() != Some(&input.account_alias) {
            return Err(iam::no_such_alias(&input.account_alias));
        }
        txn.delete(key::alias(&input.account_alias));
        records::write(&mut txn, key::account(&account.id), &account)?;
        txn.commit().await?;
        Ok(Nothing.into())
    }
}

impl Serve for op::GetAccountSummary {
    type Seen = ();

    async fn targets(_cx: &Cx<'_>, _input: &Nothing) -> Result<Targets, Error> {
        Ok(Targets::on("iam:GetAccountSummary", "*"))
    }

    async fn run(
        cx: &mut Cx<'_>,
        _input: Nothing,
        _: Granted<()>,
    ) -> Result<Reply<GetAccountSummaryResponse>, Error> {
        let account = users::account(cx).await?;
        let mut told = vec![
            ("Users", count(cx, &key::users(&account.id)).await?),
            ("Groups", count(cx, &key::groups(&account.id)).await?),
            ("Roles", count(cx, &key::roles(&account.id)).await?),
            ("Policies", count(cx, &key::policies(&account.id)).await?),
            ("InstanceProfiles", count(cx, &key::instance_profiles(&account.id)).await?),
            ("PolicyVersionsInUse", versions(cx, &account.id).await?),
            ("Providers", providers(cx, &account.id).await?),
            ("GlobalEndpointTokenVersion", global_endpoint_token_version(cx).await?),
        ];
        told.extend(belongings::counted(cx, &account).await?);
        let told = |name| told.iter().find(|(told, _)| *told == name).map(|(_, value)| *value);
        let shown = SUMMARY.iter().map(|(name, usual)| ((*name).to_owned(), told(*name).unwrap_or(*usual)));
        let summary_map = shown.collect();
        Ok(GetAccountSummaryResponse { summary_map }.into())
    }
}

async fn read(txn: &mut Txn<'_>, id: &AccountId) -> Result<Account, Error> {
    let found = records::read(txn, &key::account(id)).await?;
    found.map(|(account, _)| account).ok_or_else(|| Error::internal("the account's record is missing"))
}

/// How many keys of a range are there.
///
/// # Errors
/// When the store fails.
pub(in crate::ops::iam) async fn count(cx: &Cx<'_>, range: &Range) -> Result<i64, Error> {
    let found = cx.system.store.scan(range, usize::MAX).await?;
    Ok(i64::try_from(found.len()).unwrap_or(i64::MAX))
}

/// Identity providers of either kind.
async fn providers(cx: &Cx<'_>, account: &AccountId) -> Result<i64, Error> {
    Ok(count(cx, &key::oidc_providers(account)).await? + count(cx, &key::saml_providers(account)).await?)
}

/// Every version of the account's own policies.
async fn versions(cx: &Cx<'_>, account: &AccountId) -> Result<i64, Error> {
    let mut versions = 0;
    for (_, stored) in cx.system.store.scan(&key::policies(account), usize::MAX).await? {
        versions += ManagedPolicy::decode(&stored)?.versions.len();
    }
    Ok(i64::try_from(versions).unwrap_or(i64::MAX))
}

/// What is shown, in this order: counts, which are zero unless something is counted, and quotas.
const SUMMARY: [(&str, i64); 34] = [
    ("Users", 0),
    ("Groups", 0),
    ("Roles", 0),
    ("Policies", 0),
    ("InstanceProfiles", 0),
    ("PolicyVersionsInUse", 0),
    ("Providers", 0),
    ("MFADevices", 0),
    ("MFADevicesInUse", 0),
    ("AccountMFAEnabled", 0),
    ("GlobalEndpointTokenVersion", 0),
    ("AccountAccessKeysPresent", 0),
    ("AccessKeysPerUserQuota", 2),
    ("AccountPasswordPresent", 0),
    ("AccountSigningCertificatesPresent", 0),
    ("AssumeRolePolicySizeQuota", 2048),
    ("AttachedPoliciesPerGroupQuota", 10),
    ("AttachedPoliciesPerRoleQuota", 10),
    ("AttachedPoliciesPerUserQuota", 10),
    ("GroupPolicySizeQuota", 5120),
    ("GroupsPerUserQuota", 10),
    ("GroupsQuota", 300),
    ("InstanceProfilesQuota", 1000),
    ("PoliciesQuota", 1500),
    ("PolicySizeQuota", 6144),
    ("PolicyVersionsInUseQuota", 10_000),
    ("RolePolicySizeQuota", 10_240),
    ("RolesQuota", 1000),
    ("ServerCertificates", 0),
    ("ServerCertificatesQuota", 20),
    ("SigningCertificatesPerUserQuota", 2),
    ("UserPolicySizeQuota", 2048),
    ("UsersQuota", 5000),
    ("VersionsPerPolicyQuota", 5),
];

#[cfg(test)]
mod tests {
    use crate::testing::World;

    #[tokio::test]
    async fn the_summary_counts_what_belongs_to_users_and_root() {
        let world = World::new().await;
        world.user("alice", None).await;
        world.device("alice", "phone").await;
        world.new_device("spare").await;
        world.device("123456789012", "root").await;
        let summary = world.iam("GetAccountSummary", &[]).await.body;
        let texts = |tag: &str| -> Vec<String> {
            let open = format!("<{tag}>");
            let pieces = summary.split(&open).skip(1);
            pieces.map(|rest| rest.split('<').next().unwrap().to_owned()).collect()
        };
        let (names, values) = (texts("key"), texts("value"));
        let shown: Vec<_> = names.iter().zip(&values).map(|(k, v)| (k.as_str(), v.as_str())).collect();
        assert_eq!(shown.len(), 34);
        assert_eq!(
            shown[..14],
            [
                ("Users", "1"),
                ("Groups", "0"),
                ("Roles", "0"),
                ("Policies", "0"),
                ("InstanceProfiles", "0"),
                ("PolicyVersionsInUse", "0"),
                ("Providers", "0"),
                ("MFADevices", "3"),
                ("MFADevicesInUse", "2"),
                ("AccountMFAEnabled", "1"),
                ("GlobalEndpointTokenVersion", "1"),
                ("AccountAccessKeysPresent", "1"),
                ("AccessKeysPerUserQuota", "2"),
                ("AccountPasswordPresent", "0"),
            ]
        );
        assert_eq!(shown[33], ("VersionsPerPolicyQuota", "5"));
    }
}
