//! What belongs to users besides their policies, in one list: a user that has any of it cannot be deleted, all of
//! it follows a user to its new name, the account summary counts it, and the credential report tells its state.

use crate::error::Error;
use crate::gate::Cx;
use crate::ops::iam::users::Holder;
use crate::records::{AccessKey, Account, Group, MfaDevice, SshPublicKeys, User};
use rolecall_store::Txn;
use std::future::{Future, ready};

/// Entries of `GetAccountSummary` by name.
pub(in crate::ops::iam) type Counts = Vec<(&'static str, i64)>;
/// Cells of a line of the credential report by column.
pub(in crate::ops::iam) type Cells = Vec<(String, String)>;

/// A kind of thing that belongs to a user.
pub(in crate::ops::iam) trait Belonging {
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

    /// The entries that the account summary has about the kind, the root user's included.
    ///
    /// # Errors
    /// When the store fails.
    fn counted(_: &Cx<'_>, _: &Account) -> impl Future<Output = Result<Counts, Error>> + Send {
        ready(Ok(Counts::new()))
    }

    /// The cells that the credential report has about a user's or the root user's.
    ///
    /// # Errors
    /// When the store fails.
    fn reported(_: &Cx<'_>, _: Holder<'_>) -> impl Future<Output = Result<Cells, Error>> + Send {
        ready(Ok(Cells::new()))
    }
}

/// The list. `DeleteUser` complains in its order.
macro_rules! belongings {
    ($($kind:ty,)*) => {
        /// Refuses to delete a user to which anything belongs.
        ///
        /// # Errors
        /// `DeleteConflict`, or when the store fails.
        pub(in crate::ops::iam) async fn check_none(txn: &mut Txn<'_>, user: &User) -> Result<(), Error> {
            $(<$kind as Belonging>::check_none(txn, user).await?;)*
            Ok(())
        }

        /// Lets everything follow a user to the name that it has now; `old` is the name it had.
        ///
        /// # Errors
        /// When the store fails.
        pub(in crate::ops::iam) async fn follow(txn: &mut Txn<'_>, user: &User, old: &str) -> Result<(), Error> {
            $(<$kind as Belonging>::follow(txn, user, old).await?;)*
            Ok(())
        }

        /// The entries of the account summary about all of it.
        ///
        /// # Errors
        /// When the store fails.
        pub(in crate::ops::iam) async fn counted(cx: &Cx<'_>, account: &Account) -> Result<Counts, Error> {
            let mut counts = Counts::new();
            $(counts.extend(<$kind as Belonging>::counted(cx, account).await?);)*
            Ok(counts)
        }

        /// The cells of the credential report about all of it.
        ///
        /// # Errors
        /// When the store fails.
        pub(in crate::ops::iam) async fn reported(cx: &Cx<'_>, holder: Holder<'_>) -> Result<Cells, Error> {
            let mut cells = Cells::new();
            $(cells.extend(<$kind as Belonging>::reported(cx, holder).await?);)*
            Ok(cells)
        }
    };
}

belongings! {
    AccessKey,
    Group,
    MfaDevice,
    SshPublicKeys,
}
