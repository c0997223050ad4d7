//! `CreateAccount`, `DescribeAccount`, `ListAccounts`, `CloseAccount`: the accounts of the installation.

use crate::accounts::{self, Taken};
use crate::error::{Error, rolecall as sentence};
use crate::gate::{Cx, Granted, Reply, Serve};
use crate::id::AccountId;
use crate::ops::paging::Paging;
use crate::records::{self, Account, Owner, Record, Standing, key};
use crate::target::Targets;
use rolecall_wire::operation::Nothing;
use rolecall_wire::rolecall::{
    self as wire, AccessKey, CloseAccountRequest, CreateAccountRequest, CreateAccountResponse,
    DescribeAccountRequest, DescribeAccountResponse, ListAccountsRequest, ListAccountsResponse, op,
};

impl Serve for op::CreateAccount {
    type Seen = ();

    async fn targets(cx: &Cx<'_>, _input: &CreateAccountRequest) -> Result<Targets<()>, Error> {
        Ok(on(cx, "rolecall:CreateAccount", "*"))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: CreateAccountRequest,
        granted: Granted<()>,
    ) -> Result<Reply<CreateAccountResponse>, Error> {
        let id = input.account_id.as_deref().map_or_else(accounts::random_id, parsed)?;
        let key = cx.system.new_access_key(&id, Owner::Root)?;
        let mut account = Account { root_keys: vec![key.record.id.clone()], ..Account::new(id, cx.now) };
        account.name = input.account_name.unwrap_or(account.name);
        account.email = input.email.unwrap_or(account.email);
        let mut txn = granted.begin(cx);
        accounts::add(&mut txn, &account).await?.map_err(|taken: Taken| sentence::taken(&taken))?;
        records::write(&mut txn, key::access_key(&key.record.id), &key.record)?;
        txn.commit().await?;
        let access_key =
            AccessKey { access_key_id: key.record.id, secret_access_key: key.secret.to_string() };
        Ok(CreateAccountResponse { account: shown(&account), access_key }.into())
    }
}

impl Serve for op::DescribeAccount {
    type Seen = ();

    async fn targets(cx: &Cx<'_>, input: &DescribeAccountRequest) -> Result<Targets, Error> {
        Ok(on(cx, "rolecall:DescribeAccount", &input.account_id))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: DescribeAccountRequest,
        _: Granted<()>,
    ) -> Result<Reply<DescribeAccountResponse>, Error> {
        let found =
            cx.system.store.cached(&key::account(&parsed(&input.account_id)?), Account::decode).await?;
        let (account, _) = found.ok_or_else(|| sentence::no_such_account(&input.account_id))?;
        Ok(DescribeAccountResponse { account: shown(&account) }.into())
    }
}

impl Serve for op::ListAccounts {
    type Seen = ();

    async fn targets(cx: &Cx<'_>, _input: &ListAccountsRequest) -> Result<Targets, Error> {
        Ok(on(cx, "rolecall:ListAccounts", "*"))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: ListAccountsRequest,
        _: Granted<()>,
    ) -> Result<Reply<ListAccountsResponse>, Error> {
        let paging = Paging::of(input.marker.as_deref(), input.max_items)?;
        let page = paging.records(&cx.system.store, &key::accounts(), |_: &Account| true).await?;
        let is_truncated = page.is_truncated();
        let page = page.map(|account| shown(&account));
        Ok(ListAccountsResponse { accounts: page.items, is_truncated, marker: page.marker }.into())
    }
}

impl Serve for op::CloseAccount {
    type Seen = ();

    async fn targets(cx: &Cx<'_>, input: &CloseAccountRequest) -> Result<Targets<()>, Error> {
        Ok(on(cx, "rolecall:CloseAccount", &input.account_id))
    }

    /// Nothing of the account is deleted; nobody of it gets in any more.
    async fn run(
        cx: &mut Cx<'_>,
        input: CloseAccountRequest,
        granted: Granted<()>,
    ) -> Result<Reply<Nothing>, Error> {
        let id = parsed(&input.account_id)?;
        if id == cx.system.settings.account {
            return Err(sentence::own_account());
        }
        let mut txn = granted.begin(cx);
        let found = records::read::<Account>(&mut txn, &key::account(&id)).await?;
        let (account, _) = found.ok_or_else(|| sentence::no_such_account(&input.account_id))?;
        if account.membership.is_some() {
            return Err(sentence::member_account());
        }
        let closed = Account { standing: Standing::Suspended, ..account };
        records::write(&mut txn, key::account(&id), &closed)?;
        txn.commit().await?;
        Ok(Nothing.into())
    }
}

/// An action on an account, which as a thing to administer is the installation's.
fn on(cx: &Cx<'_>, action: &'static str, account: &str) -> Targets {
    let installation = &cx.system.settings.account;
    Targets::on(action, format!("arn:aws:rolecall::{installation}:account/{account}"))
}

fn parsed(id: &str) -> Result<AccountId, Error> {
    id.parse().map_err(|_| sentence::no_such_account(id))
}

fn shown(account: &Account) -> wire::Account {
    wire::Account {
        account_id: account.id.to_string(),
        account_name: account.name.clone(),
        email: account.email.clone(),
        status: account.standing.as_str().to_owned(),
        organization_id: account.membership.as_ref().map(|place| place.organization.clone()),
        create_date: account.created,
    }
}
