//! `CreateAccount` of an organization, and what became of it: `DescribeCreateAccountStatus`,
//! `ListCreateAccountStatus`.

use super::node::first_policies;
use super::{page, standing, tags};
use crate::accounts;
use crate::error::{Error, organizations as sentence};
use crate::gate::{Cx, Granted, Reply, Serve};
use crate::id::{AccountId, Prefix, unique_id};
use crate::organizations::{Place, random_id};
use crate::records::key::Usage;
use crate::records::{self, Account, AccountRequest, Document, Membership, Organization, Record, Role, key};
use crate::target::Targets;
use rolecall_store::{Retry, Txn};
use rolecall_wire::organizations::{
    CreateAccountRequest, CreateAccountResponse, CreateAccountStatus, DescribeCreateAccountStatusRequest,
    DescribeCreateAccountStatusResponse, ListCreateAccountStatusRequest, ListCreateAccountStatusResponse, op,
};

impl Serve for op::CreateAccount {
    type Seen = ();

    async fn targets(cx: &Cx<'_>, input: &CreateAccountRequest) -> Result<Targets, Error> {
        tags::creation(cx, "organizations:CreateAccount", &[], &input.tags).await
    }

    /// Done at once, so the first answer tells the outcome already.
    async fn run(
        cx: &mut Cx<'_>,
        input: CreateAccountRequest,
        _: Granted<()>,
    ) -> Result<Reply<CreateAccountResponse>, Error> {
        let place = standing::managing(cx).await?;
        let account = new_account(cx, &place, &input)?;
        let role = access_role(cx, &place, &account.id, input.role_name)?;
        let id = random_id("car-", 32)?;
        let mut request =
            AccountRequest { id, name: input.account_name, at: cx.now, outcome: Ok(account.id.clone()) };
        let mut retry = Retry::default();
        loop {
            let mut txn = cx.system.store.begin();
            let organization = standing::organization(&mut txn, &place).await?;
            request.outcome = match accounts::add(&mut txn, &account).await? {
                Err(accounts::Taken::Email(_)) => Err("EMAIL_ALREADY_EXISTS".to_owned()),
                Err(_) => Err("INTERNAL_FAILURE".to_owned()),
                Ok(()) => join(&mut txn, &organization, &account, &role).map(|()| Ok(account.id.clone()))?,
            };
            let key = key::account_request(&place.organization.id, &request.id);
            records::write(&mut txn, key, &request)?;
            if retry.commit(txn).await? {
                return Ok(CreateAccountResponse { create_account_status: Some(shown(&request)) }.into());
            }
        }
    }
}

impl Serve for op::DescribeCreateAccountStatus {
    type Seen = ();

    async fn targets(cx: &Cx<'_>, _input: &DescribeCreateAccountStatusRequest) -> Result<Targets, Error> {
        standing::targets(cx, "organizations:DescribeCreateAccountStatus", &[]).await
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: DescribeCreateAccountStatusRequest,
        _: Granted<()>,
    ) -> Result<Reply<DescribeCreateAccountStatusResponse>, Error> {
        let place = standing::observing(cx).await?;
        let key = key::account_request(&place.organization.id, &input.create_account_request_id);
        let found = cx.system.store.cached(&key, AccountRequest::decode).await?;
        let (request, _) = found.ok_or_else(sentence::no_such_request)?;
        Ok(DescribeCreateAccountStatusResponse { create_account_status: Some(shown(&request)) }.into())
    }
}

impl Serve for op::ListCreateAccountStatus {
    type Seen = ();

    async fn targets(cx: &Cx<'_>, _input: &ListCreateAccountStatusRequest) -> Result<Targets, Error> {
        standing::targets(cx, "organizations:ListCreateAccountStatus", &[]).await
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: ListCreateAccountStatusRequest,
        _: Granted<()>,
    ) -> Result<Reply<ListCreateAccountStatusResponse>, Error> {
        let place = standing::observing(cx).await?;
        let range = key::account_requests(&place.organization.id);
        let wanted = |request: &AccountRequest| {
            let state = shown(request).state.unwrap_or_default();
            input.states.is_empty() || input.states.contains(&state)
        };
        let paging = page::of(input.next_token.as_deref(), input.max_results)?;
        let page = paging.records(&cx.system.store, &range, wanted).await?.map(|request| shown(&request));
        Ok(ListCreateAccountStatusResponse { create_account_statuses: page.items, next_token: page.marker }
            .into())
    }
}

fn new_account(cx: &Cx<'_>, place: &Place, input: &CreateAccountRequest) -> Result<Account, Error> {
    let organization = &place.organization;
    let membership = Membership {
        organization: organization.id.clone(),
        parent: organization.root.clone(),
        joined: cx.now,
        invited: false,
        policies: Vec::new(),
    };
    Ok(Account {
        name: input.account_name.clone(),
        email: input.email.clone(),
        membership: Some(membership),
        tags: tags::sent(&input.tags)?,
        ..Account::new(accounts::random_id()?, cx.now)
    })
}

/// The role by which the management account gets into the new account (Organizations User Guide,
/// Accessing member accounts).
fn access_role(cx: &Cx<'_>, place: &Place, account: &AccountId, name: Option<String>) -> Result<Role, Error> {
    let management = place.organization.management.root_arn();
    let trust = serde_json::json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
        "Principal": {"AWS": management}, "Action": "sts:AssumeRole"}]});
    Ok(Role {
        account: account.clone(),
        name: name.unwrap_or_else(|| "OrganizationAccountAccessRole".to_owned()),
        path: "/".to_owned(),
        id: unique_id(Prefix::Role)?,
        created: cx.now,
        description: None,
        max_session_duration: 3600,
        trust: Document::new(trust.to_string()),
        tags: Vec::new(),
        boundary: None,
        attached: vec![ADMINISTRATOR.to_owned()],
        inline: Vec::new(),
    })
}

/// Writes what a new account has besides its record.
fn join(txn: &mut Txn<'_>, organization: &Organization, account: &Account, role: &Role) -> Result<(), Error> {
    let mut account = account.clone();
    if let Some(membership) = &mut account.membership {
        membership.policies = first_policies(&organization.policy_types);
    }
    records::write(txn, key::account(&account.id), &account)?;
    txn.put(key::member_account(&organization.id, &account.id), Vec::new());
    txn.put(key::usage(Usage::Attached, &account.id, ADMINISTRATOR, "role", &role.name), Vec::new());
    records::write(txn, key::role(&account.id, &role.name), role)
}

fn shown(request: &AccountRequest) -> CreateAccountStatus {
    let state = if request.outcome.is_ok() { "SUCCEEDED" } else { "FAILED" };
    CreateAccountStatus {
        id: Some(request.id.clone()),
        account_name: Some(request.name.clone()),
        state: Some(state.to_owned()),
        requested_timestamp: Some(request.at),
        completed_timestamp: Some(request.at),
        account_id: request.outcome.as_ref().ok().map(ToString::to_string),
        gov_cloud_account_id: None,
        failure_reason: request.outcome.as_ref().err().cloned(),
    }
}

const ADMINISTRATOR: &str = "arn:aws:iam::aws:policy/AdministratorAccess";
