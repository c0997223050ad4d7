//! What IAM does for an organization's root users: `ListOrganizationsFeatures`,
//! `EnableOrganizationsRootCredentialsManagement`, `EnableOrganizationsRootSessions` and their opposites.

use crate::error::{Error, iam};
use crate::gate::{Cx, Granted, Reply, Serve};
use crate::organizations::{Place, ROOT_CREDENTIALS, ROOT_SESSIONS, TRUSTED};
use crate::records::{self, Organization, key};
use crate::target::Targets;
use rolecall_store::Retry;
use rolecall_wire::iam::{
    DisableOrganizationsRootCredentialsManagementRequest,
    DisableOrganizationsRootCredentialsManagementResponse, DisableOrganizationsRootSessionsRequest,
    DisableOrganizationsRootSessionsResponse, EnableOrganizationsRootCredentialsManagementRequest,
    EnableOrganizationsRootCredentialsManagementResponse, EnableOrganizationsRootSessionsRequest,
    EnableOrganizationsRootSessionsResponse, ListOrganizationsFeaturesRequest,
    ListOrganizationsFeaturesResponse, op,
};

impl Serve for op::ListOrganizationsFeatures {
    type Seen = ();

    async fn targets(_cx: &Cx<'_>, _input: &ListOrganizationsFeaturesRequest) -> Result<Targets, Error> {
        Ok(Targets::on("iam:ListOrganizationsFeatures", "*"))
    }

    async fn run(
        cx: &mut Cx<'_>,
        _input: ListOrganizationsFeaturesRequest,
        _: Granted<()>,
    ) -> Result<Reply<ListOrganizationsFeaturesResponse>, Error> {
        let organization = place(cx).await?.organization;
        let (organization_id, enabled_features) = shown(&organization);
        Ok(ListOrganizationsFeaturesResponse { organization_id, enabled_features }.into())
    }
}

impl Serve for op::EnableOrganizationsRootCredentialsManagement {
    type Seen = ();

    async fn targets(
        _cx: &Cx<'_>,
        _input: &EnableOrganizationsRootCredentialsManagementRequest,
    ) -> Result<Targets, Error> {
        Ok(Targets::on("iam:EnableOrganizationsRootCredentialsManagement", "*"))
    }

    async fn run(
        cx: &mut Cx<'_>,
        _input: EnableOrganizationsRootCredentialsManagementRequest,
        _: Granted<()>,
    ) -> Result<Reply<EnableOrganizationsRootCredentialsManagementResponse>, Error> {
        let (organization_id, enabled_features) = change(cx, ROOT_CREDENTIALS, true).await?;
        Ok(EnableOrganizationsRootCredentialsManagementResponse { organization_id, enabled_features }.into())
    }
}

impl Serve for op::EnableOrganizationsRootSessions {
    type Seen = ();

    async fn targets(
        _cx: &Cx<'_>,
        _input: &EnableOrganizationsRootSessionsRequest,
    ) -> Result<Targets, Error> {
        Ok(Targets::on("iam:EnableOrganizationsRootSessions", "*"))
    }

    async fn run(
        cx: &mut Cx<'_>,
        _input: EnableOrganizationsRootSessionsRequest,
        _: Granted<()>,
    ) -> Result<Reply<EnableOrganizationsRootSessionsResponse>, Error> {
        let (organization_id, enabled_features) = change(cx, ROOT_SESSIONS, true).await?;
        Ok(EnableOrganizationsRootSessionsResponse { organization_id, enabled_features }.into())
    }
}

impl Serve for op::DisableOrganizationsRootCredentialsManagement {
    type Seen = ();

    async fn targets(
        _cx: &Cx<'_>,
        _input: &DisableOrganizationsRootCredentialsManagementRequest,
    ) -> Result<Targets, Error> {
        Ok(Targets::on("iam:DisableOrganizationsRootCredentialsManagement", "*"))
    }

    async fn run(
        cx: &mut Cx<'_>,
        _input: DisableOrganizationsRootCredentialsManagementRequest,
        _: Granted<()>,
    ) -> Result<Reply<DisableOrganizationsRootCredentialsManagementResponse>, Error> {
        let (organization_id, enabled_features) = change(cx, ROOT_CREDENTIALS, false).await?;
        Ok(DisableOrganizationsRootCredentialsManagementResponse { organization_id, enabled_features }.into())
    }
}

impl Serve for op::DisableOrganizationsRootSessions {
    type Seen = ();

    async fn targets(
        _cx: &Cx<'_>,
        _input: &DisableOrganizationsRootSessionsRequest,
    ) -> Result<Targets, Error> {
        Ok(Targets::on("iam:DisableOrganizationsRootSessions", "*"))
    }

    async fn run(
        cx: &mut Cx<'_>,
        _input: DisableOrganizationsRootSessionsRequest,
        _: Granted<()>,
    ) -> Result<Reply<DisableOrganizationsRootSessionsResponse>, Error> {
        let (organization_id, enabled_features) = change(cx, ROOT_SESSIONS, false).await?;
        Ok(DisableOrganizationsRootSessionsResponse { organization_id, enabled_features }.into())
    }
}

/// The place of the management account or of the delegated administrator of IAM.
async fn place(cx: &Cx<'_>) -> Result<Place, Error> {
    let place = Place::of(cx.system, cx.account()).await?.ok_or_else(iam::no_organization)?;
    let may = place.is_management() || place.organization.is_delegated(cx.account(), TRUSTED);
    if may { Ok(place) } else { Err(iam::not_management_account()) }
}

async fn change(cx: &Cx<'_>, feature: &str, on: bool) -> Result<(Option<String>, Vec<String>), Error> {
    let place = place(cx).await?;
    if !place.is_management() {
        return Err(iam::not_management_account());
    }
    let mut retry = Retry::default();
    loop {
        let mut txn = cx.system.store.begin();
        let key = key::organization(&place.organization.id);
        let found = records::read::<Organization>(&mut txn, &key).await?;
        let (mut organization, _) = found.ok_or_else(iam::no_organization)?;
        if !organization.all_features {
            return Err(iam::not_all_features());
        }
        if on && !organization.trusted_services.iter().any(|(service, _)| service == TRUSTED) {
            return Err(iam::service_access_not_enabled());
        }
        organization.features.retain(|enabled| enabled != feature);
        organization.features.extend(on.then(|| feature.to_owned()));
        organization.features.sort_unstable();
        records::write(&mut txn, key, &organization)?;
        if retry.commit(txn).await? {
            return Ok(shown(&organization));
        }
    }
}

fn shown(organization: &Organization) -> (Option<String>, Vec<String>) {
    (Some(organization.id.clone()), organization.features.clone())
}
