//! The record itself, in the form of CloudTrail's (CloudTrail User Guide, Record contents, 1.11).

use super::redact;
use crate::caller::{Caller, Identity, Who};
use crate::clock::text::iso8601;
use crate::entropy::uuid;
use crate::session::{Session, Subject};
use rolecall_wire::{ApiError, Service};
use serde::Serialize;
use serde_json::{Map, Value, json};

/// What is remembered of a request while it is served.
pub(crate) struct Trail {
    /// The service asked.
    pub service: Service,
    /// The operation asked, as far as it could be told.
    pub operation: String,
    /// The id in the answer's header.
    pub request_id: String,
    /// When the request arrived, in seconds since 1970.
    pub now: i64,
    /// The peer's address.
    pub peer: String,
    /// The `User-Agent` header.
    pub user_agent: Option<String>,
    /// The region asked.
    pub region: String,
    /// Who asked, once known.
    pub caller: Option<Caller>,
    /// The access key id that was presented, known or not.
    pub access_key_id: Option<String>,
    /// What was asked.
    pub parameters: Map<String, Value>,
    /// What was answered, for operations that change something.
    pub response: Option<Value>,
    /// Why it was refused.
    pub error: Option<ApiError>,
    /// The account that owns what was asked about.
    pub recipient: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Record<'a> {
    event_version: &'static str,
    user_identity: Value,
    event_time: String,
    event_source: String,
    event_name: &'a str,
    aws_region: &'a str,
    #[serde(rename = "sourceIPAddress")]
    source_ip_address: &'a str,
    user_agent: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_message: Option<&'a str>,
    request_parameters: Option<&'a Map<String, Value>>,
    response_elements: Option<&'a Value>,
    #[serde(rename = "requestID")]
    request_id: &'a str,
    #[serde(rename = "eventID")]
    event_id: String,
    read_only: bool,
    event_type: &'static str,
    management_event: bool,
    recipient_account_id: &'a str,
    event_category: &'static str,
}

impl Trail {
    /// The record as one line of JSON.
    pub(crate) fn line(&self) -> Vec<u8> {
        let data = self.is_data_event();
        let record = Record {
            event_version: "1.11",
            user_identity: self.user_identity(),
            event_time: iso8601(self.now),
            event_source: format!("{}.amazonaws.com", self.service.prefix()),
            event_name: &self.operation,
            aws_region: &self.region,
            source_ip_address: &self.peer,
            user_agent: self.user_agent.as_deref(),
            error_code: self.error.as_ref().map(|e| e.code.code),
            error_message: self.error.as_ref().map(|e| e.message.as_ref()),
            request_parameters: (!self.parameters.is_empty()).then_some(&self.parameters),
            response_elements: self.response.as_ref(),
            request_id: &self.request_id,
            event_id: uuid(),
            read_only: redact::is_read_only(&self.operation),
            event_type: "AwsApiCall",
            management_event: !data,
            recipient_account_id: &self.recipient,
            event_category: if data { "Data" } else { "Management" },
        };
        serde_json::to_vec(&record).unwrap_or_default()
    }

    /// The day of the record, counted from 1970.
    pub(crate) fn day(&self) -> i64 {
        self.now.div_euclid(86_400)
    }

    /// Operations on objects are data events; everything else manages.
    fn is_data_event(&self) -> bool {
        self.service == Service::S3 && self.parameters.contains_key("key")
    }

    fn user_identity(&self) -> Value {
        match self.caller.as_ref() {
            Some(Caller::Known(identity)) => known(identity),
            Some(Caller::Anonymous) => {
                json!({"type": "AWSAccount", "principalId": "", "accountId": "ANONYMOUS_PRINCIPAL"})
            }
            None => json!({"type": "Unknown", "accessKeyId": self.access_key_id}),
        }
    }
}

fn known(identity: &Identity) -> Value {
    let kind = match &identity.who {
        Who::Root => "Root",
        Who::User(_) => "IAMUser",
        Who::Role(_) => "AssumedRole",
    };
    let mut user = json!({
        "type": kind,
        "principalId": identity.user_id(),
        "arn": identity.principal.arn,
        "accountId": identity.account,
        "accessKeyId": identity.access_key_id,
    });
    if let Some(map) = user.as_object_mut() {
        map.extend(identity.user_name().map(|name| ("userName".to_owned(), name.into())));
        map.extend(
            identity
                .claims()
                .map(|session| ("sessionContext".to_owned(), session_context(identity, session))),
        );
    }
    user
}

fn session_context(identity: &Identity, session: &Session) -> Value {
    let mut context = json!({
        "attributes": {
            "creationDate": iso8601(session.issued),
            "mfaAuthenticated": session.mfa.is_some().to_string(),
        },
    });
    let issuer = match (&identity.who, &session.subject) {
        (Who::Role(role), Subject::Role { .. }) => Some(json!({
            "type": "Role", "principalId": role.id, "arn": role.arn(), "accountId": role.account, "userName": role.name,
        })),
        _ => None,
    };
    if let Some(map) = context.as_object_mut() {
        map.extend(issuer.map(|issuer| ("sessionIssuer".to_owned(), issuer)));
        map.extend(session.source_identity.clone().map(|id| ("sourceIdentity".to_owned(), id.into())));
    }
    context
}
