//! Doors: which protocol a request speaks, told from its head alone.

mod health;
mod host;
mod issuer;
mod json;
mod metadata;
mod query;
mod refusal;
mod request_id;
mod s3;
mod scrape;
mod survivor;

pub use host::Hosts;

use crate::overheard::Fragment;
use futures_util::future::BoxFuture;
use host::Place;
use http::{HeaderValue, Method, header, request::Parts};
use rolecall_core::body::BodyStream;
use rolecall_core::id::RequestId;
use rolecall_core::metadata::Instance;
use rolecall_core::{Answer, Background, Call, Error, Gate, Message, Peer, Refused};
use rolecall_wire::plain::split;
use rolecall_wire::{Protocol, Request, Service};
use std::sync::Arc;
use survivor::Survivor;

/// All doors of a server.
pub struct Doors {
    gate: Arc<Gate>,
    hosts: Hosts,
}

/// The doors as one connection comes to them, and what it says of its requests. Nothing in a request can change
/// that: headers such as `Forwarded` and `X-Forwarded-For` are never read.
///
/// Every request holds its connection and nothing else, so that threads do not contend for one count.
pub struct Connection {
    doors: Arc<Doors>,
    peer: Peer,
    /// True when it is encrypted.
    secure: bool,
    /// True when all places are taken, and only what cannot wait is heard.
    is_waiting: bool,
    behind: Behind,
}

/// What is behind a connection.
enum Behind {
    /// Every service.
    Services,
    /// The metadata of an instance.
    Metadata(Arc<Instance>),
    /// The counters.
    Metrics,
}

/// Where a request goes.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Door {
    /// A query operation; the service as far as scope or host told.
    Query(Option<Service>),
    /// A service that speaks JSON, and the operation that the target names.
    Json(Service, String),
    /// A service that speaks JSON by method and path.
    Rest(Service),
    /// S3; the bucket, when the host named it.
    S3(Option<String>),
}

/// No door is there for a request.
#[derive(Debug)]
struct Closed {
    /// The service whose form its client reads.
    form: Service,
    error: Error,
}

/// What an answer needs to know of its request whatever happens to it.
#[derive(Clone)]
struct Visitor {
    service: Service,
    request_id: RequestId,
    method: Method,
    user_agent: Option<HeaderValue>,
    peer: Peer,
}

impl Doors {
    /// The doors in front of a gate.
    pub fn new(gate: Arc<Gate>, hosts: Hosts) -> Self {
        Self { gate, hosts }
    }

    /// The work that goes on beside their requests.
    pub(crate) fn background(&self) -> &Background {
        &self.gate.system().background
    }

    /// Boxed, so that no request carries the room that refusing one takes.
    fn refuse(&self, visitor: Visitor, error: Error) -> BoxFuture<'_, Answer> {
        let Visitor { service, request_id, method, user_agent, peer } = visitor;
        let operation = method.to_string();
        let refused = Refused { service, operation, error, peer, user_agent, request_id };
        Box::pin(self.gate.refuse(refused))
    }
}

impl Connection {
    /// A connection of this peer.
    pub fn new(doors: Arc<Doors>, peer: impl Into<Peer>, secure: bool) -> Self {
        Self { doors, peer: peer.into(), secure, is_waiting: false, behind: Behind::Services }
    }

    /// The same connection, when there may be no place for it.
    pub(crate) fn waiting(self, is_waiting: bool) -> Self {
        Self { is_waiting, ..self }
    }

    /// A connection of this peer to an instance's metadata.
    pub fn to_instance(doors: Arc<Doors>, peer: impl Into<Peer>, instance: Arc<Instance>) -> Self {
        Self { behind: Behind::Metadata(instance), ..Self::new(doors, peer, false) }
    }

    /// A connection of this peer to the counters.
    pub fn to_metrics(doors: Arc<Doors>, peer: impl Into<Peer>) -> Self {
        Self { behind: Behind::Metrics, ..Self::new(doors, peer, false) }
    }

    /// Answers a request.
    pub async fn answer(self: Arc<Self>, request: http::Request<BodyStream>) -> Answer {
        let Doors { gate, hosts } = &*self.doors;
        let (parts, body) = request.into_parts();
        if let Behind::Metrics = self.behind {
            return scrape::answer(gate.system(), hosts, &self.peer, &parts);
        }
        let visitor = Visitor::of(&parts, &self.peer);
        let request = match parse(parts) {
            Ok(request) => request,
            Err(_) if matches!(self.behind, Behind::Metadata(_)) => return metadata::malformed(),
            Err(error) => return self.doors.refuse(visitor, error).await,
        };
        if let Behind::Metadata(instance) = &self.behind {
            let (instance, visitor) = (Arc::clone(instance), visitor.to(Service::Sts));
            return Box::pin(metadata::answer(self, &instance, request, visitor)).await;
        }
        let Some(place) = hosts.place(&request.host) else {
            return self.doors.refuse(visitor, refusal::unknown_host(&request.host)).await;
        };
        if let Some(answer) = health::answer(gate.system(), &request, &place).await {
            return answer;
        }
        if let Some(answer) = issuer::answer(gate.system(), &request, &place).await {
            return answer;
        }
        match choose(&request, place) {
            Ok(door) if self.is_waiting && door.service() != Service::Rolecall => {
                self.doors.refuse(visitor.to(door.service()), refusal::no_place()).await
            }
            Ok(door) => self.enter(door, request, body, visitor).await,
            Err(Closed { form, error }) => self.doors.refuse(visitor.to(form), error).await,
        }
    }

    async fn enter(
        self: Arc<Self>,
        door: Door,
        request: Request,
        body: BodyStream,
        visitor: Visitor,
    ) -> Answer {
        let visitor = visitor.to(door.service());
        let (connection, guest) = (Arc::clone(&self), visitor.clone());
        let work = async move {
            let doors = &connection.doors;
            match door.message(&request, body).await {
                Ok(message) => doors.gate.serve(connection.call(guest, request, message)).await,
                Err(error) => doors.refuse(guest, error).await,
            }
        };
        match Survivor::new(self.doors.background(), work).await {
            Ok(answer) => answer,
            Err(error) => self.doors.refuse(visitor, error).await,
        }
    }

    fn call(&self, visitor: Visitor, request: Request, message: Message) -> Call {
        let Visitor { peer, request_id, .. } = visitor;
        Call { request, message, peer, secure: self.secure, request_id }
    }
}

fn parse(head: Parts) -> Result<Request, Error> {
    if head.extensions.get::<Fragment>().is_some() {
        return Err(refusal::fragment());
    }
    Ok(Request::parse(head.method, &head.uri, head.headers)?)
}

impl Door {
    fn service(&self) -> Service {
        match self {
            Self::Query(service) => service.unwrap_or(Service::Sts),
            Self::Json(service, _) | Self::Rest(service) => *service,
            Self::S3(_) => Service::S3,
        }
    }

    async fn message(self, request: &Request, body: BodyStream) -> Result<Message, Error> {
        match self {
            Self::Query(service) => query::message(request, service, body).await,
            Self::Json(service, operation) => json::message(request, service, operation, body).await,
            Self::Rest(service) => json::rest_message(request, service, body).await,
            Self::S3(bucket) => Ok(s3::message(request, bucket, body)),
        }
    }
}

impl Visitor {
    fn of(parts: &Parts, peer: &Peer) -> Self {
        let text = |name| parts.headers.get(name).and_then(|v: &HeaderValue| v.to_str().ok());
        let service = match text(header::CONTENT_TYPE) {
            Some(kind) if is_form(kind) => Service::Sts,
            Some(kind) if kind.starts_with("application/x-amz-json") => Service::Organizations,
            _ => Service::S3,
        };
        Self {
            service,
            request_id: request_id::of(service),
            method: parts.method.clone(),
            user_agent: parts.headers.get(header::USER_AGENT).cloned(),
            peer: peer.clone(),
        }
    }

    fn to(mut self, service: Service) -> Self {
        if (self.service == Service::S3) != (service == Service::S3) {
            self.request_id = request_id::of(service);
        }
        self.service = service;
        self
    }
}

/// The credential's scope says the service; without one the host, the path and the content type do.
fn choose(request: &Request, place: Place) -> Result<Door, Closed> {
    let at_root = request.path == "/" && !matches!(place, Place::Bucket(_));
    let is_post = at_root && request.method == Method::POST;
    if let Some(target) = request.header("x-amz-target").filter(|_| is_post) {
        return by_target(target);
    }
    let form = is_post && request.header(header::CONTENT_TYPE).is_some_and(is_form);
    match (scope_service(request), place) {
        (Some("s3"), _) if form => Ok(Door::Query(None)),
        (Some("s3"), place) => Ok(Door::S3(place.bucket())),
        (Some("iam"), Place::Server | Place::Service(_)) if request.path.starts_with(TOOLBOX) => {
            Ok(Door::Rest(Service::IamToolbox))
        }
        (Some(name), place) => match (Service::from_prefix(name), Protocol::of_service(name)) {
            (Some(service), _) => Ok(Door::Query(Some(service))),
            (None, Some(protocol)) => Err(unserved(request, name, protocol, form)),
            // Nobody's name: whoever the request reaches says that the scope is wrong.
            (None, None) => Ok(by_address(request, place, at_root, form)),
        },
        (None, place) => Ok(by_address(request, place, at_root, form)),
    }
}

fn by_target(target: &str) -> Result<Door, Closed> {
    let closed = || Closed { form: Service::Organizations, error: refusal::unknown_target(target) };
    let (service, operation) = Service::of_target(target).ok_or_else(closed)?;
    Ok(Door::Json(service, operation.to_owned()))
}

fn by_address(request: &Request, place: Place, at_root: bool, form: bool) -> Door {
    match place {
        _ if form => Door::Query(None),
        Place::Service(service) if service != Service::S3 => Door::Query(Some(service)),
        _ if at_root && request.query("Action").is_some() => Door::Query(None),
        place => Door::S3(place.bucket()),
    }
}

/// A service of AWS that is not served, in the form that its clients read.
fn unserved(request: &Request, name: &str, protocol: Protocol, form: bool) -> Closed {
    let is_query = form || request.query("Action").is_some();
    let form = match protocol {
        _ if is_query => Service::Sts,
        // REST-XML has the query services' form but at S3 (AWS restXml protocol, Operation error serialization).
        Protocol::Query | Protocol::RestXml => Service::Sts,
        Protocol::Json => Service::Organizations,
        Protocol::RestJson => Service::IamToolbox,
    };
    Closed { form, error: refusal::unserved_service(name) }
}

/// The service in the credential scope of the `Authorization` header or the presigned query. Nothing
/// is believed yet: the gate verifies the signature for exactly this service.
fn scope_service(request: &Request) -> Option<&str> {
    let header = request.header(header::AUTHORIZATION).and_then(|text| {
        let mut parts = text.as_bytes().split(|byte| matches!(byte, b' ' | b'\t' | b','));
        str::from_utf8(parts.find_map(|part| part.strip_prefix(b"Credential="))?).ok()
    });
    let credential = header.or_else(|| request.query("X-Amz-Credential"))?;
    split(credential, b'/').nth(3).filter(|name| !name.is_empty())
}

/// Where the paths of the IAM toolbox begin; its requests are signed for `iam`.
const TOOLBOX: &str = "/authorization-details/";

fn is_form(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

#[cfg(test)]
mod tests;
