//! Organizational units: `CreateOrganizationalUnit`, `UpdateOrganizationalUnit`,
//! `DeleteOrganizationalUnit`, `DescribeOrganizationalUnit`, `ListOrganizationalUnitsForParent`.

use super::members::parent;
use super::node::{Node, first_policies};
use super::{page, standing, tags};
use crate::error::{Error, organizations as sentence};
use crate::gate::{Cx, Granted, Reply, Serve};
use crate::organizations::{DEEPEST, random_id, units};
use crate::records::{self, Organization, Unit, key};
use crate::target::Targets;
use rolecall_store::{Retry, Txn};
use rolecall_wire::operation::Nothing;
use rolecall_wire::organizations::{
    CreateOrganizationalUnitRequest, CreateOrganizationalUnitResponse, DeleteOrganizationalUnitRequest,
    DescribeOrganizationalUnitRequest, DescribeOrganizationalUnitResponse,
    ListOrganizationalUnitsForParentRequest, ListOrganizationalUnitsForParentResponse, OrganizationalUnit,
    UpdateOrganizationalUnitRequest, UpdateOrganizationalUnitResponse, op,
};

impl Serve for op::CreateOrganizationalUnit {
    type Seen = ();

    async fn targets(cx: &Cx<'_>, input: &CreateOrganizationalUnitRequest) -> Result<Targets, Error> {
        let action = "organizations:CreateOrganizationalUnit";
        tags::creation(cx, action, &[&input.parent_id], &input.tags).await
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: CreateOrganizationalUnitRequest,
        _: Granted<()>,
    ) -> Result<Reply<CreateOrganizationalUnitResponse>, Error> {
        let place = standing::managing(cx).await?;
        let mut unit = Unit {
            id: random_id(&format!("ou-{}-", place.organization.root.trim_start_matches("r-")), 8)?,
            organization: place.organization.id.clone(),
            parent: input.parent_id,
            name: input.name,
            policies: Vec::new(),
            tags: tags::sent(&input.tags)?,
        };
        let mut retry = Retry::default();
        loop {
            let mut txn = cx.system.store.begin();
            let organization = standing::organization(&mut txn, &place).await?;
            parent(&mut txn, &organization, &unit.parent, sentence::no_such_parent).await?;
            if units(cx.system, &organization, &unit.parent).await?.len() >= DEEPEST {
                return Err(sentence::too_deep());
            }
            check_name(&mut txn, &organization, &unit).await?;
            unit.policies = first_policies(&organization.policy_types);
            records::write(&mut txn, key::unit(&organization.id, &unit.id), &unit)?;
            if retry.commit(txn).await? {
                let organizational_unit = Some(shown(&organization, &unit));
                return Ok(CreateOrganizationalUnitResponse { organizational_unit }.into());
            }
        }
    }
}

impl Serve for op::UpdateOrganizationalUnit {
    type Seen = ();

    async fn targets(cx: &Cx<'_>, input: &UpdateOrganizationalUnitRequest) -> Result<Targets, Error> {
        let ids = [input.organizational_unit_id.as_str()];
        standing::targets(cx, "organizations:UpdateOrganizationalUnit", &ids).await
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: UpdateOrganizationalUnitRequest,
        _: Granted<()>,
    ) -> Result<Reply<UpdateOrganizationalUnitResponse>, Error> {
        let place = standing::managing(cx).await?;
        let mut retry = Retry::default();
        loop {
            let mut txn = cx.system.store.begin();
            let organization = standing::organization(&mut txn, &place).await?;
            let mut unit = read(&mut txn, &organization, &input.organizational_unit_id).await?;
            unit.name = input.name.clone().unwrap_or(unit.name);
            check_name(&mut txn, &organization, &unit).await?;
            records::write(&mut txn, key::unit(&organization.id, &unit.id), &unit)?;
            if retry.commit(txn).await? {
                let organizational_unit = Some(shown(&organization, &unit));
                return Ok(UpdateOrganizationalUnitResponse { organizational_unit }.into());
            }
        }
    }
}

impl Serve for op::DeleteOrganizationalUnit {
    type Seen = ();

    async fn targets(cx: &Cx<'_>, input: &DeleteOrganizationalUnitRequest) -> Result<Targets, Error> {
        let ids = [input.organizational_unit_id.as_str()];
        standing::targets(cx, "organizations:DeleteOrganizationalUnit", &ids).await
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: DeleteOrganizationalUnitRequest,
        _: Granted<()>,
    ) -> Result<Reply<Nothing>, Error> {
        let place = standing::managing(cx).await?;
        let mut retry = Retry::default();
        loop {
            let mut txn = cx.system.store.begin();
            let organization = standing::organization(&mut txn, &place).await?;
            let unit = read(&mut txn, &organization, &input.organizational_unit_id).await?;
            let nodes = Node::all(&mut txn, &organization).await?;
            if nodes.iter().any(|node| node.parent() == Some(&unit.id)) {
                return Err(sentence::unit_not_empty());
            }
            txn.delete(key::unit(&organization.id, &unit.id));
            if retry.commit(txn).await? {
                return Ok(Nothing.into());
            }
        }
    }
}

impl Serve for op::DescribeOrganizationalUnit {
    type Seen = ();

    async fn targets(cx: &Cx<'_>, input: &DescribeOrganizationalUnitRequest) -> Result<Targets, Error> {
        let ids = [input.organizational_unit_id.as_str()];
        standing::targets(cx, "organizations:DescribeOrganizationalUnit", &ids).await
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: DescribeOrganizationalUnitRequest,
        _: Granted<()>,
    ) -> Result<Reply<DescribeOrganizationalUnitResponse>, Error> {
        let place = standing::observing(cx).await?;
        let mut txn = cx.system.store.begin();
        let unit = read(&mut txn, &place.organization, &input.organizational_unit_id).await?;
        let organizational_unit = Some(shown(&place.organization, &unit));
        Ok(DescribeOrganizationalUnitResponse { organizational_unit }.into())
    }
}

impl Serve for op::ListOrganizationalUnitsForParent {
    type Seen = ();

    async fn targets(cx: &Cx<'_>, input: &ListOrganizationalUnitsForParentRequest) -> Result<Targets, Error> {
        standing::targets(cx, "organizations:ListOrganizationalUnitsForParent", &[&input.parent_id]).await
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: ListOrganizationalUnitsForParentRequest,
        _: Granted<()>,
    ) -> Result<Reply<ListOrganizationalUnitsForParentResponse>, Error> {
        let place = standing::observing(cx).await?;
        let organization = &place.organization;
        parent(&mut cx.system.store.begin(), organization, &input.parent_id, sentence::no_such_parent)
            .await?;
        let nodes = Node::seen(cx.system, organization).await?;
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
