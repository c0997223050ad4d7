//! What policies are attached to and tags given to: the root, a unit, an account, as one kind of thing.

use crate::error::Error;
use crate::records::{self, Account, ControlKind, Membership, Organization, Record, Tags, Unit, key};
use rolecall_store::Txn;

/// A node of an organization's tree.
pub(super) enum Node {
    Root(Organization),
    Unit(Unit),
    Account(Account, Membership),
}

impl Node {
    /// The node of an id.
    ///
    /// # Errors
    /// When the store fails.
    pub(super) async fn read(
        txn: &mut Txn<'_>,
        organization: &Organization,
        id: &str,
    ) -> Result<Option<Self>, Error> {
        if id == organization.root {
            return Ok(Some(Self::Root(organization.clone())));
        }
        if id.starts_with("ou-") {
            let found = records::read::<Unit>(txn, &key::unit(&organization.id, id)).await?;
            return Ok(found.map(|(unit, _)| Self::Unit(unit)));
        }
        let Ok(id) = id.parse() else { return Ok(None) };
        let found = records::read::<Account>(txn, &key::account(&id)).await?;
        Ok(found.and_then(|(account, _)| Self::of_account(organization, account)))
    }

    fn of_account(organization: &Organization, account: Account) -> Option<Self> {
        let membership = account.membership.clone().filter(|m| m.organization == organization.id)?;
        Some(Self::Account(account, membership))
    }

    /// All nodes of an organization.
    ///
    /// # Errors
    /// When the store fails or a record is unreadable.
    pub(super) async fn all(txn: &mut Txn<'_>, organization: &Organization) -> Result<Vec<Self>, Error> {
        let mut nodes = vec![Self::Root(organization.clone())];
        for (_, stored) in txn.scan(&key::units(&organization.id), usize::MAX).await? {
            nodes.push(Self::Unit(Unit::decode(&stored)?));
        }
        for (at, _) in txn.scan(&key::member_accounts(&organization.id), usize::MAX).await? {
            nodes.extend(Self::read(txn, organization, key::last_part(&at)).await?);
        }
        Ok(nodes)
    }

    /// Its id.
    pub(super) fn id(&self) -> &str {
        match self {
            Self::Root(root) => &root.root,
            Self::Unit(unit) => &unit.id,
            Self::Account(account, _) => account.id.as_str(),
        }
    }

    /// Its name.
    pub(super) fn name(&self) -> &str {
        match self {
            Self::Root(_) => "Root",
            Self::Unit(unit) => &unit.name,
            Self::Account(account, _) => &account.name,
        }
    }

    /// The word that Organizations has for its kind, and the one in ARNs.
    pub(super) fn kind(&self) -> (&'static str, &'static str) {
        match self {
            Self::Root(_) => ("ROOT", "root"),
            Self::Unit(_) => ("ORGANIZATIONAL_UNIT", "ou"),
            Self::Account(..) => ("ACCOUNT", "account"),
        }
    }

    /// The id of the node that it is directly in; the root is in none.
    pub(super) fn parent(&self) -> Option<&str> {
        match self {
            Self::Root(_) => None,
            Self::Unit(unit) => Some(&unit.parent),
            Self::Account(_, membership) => Some(&membership.parent),
        }
    }

    /// The ids of the policies attached.
    pub(super) fn policies(&mut self) -> &mut Vec<String> {
        match self {
            Self::Root(root) => &mut root.policies,
            Self::Unit(unit) => &mut unit.policies,
            Self::Account(_, membership) => &mut membership.policies,
        }
    }

    /// Its tags.
    pub(super) fn tags(&mut self) -> &mut Tags {
        match self {
            Self::Root(root) => &mut root.tags,
            Self::Unit(unit) => &mut unit.tags,
            Self::Account(account, _) => &mut account.tags,
        }
    }

    /// Writes it.
    ///
    /// # Errors
    /// When it cannot be encoded.
    pub(super) fn write(self, txn: &mut Txn<'_>) -> Result<(), Error> {
        match self {
            Self::Root(root) => records::write(txn, key::organization(&root.id), &root),
            Self::Unit(unit) => records::write(txn, key::unit(&unit.organization, &unit.id), &unit),
            Self::Account(account, membership) => {
                let account = Account { membership: Some(membership), ..account };
                records::write(txn, key::account(&account.id), &account)
            }
        }
    }
}

/// The policies that a new node begins with: AWS's of every type that is enabled.
pub(super) fn first_policies(kinds: &[ControlKind]) -> Vec<String> {
    kinds.iter().map(|kind| kind.of_aws().id.clone()).collect()
}
