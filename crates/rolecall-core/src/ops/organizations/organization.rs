//! `CreateOrganization`, `DescribeOrganization`, `DeleteOrganization`.

use super::node::Node;
use super::standing::{self, SeenPlace};
use crate::error::{Error, organizations as sentence};
use crate::gate::{Cx, Granted, Reply, Serve};
use crate::organizations::{self, random_id};
use crate::records::{self, Account, ControlKind, Membership, Organization, key};
use crate::system::System;
use crate::target::Targets;
use rolecall_wire::operation::Nothing;
use rolecall_wire::organizations::{
    CreateOrganizationRequest, CreateOrganizationResponse, DescribeOrganizationResponse, PolicyTypeSummary,
    op,
};

impl Serve for op::CreateOrganization {
    type Seen = SeenPlace;

    async fn targets(cx: &Cx<'_>, _input: &CreateOrganizationRequest) -> Result<Targets<SeenPlace>, Error> {
        standing::targets(cx, "organizations:CreateOrganization", &[]).await
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: CreateOrganizationRequest,
        granted: Granted<SeenPlace>,
    ) -> Result<Reply<CreateOrganizationResponse>, Error> {
        let organization = created(cx, input.feature_set.as_deref() != Some("CONSOLIDATED_BILLING"))?;
        let mut account = Account::clone(granted.seen().account());
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
        let mut txn = granted.begin(cx);
        records::write(&mut txn, key::account(&account.id), &account)?;
        txn.put(key::member_account(&organization.id, &account.id), Vec::new());
        records::write(&mut txn, key::organization(&organization.id), &organization)?;
        txn.commit().await?;
        let organization = Some(shown(cx.system, &organization).await?);
        Ok(CreateOrganizationResponse { organization }.into())
    }
}

impl Serve for op::DescribeOrganization {
    type Seen = SeenPlace;

    async fn targets(cx: &Cx<'_>, _input: &Nothing) -> Result<Targets<SeenPlace>, Error> {
        standing::targets(cx, "organizations:DescribeOrganization", &[]).await
    }

    async fn run(
        cx: &mut Cx<'_>,
        _input: Nothing,
        granted: Granted<SeenPlace>,
    ) -> Result<Reply<DescribeOrganizationResponse>, Error> {
        let organization = granted.seen().member()?;
        let organization = Some(shown(cx.system, organization).await?);
        Ok(DescribeOrganizationResponse { organization }.into())
    }
}

impl Serve for op::DeleteOrganization {
    type Seen = SeenPlace;

    async fn targets(cx: &Cx<'_>, _input: &Nothing) -> Result<Targets<SeenPlace>, Error> {
        standing::targets(cx, "organizations:DeleteOrganization", &[]).await
    }

    async fn run(
        cx: &mut Cx<'_>,
        _input: Nothing,
        granted: Granted<SeenPlace>,
    ) -> Result<Reply<Nothing>, Error> {
        let organization = granted.seen().managing()?;
        let mut txn = granted.begin(cx);
        let policies = txn.scan(&key::control_policies(&organization.id), 1).await?;
        let nodes = Node::all(&mut txn, organization).await?;
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
        txn.commit().await?;
        Ok(Nothing.into())
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
