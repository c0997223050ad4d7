//! The sentences of our own administration operations.

use super::Error;
use crate::accounts::Taken;
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
