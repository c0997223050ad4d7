//! Organizational units: `CreateOrganizationalUnit`, `UpdateOrganizationalUnit`,
//! `DeleteOrganizationalUnit`, `DescribeOrganizationalUnit`, `ListOrganizationalUnitsForParent`.

use super::members::parent;
use super::node::{Node, first_policies};
use super::standing::SeenPlace;
use super::{page, standing, tags};
use crate::error::{Error, organizations as sentence};
use crate::gate::{Cx, Granted, Reply, Serve};
use crate::organizations::{DEEPEST, random_id};
use crate::records::{self, Organization, Unit, key};
use crate::target::Targets;
use rolecall_store::Txn;
use rolecall_wire::operation::Nothing;
use rolecall_wire::organizations::{
    CreateOrganizationalUnitRequest, CreateOrganizationalUnitResponse, DeleteOrganizationalUnitRequest,
    DescribeOrganizationalUnitRequest, DescribeOrganizationalUnitResponse,
    ListOrganizationalUnitsForParentRequest, ListOrganizationalUnitsForParentResponse, OrganizationalUnit,
    UpdateOrganizationalUnitRequest, UpdateOrganizationalUnitResponse, op,
};

impl Serve for op::CreateOrganizationalUnit {
    type Seen = SeenPlace;

    async fn targets(
        cx: &Cx<'_>,
        input: &CreateOrganizationalUnitRequest,
    ) -> Result<Targets<SeenPlace>, Error> {
        let action = "organizations:CreateOrganizationalUnit";
        tags::creation(cx, action, &[&input.parent_id], &input.tags).await
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: CreateOrganizationalUnitRequest,
        granted: Granted<SeenPlace>,
    ) -> Result<Reply<CreateOrganizationalUnitResponse>, Error> {
        let organization = granted.seen().managing()?;
        let unit = Unit {
            id: random_id(&format!("ou-{}-", organization.root.trim_start_matches("r-")), 8)?,
            organization: organization.id.clone(),
            parent: input.parent_id,
            name: input.name,
            policies: first_policies(&organization.policy_types),
            tags: tags::sent(&input.tags)?,
        };
        let mut txn = granted.begin(cx);
        let parent = parent(&mut txn, organization, &unit.parent, sentence::no_such_parent).await?;
        if depth(&mut txn, organization, parent).await? >= DEEPEST {
            return Err(sentence::too_deep());
        }
        check_name(&mut txn, organization, &unit).await?;
        records::write(&mut txn, key::unit(&organization.id, &unit.id), &unit)?;
        txn.commit().await?;
        let organizational_unit = Some(shown(organization, &unit));
        Ok(CreateOrganizationalUnitResponse { organizational_unit }.into())
    }
}

impl Serve for op::UpdateOrganizationalUnit {
    type Seen = SeenPlace;

    async fn targets(
        cx: &Cx<'_>,
        input: &UpdateOrganizationalUnitRequest,
    ) -> Result<Targets<SeenPlace>, Error> {
        let ids = [input.organizational_unit_id.as_str()];
        standing::targets(cx, "organizations:UpdateOrganizationalUnit", &ids).await
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: UpdateOrganizationalUnitRequest,
        granted: Granted<SeenPlace>,
    ) -> Result<Reply<UpdateOrganizationalUnitResponse>, Error> {
        let organization = granted.seen().managing()?;
        let mut txn = granted.begin(cx);
        let mut unit = read(&mut txn, organization, &input.organizational_unit_id).await?;
        unit.name = input.name.clone().unwrap_or(unit.name);
        check_name(&mut txn, organization, &unit).await?;
        records::write(&mut txn, key::unit(&organization.id, &unit.id), &unit)?;
        txn.commit().await?;
        let organizational_unit = Some(shown(organization, &unit));
        Ok(UpdateOrganizationalUnitResponse { organizational_unit }.into())
    }
}

impl Serve for op::DeleteOrganizationalUnit {
    type Seen = SeenPlace;

    async fn targets(
        cx: &Cx<'_>,
        input: &DeleteOrganizationalUnitRequest,
    ) -> Result<Targets<SeenPlace>, Error> {
        let ids = [input.organizational_unit_id.as_str()];
        standing::targets(cx, "organizations:DeleteOrganizationalUnit", &ids).await
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: DeleteOrganizationalUnitRequest,
        granted: Granted<SeenPlace>,
    ) -> Result<Reply<Nothing>, Error> {
        let organization = granted.seen().managing()?;
        let mut txn = granted.begin(cx);
        let unit = read(&mut txn, organization, &input.organizational_unit_id).await?;
        let nodes = Node::all(&mut txn, organization).await?;
        if nodes.iter().any(|node| node.parent() == Some(&unit.id)) {
            return Err(sentence::unit_not_empty());
        }
        txn.delete(key::unit(&organization.id, &unit.id));
        txn.commit().await?;
        Ok(Nothing.into())
    }
}

impl Serve for op::DescribeOrganizationalUnit {
    type Seen = SeenPlace;

    async fn targets(
        cx: &Cx<'_>,
        input: &DescribeOrganizationalUnitRequest,
    ) -> Result<Targets<SeenPlace>, Error> {
        let ids = [input.organizational_unit_id.as_str()];
        standing::targets(cx, "organizations:DescribeOrganizationalUnit", &ids).await
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: DescribeOrganizationalUnitRequest,
        granted: Granted<SeenPlace>,
    ) -> Result<Reply<DescribeOrganizationalUnitResponse>, Error> {
        let organization = granted.seen().observing()?;
        let mut txn = granted.begin(cx);
        let unit = read(&mut txn, organization, &input.organizational_unit_id).await?;
        let organizational_unit = Some(shown(organization, &unit));
        Ok(DescribeOrganizationalUnitResponse { organizational_unit }.into())
    }
}

impl Serve for op::ListOrganizationalUnitsForParent {
    type Seen = SeenPlace;

    async fn targets(
        cx: &Cx<'_>,
        input: &ListOrganizationalUnitsForParentRequest,
    ) -> Result<Targets<SeenPlace>, Error> {
        standing::targets(cx, "organizations:ListOrganizationalUnitsForParent", &[&input.parent_id]).await
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: ListOrganizationalUnitsForParentRequest,
        granted: Granted<SeenPlace>,
    ) -> Result<Reply<ListOrganizationalUnitsForParentResponse>, Error> {
        let organization = granted.seen().observing()?;
        parent(&mut granted.begin(cx), organization, &input.parent_id, sentence::no_such_parent).await?;
        let nodes = Node::all(&mut granted.begin(cx), organization).await?;
        let units = nodes.iter().filter_map(|node| match node {
            Node::Unit(unit) if unit.parent == input.parent_id => Some(shown(organization, unit)),
            _ => None,
        });
        let page =
            page::list(input.next_token.as_deref(), input.max_results, units.collect(), |unit| &unit.id)?;
        Ok(ListOrganizationalUnitsForParentResponse {
            organizational_units: page.items,
            next_token: page.marker,
        }
        .into())
    }
}

/// How many units there are from the root down to a node, itself among them; counted as far as it matters.
async fn depth(txn: &mut Txn<'_>, organization: &Organization, node: Node) -> Result<usize, Error> {
    let (mut depth, mut at) = (0, Some(node));
    while let Some(Node::Unit(unit)) = at {
        depth += 1;
        at = if depth < DEEPEST { Node::read(txn, organization, &unit.parent).await? } else { None };
    }
    Ok(depth)
}

async fn read(txn: &mut Txn<'_>, organization: &Organization, id: &str) -> Result<Unit, Error> {
    let found = records::read(txn, &key::unit(&organization.id, id)).await?;
    found.map(|(unit, _)| unit).ok_or_else(sentence::no_such_unit)
}

/// Units side by side have different names.
async fn check_name(txn: &mut Txn<'_>, organization: &Organization, unit: &Unit) -> Result<(), Error> {
    let nodes = Node::all(txn, organization).await?;
    let is_namesake = |node: &Node| match node {
        Node::Unit(other) => {
            other.id != unit.id && other.parent == unit.parent && other.name.eq_ignore_ascii_case(&unit.name)
        }
        _ => false,
    };
    if nodes.iter().any(is_namesake) { Err(sentence::duplicate_unit()) } else { Ok(()) }
}

fn shown(organization: &Organization, unit: &Unit) -> OrganizationalUnit {
    OrganizationalUnit {
        id: Some(unit.id.clone()),
        arn: Some(organization.arn("ou", &unit.id)),
        name: Some(unit.name.clone()),
        path: None,
    }
}
