//! A request as the doors hand it over, and the answer they get back.

use crate::audit::{Trail, query_parameters, rest_parameters};
use crate::body::{AnswerBody, BodyStream};
use crate::error::{Error, s3, sts};
use crate::system::System;
use bytes::Bytes;
use http::{HeaderMap, header};
use rolecall_wire::{Request, Row, Service, operation, rest};
use std::net::IpAddr;

/// A request, parsed as far as its protocol goes.
pub struct Call {
    /// Its head.
    pub request: Request,
    /// What it says.
    pub message: Message,
    /// The address of the peer of the socket.
    pub peer: IpAddr,
    /// True when the connection is encrypted.
    pub secure: bool,
    /// The id its answer will carry.
    pub request_id: String,
}

/// What a request says, by protocol.
pub enum Message {
    /// A query operation.
    Query {
        /// The service, as far as the credential scope or the host told.
        service: Option<Service>,
        /// The parameters of the form body, or of the query string, in order.
        params: Vec<(String, String)>,
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
        params: Vec<(String, String)>,
        /// The body as received.
        body: Bytes,
    },
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
    /// The address of the peer of the socket.
    pub peer: IpAddr,
    /// The `User-Agent` header.
    pub user_agent: Option<String>,
    /// The id its answer will carry.
    pub request_id: String,
}

/// The audit record under way, and how the caller wants to be answered.
pub(super) struct Tracked {
    pub(super) record: Trail,
    pub(super) wants_json: bool,
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
            Message::Rest { bucket, key, .. } => {
                rest::route(&self.request, bucket.as_deref(), key.as_deref())
                    .ok_or_else(s3::method_not_allowed)
            }
        }
    }

    pub(super) fn trail(&self, system: &System) -> Tracked {
        let (service, operation, parameters) = self.asked();
        let record = Trail {
            user_agent: self.request.header(header::USER_AGENT).map(str::to_owned),
            parameters,
            ..blank(system, service, operation, &self.request_id, self.peer)
        };
        let wants_json = self.request.header(header::ACCEPT).is_some_and(|a| a.contains("application/json"));
        Tracked { record, wants_json }
    }

    fn asked(&self) -> (Service, String, Vec<(String, String)>) {
        match &self.message {
            Message::Query { service, params, .. } => {
                let action = param(params, "Action").unwrap_or("Unknown").chars().take(128).collect();
                (
                    service.or_else(|| by_version(params)).unwrap_or(Service::Sts),
                    action,
                    query_parameters(params),
                )
            }
            Message::Json { service, operation, params, .. } => {
                (*service, operation.chars().take(128).collect(), query_parameters(params))
            }
            Message::Rest { bucket, key, .. } => {
                let mut parameters = rest_parameters(&self.request.query);
                // A query parameter must not pass for what the path says.
                parameters.retain(|(name, _)| name != "bucketName" && name != "key");
                parameters.extend(bucket.clone().map(|b| ("bucketName".to_owned(), b)));
                parameters.extend(key.clone().map(|k| ("key".to_owned(), k)));
                (Service::S3, self.request.method.to_string(), parameters)
            }
        }
    }
}

impl Refused {
    pub(super) fn trail(&self, system: &System) -> Trail {
        let operation = self.operation.chars().take(128).collect();
        Trail {
            user_agent: self.user_agent.clone(),
            ..blank(system, self.service, operation, &self.request_id, self.peer)
        }
    }
}

fn blank(system: &System, service: Service, operation: String, request_id: &str, peer: IpAddr) -> Trail {
    Trail {
        service,
        operation,
        request_id: request_id.to_owned(),
        now: system.clock.now(),
        peer: peer.to_canonical().to_string(),
        user_agent: None,
        region: system.settings.region.clone(),
        caller: None,
        federated: None,
        access_key_id: None,
        parameters: Vec::new(),
        response: None,
        error: None,
        recipient: system.settings.account.as_str().to_owned(),
    }
}

/// The service comes from the credential scope; an unsigned request tells it by its version.
fn query_row(service: Option<Service>, params: &[(String, String)]) -> Result<&'static Row, Error> {
    let action = param(params, "Action").ok_or_else(sts::missing_action)?;
    let version = param(params, "Version").unwrap_or_default();
    let unknown = || Error::Api(sts::invalid_action(action, version));
    let service = service.or_else(|| by_version(params)).ok_or_else(unknown)?;
    if !version.is_empty() && version != service.version() {
        return Err(unknown());
    }
    operation::find(service, action).ok_or_else(unknown)
}

fn by_version(params: &[(String, String)]) -> Option<Service> {
    let version = param(params, "Version")?;
    [Service::Sts, Service::Iam, Service::Rolecall].into_iter().find(|s| s.version() == version)
}

fn param<'a>(params: &'a [(String, String)], name: &str) -> Option<&'a str> {
    params.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
}

impl Answer {
    /// True when the answer reports success.
    pub fn is_success(&self) -> bool {
        self.status < 400
    }
}
