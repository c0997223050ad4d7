//! Services that the organization trusts, and the accounts that administer them for it:
//! `EnableAWSServiceAccess`, `DisableAWSServiceAccess`, `ListAWSServiceAccessForOrganization`,
//! `RegisterDelegatedAdministrator`, `DeregisterDelegatedAdministrator`, `ListDelegatedAdministrators`,
//! `ListDelegatedServicesForAccount`.

use super::{members, page, standing};
use crate::error::{Error, organizations as sentence};
use crate::gate::{Cx, Granted, Reply, Serve};
use crate::id::AccountId;
use crate::records::{self, Delegate, Organization, key};
use crate::target::Targets;
use rolecall_store::{Retry, Txn};
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
    type Seen = ();

    async fn targets(cx: &Cx<'_>, input: &EnableAWSServiceAccessRequest) -> Result<Targets, Error> {
        on(cx, "organizations:EnableAWSServiceAccess", &[], &input.service_principal).await
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: EnableAWSServiceAccessRequest,
        _: Granted<()>,
    ) -> Result<Reply<Nothing>, Error> {
        let service = known(&input.service_principal)?;
        let now = cx.now;
        change(cx, None, |organization, _| {
            if !organization.trusted_services.iter().any(|(name, _)| name == service) {
                organization.trusted_services.push((service.to_owned(), now));
            }
            Ok(())
        })
        .await
    }
}

impl Serve for op::DisableAWSServiceAccess {
    type Seen = ();

    async fn targets(cx: &Cx<'_>, input: &DisableAWSServiceAccessRequest) -> Result<Targets, Error> {
        on(cx, "organizations:DisableAWSServiceAccess", &[], &input.service_principal).await
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: DisableAWSServiceAccessRequest,
        _: Granted<()>,
    ) -> Result<Reply<Nothing>, Error> {
        let service = known(&input.service_principal)?;
        change(cx, None, |organization, _| {
            organization.trusted_services.retain(|(name, _)| name != service);
            Ok(())
        })
        .await
    }
}

impl Serve for op::ListAWSServiceAccessForOrganization {
    type Seen = ();

    async fn targets(
        cx: &Cx<'_>,
        _input: &ListAWSServiceAccessForOrganizationRequest,
    ) -> Result<Targets, Error> {
        standing::targets(cx, "organizations:ListAWSServiceAccessForOrganization", &[]).await
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: ListAWSServiceAccessForOrganizationRequest,
        _: Granted<()>,
    ) -> Result<Reply<ListAWSServiceAccessForOrganizationResponse>, Error> {
        let place = standing::observing(cx).await?;
        let shown = |(name, since): &(String, i64)| EnabledServicePrincipal {
            service_principal: Some(name.clone()),
            date_enabled: Some(*since),
        };
        let all = place.organization.trusted_services.iter().map(shown).collect();
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
    type Seen = ();

    async fn targets(cx: &Cx<'_>, input: &RegisterDelegatedAdministratorRequest) -> Result<Targets, Error> {
        let action = "organizations:RegisterDelegatedAdministrator";
        on(cx, action, &[&input.account_id], &input.service_principal).await
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: RegisterDelegatedAdministratorRequest,
        _: Granted<()>,
    ) -> Result<Reply<Nothing>, Error> {
        let service = known(&input.service_principal)?;
        let now = cx.now;
        change(cx, Some(&input.account_id), |organization, account| {
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
    type Seen = ();

    async fn targets(cx: &Cx<'_>, input: &DeregisterDelegatedAdministratorRequest) -> Result<Targets, Error> {
        let action = "organizations:DeregisterDelegatedAdministrator";
        on(cx, action, &[&input.account_id], &input.service_principal).await
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: DeregisterDelegatedAdministratorRequest,
        _: Granted<()>,
    ) -> Result<Reply<Nothing>, Error> {
        let service = known(&input.service_principal)?;
        change(cx, Some(&input.account_id), |organization, account| {
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
    type Seen = ();

    async fn targets(cx: &Cx<'_>, input: &ListDelegatedAdministratorsRequest) -> Result<Targets, Error> {
        let service = input.service_principal.as_deref().unwrap_or_default();
        on(cx, "organizations:ListDelegatedAdministrators", &[], service).await
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: ListDelegatedAdministratorsRequest,
        _: Granted<()>,
    ) -> Result<Reply<ListDelegatedAdministratorsResponse>, Error> {
        let place = standing::observing(cx).await?;
        let wanted = |d: &&Delegate| input.service_principal.as_ref().is_none_or(|s| *s == d.service);
        let mut txn = cx.system.store.begin();
        let mut all: Vec<DelegatedAdministrator> = Vec::new();
        for delegate in place.organization.delegates.iter().filter(wanted) {
            let one = administrator(&mut txn, &place.organization, delegate).await?;
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
    type Seen = ();

    async fn targets(cx: &Cx<'_>, input: &ListDelegatedServicesForAccountRequest) -> Result<Targets, Error> {
        standing::targets(cx, "organizations:ListDelegatedServicesForAccount", &[&input.account_id]).await
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: ListDelegatedServicesForAccountRequest,
        _: Granted<()>,
    ) -> Result<Reply<ListDelegatedServicesForAccountResponse>, Error> {
        let place = standing::observing(cx).await?;
        members::read(&mut cx.system.store.begin(), &place.organization, &input.account_id).await?;
        let delegates = place.organization.delegates.iter();
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

async fn on(cx: &Cx<'_>, action: &'static str, ids: &[&str], service: &str) -> Result<Targets, Error> {
    let service = Some(service).filter(|service| !service.is_empty());
    let targets = standing::targets(cx, action, ids).await?;
    Ok(targets.map(|target| target.with_some("organizations:ServicePrincipal", service)))
}

/// Changes the organization's own record, in what it says of a member account or of no account but its own.
async fn change(
    cx: &Cx<'_>,
    member: Option<&str>,
    change: impl Fn(&mut Organization, &AccountId) -> Result<(), Error> + Send,
) -> Result<Reply<Nothing>, Error> {
    let place = standing::managing(cx).await?;
    let mut retry = Retry::default();
    loop {
        let mut txn = cx.system.store.begin();
        let mut organization = standing::organization(&mut txn, &place).await?;
        let account = match member {
            Some(id) => members::read(&mut txn, &organization, id).await?.0.id,
            None => place.account.id.clone(),
        };
        change(&mut organization, &account)?;
        records::write(&mut txn, key::organization(&organization.id), &organization)?;
        if retry.commit(txn).await? {
            return Ok(Nothing.into());
        }
    }
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
