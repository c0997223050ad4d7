//! What an operation may look at and use while it is served.

use super::call::{Call, Message, Tracked};
use super::payload::Payload;
use crate::audit::Trail;
use crate::authenticate::Authenticated;
use crate::body::BodyStream;
use crate::caller::{Caller, Identity};
use crate::context::Connection;
use crate::error::{Error, s3};
use crate::federation::Federated;
use crate::id::{AccountId, RequestId};
use crate::limits::{MESSAGE_BODY, MESSAGE_PATIENCE};
use crate::metadata::Admitted;
use crate::peer::Peer;
use crate::session::{self, Credentials, Session};
use crate::system::System;
use bytes::Bytes;
use http::header;
use rolecall_policy::Principal;
use rolecall_wire::request::Incoming;
use rolecall_wire::sigv4::Verified;
use rolecall_wire::{Params, Request, Row};
use std::sync::Arc;

/// One request being served.
pub struct Cx<'s> {
    /// The system.
    pub system: &'s System,
    /// The operation.
    pub row: &'static Row,
    /// The request's head.
    pub request: Request,
    /// The bucket addressed (S3).
    pub bucket: Option<String>,
    /// The object key addressed (S3).
    pub key: Option<String>,
    /// Who asks.
    pub caller: Caller,
    /// How the signature was made; `None` for anonymous callers.
    pub verified: Option<Verified>,
    /// The time of the request, in seconds since 1970.
    pub now: i64,
    /// The same in milliseconds since 1970.
    pub now_ms: i64,
    /// The id of the request.
    pub request_id: RequestId,
    /// The region asked: the credential scope's, or the server's.
    pub region: Arc<str>,
    /// The instance that asks for its role's credentials.
    pub(crate) instance: Option<Box<Admitted>>,
    /// Who a provider vouches for, once its word is verified: the principal of the decision.
    pub(crate) federated: Option<Box<Federated>>,
    pub(super) wants_json: bool,
    pub(super) response: Option<Vec<u8>>,
    pub(super) recipient: Option<AccountId>,
    params: Params,
    body: Bytes,
    stream: Option<BodyStream>,
    peer: Peer,
    secure: bool,
}

impl<'s> Cx<'s> {
    pub(super) fn new(
        system: &'s System,
        row: &'static Row,
        call: Call,
        known: Authenticated,
        trail: &Tracked,
    ) -> Self {
        let mut instance = None;
        let (params, body, bucket, key, stream) = match call.message {
            Message::Query { params, body, .. } | Message::Json { params, body, .. } => {
                (params, body, None, None, None)
            }
            Message::Instance(admitted) => {
                instance = Some(Box::new(admitted));
                (Params::default(), Bytes::new(), None, None, None)
            }
            Message::Rest { bucket, key, body, .. } => {
                (Params::default(), Bytes::new(), bucket, key, Some(body))
            }
        };
        let record = &trail.record;
        Self {
            system,
            row,
            request: call.request,
            bucket,
            key,
            caller: known.caller,
            verified: known.verified,
            now: record.now(),
            now_ms: record.now_ms,
            request_id: call.request_id,
            region: Arc::clone(&record.region),
            instance,
            federated: None,
            wants_json: trail.wants_json,
            response: None,
            recipient: None,
            params,
            body,
            stream,
            peer: call.peer,
            secure: call.secure,
        }
    }

    /// The identity of the caller.
    ///
    /// # Errors
    /// When the caller is anonymous, for operations that make no sense then.
    pub fn identity(&self) -> Result<&Identity, Error> {
        self.caller.identity().ok_or_else(crate::authenticate::fault::missing)
    }

    /// Who asks, as policies see it.
    pub(crate) fn principal(&self) -> &Principal {
        self.federated.as_ref().map_or_else(|| self.caller.principal(), |federated| &federated.principal)
    }

    /// The caller's account; the installation's own for anonymous callers.
    pub fn account(&self) -> &AccountId {
        self.caller.identity().map_or(&self.system.settings.account, |i| &i.account)
    }

    /// Takes the streamed body of the request, verified as it is read.
    ///
    /// # Errors
    /// When the request declares its body in a way that cannot be.
    pub fn payload(&mut self) -> Result<Payload, Error> {
        let stream = self.stream.take().unwrap_or_else(|| BodyStream::of(Bytes::new()));
        Payload::new(stream, &self.request, self.verified.as_ref())
    }

    /// Mints a session's credentials, the token of at least `size` bytes. The session carries on the chain of the caller's; an anonymous
    /// caller's session says itself who began it.
    ///
    /// # Errors
    /// When the key ring lacks an active key, or the token would be too long.
    pub fn issue(&self, session: Session, size: Option<i64>) -> Result<Credentials, Error> {
        let origin = self.caller.identity().map_or(session.origin, Identity::origin);
        let parent = self.caller.identity().and_then(Identity::claims).map(|c| c.access_key_id.clone());
        let session = Session { issued_ms: self.now_ms, origin, parent, ..session };
        let minted = session::mint_of_size(&self.system.keys, &session, size)?;
        self.system.live.issued(&session, self.now);
        Ok(minted)
    }

    /// Notes the account that owns what is asked about, for the audit record.
    pub fn about_account(&mut self, account: &AccountId) {
        self.recipient = Some(account.clone());
    }

    /// Reads the body of an operation whose body is a message, held to its declared hash and limit.
    pub(super) async fn read_message(&mut self) -> Result<(), Error> {
        if !self.row.streams_in && self.stream.is_some() {
            let payload = self.payload()?;
            payload.refuse_unsigned_chunks()?;
            let read = payload.collect(MESSAGE_BODY);
            self.body = tokio::time::timeout(MESSAGE_PATIENCE, read).await.map_err(|_| s3::too_slow())??;
        }
        Ok(())
    }

    pub(crate) fn incoming(&self) -> Incoming<'_> {
        Incoming {
            request: &self.request,
            params: &self.params,
            bucket: self.bucket.as_deref(),
            key: self.key.as_deref(),
            body: &self.body,
        }
    }

    pub(crate) fn connection(&self) -> Connection<'_> {
        Connection {
            peer: self.peer.text(),
            secure: self.secure,
            user_agent: self.request.header(header::USER_AGENT),
            referer: self.request.header(header::REFERER),
            region: &self.region,
        }
    }

    pub(super) fn leave(self, trail: &mut Trail) {
        trail.recipient = self.recipient.clone().unwrap_or_else(|| self.account().clone());
        trail.response = self.response;
        trail.federated = self.federated;
    }
}
