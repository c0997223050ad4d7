//! `GetSessionToken`: temporary credentials of the calling user itself. Needs no permission and cannot be
//! denied; only long-term credentials can ask.

use super::mfa;
use crate::caller::Who;
use crate::error::{Error, sts};
use crate::gate::{Cx, Reply, Serve};
use crate::session::{self, Subject};
use crate::target::Targets;
use rolecall_wire::sts::{Credentials, GetSessionTokenRequest, GetSessionTokenResponse, op};

impl Serve for op::GetSessionToken {
    async fn targets(cx: &Cx<'_>, input: &GetSessionTokenRequest) -> Result<Targets, Error> {
        if cx.identity()?.session.is_some() {
            return Err(sts::session_credentials("GetSessionToken"));
        }
        mfa::check(input.serial_number.as_deref(), input.token_code.as_deref())?;
        Ok(Targets::none())
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: GetSessionTokenRequest,
    ) -> Result<Reply<GetSessionTokenResponse>, Error> {
        let identity = cx.identity()?;
        let (subject, duration) = match &identity.who {
            Who::User(user) => {
                let subject = Subject::User { name: user.name.clone(), id: user.id.clone() };
                (subject, input.duration_seconds.unwrap_or(USER_DEFAULT))
            }
            Who::Root | Who::Role(_) | Who::Federated(_) => {
                (Subject::Root, input.duration_seconds.unwrap_or(ROOT_MOST).min(ROOT_MOST))
            }
        };
        let session = session::begin(identity.account.clone(), subject, cx.now, duration)?;
        let minted = session::mint(&cx.system.keys, &session)?;
        let response = GetSessionTokenResponse { credentials: Some(minted.into()), ..Default::default() };
        Ok(response.into())
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
const USER_DEFAULT: i64 = 43_200;
/// Root's lasts an hour, whatever it asks.
const ROOT_MOST: i64 = 3_600;
