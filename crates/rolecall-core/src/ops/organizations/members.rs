//! The accounts of an organization: `ListAccounts`, `ListAccountsForParent`, `DescribeAccount`,
//! `MoveAccount`, `CloseAccount`, `RemoveAccountFromOrganization`, `LeaveOrganization`.

use super::node::Node;
use super::{page, standing};
use crate::error::{Error, organizations as sentence};
use crate::gate::{Cx, Granted, Reply, Serve};
use crate::organizations::Place;
use crate::records::{self, Account, Membership, Organization, Standing, key};
use crate::target::Targets;
use rolecall_store::{Retry, Txn};
use rolecall_wire::operation::Nothing;
use rolecall_wire::organizations::{
    self as wire, CloseAccountRequest, DescribeAccountRequest, DescribeAccountResponse,
    ListAccountsForParentRequest, ListAccountsForParentResponse, ListAccountsRequest, ListAccountsResponse,
    MoveAccountRequest, RemoveAccountFromOrganizationRequest, op,
};

impl Serve for op::ListAccounts {
    type Seen = ();

    async fn targets(cx: &Cx<'_>, _input: &ListAccountsRequest) -> Result<Targets, Error> {
        standing::targets(cx, "organizations:ListAccounts", &[]).await
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: ListAccountsRequest,
        _: Granted<()>,
    ) -> Result<Reply<ListAccountsResponse>, Error> {
        let place = standing::observing(cx).await?;
        let all = accounts(cx, &place.organization, |_| true).await?;
        let page = page::list(input.next_token.as_deref(), input.max_results, all, |one| &one.id)?;
        Ok(ListAccountsResponse { accounts: page.items, next_token: page.marker }.into())
    }
}

impl Serve for op::ListAccountsForParent {
    type Seen = ();

    async fn targets(cx: &Cx<'_>, input: &ListAccountsForParentRequest) -> Result<Targets, Error> {
        standing::targets(cx, "organizations:ListAccountsForParent", &[&input.parent_id]).await
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: ListAccountsForParentRequest,
        _: Granted<()>,
    ) -> Result<Reply<ListAccountsForParentResponse>, Error> {
        let place = standing::observing(cx).await?;
        let mut txn = cx.system.store.begin();
        parent(&mut txn, &place.organization, &input.parent_id, sentence::no_such_parent).await?;
        let all = accounts(cx, &place.organization, |m| m.parent == input.parent_id).await?;
        let page = page::list(input.next_token.as_deref(), input.max_results, all, |one| &one.id)?;
        Ok(ListAccountsForParentResponse { accounts: page.items, next_token: page.marker }.into())
    }
}

impl Serve for op::DescribeAccount {
    type Seen = ();

    async fn targets(cx: &Cx<'_>, input: &DescribeAccountRequest) -> Result<Targets, Error> {
        standing::targets(cx, "organizations:DescribeAccount", &[&input.account_id]).await
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: DescribeAccountRequest,
        _: Granted<()>,
    ) -> Result<Reply<DescribeAccountResponse>, Error> {
        let place = standing::observing(cx).await?;
        let mut txn = cx.system.store.begin();
        let (account, membership) = read(&mut txn, &place.organization, &input.account_id).await?;
        let account = Some(shown(&place.organization, &account, &membership));
        Ok(DescribeAccountResponse { account }.into())
    }
}

impl Serve for op::MoveAccount {
    type Seen = ();

    async fn targets(cx: &Cx<'_>, input: &MoveAccountRequest) -> Result<Targets, Error> {
        let ids = [&input.account_id, &input.source_parent_id, &input.destination_parent_id];
        standing::targets(cx, "organizations:MoveAccount", &ids.map(String::as_str)).await
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: MoveAccountRequest,
        _: Granted<()>,
    ) -> Result<Reply<Nothing>, Error> {
        let place = standing::managing(cx).await?;
        let (from, to) = (&input.source_parent_id, &input.destination_parent_id);
        let mut retry = Retry::default();
        loop {
            let mut txn = cx.system.store.begin();
            let organization = standing::organization(&mut txn, &place).await?;
            let (account, mut membership) = read(&mut txn, &organization, &input.account_id).await?;
            parent(&mut txn, &organization, from, sentence::no_such_source).await?;
            parent(&mut txn, &organization, to, sentence::no_such_destination).await?;
            if membership.parent != *from {
                return Err(sentence::no_such_account());
            }
            if from == to {
                return Err(sentence::duplicate_account());
            }
            membership.parent.clone_from(to);
            Node::Account(account, membership).write(&mut txn)?;
            if retry.commit(txn).await? {
                return Ok(Nothing.into());
            }
        }
    }
}

impl Serve for op::CloseAccount {
    type Seen = ();

    async fn targets(cx: &Cx<'_>, input: &CloseAccountRequest) -> Result<Targets, Error> {
        standing::targets(cx, "organizations:CloseAccount", &[&input.account_id]).await
    }

    /// Nothing of the account is deleted; nobody of it gets in any more.
    async fn run(
        cx: &mut Cx<'_>,
        input: CloseAccountRequest,
        _: Granted<()>,
    ) -> Result<Reply<Nothing>, Error> {
        let place = standing::managing(cx).await?;
        let mut retry = Retry::default();
        loop {
            let mut txn = cx.system.store.begin();
            let organization = standing::organization(&mut txn, &place).await?;
            let (account, membership) = read(&mut txn, &organization, &input.account_id).await?;
            if account.id == organization.management || account.id == cx.system.settings.account {
                return Err(sentence::cannot_close_management());
            }
            if account.is_closed() {
                return Err(sentence::already_closed());
            }
            let closed = Account { standing: Standing::Suspended, ..account };
            Node::Account(closed, membership).write(&mut txn)?;
            if retry.commit(txn).await? {
                return Ok(Nothing.into());
            }
        }
    }
}

impl Serve for op::RemoveAccountFromOrganization {
    type Seen = ();

    async fn targets(cx: &Cx<'_>, input: &RemoveAccountFromOrganizationRequest) -> Result<Targets, Error> {
        standing::targets(cx, "organizations:RemoveAccountFromOrganization", &[&input.account_id]).await
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: RemoveAccountFromOrganizationRequest,
        _: Granted<()>,
    ) -> Result<Reply<Nothing>, Error> {
        let place = standing::managing(cx).await?;
        remove(cx, &place, &input.account_id).await?;
        Ok(Nothing.into())
    }
}

impl Serve for op::LeaveOrganization {
    type Seen = ();

    async fn targets(cx: &Cx<'_>, _input: &Nothing) -> Result<Targets, Error> {
        standing::targets(cx, "organizations:LeaveOrganization", &[]).await
    }

    async fn run(cx: &mut Cx<'_>, _input: Nothing, _: Granted<()>) -> Result<Reply<Nothing>, Error> {
        let place = standing::member(cx).await?;
        remove(cx, &place, cx.account().as_str()).await?;
        Ok(Nothing.into())
    }
}

async fn remove(cx: &Cx<'_>, place: &Place, id: &str) -> Result<(), Error> {
    let mut retry = Retry::default();
    loop {
        let mut txn = cx.system.store.begin();
        let organization = standing::organization(&mut txn, place).await?;
        let (account, _) = read(&mut txn, &organization, id).await?;
        if account.id == organization.management {
            return Err(sentence::management_cannot_leave());
        }
        if organization.delegates.iter().any(|delegate| delegate.account == account.id) {
            return Err(sentence::delegate_cannot_leave());
        }
        let alone = Account { membership: None, tags: Vec::new(), ..account };
        txn.delete(key::member_account(&organization.id, &alone.id));
        records::write(&mut txn, key::account(&alone.id), &alone)?;
        if retry.commit(txn).await? {
            return Ok(());
        }
    }
}

/// A member account within a transaction.
///
/// # Errors
/// When there is no such member.
pub(super) async fn read(
    txn: &mut Txn<'_>,
    organization: &Organization,
    id: &str,
) -> Result<(Account, Membership), Error> {
    match Node::read(txn, organization, id).await? {
        Some(Node::Account(account, membership)) => Ok((account, membership)),
        _ => Err(sentence::no_such_account()),
    }
}

/// The root or unit of an id within a transaction.
///
/// # Errors
/// What `missing` says when there is none.
pub(super) async fn parent(
    txn: &mut Txn<'_>,
    organization: &Organization,
    id: &str,
    missing: fn() -> Error,
) -> Result<Node, Error> {
    match Node::read(txn, organization, id).await? {
        Some(Node::Account(..)) | None => Err(missing()),
        Some(parent) => Ok(parent),
    }
}

async fn accounts(
    cx: &Cx<'_>,
    organization: &Organization,
    keep: impl Fn(&Membership) -> bool,
) -> Result<Vec<wire::Account>, Error> {
    let nodes = Node::seen(cx.system, organization).await?;
    let shown = nodes.iter().filter_map(|node| match node {
        Node::Account(account, membership) if keep(membership) => {
            Some(shown(organization, account, membership))
        }
        _ => None,
    });
    Ok(shown.collect())
}

/// An account as answers show it.
pub(super) fn shown(
    organization: &Organization,
    account: &Account,
    membership: &Membership,
) -> wire::Account {
    let state = account.standing.as_str().to_owned();
    wire::Account {
        id: Some(account.id.to_string()),
        arn: Some(organization.arn("account", account.id.as_str())),
        email: Some(account.email.clone()),
        name: Some(account.name.clone()),
        status: Some(state.clone()),
        state: Some(state),
        joined_method: Some(if membership.invited { "INVITED" } else { "CREATED" }.to_owned()),
        joined_timestamp: Some(membership.joined),
        ..wire::Account::default()
    }
}
