//! `GetSessionToken`: temporary credentials of the calling user itself. Needs no permission and cannot be
//! denied; only long-term credentials can ask.

use crate::caller::{Identity, Who};
use crate::error::{Error, sts};
use crate::gate::{Cx, Granted, Reply, Serve};
use crate::mfa;
use crate::records::User;
use crate::session::{self, Session, Subject};
use crate::target::Targets;
use rolecall_wire::sts::{Credentials, GetSessionTokenRequest, GetSessionTokenResponse, op};

impl Serve for op::GetSessionToken {
    type Seen = ();

    async fn targets(cx: &Cx<'_>, _input: &GetSessionTokenRequest) -> Result<Targets, Error> {
        long_term_user(cx.identity()?, cx.row.name).map(|_| Targets::none())
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: GetSessionTokenRequest,
        _: Granted<()>,
    ) -> Result<Reply<GetSessionTokenResponse>, Error> {
        let identity = cx.identity()?;
        let (subject, duration) = match long_term_user(identity, cx.row.name)? {
            Some(user) => {
                let subject = Subject::User { name: user.name.clone(), id: user.id.clone() };
                (subject, input.duration_seconds.unwrap_or(USER_DEFAULT))
            }
            None => (Subject::Root, input.duration_seconds.unwrap_or(ROOT_MOST).min(ROOT_MOST)),
        };
        let (device, code) = (input.serial_number.as_deref(), input.token_code.as_deref());
        let mfa = mfa::check(cx.system, identity, device, code, cx.now).await?.then_some(cx.now);
        let fresh = session::begin(identity.account.clone(), subject, cx.now, duration)?;
        let session = Session { mfa, ..fresh };
        let minted = cx.issue(session, input.minimum_session_token_size)?;
        Ok(GetSessionTokenResponse {
            session_token_size: minted.token_size(),
            session_token_utilization: minted.token_utilization(),
            credentials: Some(minted.into()),
        }
        .into())
    }
}

/// The user who asks with long-term credentials; `None` for the root user.
///
/// # Errors
/// For everybody whose credentials are temporary.
pub(super) fn long_term_user<'a>(identity: &'a Identity, operation: &str) -> Result<Option<&'a User>, Error> {
    match (&identity.who, &identity.session) {
        (Who::User(user), None) => Ok(Some(user)),
        (Who::Root, None) => Ok(None),
        _ => Err(sts::session_credentials(operation)),
    }
}

impl From<session::Credentials> for Credentials {
    fn from(minted: session::Credentials) -> Self {
        Self {
            access_key_id: minted.access_key_id,
            secret_access_key: minted.secret_access_key.to_string(),
            session_token: minted.session_token,
            expiration: minted.expiration,
        }
    }
}

/// A user's session lasts twelve hours unless asked otherwise.
pub(super) const USER_DEFAULT: i64 = 43_200;
/// Root's lasts an hour, whatever it asks.
pub(super) const ROOT_MOST: i64 = 3_600;
