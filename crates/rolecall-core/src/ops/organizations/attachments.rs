//! Which policies are attached where: `AttachPolicy`, `DetachPolicy`, `ListPoliciesForTarget`,
//! `ListTargetsForPolicy`.

use super::node::Node;
use super::standing::SeenPlace;
use super::{page, policies};
use crate::error::{Error, organizations as sentence};
use crate::gate::{Cx, Granted, Reply, Serve};
use crate::organizations;
use crate::records::{ControlPolicy, Organization};
use crate::target::Targets;
use rolecall_store::Txn;
use rolecall_wire::operation::Nothing;
use rolecall_wire::organizations::{
    AttachPolicyRequest, DetachPolicyRequest, ListPoliciesForTargetRequest, ListPoliciesForTargetResponse,
    ListTargetsForPolicyRequest, ListTargetsForPolicyResponse, PolicyTargetSummary, op,
};
use std::sync::Arc;

impl Serve for op::AttachPolicy {
    type Seen = SeenPlace;

    async fn targets(cx: &Cx<'_>, input: &AttachPolicyRequest) -> Result<Targets<SeenPlace>, Error> {
        policies::on(cx, "organizations:AttachPolicy", &input.policy_id, &[&input.target_id]).await
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: AttachPolicyRequest,
        granted: Granted<SeenPlace>,
    ) -> Result<Reply<Nothing>, Error> {
        let mut txn = granted.begin(cx);
        let (policy, ids, mut node) =
            both(&mut txn, granted.seen(), &input.policy_id, &input.target_id).await?;
        if node.policies().contains(&policy.id) {
            return Err(sentence::already_attached());
        }
        if node.policies().iter().filter(|id| ids.contains(id)).count() >= MOST {
            return Err(sentence::too_many_attached());
        }
        node.policies().push(policy.id.clone());
        node.write(&mut txn)?;
        txn.commit().await?;
        Ok(Nothing.into())
    }
}

impl Serve for op::DetachPolicy {
    type Seen = SeenPlace;

    async fn targets(cx: &Cx<'_>, input: &DetachPolicyRequest) -> Result<Targets<SeenPlace>, Error> {
        policies::on(cx, "organizations:DetachPolicy", &input.policy_id, &[&input.target_id]).await
    }

    /// One policy of an enabled type always stays, and AWS's policy for resources everywhere.
    async fn run(
        cx: &mut Cx<'_>,
        input: DetachPolicyRequest,
        granted: Granted<SeenPlace>,
    ) -> Result<Reply<Nothing>, Error> {
        let mut txn = granted.begin(cx);
        let (policy, ids, mut node) =
            both(&mut txn, granted.seen(), &input.policy_id, &input.target_id).await?;
        if !node.policies().contains(&policy.id) {
            return Err(sentence::not_attached());
        }
        if policy.id == "p-RCPFullAWSAccess" {
            return Err(sentence::not_detachable());
        }
        if node.policies().iter().filter(|id| ids.contains(id)).count() == 1 {
            return Err(sentence::last_attached());
        }
        node.policies().retain(|id| *id != policy.id);
        node.write(&mut txn)?;
        txn.commit().await?;
        Ok(Nothing.into())
    }
}

impl Serve for op::ListPoliciesForTarget {
    type Seen = SeenPlace;

    async fn targets(cx: &Cx<'_>, input: &ListPoliciesForTargetRequest) -> Result<Targets<SeenPlace>, Error> {
        let action = "organizations:ListPoliciesForTarget";
        policies::typed(cx, action, &[&input.target_id], &input.filter).await
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: ListPoliciesForTargetRequest,
        granted: Granted<SeenPlace>,
    ) -> Result<Reply<ListPoliciesForTargetResponse>, Error> {
        let organization = granted.seen().observing()?;
        let kind = policies::available(organization, &input.filter)?;
        let mut node = node(&mut granted.begin(cx), organization, &input.target_id).await?;
        let mut shown = Vec::new();
        for id in node.policies().iter() {
            // A policy goes only after it was detached everywhere.
            let policy = organizations::policy(cx.system, &organization.id, id).await?;
            shown
                .extend(policy.filter(|policy| policy.kind == kind).map(|policy| policies::summary(&policy)));
        }
        let page = page::list(input.next_token.as_deref(), input.max_results, shown, |policy| &policy.id)?;
        Ok(ListPoliciesForTargetResponse { policies: page.items, next_token: page.marker }.into())
    }
}

impl Serve for op::ListTargetsForPolicy {
    type Seen = SeenPlace;

    async fn targets(cx: &Cx<'_>, input: &ListTargetsForPolicyRequest) -> Result<Targets<SeenPlace>, Error> {
        policies::on(cx, "organizations:ListTargetsForPolicy", &input.policy_id, &[]).await
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: ListTargetsForPolicyRequest,
        granted: Granted<SeenPlace>,
    ) -> Result<Reply<ListTargetsForPolicyResponse>, Error> {
        let organization = granted.seen().observing()?;
        let policy = policies::find(granted.seen(), &input.policy_id)?;
        let mut nodes = Node::all(&mut granted.begin(cx), organization).await?;
        nodes.retain_mut(|node| node.policies().contains(&policy.id));
        let shown = nodes.iter().map(|node| target(organization, node)).collect();
        let page =
            page::list(input.next_token.as_deref(), input.max_results, shown, |target| &target.target_id)?;
        Ok(ListTargetsForPolicyResponse { targets: page.items, next_token: page.marker }.into())
    }
}

/// The policy, the ids of all of its type, and the node it is to be on.
async fn both(
    txn: &mut Txn<'_>,
    seen: &SeenPlace,
    policy: &str,
    target: &str,
) -> Result<(Arc<ControlPolicy>, Vec<String>, Node), Error> {
    let organization = seen.managing()?;
    let policy = policies::find(seen, policy)?;
    let node = node(txn, organization, target).await?;
    if !organization.policy_types.contains(&policy.kind) {
        return Err(sentence::type_not_enabled());
    }
    let ids = policies::ids(txn, organization, policy.kind).await?;
    Ok((policy, ids, node))
}

async fn node(txn: &mut Txn<'_>, organization: &Organization, id: &str) -> Result<Node, Error> {
    Node::read(txn, organization, id).await?.ok_or_else(sentence::no_such_target)
}

fn target(organization: &Organization, node: &Node) -> PolicyTargetSummary {
    let (kind, in_arn) = node.kind();
    PolicyTargetSummary {
        target_id: Some(node.id().to_owned()),
        arn: Some(organization.arn(in_arn, node.id())),
        name: Some(node.name().to_owned()),
        r#type: Some(kind.to_owned()),
    }
}

/// The most policies of one type on a node (Organizations User Guide, Quotas).
const MOST: usize = 5;
