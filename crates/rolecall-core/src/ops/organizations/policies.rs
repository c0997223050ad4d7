//! Control policies: `CreatePolicy`, `UpdatePolicy`, `DeletePolicy`, `DescribePolicy`, `ListPolicies`.

use super::node::Node;
use super::standing::{self, SeenPlace};
use super::{page, tags};
use crate::error::{Error, organizations as sentence};
use crate::gate::{Cx, Granted, Reply, Serve};
use crate::organizations::random_id;
use crate::records::{self, ControlKind, ControlPolicy, Document, Organization, Record, key};
use crate::target::Targets;
use rolecall_policy::Policy;
use rolecall_store::Txn;
use rolecall_wire::operation::Nothing;
use rolecall_wire::organizations::{
    self as wire, CreatePolicyRequest, CreatePolicyResponse, DeletePolicyRequest, DescribePolicyRequest,
    DescribePolicyResponse, ListPoliciesRequest, ListPoliciesResponse, PolicySummary, UpdatePolicyRequest,
    UpdatePolicyResponse, op,
};
use std::sync::Arc;

impl Serve for op::CreatePolicy {
    type Seen = SeenPlace;

    async fn targets(cx: &Cx<'_>, input: &CreatePolicyRequest) -> Result<Targets<SeenPlace>, Error> {
        let targets = tags::creation(cx, "organizations:CreatePolicy", &[], &input.tags).await?;
        Ok(with_type(targets, Some(&input.r#type)))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: CreatePolicyRequest,
        granted: Granted<SeenPlace>,
    ) -> Result<Reply<CreatePolicyResponse>, Error> {
        let organization = granted.seen().managing()?;
        let policy = created(organization, input)?;
        let mut txn = granted.begin(cx);
        check_name(&mut txn, organization, &policy).await?;
        records::write(&mut txn, key::control_policy(&organization.id, &policy.id), &policy)?;
        txn.commit().await?;
        Ok(CreatePolicyResponse { policy: Some(shown(&policy)) }.into())
    }
}

impl Serve for op::UpdatePolicy {
    type Seen = SeenPlace;

    async fn targets(cx: &Cx<'_>, input: &UpdatePolicyRequest) -> Result<Targets<SeenPlace>, Error> {
        on(cx, "organizations:UpdatePolicy", &input.policy_id, &[]).await
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: UpdatePolicyRequest,
        granted: Granted<SeenPlace>,
    ) -> Result<Reply<UpdatePolicyResponse>, Error> {
        let organization = granted.seen().managing()?;
        let mut txn = granted.begin(cx);
        let mut policy = ControlPolicy::clone(own(granted.seen(), &input.policy_id)?);
        policy.name = input.name.clone().unwrap_or(policy.name);
        policy.description = input.description.clone().unwrap_or(policy.description);
        if let Some(text) = &input.content {
            policy.document = checked(policy.kind, text.clone())?;
        }
        check_name(&mut txn, organization, &policy).await?;
        records::write(&mut txn, key::control_policy(&organization.id, &policy.id), &policy)?;
        txn.commit().await?;
        Ok(UpdatePolicyResponse { policy: Some(shown(&policy)) }.into())
    }
}

impl Serve for op::DeletePolicy {
    type Seen = SeenPlace;

    async fn targets(cx: &Cx<'_>, input: &DeletePolicyRequest) -> Result<Targets<SeenPlace>, Error> {
        on(cx, "organizations:DeletePolicy", &input.policy_id, &[]).await
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: DeletePolicyRequest,
        granted: Granted<SeenPlace>,
    ) -> Result<Reply<Nothing>, Error> {
        let organization = granted.seen().managing()?;
        let mut txn = granted.begin(cx);
        let policy = own(granted.seen(), &input.policy_id)?;
        let mut nodes = Node::all(&mut txn, organization).await?;
        if nodes.iter_mut().any(|node| node.policies().contains(&policy.id)) {
            return Err(sentence::policy_in_use());
        }
        txn.delete(key::control_policy(&organization.id, &policy.id));
        txn.commit().await?;
        Ok(Nothing.into())
    }
}

impl Serve for op::DescribePolicy {
    type Seen = SeenPlace;

    async fn targets(cx: &Cx<'_>, input: &DescribePolicyRequest) -> Result<Targets<SeenPlace>, Error> {
        on(cx, "organizations:DescribePolicy", &input.policy_id, &[]).await
    }

    async fn run(
        _: &mut Cx<'_>,
        input: DescribePolicyRequest,
        granted: Granted<SeenPlace>,
    ) -> Result<Reply<DescribePolicyResponse>, Error> {
        granted.seen().observing()?;
        let policy = find(granted.seen(), &input.policy_id)?;
        Ok(DescribePolicyResponse { policy: Some(shown(&policy)) }.into())
    }
}

impl Serve for op::ListPolicies {
    type Seen = SeenPlace;

    async fn targets(cx: &Cx<'_>, input: &ListPoliciesRequest) -> Result<Targets<SeenPlace>, Error> {
        typed(cx, "organizations:ListPolicies", &[], &input.filter).await
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: ListPoliciesRequest,
        granted: Granted<SeenPlace>,
    ) -> Result<Reply<ListPoliciesResponse>, Error> {
        let organization = granted.seen().observing()?;
        let kind = available(organization, &input.filter)?;
        let all = all(&mut granted.begin(cx), organization).await?;
        let mut policies: Vec<PolicySummary> =
            all.iter().filter(|policy| policy.kind == kind).map(summary).collect();
        policies.push(summary(&kind.of_aws()));
        let page = page::list(input.next_token.as_deref(), input.max_results, policies, |policy| &policy.id)?;
        Ok(ListPoliciesResponse { policies: page.items, next_token: page.marker }.into())
    }
}

/// An action on a policy, and on what it is to be attached to, with the policy's type.
pub(super) async fn on(
    cx: &Cx<'_>,
    action: &'static str,
    policy: &str,
    more: &[&str],
) -> Result<Targets<SeenPlace>, Error> {
    let ids: Vec<&str> = [policy].into_iter().chain(more.iter().copied()).collect();
    let targets = standing::targets(cx, action, &ids).await?;
    let found = targets.seen.policy(policy);
    Ok(with_type(targets, found.map(|policy| policy.kind.as_str())))
}

/// An action on things in the organization, with the type of policy that it is about.
pub(super) async fn typed(
    cx: &Cx<'_>,
    action: &'static str,
    ids: &[&str],
    kind: &str,
) -> Result<Targets<SeenPlace>, Error> {
    Ok(with_type(standing::targets(cx, action, ids).await?, Some(kind)))
}

fn with_type(targets: Targets<SeenPlace>, kind: Option<&str>) -> Targets<SeenPlace> {
    targets.map(|target| target.with_some("organizations:PolicyType", kind))
}

/// The kind of a name, when policies of it can be had.
///
/// # Errors
/// For types that are not of control policies, and in an organization without all features.
pub(super) fn available(organization: &Organization, kind: &str) -> Result<ControlKind, Error> {
    let kind = ControlKind::parse(kind).ok_or_else(sentence::type_not_available)?;
    if organization.all_features { Ok(kind) } else { Err(sentence::type_not_available()) }
}

/// A policy, the organization's or AWS's.
///
/// # Errors
/// When there is none.
pub(super) fn find(seen: &SeenPlace, id: &str) -> Result<Arc<ControlPolicy>, Error> {
    seen.policy(id).ok_or_else(sentence::no_such_policy)
}

/// An organization's own policies.
pub(super) async fn all(txn: &mut Txn<'_>, organization: &Organization) -> Result<Vec<ControlPolicy>, Error> {
    let stored = txn.scan(&key::control_policies(&organization.id), usize::MAX).await?;
    stored.iter().map(|(_, stored)| Ok(ControlPolicy::decode(stored)?)).collect()
}

/// The ids of all policies of a type.
pub(super) async fn ids(
    txn: &mut Txn<'_>,
    organization: &Organization,
    kind: ControlKind,
) -> Result<Vec<String>, Error> {
    let own = all(txn, organization).await?.into_iter().filter(|policy| policy.kind == kind);
    Ok(own.map(|policy| policy.id).chain([kind.of_aws().id.clone()]).collect())
}

/// A policy as lists show it.
pub(super) fn summary(policy: &ControlPolicy) -> PolicySummary {
    PolicySummary {
        id: Some(policy.id.clone()),
        arn: Some(policy.arn()),
        name: Some(policy.name.clone()),
        description: Some(policy.description.clone()),
        r#type: Some(policy.kind.as_str().to_owned()),
        aws_managed: Some(policy.owner.is_none()),
    }
}

fn shown(policy: &ControlPolicy) -> wire::Policy {
    wire::Policy { policy_summary: Some(summary(policy)), content: Some(policy.document.text.clone()) }
}

fn created(organization: &Organization, input: CreatePolicyRequest) -> Result<ControlPolicy, Error> {
    let kind = available(organization, &input.r#type)?;
    Ok(ControlPolicy {
        id: random_id("p-", 10)?,
        owner: Some((organization.management.clone(), organization.id.clone())),
        kind,
        name: input.name,
        description: input.description,
        document: checked(kind, input.content)?,
        tags: tags::sent(&input.tags)?,
    })
}

/// A document that is what its kind demands. What customers write about resources can only deny.
fn checked(kind: ControlKind, text: String) -> Result<Document, Error> {
    if text.chars().count() > LONGEST {
        return Err(sentence::policy_too_long());
    }
    let policy = Policy::parse(&text, kind.document()).map_err(|_| sentence::malformed_policy())?;
    if kind == ControlKind::Resource && !policy.only_denies() {
        return Err(sentence::malformed_policy());
    }
    Ok(Document::new(text))
}

/// The organization's own policy of an id; AWS's cannot be changed.
fn own<'s>(seen: &'s SeenPlace, id: &str) -> Result<&'s Arc<ControlPolicy>, Error> {
    if ControlPolicy::of_aws(id).is_some() {
        return Err(sentence::immutable_policy());
    }
    seen.own_policy(id).ok_or_else(sentence::no_such_policy)
}

async fn check_name(
    txn: &mut Txn<'_>,
    organization: &Organization,
    policy: &ControlPolicy,
) -> Result<(), Error> {
    let is_namesake = |other: &ControlPolicy| {
        other.id != policy.id && other.kind == policy.kind && other.name == policy.name
    };
    let taken = all(txn, organization).await?.iter().any(is_namesake);
    if taken || policy.kind.of_aws().name == policy.name {
        return Err(sentence::duplicate_policy());
    }
    Ok(())
}

/// The longest control policy, in characters (Organizations User Guide, Quotas).
const LONGEST: usize = 5120;
