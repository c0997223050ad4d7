//! `CreateAccount` of an organization, and what became of it: `DescribeCreateAccountStatus`,
//! `ListCreateAccountStatus`.

use super::node::first_policies;
use super::standing::{self, SeenPlace};
use super::{page, tags};
use crate::accounts;
use crate::error::{Error, organizations as sentence};
use crate::gate::{Cx, Granted, Reply, Serve};
use crate::id::{AccountId, Prefix, unique_id};
use crate::organizations::random_id;
use crate::records::key::Usage;
use crate::records::{self, Account, AccountRequest, Document, Membership, Organization, Record, Role, key};
use crate::target::Targets;
use rolecall_store::Txn;
use rolecall_wire::organizations::{
    CreateAccountRequest, CreateAccountResponse, CreateAccountStatus, DescribeCreateAccountStatusRequest,
    DescribeCreateAccountStatusResponse, ListCreateAccountStatusRequest, ListCreateAccountStatusResponse, op,
};

impl Serve for op::CreateAccount {
    type Seen = SeenPlace;

    async fn targets(cx: &Cx<'_>, input: &CreateAccountRequest) -> Result<Targets<SeenPlace>, Error> {
        tags::creation(cx, "organizations:CreateAccount", &[], &input.tags).await
    }

    /// Done at once, so the first answer tells the outcome already.
    async fn run(
        cx: &mut Cx<'_>,
        input: CreateAccountRequest,
        granted: Granted<SeenPlace>,
    ) -> Result<Reply<CreateAccountResponse>, Error> {
        let organization = granted.seen().managing()?;
        let account = new_account(cx, organization, &input)?;
        let role = access_role(cx, organization, &account.id, input.role_name)?;
        let mut txn = granted.begin(cx);
        let outcome = match accounts::add(&mut txn, &account).await? {
            Err(accounts::Taken::Email(_)) => Err("EMAIL_ALREADY_EXISTS".to_owned()),
            Err(_) => Err("INTERNAL_FAILURE".to_owned()),
            Ok(()) => join(&mut txn, organization, &role).map(|()| Ok(account.id))?,
        };
        let request =
            AccountRequest { id: random_id("car-", 32)?, name: input.account_name, at: cx.now, outcome };
        records::write(&mut txn, key::account_request(&organization.id, &request.id), &request)?;
        txn.commit().await?;
        Ok(CreateAccountResponse { create_account_status: Some(shown(&request)) }.into())
    }
}

impl Serve for op::DescribeCreateAccountStatus {
    type Seen = SeenPlace;

    async fn targets(
        cx: &Cx<'_>,
        _input: &DescribeCreateAccountStatusRequest,
    ) -> Result<Targets<SeenPlace>, Error> {
        standing::targets(cx, "organizations:DescribeCreateAccountStatus", &[]).await
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: DescribeCreateAccountStatusRequest,
        granted: Granted<SeenPlace>,
    ) -> Result<Reply<DescribeCreateAccountStatusResponse>, Error> {
        let organization = granted.seen().observing()?;
        let key = key::account_request(&organization.id, &input.create_account_request_id);
        let found = cx.system.store.cached(&key, AccountRequest::decode).await?;
        let (request, _) = found.ok_or_else(sentence::no_such_request)?;
        Ok(DescribeCreateAccountStatusResponse { create_account_status: Some(shown(&request)) }.into())
    }
}

impl Serve for op::ListCreateAccountStatus {
    type Seen = SeenPlace;

    async fn targets(
        cx: &Cx<'_>,
        _input: &ListCreateAccountStatusRequest,
    ) -> Result<Targets<SeenPlace>, Error> {
        standing::targets(cx, "organizations:ListCreateAccountStatus", &[]).await
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: ListCreateAccountStatusRequest,
        granted: Granted<SeenPlace>,
    ) -> Result<Reply<ListCreateAccountStatusResponse>, Error> {
        let organization = granted.seen().observing()?;
        let range = key::account_requests(&organization.id);
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

fn new_account(
    cx: &Cx<'_>,
    organization: &Organization,
    input: &CreateAccountRequest,
) -> Result<Account, Error> {
    let membership = Membership {
        organization: organization.id.clone(),
        parent: organization.root.clone(),
        joined: cx.now,
        invited: false,
        policies: first_policies(&organization.policy_types),
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
fn access_role(
    cx: &Cx<'_>,
    organization: &Organization,
    account: &AccountId,
    name: Option<String>,
) -> Result<Role, Error> {
    let management = organization.management.root_arn();
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
fn join(txn: &mut Txn<'_>, organization: &Organization, role: &Role) -> Result<(), Error> {
    let account = &role.account;
    txn.put(key::member_account(&organization.id, account), Vec::new());
    txn.put(key::usage(Usage::Attached, account, ADMINISTRATOR, "role", &role.name), Vec::new());
    records::write(txn, key::role(account, &role.name), role)
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
