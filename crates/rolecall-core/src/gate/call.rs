//! A request as the doors hand it over, and the answer they get back.

use super::span;
use crate::audit::{Asked, Trail, rest_parameters};
use crate::body::{AnswerBody, BodyStream};
use crate::decisions::Stage;
use crate::error::{Error, sts};
use crate::id::RequestId;
use crate::metadata::{ASSUME_ROLE_FOR_INSTANCE, Admitted};
use crate::peer::Peer;
use crate::system::System;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, header};
use rolecall_wire::error::common::NO_VERSION_SPECIFIED;
use rolecall_wire::{Effect, Params, Request, Row, Service, operation, rest};
use std::borrow::Cow;
use std::sync::Arc;
use tracing::Span;

/// A request, parsed as far as its protocol goes.
pub struct Call {
    /// Its head.
    pub request: Request,
    /// What it says.
    pub message: Message,
    /// The peer of the socket.
    pub peer: Peer,
    /// True when the connection is encrypted.
    pub secure: bool,
    /// The id its answer will carry.
    pub request_id: RequestId,
}

/// What a request says, by protocol.
pub enum Message {
    /// A query operation.
    Query {
        /// The service, as far as the credential scope or the host told.
        service: Option<Service>,
        /// The parameters of the form body, or of the query string, in order.
        params: Params,
        /// The body as received.
        body: Bytes,
    },
    /// An operation of a service that speaks JSON.
    Json {
        /// The service.
        service: Service,
        /// The operation's name, as the `X-Amz-Target` header has it.
        operation: String,
        /// The members of the body, spelled as a form's parameters.
        params: Params,
        /// The body as received.
        body: Bytes,
    },
    /// An instance asks for its role's credentials, through the door of its metadata.
    Instance(Admitted),
    /// An S3 operation.
    Rest {
        /// The bucket addressed.
        bucket: Option<String>,
        /// The object key addressed.
        key: Option<String>,
        /// True when the host named the bucket.
        virtual_host: bool,
        /// The body, not yet read.
        body: BodyStream,
    },
}

/// An answer, ready to be sent.
#[derive(Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: AnswerBody,
}

/// A request that no operation can be told from, or that a door had to turn away.
pub struct Refused {
    /// The service whose form the answer has.
    pub service: Service,
    /// What is known of the operation, such as the HTTP method.
    pub operation: String,
    /// Why it is refused.
    pub error: Error,
    /// The peer of the socket.
    pub peer: Peer,
    /// The `User-Agent` header.
    pub user_agent: Option<HeaderValue>,
    /// The id its answer will carry.
    pub request_id: RequestId,
}

/// The audit record under way, and how the caller wants to be answered.
pub(super) struct Tracked {
    pub(super) record: Trail,
    pub(super) wants_json: bool,
    /// How far the request came.
    pub(super) stage: Stage,
    /// What log lines of the request are in.
    pub(super) span: Span,
}

impl Tracked {
    fn new(record: Trail, wants_json: bool) -> Self {
        let span = span::of(&record.request_id);
        Self { record, wants_json, stage: Stage::default(), span }
    }
}

impl Call {
    /// The operation asked.
    ///
    /// # Errors
    /// When the request names none, or one that no model has.
    pub(super) fn row(&self) -> Result<&'static Row, Error> {
        match &self.message {
            Message::Query { service, params, .. } => query_row(*service, params),
            Message::Json { service, operation, .. } => operation::find(*service, operation)
                .ok_or_else(|| Error::Api(sts::invalid_action(operation, service.version()))),
            Message::Instance(_) => Ok(&ASSUME_ROLE_FOR_INSTANCE),
            Message::Rest { bucket, key, .. } => {
                let (bucket, key) = (bucket.as_deref(), key.as_deref());
                rest::route(&self.request, bucket, key)
                    .ok_or_else(|| Error::Api(rest::refusal(&self.request, bucket, key)))
            }
        }
    }

    pub(super) fn trail(&self, system: &System) -> Tracked {
        let (service, asked) = self.asked();
        let record = Trail {
            user_agent: self.request.headers.get(header::USER_AGENT).cloned(),
            asked,
            ..blank(system, service, Cow::Borrowed(""), self.request_id, &self.peer)
        };
        let wants_json = self.request.header(header::ACCEPT).is_some_and(|a| a.contains("application/json"));
        Tracked::new(record, wants_json)
    }

    /// What the caller says the operation is; of no more than 128 characters.
    pub(super) fn claimed_operation(&self) -> String {
        let name = match &self.message {
            Message::Query { params, .. } => params.get("Action").unwrap_or("Unknown"),
            Message::Json { operation, .. } => operation,
            Message::Instance(_) => ASSUME_ROLE_FOR_INSTANCE.name,
            Message::Rest { .. } => self.request.method.as_str(),
        };
        name.chars().take(128).collect()
    }

    fn asked(&self) -> (Service, Asked) {
        match &self.message {
            Message::Query { service, params, .. } => {
                let service = service.or_else(|| by_version(params)).unwrap_or(Service::Sts);
                (service, Asked::Message(params.clone()))
            }
            Message::Json { service, params, .. } => (*service, Asked::Message(params.clone())),
            Message::Instance(admitted) => {
                (Service::Sts, Asked::Listed(vec![("instanceId".to_owned(), admitted.instance().id.clone())]))
            }
            Message::Rest { bucket, key, .. } => {
                let mut parameters = rest_parameters(&self.request.query);
                // A query parameter must not pass for what the path says.
                parameters.retain(|(name, _)| name != "bucketName" && name != "key");
                parameters.extend(bucket.clone().map(|b| ("bucketName".to_owned(), b)));
                parameters.extend(key.clone().map(|k| ("key".to_owned(), k)));
                (Service::S3, Asked::Listed(parameters))
            }
        }
    }
}

impl Refused {
    /// Why it is refused, and its record.
    pub(super) fn trail(self, system: &System) -> (Error, Tracked) {
        let operation = self.operation.chars().take(128).collect();
        let record = Trail {
            user_agent: self.user_agent,
            ..blank(system, self.service, Cow::Owned(operation), self.request_id, &self.peer)
        };
        (self.error, Tracked::new(record, false))
    }
}

fn blank(
    system: &System,
    service: Service,
    operation: Cow<'static, str>,
    request_id: RequestId,
    peer: &Peer,
) -> Trail {
    Trail {
        service,
        operation,
        effect: Effect::Reads,
        request_id,
        now_ms: system.clock.now_ms(),
        peer: peer.clone(),
        user_agent: None,
        region: Arc::clone(&system.settings.region),
        caller: None,
        federated: None,
        access_key_id: None,
        asked: Asked::default(),
        response: None,
        error: None,
        recipient: system.settings.account.clone(),
    }
}

/// The service comes from the credential scope; an unsigned request tells it by its version.
fn query_row(service: Option<Service>, params: &Params) -> Result<&'static Row, Error> {
    let action = params.get("Action").ok_or_else(sts::missing_action)?;
    let version = params.get("Version");
    let unknown = || Error::Api(sts::invalid_action(action, version.unwrap_or(NO_VERSION_SPECIFIED)));
    let version = version.ok_or_else(unknown)?;
    let service = service.or_else(|| by_version(params)).ok_or_else(unknown)?;
    if version != service.version() {
        return Err(unknown());
    }
    operation::find(service, action).ok_or_else(unknown)
}

fn by_version(params: &Params) -> Option<Service> {
    let version = params.get("Version")?;
    [Service::Sts, Service::Iam, Service::Rolecall].into_iter().find(|s| s.version() == version)
}

impl Answer {
    /// True when the answer reports success.
    pub fn is_success(&self) -> bool {
        self.status < 400
    }
}
