//! The record itself, in the form of CloudTrail's (CloudTrail User Guide, Record contents, 1.11).

use super::line::{Line, name};
use super::redact::{self, query_parameters};
use crate::caller::{Caller, Identity, Who};
use crate::clock::text::iso8601;
use crate::entropy::uuid;
use crate::federation::Federated;
use crate::id::{AccountId, RequestId};
use crate::limits::AUDIT_RECORD;
use crate::peer::Peer;
use crate::session::Session;
use http::HeaderValue;
use rolecall_federation::Voucher;
use rolecall_wire::{ApiError, Effect, Params, Service};
use std::borrow::Cow;
use std::sync::Arc;

/// What is remembered of a request while it is served.
pub(crate) struct Trail {
    /// The service asked.
    pub service: Service,
    /// The operation asked, as far as it could be told.
    pub operation: Cow<'static, str>,
    /// What the operation does; nothing, as long as none is found.
    pub effect: Effect,
    /// The id in the answer's header.
    pub request_id: RequestId,
    /// When the request arrived, in milliseconds since 1970.
    pub now_ms: i64,
    /// The other side of the connection.
    pub peer: Peer,
    /// The `User-Agent` header.
    pub user_agent: Option<HeaderValue>,
    /// The region asked.
    pub region: Arc<str>,
    /// Who asked, once known.
    pub caller: Option<Caller>,
    /// Whom a provider vouched for, once its word was verified.
    pub federated: Option<Box<Federated>>,
    /// The access key id that was presented, known or not.
    pub access_key_id: Option<String>,
    /// What was asked.
    pub asked: Asked,
    /// What was answered, as JSON, for operations that change something.
    pub response: Option<Vec<u8>>,
    /// Why it was refused.
    pub error: Option<ApiError>,
    /// The account that owns what was asked about.
    pub recipient: AccountId,
}

/// What a request asks with.
pub(crate) enum Asked {
    /// The parameters of a form, or the members of a message.
    Message(Params),
    /// Parameters under the names that the record shows, secrets hidden.
    Listed(Vec<(String, String)>),
}

impl Trail {
    /// The record as one line of JSON.
    pub(crate) fn line(&self) -> Vec<u8> {
        let mut line = Line::begin();
        line.put(name!("eventVersion"), "1.11");
        self.user_identity(&mut line);
        line.put(name!("eventTime"), &iso8601(self.now()));
        line.put(name!("eventSource"), source(self.service));
        line.put(name!("eventName"), &self.operation);
        line.put(name!("awsRegion"), &self.region);
        line.put(name!("sourceIPAddress"), self.peer.text());
        line.put_some(name!("userAgent"), self.user_agent.as_ref().and_then(|agent| agent.to_str().ok()));
        line.put_some(name!("errorCode"), self.error.as_ref().map(|e| e.code.code));
        line.put_some(name!("errorMessage"), self.error.as_ref().map(|e| e.message.as_ref()));
        self.asked_and_answered(&mut line);
        line.put(name!("requestID"), &self.request_id);
        line.put(name!("eventID"), &uuid());
        line.put_word(name!("readOnly"), word(self.effect.is_read_only()));
        line.put(name!("eventType"), "AwsApiCall");
        line.put_word(name!("managementEvent"), word(!self.is_data_event()));
        line.put(name!("recipientAccountId"), self.recipient.as_str());
        line.put(name!("eventCategory"), if self.is_data_event() { "Data" } else { "Management" });
        line.finish()
    }

    /// No record of this request is longer, in bytes: whatever was asked, and what an answer repeats of it, may be
    /// written with escapes.
    pub(crate) fn longest(&self) -> u64 {
        let agent = self.user_agent.as_ref().map_or(0, HeaderValue::len);
        AUDIT_RECORD + ESCAPED * (agent + self.asked.length()) as u64
    }

    /// Notes the region asked, if it is not the server's own.
    pub(crate) fn is_for_region(&mut self, other: Option<&Arc<str>>) {
        if let Some(region) = other {
            self.region = Arc::clone(region);
        }
    }

    /// When the request arrived, in seconds since 1970.
    pub(crate) fn now(&self) -> i64 {
        self.now_ms.div_euclid(1000)
    }

    /// The day of the record, counted from 1970.
    pub(crate) fn day(&self) -> i64 {
        self.now().div_euclid(86_400)
    }

    /// Operations on objects are data events; everything else manages.
    fn is_data_event(&self) -> bool {
        matches!(&self.asked, Asked::Listed(all) if all.iter().any(|(name, _)| name == "key"))
    }

    fn asked_and_answered(&self, line: &mut Line) {
        let known = matches!(self.caller, Some(Caller::Known(_)));
        self.asked.write(line, if known { usize::MAX } else { STRANGERS_MOST });
        match &self.response {
            Some(json) => line.put_written(name!("responseElements"), json),
            None => line.put_word(name!("responseElements"), "null"),
        }
    }

    fn user_identity(&self, line: &mut Line) {
        line.structure(name!("userIdentity"));
        if let Some(federated) = &self.federated {
            vouched_for(line, federated);
            return line.end();
        }
        match self.caller.as_ref() {
            Some(Caller::Known(identity)) => known(line, identity),
            Some(Caller::Anonymous) => {
                line.put(name!("type"), "AWSAccount");
                line.put(name!("principalId"), "");
                line.put(name!("accountId"), "ANONYMOUS_PRINCIPAL");
            }
            None => {
                line.put(name!("type"), "Unknown");
                line.put_some(name!("accessKeyId"), self.access_key_id.as_deref());
            }
        }
        line.end();
    }
}

impl Asked {
    fn length(&self) -> usize {
        match self {
            Self::Message(params) => params.length(),
            Self::Listed(all) => all.iter().map(|(name, value)| name.len() + value.len()).sum(),
        }
    }

    fn write(&self, line: &mut Line, most: usize) {
        match self {
            Self::Message(params) => {
                let shown = query_parameters(params).take(most);
                write_all(
                    line,
                    shown.map(|(name, value)| (name, redact::shown(name, value))),
                    Line::put_given_camel,
                );
            }
            Self::Listed(all) => {
                let shown = all.iter().take(most);
                write_all(line, shown.map(|(name, value)| (name.as_str(), value.into())), Line::put_given);
            }
        }
    }
}

impl Default for Asked {
    fn default() -> Self {
        Self::Listed(Vec::new())
    }
}

fn write_all<'a>(
    line: &mut Line,
    parameters: impl Iterator<Item = (&'a str, Cow<'a, str>)>,
    put: fn(&mut Line, &str, &str),
) {
    let mut parameters = parameters.peekable();
    if parameters.peek().is_none() {
        return line.put_word(name!("requestParameters"), "null");
    }
    line.structure(name!("requestParameters"));
    parameters.for_each(|(name, value)| put(line, redact::cut(name).as_ref(), &value));
    line.end();
}

/// (CloudTrail User Guide, userIdentity element: examples of SAML and web identity federation.)
fn vouched_for(line: &mut Line, federated: &Federated) {
    let assertion = &federated.assertion;
    if assertion.from == Voucher::Service {
        line.put(name!("type"), "AWSService");
        return line.put(name!("invokedBy"), &assertion.provider);
    }
    let kind = if assertion.provider.contains(":saml-provider/") { "SAMLUser" } else { "WebIdentityUser" };
    line.put(name!("type"), kind);
    line.put(
        name!("principalId"),
        &format!("{}:{}:{}", assertion.provider, assertion.audience, assertion.subject),
    );
    line.put(name!("userName"), &assertion.subject);
    line.put(name!("identityProvider"), &assertion.provider);
}

fn known(line: &mut Line, identity: &Identity) {
    let kind = match &identity.who {
        Who::Root => "Root",
        Who::User(_) => "IAMUser",
        Who::Role(_) => "AssumedRole",
        Who::Federated(_) => "FederatedUser",
    };
    line.put(name!("type"), kind);
    line.put(name!("principalId"), &identity.user_id());
    line.put(name!("arn"), &identity.principal.arn);
    line.put(name!("accountId"), identity.account.as_str());
    line.put(name!("accessKeyId"), &identity.access_key_id);
    line.put_some(name!("userName"), identity.user_name());
    if let Some(session) = identity.claims() {
        line.structure(name!("sessionContext"));
        session_context(line, identity, session);
        line.end();
    }
}

fn session_context(line: &mut Line, identity: &Identity, session: &Session) {
    match &identity.who {
        Who::Role(role) => issuer(line, identity, "Role", &role.id, &role.arn(), Some(&role.name)),
        Who::Federated(Some(user)) => {
            issuer(line, identity, "IAMUser", &user.id, &user.arn(), Some(&user.name));
        }
        Who::Federated(None) => {
            issuer(line, identity, "Root", identity.account.as_str(), &identity.account.root_arn(), None);
        }
        Who::Root | Who::User(_) => {}
    }
    line.structure(name!("attributes"));
    line.put(name!("creationDate"), &iso8601(session.issued));
    line.put(name!("mfaAuthenticated"), word(session.mfa.is_some()));
    line.end();
    line.put_some(name!("sourceIdentity"), session.source_identity.as_deref());
}

/// Who the session comes from.
fn issuer(line: &mut Line, identity: &Identity, kind: &str, id: &str, arn: &str, name: Option<&str>) {
    line.structure(name!("sessionIssuer"));
    line.put(name!("type"), kind);
    line.put(name!("principalId"), id);
    line.put(name!("arn"), arn);
    line.put(name!("accountId"), identity.account.as_str());
    line.put_some(name!("userName"), name);
    line.end();
}

fn source(service: Service) -> &'static str {
    match service {
        Service::Sts => "sts.amazonaws.com",
        Service::Iam => "iam.amazonaws.com",
        Service::IamToolbox => "iam-toolbox.amazonaws.com",
        Service::S3 => "s3.amazonaws.com",
        Service::Organizations => "organizations.amazonaws.com",
        Service::Rolecall => "rolecall.amazonaws.com",
    }
}

fn word(yes: bool) -> &'static str {
    if yes { "true" } else { "false" }
}

/// How much longer what was asked can get: six characters for one, and again in the answer.
const ESCAPED: u64 = 12;
/// The parameters shown of a request that nobody known has sent: strangers must not fill the log. Whoever is
/// known cannot hide what is asked behind many parameters, because all of theirs are shown.
const STRANGERS_MOST: usize = 16;
