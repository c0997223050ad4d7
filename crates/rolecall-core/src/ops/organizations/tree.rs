//! The tree of an organization: `ListRoots`, `ListParents`, `ListChildren`, and which types of policy are
//! enabled in the root: `EnablePolicyType`, `DisablePolicyType`.

use super::members::parent;
use super::node::Node;
use super::standing::SeenPlace;
use super::{page, policies, standing};
use crate::error::{Error, organizations as sentence};
use crate::gate::{Cx, Granted, Reply, Serve};
use crate::records::{ControlKind, Organization};
use crate::target::Targets;
use rolecall_store::Txn;
use rolecall_wire::organizations::{
    Child, DisablePolicyTypeRequest, DisablePolicyTypeResponse, EnablePolicyTypeRequest,
    EnablePolicyTypeResponse, ListChildrenRequest, ListChildrenResponse, ListParentsRequest,
    ListParentsResponse, ListRootsRequest, ListRootsResponse, Parent, PolicyTypeSummary, Root, op,
};

impl Serve for op::ListRoots {
    type Seen = SeenPlace;

    async fn targets(cx: &Cx<'_>, _input: &ListRootsRequest) -> Result<Targets<SeenPlace>, Error> {
        standing::targets(cx, "organizations:ListRoots", &[]).await
    }

    async fn run(
        _: &mut Cx<'_>,
        _input: ListRootsRequest,
        granted: Granted<SeenPlace>,
    ) -> Result<Reply<ListRootsResponse>, Error> {
        let organization = granted.seen().observing()?;
        Ok(ListRootsResponse { roots: vec![shown(organization)], next_token: None }.into())
    }
}

impl Serve for op::ListParents {
    type Seen = SeenPlace;

    async fn targets(cx: &Cx<'_>, input: &ListParentsRequest) -> Result<Targets<SeenPlace>, Error> {
        standing::targets(cx, "organizations:ListParents", &[&input.child_id]).await
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: ListParentsRequest,
        granted: Granted<SeenPlace>,
    ) -> Result<Reply<ListParentsResponse>, Error> {
        let organization = granted.seen().observing()?;
        let mut txn = granted.begin(cx);
        let child = Node::read(&mut txn, organization, &input.child_id).await?;
        let id = child.as_ref().and_then(Node::parent).ok_or_else(sentence::no_such_child)?;
        let kind = if id == organization.root { "ROOT" } else { "ORGANIZATIONAL_UNIT" };
        let parents = vec![Parent { id: Some(id.to_owned()), r#type: Some(kind.to_owned()) }];
        Ok(ListParentsResponse { parents, next_token: None }.into())
    }
}

impl Serve for op::ListChildren {
    type Seen = SeenPlace;

    async fn targets(cx: &Cx<'_>, input: &ListChildrenRequest) -> Result<Targets<SeenPlace>, Error> {
        standing::targets(cx, "organizations:ListChildren", &[&input.parent_id]).await
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: ListChildrenRequest,
        granted: Granted<SeenPlace>,
    ) -> Result<Reply<ListChildrenResponse>, Error> {
        let organization = granted.seen().observing()?;
        let mut txn = granted.begin(cx);
        parent(&mut txn, organization, &input.parent_id, sentence::no_such_parent).await?;
        let nodes = Node::all(&mut txn, organization).await?;
        let is_child =
            |n: &&Node| n.parent() == Some(input.parent_id.as_str()) && n.kind().0 == input.child_type;
        let child =
            |node: &Node| Child { id: Some(node.id().to_owned()), r#type: Some(node.kind().0.to_owned()) };
        let all = nodes.iter().filter(is_child).map(child).collect();
        let page =
            page::list(input.next_token.as_deref(), input.max_results, all, |child: &Child| &child.id)?;
        Ok(ListChildrenResponse { children: page.items, next_token: page.marker }.into())
    }
}

impl Serve for op::EnablePolicyType {
    type Seen = SeenPlace;

    async fn targets(cx: &Cx<'_>, input: &EnablePolicyTypeRequest) -> Result<Targets<SeenPlace>, Error> {
        policies::typed(cx, "organizations:EnablePolicyType", &[&input.root_id], &input.policy_type).await
    }

    /// From then on every node carries AWS's policy of the type, which allows everything.
    async fn run(
        cx: &mut Cx<'_>,
        input: EnablePolicyTypeRequest,
        granted: Granted<SeenPlace>,
    ) -> Result<Reply<EnablePolicyTypeResponse>, Error> {
        let (mut organization, kind) = asked(granted.seen(), &input.root_id, &input.policy_type)?;
        if organization.policy_types.contains(&kind) {
            return Err(sentence::type_already_enabled());
        }
        organization.policy_types.push(kind);
        let first = kind.of_aws().id.clone();
        let mut txn = granted.begin(cx);
        let changed = change(&mut txn, &organization, |ids| ids.push(first.clone())).await?;
        txn.commit().await?;
        Ok(EnablePolicyTypeResponse { root: Some(changed) }.into())
    }
}

impl Serve for op::DisablePolicyType {
    type Seen = SeenPlace;

    async fn targets(cx: &Cx<'_>, input: &DisablePolicyTypeRequest) -> Result<Targets<SeenPlace>, Error> {
        policies::typed(cx, "organizations:DisablePolicyType", &[&input.root_id], &input.policy_type).await
    }

    /// Detaches every policy of the type.
    async fn run(
        cx: &mut Cx<'_>,
        input: DisablePolicyTypeRequest,
        granted: Granted<SeenPlace>,
    ) -> Result<Reply<DisablePolicyTypeResponse>, Error> {
        let (mut organization, kind) = asked(granted.seen(), &input.root_id, &input.policy_type)?;
        if !organization.policy_types.contains(&kind) {
            return Err(sentence::type_not_enabled());
        }
        organization.policy_types.retain(|enabled| *enabled != kind);
        let mut txn = granted.begin(cx);
        let gone = policies::ids(&mut txn, &organization, kind).await?;
        let changed = change(&mut txn, &organization, |ids| ids.retain(|id| !gone.contains(id))).await?;
        txn.commit().await?;
        Ok(DisablePolicyTypeResponse { root: Some(changed) }.into())
    }
}

/// The organization of the management account that asks, to be changed, and the type it means.
fn asked(seen: &SeenPlace, root: &str, kind: &str) -> Result<(Organization, ControlKind), Error> {
    let organization = seen.managing()?;
    if root != organization.root {
        return Err(sentence::no_such_root());
    }
    Ok((Organization::clone(organization), policies::available(organization, kind)?))
}

/// Changes the policies attached to every node, and writes the organization as it is given.
async fn change(
    txn: &mut Txn<'_>,
    organization: &Organization,
    change: impl Fn(&mut Vec<String>),
) -> Result<Root, Error> {
    for mut node in Node::all(txn, organization).await? {
        change(node.policies());
        node.write(txn)?;
    }
    Ok(shown(organization))
}

fn shown(organization: &Organization) -> Root {
    let summary = |kind: &ControlKind| PolicyTypeSummary {
        r#type: Some(kind.as_str().to_owned()),
        status: Some("ENABLED".to_owned()),
    };
    Root {
        id: Some(organization.root.clone()),
        arn: Some(organization.arn("root", &organization.root)),
        name: Some("Root".to_owned()),
        policy_types: organization.policy_types.iter().map(summary).collect(),
    }
}
