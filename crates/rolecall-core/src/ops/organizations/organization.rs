//! `CreateOrganization`, `DescribeOrganization`, `DeleteOrganization`.

use super::node::Node;
use super::standing;
use crate::error::{Error, organizations as sentence};
use crate::gate::{Cx, Granted, Reply, Serve};
use crate::organizations::{self, random_id};
use crate::records::{self, Account, ControlKind, Membership, Organization, key};
use crate::system::System;
use crate::target::Targets;
use rolecall_store::Retry;
use rolecall_wire::operation::Nothing;
use rolecall_wire::organizations::{
    CreateOrganizationRequest, CreateOrganizationResponse, DescribeOrganizationResponse, PolicyTypeSummary,
    op,
};

impl Serve for op::CreateOrganization {
    type Seen = ();

    async fn targets(_cx: &Cx<'_>, _input: &CreateOrganizationRequest) -> Result<Targets, Error> {
        Ok(Targets::on("organizations:CreateOrganization", "*"))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: CreateOrganizationRequest,
        _: Granted<()>,
    ) -> Result<Reply<CreateOrganizationResponse>, Error> {
        let organization = created(cx, input.feature_set.as_deref() != Some("CONSOLIDATED_BILLING"))?;
        let mut retry = Retry::default();
        loop {
            let mut txn = cx.system.store.begin();
            let found = records::read::<Account>(&mut txn, &key::account(&organization.management)).await?;
            let (mut account, _) = found.ok_or_else(|| Error::internal("the account is missing"))?;
            if account.membership.is_some() {
                return Err(sentence::already_in_organization());
            }
            account.membership = Some(Membership {
                organization: organization.id.clone(),
                parent: organization.root.clone(),
                joined: cx.now,
                invited: true,
                policies: Vec::new(),
            });
            records::write(&mut txn, key::account(&account.id), &account)?;
            txn.put(key::member_account(&organization.id, &account.id), Vec::new());
            records::write(&mut txn, key::organization(&organization.id), &organization)?;
            if retry.commit(txn).await? {
                break;
            }
        }
        let organization = Some(shown(cx.system, &organization).await?);
        Ok(CreateOrganizationResponse { organization }.into())
    }
}

impl Serve for op::DescribeOrganization {
    type Seen = ();

    async fn targets(_cx: &Cx<'_>, _input: &Nothing) -> Result<Targets, Error> {
        Ok(Targets::on("organizations:DescribeOrganization", "*"))
    }

    async fn run(
        cx: &mut Cx<'_>,
        _input: Nothing,
        _: Granted<()>,
    ) -> Result<Reply<DescribeOrganizationResponse>, Error> {
        let place = standing::member(cx).await?;
        let organization = Some(shown(cx.system, &place.organization).await?);
        Ok(DescribeOrganizationResponse { organization }.into())
    }
}

impl Serve for op::DeleteOrganization {
    type Seen = ();

    async fn targets(_cx: &Cx<'_>, _input: &Nothing) -> Result<Targets, Error> {
        Ok(Targets::on("organizations:DeleteOrganization", "*"))
    }

    async fn run(cx: &mut Cx<'_>, _input: Nothing, _: Granted<()>) -> Result<Reply<Nothing>, Error> {
        let place = standing::managing(cx).await?;
        let mut retry = Retry::default();
        loop {
            let mut txn = cx.system.store.begin();
            let organization = standing::organization(&mut txn, &place).await?;
            let policies = txn.scan(&key::control_policies(&organization.id), 1).await?;
            let nodes = Node::all(&mut txn, &organization).await?;
            let is_own = |node: &Node| node.id() == organization.root || node.id() == cx.account().as_str();
            if !policies.is_empty() || !nodes.iter().all(is_own) {
                return Err(sentence::organization_not_empty());
            }
            for (key, _) in txn.scan(&key::account_requests(&organization.id), usize::MAX).await? {
                txn.delete(key);
            }
            for node in nodes {
                let Node::Account(account, _) = node else { continue };
                let alone = Account { membership: None, tags: Vec::new(), ..account };
                records::write(&mut txn, key::account(&alone.id), &alone)?;
            }
            txn.delete(key::member_account(&organization.id, &organization.management));
            txn.delete(key::organization(&organization.id));
            if retry.commit(txn).await? {
                return Ok(Nothing.into());
            }
        }
    }
}

fn created(cx: &Cx<'_>, all_features: bool) -> Result<Organization, Error> {
    Ok(Organization {
        id: random_id("o-", 10)?,
        management: cx.account().clone(),
        created: cx.now,
        all_features,
        root: random_id("r-", 4)?,
        policies: Vec::new(),
        tags: Vec::new(),
        policy_types: Vec::new(),
        trusted_services: Vec::new(),
        delegates: Vec::new(),
        features: Vec::new(),
    })
}

async fn shown(
    system: &System,
    organization: &Organization,
) -> Result<rolecall_wire::organizations::Organization, Error> {
    let management = organizations::account(system, &organization.management).await?;
    let available = |kind: ControlKind| PolicyTypeSummary {
        r#type: Some(kind.as_str().to_owned()),
        status: Some("ENABLED".to_owned()),
    };
    let kinds = ControlKind::ALL.into_iter().filter(|_| organization.all_features);
    Ok(rolecall_wire::organizations::Organization {
        id: Some(organization.id.clone()),
        arn: Some(organization.own_arn()),
        feature_set: Some(if organization.all_features { "ALL" } else { "CONSOLIDATED_BILLING" }.to_owned()),
        master_account_arn: Some(organization.arn("account", organization.management.as_str())),
        master_account_id: Some(organization.management.to_string()),
        master_account_email: Some(management.email.clone()),
        available_policy_types: kinds.map(available).collect(),
    })
}
