//! Whether a session has been ended before its time.

use crate::error::Error;
use crate::records::{Record, Revocable, Revocations, key};
use rolecall_store::Store;

/// A session ends by a revocation of its own account, or of the account of the user who began its chain.
///
/// # Errors
/// When the store fails.
pub(crate) async fn has_been_revoked(store: &Store, session: &Revocable<'_>) -> Result<bool, Error> {
    let begun_in = session.origin.split(':').nth(4).and_then(|account| account.parse().ok());
    let other = begun_in.filter(|account| account != session.account);
    for account in [Some(session.account), other.as_ref()].into_iter().flatten() {
        let found = store.cached(&key::revocations(account), Revocations::decode).await?;
        let foreign = account != session.account;
        if found.is_some_and(|(known, _)| known.has_ended(session, foreign)) {
            return Ok(true);
        }
    }
    Ok(false)
}
