//! Whether a known session is in force: the same records that its next request would meet.

use crate::error::Error;
use crate::live::{LiveSession, LiveSubject};
use crate::records::{Account, Record, Role, User, key};
use crate::revoked::has_been_revoked;
use crate::system::System;

/// How it stands with a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// Its requests are served.
    InForce,
    /// It was revoked.
    Revoked,
    /// The role or user it is a session of was deleted, or deleted and made anew.
    PrincipalDeleted,
    /// Its account is closed.
    AccountClosed,
}

impl Standing {
    /// How it stands with a session that is not over.
    ///
    /// # Errors
    /// When the store fails.
    pub(super) async fn of(system: &System, session: &LiveSession) -> Result<Self, Error> {
        let Some(account) = session.account() else { return Ok(Self::AccountClosed) };
        if has_been_revoked(&system.store, &session.revocable(&account)).await? {
            return Ok(Self::Revoked);
        }
        let is_there = match &session.subject {
            None => true,
            Some(LiveSubject::Role { name, id }) => {
                let found = system.store.cached(&key::role(&account, name), Role::decode).await?;
                found.is_some_and(|(role, _)| role.id == *id)
            }
            Some(LiveSubject::User { name, id }) => {
                let found = system.store.cached(&key::user(&account, name), User::decode).await?;
                found.is_some_and(|(user, _)| user.id == *id)
            }
        };
        if !is_there {
            return Ok(Self::PrincipalDeleted);
        }
        let found = system.store.cached(&key::account(&account), Account::decode).await?;
        let is_open = found.is_some_and(|(account, _)| !account.is_closed());
        Ok(if is_open { Self::InForce } else { Self::AccountClosed })
    }

    /// Its name in answers.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::InForce => "InForce",
            Self::Revoked => "Revoked",
            Self::PrincipalDeleted => "PrincipalDeleted",
            Self::AccountClosed => "AccountClosed",
        }
    }
}
