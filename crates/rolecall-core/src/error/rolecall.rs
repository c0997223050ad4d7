//! The sentences of our own administration operations.

use super::Error;
use crate::accounts::Taken;
use crate::keyring::Unchanged;
use rolecall_wire::error::common::{INVALID_PARAMETER_COMBINATION, INVALID_PARAMETER_VALUE};
use rolecall_wire::iam::error::LIMIT_EXCEEDED;
use rolecall_wire::rolecall::error::{ENTITY_ALREADY_EXISTS, INVALID_INPUT, NO_SUCH_ENTITY};

pub(crate) fn taken(taken: &Taken) -> Error {
    Error::api(ENTITY_ALREADY_EXISTS, format!("The account cannot be created: {taken}."))
}

pub(crate) fn no_such_account(id: &str) -> Error {
    Error::api(NO_SUCH_ENTITY, format!("The account {id} cannot be found."))
}

pub(crate) fn own_account() -> Error {
    Error::api(INVALID_INPUT, "The installation's own account cannot be closed.")
}

pub(crate) fn member_account() -> Error {
    Error::api(
        INVALID_INPUT,
        "The account is in an organization; its management account closes it with organizations:CloseAccount.",
    )
}

pub(crate) fn no_such_session(id: &str) -> Error {
    Error::api(NO_SUCH_ENTITY, format!("No session with the access key id {id} is known to be in force."))
}

pub(crate) fn one_scope() -> Error {
    let message =
        "Name what to revoke by exactly one of AccessKeyId, RoleName, UserName, SourceIdentity, All.";
    Error::api(INVALID_PARAMETER_COMBINATION, message)
}

pub(crate) fn too_many_revocations(most: usize) -> Error {
    let message = format!(
        "{most} revocations are in force. Revoke a role's, a user's or all sessions instead of single ones."
    );
    Error::api(LIMIT_EXCEEDED, message)
}

pub(crate) fn key_seals_secrets(id: i64, secrets: usize) -> Error {
    let message = format!(
        "Key {id} still seals {secrets} stored secrets. Rotate StoredSecret, which seals them anew, then remove it."
    );
    Error::api(INVALID_PARAMETER_VALUE, message)
}

pub(crate) fn key_may_seal_sessions(id: i64) -> Error {
    let message = format!(
        "Sessions that need key {id} may still be in force: it retired less than 36 hours ago. Wait, or end \
         them with Force."
    );
    Error::api(INVALID_PARAMETER_VALUE, message)
}

/// A change of the key ring that was not made.
pub(crate) fn unchanged(why: &Unchanged) -> Error {
    match why {
        Unchanged::Unknown(_) => Error::api(NO_SUCH_ENTITY, format!("{why}.")),
        Unchanged::InUse(_) | Unchanged::NothingPrepared => {
            Error::api(INVALID_PARAMETER_VALUE, format!("{why}."))
        }
        Unchanged::Random | Unchanged::CutOff | Unchanged::File(_) => Error::internal(why.to_string()),
    }
}

/// Nothing of a request was kept, is kept no more, or it never was.
pub(crate) fn no_such_decision(id: &str) -> Error {
    Error::api(
        rolecall_wire::rolecall::error::NO_SUCH_ENTITY,
        format!(
            "No refused request {id} is known. Refusals are kept for a day, up to `decisions_kept` of them, until \
             the server stops; of requests that were allowed, decisions are kept with `keep_allowed_decisions`."
        ),
    )
}
