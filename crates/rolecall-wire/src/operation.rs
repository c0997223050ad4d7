//! The operation table's row: what the public model says of one operation.
//!
//! Rows are generated (`gen/`). Routing, authorization, audit and the coverage lists read them;
//! nothing else lists operations.

use crate::error::ApiError;
use crate::request::Incoming;
use crate::write::Writer;
use http::{HeaderMap, Method};

/// A service whose model is in the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Service {
    /// AWS Security Token Service.
    Sts,
    /// AWS Identity and Access Management.
    Iam,
    /// IAM's toolbox: explanations of denials.
    IamToolbox,
    /// Amazon Simple Storage Service.
    S3,
    /// AWS Organizations.
    Organizations,
    /// Our own administration operations.
    Rolecall,
}

/// How a service's messages travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// `Action=…&Version=…` as a form, XML back.
    Query,
    /// Method, path, query and headers; XML bodies.
    RestXml,
    /// The operation in `X-Amz-Target`; JSON both ways.
    Json,
    /// Method, path and query; JSON bodies.
    RestJson,
}

impl Protocol {
    /// What a service of AWS speaks to those who name no operation in a form or a header; by the name that its
    /// requests are signed for. `None` when AWS has no such service.
    pub fn of_service(signing_name: &str) -> Option<Self> {
        let services = crate::r#gen::services::SERVICES;
        let index = services.binary_search_by(|(name, _)| (*name).cmp(signing_name)).ok()?;
        services.get(index).map(|(_, protocol)| *protocol)
    }
}

impl Service {
    /// Every service.
    pub const ALL: [Self; 6] =
        [Self::Sts, Self::Iam, Self::IamToolbox, Self::S3, Self::Organizations, Self::Rolecall];

    /// The name in a credential scope, in actions and in ARNs: `sts`, `iam`, `s3`, `rolecall`.
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Sts => "sts",
            Self::Iam | Self::IamToolbox => "iam",
            Self::S3 => "s3",
            Self::Organizations => "organizations",
            Self::Rolecall => "rolecall",
        }
    }

    /// How its messages travel.
    pub const fn protocol(self) -> Protocol {
        match self {
            Self::S3 => Protocol::RestXml,
            Self::Organizations => Protocol::Json,
            Self::IamToolbox => Protocol::RestJson,
            Self::Sts | Self::Iam | Self::Rolecall => Protocol::Query,
        }
    }

    /// The API version of its model.
    pub const fn version(self) -> &'static str {
        match self {
            Self::Sts => "2011-06-15",
            Self::Iam => "2010-05-08",
            Self::IamToolbox => "2018-05-10",
            Self::S3 => "2006-03-01",
            Self::Organizations => "2016-11-28",
            Self::Rolecall => "2026-11-22",
        }
    }

    /// The XML namespace of its answers; empty when they are not XML.
    pub const fn namespace(self) -> &'static str {
        match self {
            Self::Sts => "https://sts.amazonaws.com/doc/2011-06-15/",
            Self::Iam => "https://iam.amazonaws.com/doc/2010-05-08/",
            Self::S3 => "http://s3.amazonaws.com/doc/2006-03-01/",
            Self::Organizations | Self::IamToolbox => "",
            Self::Rolecall => "https://rolecall.dev/doc/2026-11-22/",
        }
    }

    /// The service that a credential scope names.
    pub fn from_prefix(prefix: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.prefix() == prefix)
    }

    /// The service and the operation that an `X-Amz-Target` header names, such as
    /// `AWSOrganizationsV20161128.CreateAccount`.
    pub fn of_target(target: &str) -> Option<(Self, &str)> {
        match target.split_once('.')? {
            ("AWSOrganizationsV20161128", operation) => Some((Self::Organizations, operation)),
            _ => None,
        }
    }
}

/// What an operation does to what is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Nothing.
    Reads,
    /// It changes something.
    Writes,
    /// Nothing, but it makes credentials or a token (CloudTrail counts such operations as reading).
    Mints,
}

/// How the caller of an operation is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// By a signature in the head of the request or in its URL.
    Signature,
    /// By such a signature if there is one; whoever sends none is anonymous, and a resource's policy may
    /// let him.
    SignatureIfAny,
    /// By the signature of the policy in the fields of an HTML form.
    Form,
    /// By the word of an identity provider in the message (the model's `authtype: none`).
    Provider,
    /// By the listener that the request came in by, which one instance reaches.
    Instance,
}

impl Effect {
    /// True when nothing that is stored changes.
    pub const fn is_read_only(self) -> bool {
        !matches!(self, Self::Writes)
    }
}

/// One operation of the public model.
#[derive(Debug)]
pub struct Row {
    /// Whose operation it is.
    pub service: Service,
    /// Its name, such as `AssumeRole`.
    pub name: &'static str,
    /// The method of a REST operation (query operations take GET and POST alike).
    pub method: Method,
    /// The REST path template, such as `/{Bucket}/{Key+}`; `/` for query operations.
    pub path: &'static str,
    /// Query parameters that must be present for a REST request to mean this operation, with the
    /// value demanded if any: `[("uploads", None)]`, `[("list-type", Some("2"))]`.
    pub query: &'static [(&'static str, Option<&'static str>)],
    /// Query parameters a REST request for this operation may have besides. Of the others, the names that all parts of
    /// the message have as parameters, such as `Tags.member.*.Key`.
    pub accepts: &'static [&'static str],
    /// A header that must be present for a REST request to mean this operation.
    pub header: Option<&'static str>,
    /// What it does to what is stored.
    pub effect: Effect,
    /// How its caller is known.
    pub proof: Proof,
    /// True when the request body is the payload itself and is streamed.
    pub streams_in: bool,
    /// True when the answer's body is the payload itself and is streamed.
    pub streams_out: bool,
    /// The name of the element that wraps the result, such as `AssumeRoleResult`, if any; for a
    /// REST operation the root element of the answer's body.
    pub result: Option<&'static str>,
    /// The HTTP status of success.
    pub status: u16,
}

impl Row {
    /// True when a parameter of a form, or a member of a message spelled as one, is a part of this operation's message:
    /// whatever else is sent is left unread, by AWS as well.
    pub fn understands(&self, parameter: &str) -> bool {
        let is_envelope = |name: &str| name == "Action" || name == "Version" || name.starts_with("X-Amz-");
        is_envelope(parameter) || self.accepts.iter().any(|name| is_spelled(name, parameter))
    }
}

/// True for the name of a part, or of what it is a part of: `Tags=` is an empty list.
fn is_spelled(name: &str, parameter: &str) -> bool {
    let mut steps = name.split('.');
    parameter.split('.').all(|step| match steps.next() {
        Some("*") => !step.is_empty() && step.bytes().all(|byte| byte.is_ascii_digit()),
        known => known == Some(step),
    })
}

/// Every operation of a service.
pub fn rows(service: Service) -> &'static [&'static Row] {
    match service {
        Service::Sts => crate::r#gen::sts::ROWS,
        Service::Iam => crate::r#gen::iam::ROWS,
        Service::IamToolbox => crate::r#gen::iam_toolbox::ROWS,
        Service::S3 => crate::r#gen::s3::ROWS,
        Service::Organizations => crate::r#gen::organizations::ROWS,
        Service::Rolecall => crate::r#gen::rolecall::ROWS,
    }
}

/// The operation of a service by its name (case-sensitive).
pub fn find(service: Service, name: &str) -> Option<&'static Row> {
    let rows = rows(service);
    let index = rows.binary_search_by(|row| row.name.cmp(name)).ok()?;
    rows.get(index).copied()
}

/// The operation that a method and a path mean, with the parameters that the path holds, such as
/// `authorizationId` in `/authorization-details/{authorizationId}`. For REST services without buckets.
pub fn of_path(
    service: Service,
    method: &Method,
    path: &str,
) -> Option<(&'static Row, Vec<(String, String)>)> {
    let fits = |row: &&'static Row| Some((*row, placed(row.path, path)?));
    rows(service).iter().filter(|row| row.method == *method).find_map(fits)
}

fn placed(template: &str, path: &str) -> Option<Vec<(String, String)>> {
    let (mut wanted, mut found) = (template.split('/'), path.split('/'));
    let mut params = Vec::new();
    loop {
        match (wanted.next(), found.next()) {
            (None, None) => return Some(params),
            (Some(wanted), Some(found)) => match wanted.strip_prefix('{').and_then(|w| w.strip_suffix('}')) {
                Some(name) => params.push((name.to_owned(), found.to_owned())),
                None if wanted == found => {}
                None => return None,
            },
            _ => return None,
        }
    }
}

/// The message of an operation that takes or gives nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Nothing;

impl Decode for Nothing {
    fn decode(_incoming: &Incoming<'_>) -> Result<Self, ApiError> {
        Ok(Self)
    }
}

impl Encode for Nothing {
    fn body(&self, _out: &mut dyn Writer) {}

    fn is_bodiless(&self) -> bool {
        true
    }
}

/// An operation with its generated message types.
pub trait Operation: 'static {
    /// Its row in the table.
    const ROW: &'static Row;
    /// What a caller sends.
    type Input: Decode + Send + Sync + 'static;
    /// What a caller gets.
    type Output: Encode + Send + 'static;
}

/// A message that can be read from a request.
pub trait Decode: Sized {
    /// Reads the message and checks the model's limits.
    ///
    /// # Errors
    /// The service's validation error, in AWS's words, when a member is missing or out of bounds.
    fn decode(incoming: &Incoming<'_>) -> Result<Self, ApiError>;
}

/// A message that can be written as an answer.
pub trait Encode {
    /// Writes the members that travel in the body.
    fn body(&self, out: &mut dyn Writer);

    /// Adds the members that travel as headers (REST only).
    fn headers(&self, _out: &mut HeaderMap) {}

    /// The whole body when the answer is a raw payload, not members (REST only).
    fn payload(&self) -> Option<&[u8]> {
        None
    }

    /// True when there is nothing to write in the body, so that none is sent (REST only).
    fn is_bodiless(&self) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_of_aws_are_known_by_the_names_they_are_signed_for() {
        for (name, protocol) in [
            ("IoTSecuredTunneling", Some(Protocol::Json)),
            ("ec2", Some(Protocol::Query)),
            ("lambda", Some(Protocol::RestJson)),
            ("route53", Some(Protocol::RestXml)),
            ("dynamodb", Some(Protocol::Json)),
            ("xray", Some(Protocol::RestJson)),
            ("foo", None),
            ("", None),
        ] {
            assert_eq!(Protocol::of_service(name), protocol, "{name}");
        }
        let names: Vec<_> = crate::r#gen::services::SERVICES.iter().map(|(name, _)| *name).collect();
        assert!(names.is_sorted());
    }

    #[test]
    fn what_a_message_has_no_part_for_is_not_understood() {
        let understands =
            |service, operation, parameter| find(service, operation).unwrap().understands(parameter);
        for (parameter, understood) in [
            ("UserName", true),
            ("PermissionsBoundary", true),
            ("PermissionBoundary", false),
            ("permissionsboundary", false),
            ("Tags", true),
            ("Tags.member.1.Key", true),
            ("Tags.member.12.Value", true),
            ("Tags.member.1.key", false),
            ("Tags.member.x.Key", false),
            ("Tags.1.Key", false),
            ("UserName.x", false),
            ("Action", true),
            ("Version", true),
            ("X-Amz-Signature", true),
            ("", false),
        ] {
            assert_eq!(understands(Service::Iam, "CreateUser", parameter), understood, "{parameter}");
        }
        assert!(understands(Service::Sts, "AssumeRole", "PolicyArns.member.1.arn"));
        assert!(!understands(Service::Sts, "AssumeRole", "PolicyArns.member.1.Arn"));
        assert!(understands(Service::Organizations, "TagResource", "Tags.member.1.Key"));
        assert!(!understands(Service::Iam, "GetAccountSummary", "UserName"));
    }

    #[test]
    fn a_path_means_an_operation_and_holds_its_parameters() {
        let found = |method, path| {
            of_path(Service::IamToolbox, &method, path).map(|(row, params)| (row.name, params))
        };
        let id = || vec![("authorizationId".to_owned(), "a1".to_owned())];
        let details = "/authorization-details/a1";
        assert_eq!(found(Method::GET, details), Some(("GetRequestAuthorizationDetails", id())));
        assert_eq!(
            found(Method::GET, "/authorization-details/a1/policy"),
            Some(("GetRequestAuthorizationPolicy", id()))
        );
        assert_eq!(found(Method::POST, details), None);
        assert_eq!(found(Method::GET, "/authorization-details"), None);
        assert_eq!(found(Method::GET, "/authorization-details/a1/other"), None);
    }
}
