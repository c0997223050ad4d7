//! The accounts of an organization: `ListAccounts`, `ListAccountsForParent`, `DescribeAccount`,
//! `MoveAccount`, `CloseAccount`, `RemoveAccountFromOrganization`, `LeaveOrganization`.

use super::node::Node;
use super::page;
use super::standing::{self, SeenPlace};
use crate::error::{Error, organizations as sentence};
use crate::gate::{Cx, Granted, Reply, Serve};
use crate::records::{self, Account, Membership, Organization, Standing, key};
use crate::target::Targets;
use rolecall_store::Txn;
use rolecall_wire::operation::Nothing;
use rolecall_wire::organizations::{
    self as wire, CloseAccountRequest, DescribeAccountRequest, DescribeAccountResponse,
    ListAccountsForParentRequest, ListAccountsForParentResponse, ListAccountsRequest, ListAccountsResponse,
    MoveAccountRequest, RemoveAccountFromOrganizationRequest, op,
};

impl Serve for op::ListAccounts {
    type Seen = SeenPlace;

    async fn targets(cx: &Cx<'_>, _input: &ListAccountsRequest) -> Result<Targets<SeenPlace>, Error> {
        standing::targets(cx, "organizations:ListAccounts", &[]).await
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: ListAccountsRequest,
        granted: Granted<SeenPlace>,
    ) -> Result<Reply<ListAccountsResponse>, Error> {
        let organization = granted.seen().observing()?;
        let all = accounts(&mut granted.begin(cx), organization, |_| true).await?;
        let page = page::list(input.next_token.as_deref(), input.max_results, all, |one| &one.id)?;
        Ok(ListAccountsResponse { accounts: page.items, next_token: page.marker }.into())
    }
}

impl Serve for op::ListAccountsForParent {
    type Seen = SeenPlace;

    async fn targets(cx: &Cx<'_>, input: &ListAccountsForParentRequest) -> Result<Targets<SeenPlace>, Error> {
        standing::targets(cx, "organizations:ListAccountsForParent", &[&input.parent_id]).await
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: ListAccountsForParentRequest,
        granted: Granted<SeenPlace>,
    ) -> Result<Reply<ListAccountsForParentResponse>, Error> {
        let organization = granted.seen().observing()?;
        let mut txn = granted.begin(cx);
        parent(&mut txn, organization, &input.parent_id, sentence::no_such_parent).await?;
        let all = accounts(&mut txn, organization, |m| m.parent == input.parent_id).await?;
        let page = page::list(input.next_token.as_deref(), input.max_results, all, |one| &one.id)?;
        Ok(ListAccountsForParentResponse { accounts: page.items, next_token: page.marker }.into())
    }
}

impl Serve for op::DescribeAccount {
    type Seen = SeenPlace;

    async fn targets(cx: &Cx<'_>, input: &DescribeAccountRequest) -> Result<Targets<SeenPlace>, Error> {
        standing::targets(cx, "organizations:DescribeAccount", &[&input.account_id]).await
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: DescribeAccountRequest,
        granted: Granted<SeenPlace>,
    ) -> Result<Reply<DescribeAccountResponse>, Error> {
        let organization = granted.seen().observing()?;
        let mut txn = granted.begin(cx);
        let (account, membership) = read(&mut txn, organization, &input.account_id).await?;
        let account = Some(shown(organization, &account, &membership));
        Ok(DescribeAccountResponse { account }.into())
    }
}

impl Serve for op::MoveAccount {
    type Seen = SeenPlace;

    async fn targets(cx: &Cx<'_>, input: &MoveAccountRequest) -> Result<Targets<SeenPlace>, Error> {
        let ids = [&input.account_id, &input.source_parent_id, &input.destination_parent_id];
        standing::targets(cx, "organizations:MoveAccount", &ids.map(String::as_str)).await
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: MoveAccountRequest,
        granted: Granted<SeenPlace>,
    ) -> Result<Reply<Nothing>, Error> {
        let organization = granted.seen().managing()?;
        let (from, to) = (&input.source_parent_id, &input.destination_parent_id);
        let mut txn = granted.begin(cx);
        let (account, mut membership) = read(&mut txn, organization, &input.account_id).await?;
        parent(&mut txn, organization, from, sentence::no_such_source).await?;
        parent(&mut txn, organization, to, sentence::no_such_destination).await?;
        if membership.parent != *from {
            return Err(sentence::no_such_account());
        }
        if from == to {
            return Err(sentence::duplicate_account());
        }
        membership.parent.clone_from(to);
        Node::Account(account, membership).write(&mut txn)?;
        txn.commit().await?;
        Ok(Nothing.into())
    }
}

impl Serve for op::CloseAccount {
    type Seen = SeenPlace;

    async fn targets(cx: &Cx<'_>, input: &CloseAccountRequest) -> Result<Targets<SeenPlace>, Error> {
        standing::targets(cx, "organizations:CloseAccount", &[&input.account_id]).await
    }

    /// Nothing of the account is deleted; nobody of it gets in any more.
    async fn run(
        cx: &mut Cx<'_>,
        input: CloseAccountRequest,
        granted: Granted<SeenPlace>,
    ) -> Result<Reply<Nothing>, Error> {
        let organization = granted.seen().managing()?;
        let mut txn = granted.begin(cx);
        let (account, membership) = read(&mut txn, organization, &input.account_id).await?;
        if account.id == organization.management || account.id == cx.system.settings.account {
            return Err(sentence::cannot_close_management());
        }
        if account.is_closed() {
            return Err(sentence::already_closed());
        }
        let closed = Account { standing: Standing::Suspended, ..account };
        Node::Account(closed, membership).write(&mut txn)?;
        txn.commit().await?;
        Ok(Nothing.into())
    }
}

impl Serve for op::RemoveAccountFromOrganization {
    type Seen = SeenPlace;

    async fn targets(
        cx: &Cx<'_>,
        input: &RemoveAccountFromOrganizationRequest,
    ) -> Result<Targets<SeenPlace>, Error> {
        standing::targets(cx, "organizations:RemoveAccountFromOrganization", &[&input.account_id]).await
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: RemoveAccountFromOrganizationRequest,
        granted: Granted<SeenPlace>,
    ) -> Result<Reply<Nothing>, Error> {
        let organization = granted.seen().managing()?;
        remove(cx, &granted, organization, &input.account_id).await?;
        Ok(Nothing.into())
    }
}

impl Serve for op::LeaveOrganization {
    type Seen = SeenPlace;

    async fn targets(cx: &Cx<'_>, _input: &Nothing) -> Result<Targets<SeenPlace>, Error> {
        standing::targets(cx, "organizations:LeaveOrganization", &[]).await
    }

    async fn run(
        cx: &mut Cx<'_>,
        _input: Nothing,
        granted: Granted<SeenPlace>,
    ) -> Result<Reply<Nothing>, Error> {
        let organization = granted.seen().member()?;
        remove(cx, &granted, organization, cx.account().as_str()).await?;
        Ok(Nothing.into())
    }
}

async fn remove(
    cx: &Cx<'_>,
    granted: &Granted<SeenPlace>,
    organization: &Organization,
    id: &str,
) -> Result<(), Error> {
    let mut txn = granted.begin(cx);
    let (account, _) = read(&mut txn, organization, id).await?;
    if account.id == organization.management {
        return Err(sentence::management_cannot_leave());
    }
    if organization.delegates.iter().any(|delegate| delegate.account == account.id) {
        return Err(sentence::delegate_cannot_leave());
    }
    let alone = Account { membership: None, tags: Vec::new(), ..account };
    txn.delete(key::member_account(&organization.id, &alone.id));
    records::write(&mut txn, key::account(&alone.id), &alone)?;
    txn.commit().await?;
    Ok(())
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
    txn: &mut Txn<'_>,
    organization: &Organization,
    keep: impl Fn(&Membership) -> bool,
) -> Result<Vec<wire::Account>, Error> {
    let nodes = Node::all(txn, organization).await?;
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
