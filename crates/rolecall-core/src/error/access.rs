//! Refusals: AWS's `AccessDenied` sentences, rendered from a verdict.

use super::Error;
use rolecall_policy::{Principal, PrincipalKind, Verdict};
use rolecall_wire::Service;
use rolecall_wire::error::common::ACCESS_DENIED;

/// What was refused to whom.
#[derive(Debug, Clone)]
pub(crate) struct Denial<'a> {
    /// The service asked.
    pub service: Service,
    /// Who asked.
    pub principal: &'a Principal,
    /// `service:Action`.
    pub action: &'a str,
    /// The resource as messages print it; `None` when they leave it out.
    pub resource: Option<&'a str>,
    /// The resource's account.
    pub owner: &'a str,
    /// Why.
    pub verdict: &'a Verdict,
    /// The id by which the decision is explained, when messages name it.
    pub authorization: Option<String>,
}

impl Denial<'_> {
    /// The error a caller gets.
    pub(crate) fn error(&self) -> Error {
        Error::api(ACCESS_DENIED, self.message())
    }

    /// AWS's sentence (IAM User Guide, Troubleshoot access denied error messages). S3 explains itself
    /// only to callers of the bucket's own account.
    fn message(&self) -> String {
        let anonymous = self.principal.kind == PrincipalKind::Anonymous;
        let foreign = self.principal.account != self.owner;
        if self.service == Service::S3 && (anonymous || foreign) {
            return "Access Denied".to_owned();
        }
        let subject = format!("User: {} is not authorized to perform: {}", self.principal.arn, self.action);
        let resource = self.resource.map_or_else(String::new, |r| self.on(r));
        format!("{subject}{resource}{}", self.reason())
    }

    fn on(&self, resource: &str) -> String {
        match self.service {
            Service::S3 => format!(" on resource: \"{resource}\""),
            Service::Sts
            | Service::Iam
            | Service::IamToolbox
            | Service::Organizations
            | Service::Rolecall => {
                format!(" on resource: {resource}")
            }
        }
    }

    /// `AssumeRole` gives no reason: a role that is absent and one that refuses must sound alike.
    fn reason(&self) -> String {
        if UNEXPLAINED.contains(&self.action) {
            return String::new();
        }
        let reason = self.verdict.reason(self.action).map(|reason| format!(" {reason}{}", self.pointer()));
        reason.unwrap_or_default()
    }

    /// AWS's sentence without its link, which leads into a console that is not here (IAM User Guide,
    /// Troubleshoot access denied error messages with authorization ID).
    fn pointer(&self) -> String {
        let named = |id: &String| {
            format!(". Call the GetRequestAuthorizationDetails API with the following authorization id: {id}")
        };
        self.authorization.as_ref().map(named).unwrap_or_default()
    }
}

const UNEXPLAINED: [&str; 4] =
    ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity", "sts:SetContext"];
