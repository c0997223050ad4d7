//! The versions of managed policies: `CreatePolicyVersion`, `GetPolicyVersion`, `ListPolicyVersions`,
//! `SetDefaultPolicyVersion` and `DeletePolicyVersion`.

use crate::error::{Error, iam};
use crate::gate::{Cx, Granted, Reply, Serve};
use crate::managed::AwsPolicy;
use crate::ops::iam::encoded::encoded;
use crate::ops::iam::policies::{self, Managed, SeenPolicy, change, refuse_aws};
use crate::ops::paging::Paging;
use crate::records::{Document, ManagedPolicy, PolicyVersion as Version};
use crate::target::Targets;
use rolecall_policy::{Kind, Policy};
use rolecall_wire::iam::{
    CreatePolicyVersionRequest, CreatePolicyVersionResponse, DeletePolicyVersionRequest,
    GetPolicyVersionRequest, GetPolicyVersionResponse, ListPolicyVersionsRequest, ListPolicyVersionsResponse,
    PolicyVersion, SetDefaultPolicyVersionRequest, op,
};
use rolecall_wire::operation::Nothing;

impl Serve for op::CreatePolicyVersion {
    type Seen = SeenPolicy;

    async fn targets(cx: &Cx<'_>, input: &CreatePolicyVersionRequest) -> Result<Targets<SeenPolicy>, Error> {
        policies::targets(cx, "iam:CreatePolicyVersion", &input.policy_arn).await
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: CreatePolicyVersionRequest,
        granted: Granted<SeenPolicy>,
    ) -> Result<Reply<CreatePolicyVersionResponse>, Error> {
        refuse_aws(&input.policy_arn, iam::foreign_policy_update)?;
        check_document(&input.policy_document)?;
        let now = cx.now;
        let number = change(cx, &granted, &input.policy_arn, |policy| {
            if policy.versions.len() >= MOST_VERSIONS {
                return Err(iam::too_many_versions());
            }
            let number = policy.next_version;
            let document = Document::new(input.policy_document.as_str());
            policy.versions.push(Version { number, created: now, document });
            policy.next_version += 1;
            policy.updated = now;
            if input.set_as_default == Some(true) {
                policy.default_version = number;
            }
            Ok(number)
        });
        let made = PolicyVersion {
            version_id: Some(version_id(number.await?)),
            is_default_version: Some(input.set_as_default == Some(true)),
            create_date: Some(now),
            document: None,
        };
        Ok(CreatePolicyVersionResponse { policy_version: Some(made) }.into())
    }
}

impl Serve for op::GetPolicyVersion {
    type Seen = SeenPolicy;

    async fn targets(cx: &Cx<'_>, input: &GetPolicyVersionRequest) -> Result<Targets<SeenPolicy>, Error> {
        policies::targets(cx, "iam:GetPolicyVersion", &input.policy_arn).await
    }

    async fn run(
        _: &mut Cx<'_>,
        input: GetPolicyVersionRequest,
        granted: Granted<SeenPolicy>,
    ) -> Result<Reply<GetPolicyVersionResponse>, Error> {
        let arn = &input.policy_arn;
        let policy = granted.seen().any(arn)?;
        let missing = || iam::no_such_version(arn, &input.version_id);
        let version = version(&policy, &input.version_id).ok_or_else(missing)?;
        Ok(GetPolicyVersionResponse { policy_version: Some(version) }.into())
    }
}

impl Serve for op::ListPolicyVersions {
    type Seen = SeenPolicy;

    async fn targets(cx: &Cx<'_>, input: &ListPolicyVersionsRequest) -> Result<Targets<SeenPolicy>, Error> {
        policies::targets(cx, "iam:ListPolicyVersions", &input.policy_arn).await
    }

    async fn run(
        _: &mut Cx<'_>,
        input: ListPolicyVersionsRequest,
        granted: Granted<SeenPolicy>,
    ) -> Result<Reply<ListPolicyVersionsResponse>, Error> {
        let paging = Paging::of(input.marker.as_deref(), input.max_items)?;
        let policy = granted.seen().any(&input.policy_arn)?;
        let newest_first = |version: &(u32, PolicyVersion)| format!("{:010}", u32::MAX - version.0);
        let page = paging.list(listed(&policy), newest_first).map(|(_, version)| version);
        let is_truncated = page.is_truncated();
        Ok(ListPolicyVersionsResponse { versions: page.items, is_truncated, marker: page.marker }.into())
    }
}

impl Serve for op::SetDefaultPolicyVersion {
    type Seen = SeenPolicy;

    async fn targets(
        cx: &Cx<'_>,
        input: &SetDefaultPolicyVersionRequest,
    ) -> Result<Targets<SeenPolicy>, Error> {
        policies::targets(cx, "iam:SetDefaultPolicyVersion", &input.policy_arn).await
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: SetDefaultPolicyVersionRequest,
        granted: Granted<SeenPolicy>,
    ) -> Result<Reply<Nothing>, Error> {
        refuse_aws(&input.policy_arn, iam::foreign_policy_update)?;
        let now = cx.now;
        change(cx, &granted, &input.policy_arn, |policy| {
            policy.default_version = existing(policy, &input.version_id)?;
            policy.updated = now;
            Ok(())
        })
        .await?;
        Ok(Nothing.into())
    }
}

impl Serve for op::DeletePolicyVersion {
    type Seen = SeenPolicy;

    async fn targets(cx: &Cx<'_>, input: &DeletePolicyVersionRequest) -> Result<Targets<SeenPolicy>, Error> {
        policies::targets(cx, "iam:DeletePolicyVersion", &input.policy_arn).await
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: DeletePolicyVersionRequest,
        granted: Granted<SeenPolicy>,
    ) -> Result<Reply<Nothing>, Error> {
        refuse_aws(&input.policy_arn, iam::foreign_version_deletion)?;
        change(cx, &granted, &input.policy_arn, |policy| {
            let number = existing(policy, &input.version_id)?;
            if number == policy.default_version {
                return Err(iam::default_version());
            }
            policy.versions.retain(|version| version.number != number);
            Ok(())
        })
        .await?;
        Ok(Nothing.into())
    }
}

/// Checks the document of a managed policy.
///
/// # Errors
/// When it is malformed or larger than the quota, white space not counted.
pub(in crate::ops::iam) fn check_document(text: &str) -> Result<(), Error> {
    Policy::parse(text, Kind::Identity).map_err(|why| iam::malformed_document(why.message))?;
    if Policy::size(text) > LARGEST { Err(iam::quota("PolicySize", LARGEST)) } else { Ok(()) }
}

fn existing(policy: &ManagedPolicy, id: &str) -> Result<u32, Error> {
    let found = policy.versions.iter().find(|version| version_id(version.number) == id);
    found.map(|version| version.number).ok_or_else(|| iam::no_such_version(&policy.arn(), id))
}

/// A version with its document.
/// Every version of a policy with its document, newest first.
pub(in crate::ops::iam) fn all(policy: &Managed) -> Vec<PolicyVersion> {
    let listed =
        listed(policy).into_iter().filter_map(|(_, shown)| version(policy, shown.version_id.as_deref()?));
    listed.collect()
}

fn version(policy: &Managed, id: &str) -> Option<PolicyVersion> {
    let (document, mut shown) = match policy {
        Managed::Aws(policy) => (policy.text()?, aws(policy)),
        Managed::Own(policy) => {
            let found = policy.versions.iter().find(|version| version_id(version.number) == id)?;
            (found.document.text.clone(), own(policy, found))
        }
    };
    shown.document = Some(encoded(&document));
    Some(shown).filter(|shown| shown.version_id.as_deref() == Some(id))
}

fn listed(policy: &Managed) -> Vec<(u32, PolicyVersion)> {
    match policy {
        Managed::Aws(policy) => vec![(0, aws(policy))],
        Managed::Own(policy) => policy.versions.iter().map(|v| (v.number, own(policy, v))).collect(),
    }
}

fn aws(policy: &AwsPolicy) -> PolicyVersion {
    PolicyVersion {
        document: None,
        version_id: Some(policy.entry.version.clone()),
        is_default_version: Some(true),
        create_date: Some(policy.entry.updated),
    }
}

fn own(policy: &ManagedPolicy, version: &Version) -> PolicyVersion {
    PolicyVersion {
        document: None,
        version_id: Some(version_id(version.number)),
        is_default_version: Some(version.number == policy.default_version),
        create_date: Some(version.created),
    }
}

fn version_id(number: u32) -> String {
    format!("v{number}")
}

/// The largest document of a managed policy, in characters that are not white space.
const LARGEST: usize = 6144;
/// Versions a policy can have.
const MOST_VERSIONS: usize = 5;
