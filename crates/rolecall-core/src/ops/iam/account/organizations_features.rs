//! What IAM does for an organization's root users: `ListOrganizationsFeatures`,
//! `EnableOrganizationsRootCredentialsManagement`, `EnableOrganizationsRootSessions` and their opposites.

use crate::error::{Error, iam};
use crate::gate::{Cx, Granted, Reply, Serve};
use crate::organizations::{ROOT_CREDENTIALS, ROOT_SESSIONS, SeenOrganization, TRUSTED};
use crate::records::{self, Organization, key};
use crate::target::Targets;
use rolecall_wire::iam::{
    DisableOrganizationsRootCredentialsManagementRequest,
    DisableOrganizationsRootCredentialsManagementResponse, DisableOrganizationsRootSessionsRequest,
    DisableOrganizationsRootSessionsResponse, EnableOrganizationsRootCredentialsManagementRequest,
    EnableOrganizationsRootCredentialsManagementResponse, EnableOrganizationsRootSessionsRequest,
    EnableOrganizationsRootSessionsResponse, ListOrganizationsFeaturesRequest,
    ListOrganizationsFeaturesResponse, op,
};

impl Serve for op::ListOrganizationsFeatures {
    type Seen = SeenOrganization;

    async fn targets(
        cx: &Cx<'_>,
        _input: &ListOrganizationsFeaturesRequest,
    ) -> Result<Targets<SeenOrganization>, Error> {
        targets(cx, "iam:ListOrganizationsFeatures").await
    }

    async fn run(
        cx: &mut Cx<'_>,
        _input: ListOrganizationsFeaturesRequest,
        granted: Granted<SeenOrganization>,
    ) -> Result<Reply<ListOrganizationsFeaturesResponse>, Error> {
        let seen = granted.seen();
        let organization = seen.organization().ok_or_else(iam::no_organization)?;
        if !seen.is_management() && !organization.is_delegated(cx.account(), TRUSTED) {
            return Err(iam::not_management_account());
        }
        let (organization_id, enabled_features) = shown(organization);
        Ok(ListOrganizationsFeaturesResponse { organization_id, enabled_features }.into())
    }
}

impl Serve for op::EnableOrganizationsRootCredentialsManagement {
    type Seen = SeenOrganization;

    async fn targets(
        cx: &Cx<'_>,
        _input: &EnableOrganizationsRootCredentialsManagementRequest,
    ) -> Result<Targets<SeenOrganization>, Error> {
        targets(cx, "iam:EnableOrganizationsRootCredentialsManagement").await
    }

    async fn run(
        cx: &mut Cx<'_>,
        _input: EnableOrganizationsRootCredentialsManagementRequest,
        granted: Granted<SeenOrganization>,
    ) -> Result<Reply<EnableOrganizationsRootCredentialsManagementResponse>, Error> {
        let (organization_id, enabled_features) = change(cx, &granted, ROOT_CREDENTIALS, true).await?;
        Ok(EnableOrganizationsRootCredentialsManagementResponse { organization_id, enabled_features }.into())
    }
}

impl Serve for op::EnableOrganizationsRootSessions {
    type Seen = SeenOrganization;

    async fn targets(
        cx: &Cx<'_>,
        _input: &EnableOrganizationsRootSessionsRequest,
    ) -> Result<Targets<SeenOrganization>, Error> {
        targets(cx, "iam:EnableOrganizationsRootSessions").await
    }

    async fn run(
        cx: &mut Cx<'_>,
        _input: EnableOrganizationsRootSessionsRequest,
        granted: Granted<SeenOrganization>,
    ) -> Result<Reply<EnableOrganizationsRootSessionsResponse>, Error> {
        let (organization_id, enabled_features) = change(cx, &granted, ROOT_SESSIONS, true).await?;
        Ok(EnableOrganizationsRootSessionsResponse { organization_id, enabled_features }.into())
    }
}

impl Serve for op::DisableOrganizationsRootCredentialsManagement {
    type Seen = SeenOrganization;

    async fn targets(
        cx: &Cx<'_>,
        _input: &DisableOrganizationsRootCredentialsManagementRequest,
    ) -> Result<Targets<SeenOrganization>, Error> {
        targets(cx, "iam:DisableOrganizationsRootCredentialsManagement").await
    }

    async fn run(
        cx: &mut Cx<'_>,
        _input: DisableOrganizationsRootCredentialsManagementRequest,
        granted: Granted<SeenOrganization>,
    ) -> Result<Reply<DisableOrganizationsRootCredentialsManagementResponse>, Error> {
        let (organization_id, enabled_features) = change(cx, &granted, ROOT_CREDENTIALS, false).await?;
        Ok(DisableOrganizationsRootCredentialsManagementResponse { organization_id, enabled_features }.into())
    }
}

impl Serve for op::DisableOrganizationsRootSessions {
    type Seen = SeenOrganization;

    async fn targets(
        cx: &Cx<'_>,
        _input: &DisableOrganizationsRootSessionsRequest,
    ) -> Result<Targets<SeenOrganization>, Error> {
        targets(cx, "iam:DisableOrganizationsRootSessions").await
    }

    async fn run(
        cx: &mut Cx<'_>,
        _input: DisableOrganizationsRootSessionsRequest,
        granted: Granted<SeenOrganization>,
    ) -> Result<Reply<DisableOrganizationsRootSessionsResponse>, Error> {
        let (organization_id, enabled_features) = change(cx, &granted, ROOT_SESSIONS, false).await?;
        Ok(DisableOrganizationsRootSessionsResponse { organization_id, enabled_features }.into())
    }
}

/// What an action on the caller's organization needs.
async fn targets(cx: &Cx<'_>, action: &'static str) -> Result<Targets<SeenOrganization>, Error> {
    Ok(Targets::on(action, "*").seeing(SeenOrganization::of(cx.system, cx.account()).await?))
}

async fn change(
    cx: &Cx<'_>,
    granted: &Granted<SeenOrganization>,
    feature: &str,
    on: bool,
) -> Result<(Option<String>, Vec<String>), Error> {
    let organization = granted.seen().organization().ok_or_else(iam::no_organization)?;
    if !granted.seen().is_management() {
        return Err(iam::not_management_account());
    }
    if !organization.all_features {
        return Err(iam::not_all_features());
    }
    if on && !organization.trusted_services.iter().any(|(service, _)| service == TRUSTED) {
        return Err(iam::service_access_not_enabled());
    }
    let mut organization = Organization::clone(organization);
    organization.features.retain(|enabled| enabled != feature);
    organization.features.extend(on.then(|| feature.to_owned()));
    organization.features.sort_unstable();
    let mut txn = granted.begin(cx);
    records::write(&mut txn, key::organization(&organization.id), &organization)?;
    txn.commit().await?;
    Ok(shown(&organization))
}

fn shown(organization: &Organization) -> (Option<String>, Vec<String>) {
    (Some(organization.id.clone()), organization.features.clone())
}
