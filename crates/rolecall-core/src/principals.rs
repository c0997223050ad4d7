//! Principals that resource policies name, and who they are: resolved to unique ids when a policy is
//! saved, and shown by name again when it is read (IAM User Guide, AWS JSON policy elements: Principal).

use crate::error::Error;
use crate::id::AccountId;
use crate::records::{Document, Record, Role, User, key};
use crate::system::System;
use rolecall_policy::{Arn, Policy};
use std::collections::HashSet;

/// `(ARN, unique id)` of every user and role that a policy names, and `(canonical user id, account)`, for
/// [`Document::with_principals`]. Accounts, sessions, unique ids, services and providers stand for
/// themselves. A user or role of any account must exist; an account need not, as it cannot be told from
/// one of another installation. A provider need not either: until there is one, nobody comes from it.
///
/// # Errors
/// What `unknown` makes of the first ARN that names nobody, or the store's failure.
pub async fn resolve(
    system: &System,
    policy: &Policy,
    unknown: fn(&str) -> Error,
) -> Result<Vec<(String, String)>, Error> {
    let mut bound: Vec<(String, String)> = Vec::new();
    for (kind, name) in policy.principals() {
        if bound.iter().any(|(known, _)| known == name) {
            continue;
        }
        let id = match (kind, Entity::parse(name)) {
            ("AWS", Some(entity)) => entity.id(system, name).await?,
            ("CanonicalUser", _) => account_of(system, name).await?,
            _ => continue,
        };
        bound.push((name.to_owned(), id.ok_or_else(|| unknown(name))?));
    }
    Ok(bound)
}

/// The account that a canonical user id stands for.
async fn account_of(system: &System, canonical: &str) -> Result<Option<String>, Error> {
    let own = &system.settings.account;
    let accounts = system.accounts().await?;
    let mut all = accounts.iter().map(|account| &account.id).chain([own]);
    Ok(all.find(|id| id.canonical_id().eq_ignore_ascii_case(canonical)).map(AccountId::to_string))
}

/// A document's text as readers see it now.
///
/// # Errors
/// When the store fails.
pub async fn shown(system: &System, document: &Document) -> Result<String, Error> {
    let mut current = HashSet::new();
    for (arn, id) in &document.bound {
        let Some(entity) = Entity::parse(arn) else { continue };
        if entity.id(system, arn).await?.as_ref() == Some(id) {
            current.insert(arn.as_str());
        }
    }
    Ok(document.shown(|arn, _| current.contains(arn)))
}

/// A user or role that an ARN names.
enum Entity<'a> {
    User(AccountId, &'a str),
    Role(AccountId, &'a str),
}

impl<'a> Entity<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let arn = Arn::parse(text).filter(|arn| arn.service == "iam")?;
        let account = arn.account.parse().ok()?;
        let (kind, path) = arn.resource.split_once('/')?;
        let name = path.rsplit('/').next()?;
        match kind {
            "user" => Some(Self::User(account, name)),
            "role" => Some(Self::Role(account, name)),
            _ => None,
        }
    }

    /// The unique id of the one that has this very ARN, path and case included.
    async fn id(&self, system: &System, arn: &str) -> Result<Option<String>, Error> {
        let store = &system.store;
        Ok(match self {
            Self::User(account, name) => {
                let found = store.cached(&key::user(account, name), User::decode).await?;
                found.filter(|(user, _)| user.arn() == arn).map(|(user, _)| user.id.clone())
            }
            Self::Role(account, name) => {
                let found = store.cached(&key::role(account, name), Role::decode).await?;
                found.filter(|(role, _)| role.arn() == arn).map(|(role, _)| role.id.clone())
            }
        })
    }
}
