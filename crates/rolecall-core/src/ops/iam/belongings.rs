//! What belongs to users besides their policies, in one list: a user that has any of it cannot be deleted, and
//! all of it follows a user to its new name.

use crate::error::Error;
use crate::records::{AccessKey, Group, MfaDevice, User};
use rolecall_store::Txn;
use std::future::Future;

/// A kind of thing that belongs to a user.
pub(super) trait Belonging {
    /// Refuses to delete a user that still has some.
    ///
    /// # Errors
    /// `DeleteConflict`, in the words that AWS has for the kind; or when the store fails.
    fn check_none(txn: &mut Txn<'_>, user: &User) -> impl Future<Output = Result<(), Error>> + Send;

    /// Lets the user's follow it to the name that it has now. `old` is the name it had. What knows its user by
    /// the unique id alone has nothing to do.
    ///
    /// # Errors
    /// When the store fails.
    fn follow(txn: &mut Txn<'_>, user: &User, old: &str) -> impl Future<Output = Result<(), Error>> + Send;
}

/// The list. `DeleteUser` complains in its order.
macro_rules! belongings {
    ($($kind:ty,)*) => {
        /// Refuses to delete a user to which anything belongs.
        ///
        /// # Errors
        /// `DeleteConflict`, or when the store fails.
        pub(super) async fn check_none(txn: &mut Txn<'_>, user: &User) -> Result<(), Error> {
            $(<$kind as Belonging>::check_none(txn, user).await?;)*
            Ok(())
        }

        /// Lets everything follow a user to the name that it has now; `old` is the name it had.
        ///
        /// # Errors
        /// When the store fails.
        pub(super) async fn follow(txn: &mut Txn<'_>, user: &User, old: &str) -> Result<(), Error> {
            $(<$kind as Belonging>::follow(txn, user, old).await?;)*
            Ok(())
        }
    };
}

belongings! {
    AccessKey,
    Group,
    MfaDevice,
}
