//! Accounts: how one comes to be, beside the one that an installation begins with.

use crate::entropy::random;
use crate::error::Error;
use crate::id::AccountId;
use crate::records::{self, AccessKey, Account, Owner, Record, key};
use crate::system::System;
use rolecall_store::Txn;
use zeroize::Zeroizing;

/// What a new account cannot have because another one has it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Taken {
    /// The id.
    #[error("account {0} exists already")]
    Id(AccountId),
    /// The e-mail address.
    #[error("another account has the e-mail address {0}")]
    Email(String),
    /// The root user's key.
    #[error("the access key '{0}' exists already, with another secret or as somebody else's")]
    Key(String),
}

/// Writes a new account, unless its id or its e-mail address is taken.
///
/// # Errors
/// When the store fails.
pub(crate) async fn add(txn: &mut Txn<'_>, account: &Account) -> Result<Result<(), Taken>, Error> {
    if txn.get(&key::account(&account.id)).await?.is_some() {
        return Ok(Err(Taken::Id(account.id.clone())));
    }
    if txn.get(&key::account_email(&account.email)).await?.is_some() {
        return Ok(Err(Taken::Email(account.email.clone())));
    }
    txn.put(key::account_email(&account.email), account.id.as_str().to_owned());
    records::write(txn, key::account(&account.id), account)?;
    Ok(Ok(()))
}

/// A random account id.
///
/// # Errors
/// When the random generator fails.
pub(crate) fn random_id() -> Result<AccountId, Error> {
    let number = u64::from_be_bytes(random::<8>()?) % (HIGHEST - LOWEST) + LOWEST;
    number.to_string().parse().map_err(|_| Error::internal("an account id came out wrong"))
}

impl System {
    /// Every account, by id.
    ///
    /// # Errors
    /// When the store fails or a record is unreadable.
    pub async fn accounts(&self) -> Result<Vec<Account>, Error> {
        let found = self.store.scan(&key::accounts(), usize::MAX).await?;
        found.iter().map(|(_, stored)| Ok(Account::decode(stored)?)).collect()
    }

    /// Makes sure that an account exists whose root user has this key: creates it, or finds it as it was
    /// declared before.
    ///
    /// The inner error is what the account or the key is refused for; an account that exists without this
    /// key is [`Taken::Id`].
    ///
    /// # Errors
    /// When the store fails.
    pub async fn declare_account(
        &self,
        id: AccountId,
        key_id: &str,
        secret: &Zeroizing<String>,
    ) -> Result<Result<(), Taken>, Error> {
        if let Some((held, _)) = self.store.cached(&key::access_key(key_id), AccessKey::decode).await? {
            let same = held.account == id && held.owner == Owner::Root;
            let fits = self.secret_of(&held).is_some_and(|known| known.expose() == secret.as_str());
            return Ok((same && fits).then_some(()).ok_or_else(|| Taken::Key(key_id.to_owned())));
        }
        let record = &self.seal_access_key(key_id.to_owned(), &id, Owner::Root, secret)?;
        let account = &Account { root_keys: vec![record.id.clone()], ..Account::new(id, self.clock.now()) };
        let declared = |mut txn| async move {
            let added = add(&mut txn, account).await?;
            if added.is_ok() {
                records::write(&mut txn, key::access_key(&record.id), record)?;
            }
            Ok((txn, added))
        };
        self.store.transact(declared).await
    }
}

/// Ids of twelve digits that begin with none of 0.
const LOWEST: u64 = 100_000_000_000;
const HIGHEST: u64 = 1_000_000_000_000;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::World;

    #[tokio::test]
    async fn an_account_is_declared_once_and_found_again() {
        let world = World::new().await;
        let system = world.gate.system();
        let id: AccountId = "111122223333".parse().unwrap();
        let declare = async |id: &AccountId, key: &str, secret: &str| {
            system.declare_account(id.clone(), key, &Zeroizing::new(secret.to_owned())).await.unwrap()
        };
        declare(&id, "other", "secret").await.unwrap();
        declare(&id, "other", "secret").await.unwrap();
        assert_eq!(system.accounts().await.unwrap().len(), 2);
        let third: AccountId = "444455556666".parse().unwrap();
        for (id, key, secret) in [
            (&id, "other", "wrong"),
            (&third, "other", "secret"),
            (&id, "new", "secret"),
            (&third, &world.root.access_key_id, "secret"),
        ] {
            assert!(declare(id, key, secret).await.is_err(), "{id} {key}");
        }
        assert_eq!(system.accounts().await.unwrap().len(), 2, "nothing half done");
        declare(&third, "new", "secret").await.unwrap();
    }

    #[test]
    fn random_ids_are_ids() {
        let ids: std::collections::HashSet<_> = (0..100).map(|_| random_id().unwrap()).collect();
        assert_eq!(ids.len(), 100);
    }
}
