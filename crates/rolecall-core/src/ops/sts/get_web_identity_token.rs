//! `GetWebIdentityToken`: a signed token that says who the caller is, for others to verify (IAM User Guide,
//! Understanding token claims).

use super::session_tags;
use crate::caller::Who;
use crate::clock::text::iso8601;
use crate::context;
use crate::entropy::uuid;
use crate::error::{Error, sts};
use crate::federation::issuer;
use crate::gate::{Cx, Granted, Reply, Serve};
use crate::records::Tags;
use crate::target::{Target, Targets};
use rolecall_wire::sts::{GetWebIdentityTokenRequest, GetWebIdentityTokenResponse, op};
use serde_json::{Map, Value, json};

impl Serve for op::GetWebIdentityToken {
    type Seen = ();

    async fn targets(cx: &Cx<'_>, input: &GetWebIdentityTokenRequest) -> Result<Targets, Error> {
        cx.identity()?;
        let tags = session_tags::sent(&input.tags)?;
        let base = Target::new("sts:GetWebIdentityToken", "*")
            .with_many("sts:IdentityTokenAudience", input.audience.clone())
            .with("sts:SigningAlgorithm", input.signing_algorithm.as_str())
            .with("sts:DurationSeconds", duration(input).to_string())
            .with_request_tags(&tags);
        let tag = Target { action: "sts:TagGetWebIdentityToken", ..base.clone() };
        let targets = Targets::one(base);
        Ok(if tags.is_empty() { targets } else { targets.and(tag) })
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: GetWebIdentityTokenRequest,
        _: Granted<()>,
    ) -> Result<Reply<GetWebIdentityTokenResponse>, Error> {
        if !issuer::is_enabled(cx.system, cx.account()).await? {
            return Err(sts::outbound_federation_disabled());
        }
        let expires = cx.now.saturating_add(duration(&input));
        if cx.identity()?.claims().is_some_and(|session| expires > session.expires) {
            return Err(sts::session_duration_escalation());
        }
        let claims = claims(cx, &input, expires)?;
        let token = issuer::token(&cx.system.keys, &input.signing_algorithm, &claims)?;
        Ok(GetWebIdentityTokenResponse { web_identity_token: Some(token), expiration: Some(expires) }.into())
    }
}

fn duration(input: &GetWebIdentityTokenRequest) -> i64 {
    input.duration_seconds.unwrap_or(USUAL_DURATION)
}

fn claims(cx: &Cx<'_>, input: &GetWebIdentityTokenRequest, expires: i64) -> Result<Value, Error> {
    let audience = match input.audience.as_slice() {
        [one] => json!(one),
        many => json!(many),
    };
    Ok(json!({
        "iss": issuer::identifier(cx.system, cx.account()),
        "sub": subject(cx)?,
        "aud": audience,
        "iat": cx.now,
        "exp": expires,
        "jti": uuid().as_str(),
        (NAMESPACE): about(cx, &session_tags::sent(&input.tags)?)?,
    }))
}

/// The IAM ARN of the principal: for a session that of its role.
fn subject(cx: &Cx<'_>) -> Result<String, Error> {
    let identity = cx.identity()?;
    Ok(match &identity.who {
        Who::Role(role) => role.arn(),
        _ => identity.principal.arn.clone(),
    })
}

fn about(cx: &Cx<'_>, request_tags: &Tags) -> Result<Value, Error> {
    let session = cx.identity()?.claims();
    let request_tags: Map<String, Value> = request_tags.iter().map(|(k, v)| (k.clone(), json!(v))).collect();
    let some = |tags: Map<String, Value>| if tags.is_empty() { Value::Null } else { Value::Object(tags) };
    let all = [
        ("aws_account", json!(cx.account().as_str())),
        ("source_region", json!(*cx.region)),
        ("principal_id", json!(subject(cx)?)),
        ("principal_tags", some(principal_tags(cx))),
        ("request_tags", some(request_tags)),
        ("original_session_exp", json!(session.map(|session| iso8601(session.expires)))),
        ("source_identity", json!(session.and_then(|session| session.source_identity.as_deref()))),
        ("federated_provider", json!(session.and_then(|session| session.provider.as_deref()))),
    ];
    let known = all.into_iter().filter(|(_, value)| !value.is_null());
    Ok(Value::Object(known.map(|(name, value)| (name.to_owned(), value)).collect()))
}

/// The principal's tags as its policies see them: a session's in place of its role's.
fn principal_tags(cx: &Cx<'_>) -> Map<String, Value> {
    let context = context::global(&cx.connection(), &cx.caller, cx.now);
    let tags = context.iter().filter_map(|(name, value)| {
        let name = name.text();
        let key = name.strip_prefix("aws:PrincipalTag/")?;
        Some((key.to_owned(), json!(value.all().first()?)))
    });
    tags.collect()
}

/// Where AWS's own claims are.
const NAMESPACE: &str = "https://sts.amazonaws.com/";
/// A token lasts five minutes unless asked otherwise.
const USUAL_DURATION: i64 = 300;
