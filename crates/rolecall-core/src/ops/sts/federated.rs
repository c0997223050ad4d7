//! From a verified assertion to a session of a role: shared by `AssumeRoleWithWebIdentity`,
//! `AssumeRoleWithSAML` and what EC2 does for its instances. The caller has no policies of its own, so the role's trust policy decides.

use super::assume_role::{DEFAULT_DURATION, RoleArn, assumed_role_user, find_role, subject};
use super::session_policy;
use super::session_tags::SessionTags;
use crate::error::{Error, sts};
use crate::gate::{Cx, Granted};
use crate::layers::ResourcePolicy;
use crate::metadata;
use crate::records::{Role, Sight};
use crate::session::{self, Origin, Session};
use crate::target::{Target, Targets};
use rolecall_federation::{Assertion, Voucher};
use rolecall_wire::sts::{AssumedRoleUser, Credentials, PolicyDescriptorType};
use std::sync::Arc;

/// What a request for a role asks besides showing an assertion.
pub(super) struct Asked<'a> {
    /// `sts:AssumeRoleWithWebIdentity`, `sts:AssumeRoleWithSAML` or `sts:AssumeRole`.
    pub action: &'static str,
    /// The role.
    pub role_arn: &'a str,
    /// The name of the session.
    pub session_name: &'a str,
    /// The inline session policy.
    pub policy: Option<&'a str>,
    /// Managed session policies.
    pub policy_arns: &'a [PolicyDescriptorType],
    /// How long the session should last, in seconds.
    pub duration: Option<i64>,
    /// How long the session token should be at least, in characters.
    pub token_size: Option<i64>,
}

/// What it gets.
pub(super) struct Minted {
    /// The credentials, once.
    pub credentials: Credentials,
    /// The session's ids.
    pub user: AssumedRoleUser,
    /// How long the session token is, in characters.
    pub token_size: Option<i64>,
    /// How much of the longest token's size it has, in percent.
    pub token_utilization: Option<i64>,
    /// How much of the space for policies and tags is used, in percent.
    pub packed_policy_size: Option<i64>,
    /// The assertion it rests on.
    pub assertion: Assertion,
}

/// What a provider says of somebody, who has not asked too often.
///
/// # Errors
/// `Throttling`.
pub(super) fn admitted(cx: &Cx<'_>, assertion: Assertion) -> Result<Assertion, Error> {
    match cx.system.throttle.admits_principal((&assertion.provider, &assertion.subject)) {
        true => Ok(assertion),
        false => Err(sts::throttled()),
    }
}

/// The word that admission has verified: the caller of the decision.
///
/// # Errors
/// When there is none, which no request gets past admission with.
pub(super) fn assertion<'a>(cx: &'a Cx<'_>) -> Result<&'a Assertion, Error> {
    cx.federated.as_ref().map(|known| &known.assertion).ok_or_else(|| sts::not_authorized(cx.row.name))
}

/// What the role's trust policy must allow.
///
/// # Errors
/// When the role's ARN is malformed, the tags contradict each other, or the store fails.
pub(super) async fn targets(cx: &Cx<'_>, asked: &Asked<'_>) -> Result<Targets<Sight<Role>>, Error> {
    let assertion = assertion(cx)?;
    let arn = RoleArn::parse(asked.role_arn)?;
    SessionTags::asserted(assertion)?;
    let role = find_role(cx, &arn).await?;
    let base = target(asked, arn.account.as_str(), role.record().cloned(), assertion);
    let mut targets = Targets::one(base.clone());
    if !assertion.tags.is_empty() {
        targets = targets.and(Target { action: "sts:TagSession", ..base.clone() });
    }
    if assertion.source_identity.is_some() {
        targets = targets.and(Target { action: "sts:SetSourceIdentity", ..base });
    }
    Ok(targets.seeing(role))
}

/// Mints the session that [`targets`] was about, once everything is allowed.
///
/// # Errors
/// When it would last longer than the role allows, or a session policy is malformed or too large.
pub(super) async fn mint(
    cx: &mut Cx<'_>,
    asked: &Asked<'_>,
    granted: &Granted<Sight<Role>>,
) -> Result<Minted, Error> {
    let role = granted.seen().record().ok_or_else(|| sts::not_authorized(cx.row.name))?;
    let assertion = assertion(cx)?.clone();
    let duration = duration(asked, role, assertion.from)?;
    let tags = SessionTags::asserted(&assertion)?;
    let policies = session_policy::read(cx.system, &role.account, asked.policy, asked.policy_arns).await?;
    let packed_policy_size = session_policy::packed_size(&policies, &tags)?;
    let fresh = session::begin(role.account.clone(), subject(role, asked.session_name), cx.now, duration)?;
    let session = Session {
        expires: assertion.not_after.map_or(fresh.expires, |end| end.min(fresh.expires)),
        tags: tags.all,
        transitive: tags.transitive,
        policies,
        source_identity: assertion.source_identity.clone(),
        provider: (assertion.from == Voucher::Provider).then(|| assertion.provider.clone()),
        facts: assertion.carried.clone(),
        origin: Origin { arn: [&*assertion.provider, ":", &assertion.subject].concat(), user_id: None },
        ..fresh
    };
    let minted = cx.issue(session, asked.token_size)?;
    cx.about_account(&role.account);
    let user = assumed_role_user(role, asked.session_name);
    Ok(Minted {
        token_size: minted.token_size(),
        token_utilization: minted.token_utilization(),
        credentials: minted.into(),
        user,
        packed_policy_size,
        assertion,
    })
}

/// The longest session that a role allows does not bind services (IAM User Guide, Update the maximum session
/// duration for a role).
fn duration(asked: &Asked<'_>, role: &Role, from: Voucher) -> Result<i64, Error> {
    let duration = asked.duration.unwrap_or(DEFAULT_DURATION);
    match from {
        Voucher::Service => Ok(metadata::LIFE),
        Voucher::Provider if duration > role.max_session_duration => Err(sts::max_session_duration()),
        Voucher::Provider => Ok(duration),
    }
}

/// A role that does not exist is asked about like one that does, and trusts nobody.
fn target(asked: &Asked<'_>, account: &str, role: Option<Arc<Role>>, assertion: &Assertion) -> Target {
    let role_tags = role.as_ref().map(|role| role.tags.clone()).unwrap_or_default();
    let target = Target::new(asked.action, asked.role_arn)
        .owned(account, ResourcePolicy::Trust(role))
        .with("sts:RoleSessionName", asked.session_name)
        .with_some("sts:SourceIdentity", assertion.source_identity.as_deref())
        .with_request_tags(&assertion.tags)
        .with_resource_tags(Some("iam:ResourceTag"), &role_tags);
    match assertion.transitive.is_empty() {
        true => target,
        false => target.with_many("sts:TransitiveTagKeys", assertion.transitive.clone()),
    }
}
