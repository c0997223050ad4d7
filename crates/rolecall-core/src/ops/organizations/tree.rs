//! The tree of an organization: `ListRoots`, `ListParents`, `ListChildren`, and which types of policy are
//! enabled in the root: `EnablePolicyType`, `DisablePolicyType`.

use super::members::parent;
use super::node::Node;
use super::{page, policies, standing};
use crate::error::{Error, organizations as sentence};
use crate::gate::{Cx, Granted, Reply, Serve};
use crate::organizations::Place;
use crate::records::{ControlKind, Organization};
use crate::target::Targets;
use rolecall_store::{Retry, Txn};
use rolecall_wire::organizations::{
    Child, DisablePolicyTypeRequest, DisablePolicyTypeResponse, EnablePolicyTypeRequest,
    EnablePolicyTypeResponse, ListChildrenRequest, ListChildrenResponse, ListParentsRequest,
    ListParentsResponse, ListRootsRequest, ListRootsResponse, Parent, PolicyTypeSummary, Root, op,
};

impl Serve for op::ListRoots {
    type Seen = ();

    async fn targets(cx: &Cx<'_>, _input: &ListRootsRequest) -> Result<Targets, Error> {
        standing::targets(cx, "organizations:ListRoots", &[]).await
    }

    async fn run(
        cx: &mut Cx<'_>,
        _input: ListRootsRequest,
        _: Granted<()>,
    ) -> Result<Reply<ListRootsResponse>, Error> {
        let place = standing::observing(cx).await?;
        Ok(ListRootsResponse { roots: vec![shown(&place.organization)], next_token: None }.into())
    }
}

impl Serve for op::ListParents {
    type Seen = ();

    async fn targets(cx: &Cx<'_>, input: &ListParentsRequest) -> Result<Targets, Error> {
        standing::targets(cx, "organizations:ListParents", &[&input.child_id]).await
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: ListParentsRequest,
        _: Granted<()>,
    ) -> Result<Reply<ListParentsResponse>, Error> {
        let place = standing::observing(cx).await?;
        let mut txn = cx.system.store.begin();
        let child = Node::read(&mut txn, &place.organization, &input.child_id).await?;
        let id = child.as_ref().and_then(Node::parent).ok_or_else(sentence::no_such_child)?;
        let kind = if id == place.organization.root { "ROOT" } else { "ORGANIZATIONAL_UNIT" };
        let parents = vec![Parent { id: Some(id.to_owned()), r#type: Some(kind.to_owned()) }];
        Ok(ListParentsResponse { parents, next_token: None }.into())
    }
}

impl Serve for op::ListChildren {
    type Seen = ();

    async fn targets(cx: &Cx<'_>, input: &ListChildrenRequest) -> Result<Targets, Error> {
        standing::targets(cx, "organizations:ListChildren", &[&input.parent_id]).await
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: ListChildrenRequest,
        _: Granted<()>,
    ) -> Result<Reply<ListChildrenResponse>, Error> {
        let place = standing::observing(cx).await?;
        let mut txn = cx.system.store.begin();
        parent(&mut txn, &place.organization, &input.parent_id, sentence::no_such_parent).await?;
        let nodes = Node::all(&mut txn, &place.organization).await?;
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
    type Seen = ();

    async fn targets(cx: &Cx<'_>, input: &EnablePolicyTypeRequest) -> Result<Targets, Error> {
        policies::typed(cx, "organizations:EnablePolicyType", &[&input.root_id], &input.policy_type).await
    }

    /// From then on every node carries AWS's policy of the type, which allows everything.
    async fn run(
        cx: &mut Cx<'_>,
        input: EnablePolicyTypeRequest,
        _: Granted<()>,
    ) -> Result<Reply<EnablePolicyTypeResponse>, Error> {
        let (place, kind) = asked(cx, &input.root_id, &input.policy_type).await?;
        let mut retry = Retry::default();
        loop {
            let mut txn = cx.system.store.begin();
            let mut organization = standing::organization(&mut txn, &place).await?;
            if organization.policy_types.contains(&kind) {
                return Err(sentence::type_already_enabled());
            }
            organization.policy_types.push(kind);
            let first = kind.of_aws().id.clone();
            let changed = change(&mut txn, &organization, |ids| ids.push(first.clone())).await?;
            if retry.commit(txn).await? {
                return Ok(EnablePolicyTypeResponse { root: Some(changed) }.into());
            }
        }
    }
}

impl Serve for op::DisablePolicyType {
    type Seen = ();

    async fn targets(cx: &Cx<'_>, input: &DisablePolicyTypeRequest) -> Result<Targets, Error> {
        policies::typed(cx, "organizations:DisablePolicyType", &[&input.root_id], &input.policy_type).await
    }

    /// Detaches every policy of the type.
    async fn run(
        cx: &mut Cx<'_>,
        input: DisablePolicyTypeRequest,
        _: Granted<()>,
    ) -> Result<Reply<DisablePolicyTypeResponse>, Error> {
        let (place, kind) = asked(cx, &input.root_id, &input.policy_type).await?;
        let mut retry = Retry::default();
        loop {
            let mut txn = cx.system.store.begin();
            let mut organization = standing::organization(&mut txn, &place).await?;
            if !organization.policy_types.contains(&kind) {
                return Err(sentence::type_not_enabled());
            }
            organization.policy_types.retain(|enabled| *enabled != kind);
            let gone = policies::ids(&mut txn, &organization, kind).await?;
            let changed = change(&mut txn, &organization, |ids| ids.retain(|id| !gone.contains(id))).await?;
            if retry.commit(txn).await? {
                return Ok(DisablePolicyTypeResponse { root: Some(changed) }.into());
            }
        }
    }
}

/// The place of the management account that asks, and the type it means.
async fn asked(cx: &Cx<'_>, root: &str, kind: &str) -> Result<(Place, ControlKind), Error> {
    let place = standing::managing(cx).await?;
    if root != place.organization.root {
        return Err(sentence::no_such_root());
    }
    let kind = policies::available(&place.organization, kind)?;
    Ok((place, kind))
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
