//! Services that the organization trusts, and the accounts that administer them for it:
//! `EnableAWSServiceAccess`, `DisableAWSServiceAccess`, `ListAWSServiceAccessForOrganization`,
//! `RegisterDelegatedAdministrator`, `DeregisterDelegatedAdministrator`, `ListDelegatedAdministrators`,
//! `ListDelegatedServicesForAccount`.

use super::standing::{self, SeenPlace};
use super::{members, page};
use crate::error::{Error, organizations as sentence};
use crate::gate::{Cx, Granted, Reply, Serve};
use crate::id::AccountId;
use crate::records::{self, Delegate, Organization, key};
use crate::target::Targets;
use rolecall_store::Txn;
use rolecall_wire::operation::Nothing;
use rolecall_wire::organizations::{
    DelegatedAdministrator, DelegatedService, DeregisterDelegatedAdministratorRequest,
    DisableAWSServiceAccessRequest, EnableAWSServiceAccessRequest, EnabledServicePrincipal,
    ListAWSServiceAccessForOrganizationRequest, ListAWSServiceAccessForOrganizationResponse,
    ListDelegatedAdministratorsRequest, ListDelegatedAdministratorsResponse,
    ListDelegatedServicesForAccountRequest, ListDelegatedServicesForAccountResponse,
    RegisterDelegatedAdministratorRequest, op,
};

impl Serve for op::EnableAWSServiceAccess {
    type Seen = SeenPlace;

    async fn targets(
        cx: &Cx<'_>,
        input: &EnableAWSServiceAccessRequest,
    ) -> Result<Targets<SeenPlace>, Error> {
        on(cx, "organizations:EnableAWSServiceAccess", &[], &input.service_principal).await
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: EnableAWSServiceAccessRequest,
        granted: Granted<SeenPlace>,
    ) -> Result<Reply<Nothing>, Error> {
        let service = known(&input.service_principal)?;
        let now = cx.now;
        change(cx, &granted, None, |organization, _| {
            if !organization.trusted_services.iter().any(|(name, _)| name == service) {
                organization.trusted_services.push((service.to_owned(), now));
            }
            Ok(())
        })
        .await
    }
}

impl Serve for op::DisableAWSServiceAccess {
    type Seen = SeenPlace;

    async fn targets(
        cx: &Cx<'_>,
        input: &DisableAWSServiceAccessRequest,
    ) -> Result<Targets<SeenPlace>, Error> {
        on(cx, "organizations:DisableAWSServiceAccess", &[], &input.service_principal).await
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: DisableAWSServiceAccessRequest,
        granted: Granted<SeenPlace>,
    ) -> Result<Reply<Nothing>, Error> {
        let service = known(&input.service_principal)?;
        change(cx, &granted, None, |organization, _| {
            organization.trusted_services.retain(|(name, _)| name != service);
            Ok(())
        })
        .await
    }
}

impl Serve for op::ListAWSServiceAccessForOrganization {
    type Seen = SeenPlace;

    async fn targets(
        cx: &Cx<'_>,
        _input: &ListAWSServiceAccessForOrganizationRequest,
    ) -> Result<Targets<SeenPlace>, Error> {
        standing::targets(cx, "organizations:ListAWSServiceAccessForOrganization", &[]).await
    }

    async fn run(
        _: &mut Cx<'_>,
        input: ListAWSServiceAccessForOrganizationRequest,
        granted: Granted<SeenPlace>,
    ) -> Result<Reply<ListAWSServiceAccessForOrganizationResponse>, Error> {
        let organization = granted.seen().observing()?;
        let shown = |(name, since): &(String, i64)| EnabledServicePrincipal {
            service_principal: Some(name.clone()),
            date_enabled: Some(*since),
        };
        let all = organization.trusted_services.iter().map(shown).collect();
        let page = page::list(input.next_token.as_deref(), input.max_results, all, |one| {
            let one: &EnabledServicePrincipal = one;
            &one.service_principal
        })?;
        Ok(ListAWSServiceAccessForOrganizationResponse {
            enabled_service_principals: page.items,
            next_token: page.marker,
        }
        .into())
    }
}

impl Serve for op::RegisterDelegatedAdministrator {
    type Seen = SeenPlace;

    async fn targets(
        cx: &Cx<'_>,
        input: &RegisterDelegatedAdministratorRequest,
    ) -> Result<Targets<SeenPlace>, Error> {
        let action = "organizations:RegisterDelegatedAdministrator";
        on(cx, action, &[&input.account_id], &input.service_principal).await
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: RegisterDelegatedAdministratorRequest,
        granted: Granted<SeenPlace>,
    ) -> Result<Reply<Nothing>, Error> {
        let service = known(&input.service_principal)?;
        let now = cx.now;
        change(cx, &granted, Some(&input.account_id), |organization, account| {
            if *account == organization.management {
                return Err(sentence::management_as_delegate());
            }
            if !organization.trusted_services.iter().any(|(name, _)| name == service) {
                return Err(sentence::service_not_trusted());
            }
            if organization.is_delegated(account, service) {
                return Err(sentence::already_registered());
            }
            let delegate = Delegate { account: account.clone(), service: service.to_owned(), since: now };
            organization.delegates.push(delegate);
            Ok(())
        })
        .await
    }
}

impl Serve for op::DeregisterDelegatedAdministrator {
    type Seen = SeenPlace;

    async fn targets(
        cx: &Cx<'_>,
        input: &DeregisterDelegatedAdministratorRequest,
    ) -> Result<Targets<SeenPlace>, Error> {
        let action = "organizations:DeregisterDelegatedAdministrator";
        on(cx, action, &[&input.account_id], &input.service_principal).await
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: DeregisterDelegatedAdministratorRequest,
        granted: Granted<SeenPlace>,
    ) -> Result<Reply<Nothing>, Error> {
        let service = known(&input.service_principal)?;
        change(cx, &granted, Some(&input.account_id), |organization, account| {
            if !organization.is_delegated(account, service) {
                return Err(sentence::not_registered());
            }
            organization.delegates.retain(|d| d.account != *account || d.service != service);
            Ok(())
        })
        .await
    }
}

impl Serve for op::ListDelegatedAdministrators {
    type Seen = SeenPlace;

    async fn targets(
        cx: &Cx<'_>,
        input: &ListDelegatedAdministratorsRequest,
    ) -> Result<Targets<SeenPlace>, Error> {
        let service = input.service_principal.as_deref().unwrap_or_default();
        on(cx, "organizations:ListDelegatedAdministrators", &[], service).await
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: ListDelegatedAdministratorsRequest,
        granted: Granted<SeenPlace>,
    ) -> Result<Reply<ListDelegatedAdministratorsResponse>, Error> {
        let organization = granted.seen().observing()?;
        let wanted = |d: &&Delegate| input.service_principal.as_ref().is_none_or(|s| *s == d.service);
        let mut txn = granted.begin(cx);
        let mut all: Vec<DelegatedAdministrator> = Vec::new();
        for delegate in organization.delegates.iter().filter(wanted) {
            let one = administrator(&mut txn, organization, delegate).await?;
            if all.iter().all(|other| other.id != one.id) {
                all.push(one);
            }
        }
        let page = page::list(input.next_token.as_deref(), input.max_results, all, |one| &one.id)?;
        Ok(ListDelegatedAdministratorsResponse {
            delegated_administrators: page.items,
            next_token: page.marker,
        }
        .into())
    }
}

impl Serve for op::ListDelegatedServicesForAccount {
    type Seen = SeenPlace;

    async fn targets(
        cx: &Cx<'_>,
        input: &ListDelegatedServicesForAccountRequest,
    ) -> Result<Targets<SeenPlace>, Error> {
        standing::targets(cx, "organizations:ListDelegatedServicesForAccount", &[&input.account_id]).await
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: ListDelegatedServicesForAccountRequest,
        granted: Granted<SeenPlace>,
    ) -> Result<Reply<ListDelegatedServicesForAccountResponse>, Error> {
        let organization = granted.seen().observing()?;
        members::read(&mut granted.begin(cx), organization, &input.account_id).await?;
        let delegates = organization.delegates.iter();
        let services: Vec<DelegatedService> = delegates
            .filter(|delegate| delegate.account.as_str() == input.account_id)
            .map(|delegate| DelegatedService {
                service_principal: Some(delegate.service.clone()),
                delegation_enabled_date: Some(delegate.since),
            })
            .collect();
        if services.is_empty() {
            return Err(sentence::not_registered());
        }
        let page = page::list(input.next_token.as_deref(), input.max_results, services, |one| {
            &one.service_principal
        })?;
        Ok(ListDelegatedServicesForAccountResponse {
            delegated_services: page.items,
            next_token: page.marker,
        }
        .into())
    }
}

async fn on(
    cx: &Cx<'_>,
    action: &'static str,
    ids: &[&str],
    service: &str,
) -> Result<Targets<SeenPlace>, Error> {
    let service = Some(service).filter(|service| !service.is_empty());
    let targets = standing::targets(cx, action, ids).await?;
    Ok(targets.map(|target| target.with_some("organizations:ServicePrincipal", service)))
}

/// Changes the organization's own record, in what it says of a member account or of no account but its own.
async fn change(
    cx: &Cx<'_>,
    granted: &Granted<SeenPlace>,
    member: Option<&str>,
    change: impl FnOnce(&mut Organization, &AccountId) -> Result<(), Error>,
) -> Result<Reply<Nothing>, Error> {
    let mut organization = Organization::clone(granted.seen().managing()?);
    let mut txn = granted.begin(cx);
    let account = match member {
        Some(id) => members::read(&mut txn, &organization, id).await?.0.id,
        None => cx.account().clone(),
    };
    change(&mut organization, &account)?;
    records::write(&mut txn, key::organization(&organization.id), &organization)?;
    txn.commit().await?;
    Ok(Nothing.into())
}

/// The form of a service's principal.
fn known(service: &str) -> Result<&str, Error> {
    let is_one = service.ends_with(".amazonaws.com") && !service.starts_with('.');
    is_one.then_some(service).ok_or_else(sentence::unknown_service)
}

async fn administrator(
    txn: &mut Txn<'_>,
    organization: &Organization,
    delegate: &Delegate,
) -> Result<DelegatedAdministrator, Error> {
    let (account, membership) = members::read(txn, organization, delegate.account.as_str()).await?;
    let shown = members::shown(organization, &account, &membership);
    Ok(DelegatedAdministrator {
        id: shown.id,
        arn: shown.arn,
        email: shown.email,
        name: shown.name,
        status: shown.status,
        state: shown.state,
        joined_method: shown.joined_method,
        joined_timestamp: shown.joined_timestamp,
        delegation_enabled_date: Some(delegate.since),
    })
}
