//! `AssumeRole`: temporary credentials of a role, for whoever its trust policy names.

use super::session_policy;
use super::session_tags::{self, SessionTags};
use crate::caller::{Identity, Who, assumed_role_arn};
use crate::error::{Error, sts};
use crate::gate::{Cx, Granted, Reply, Serve};
use crate::id::AccountId;
use crate::mfa;
use crate::records::{Role, Sight, Tags, key};
use crate::session::{self, Session, Subject};
use crate::target::{ResourcePolicy, Target, Targets};
use rolecall_policy::Arn;
use rolecall_wire::sts::{AssumeRoleRequest, AssumeRoleResponse, AssumedRoleUser, op};
use std::sync::Arc;

impl Serve for op::AssumeRole {
    type Seen = Sight<Role>;

    async fn targets(cx: &Cx<'_>, input: &AssumeRoleRequest) -> Result<Targets<Sight<Role>>, Error> {
        let arn = RoleArn::parse(&input.role_arn)?;
        let identity = cx.identity()?;
        check_caller(identity, input)?;
        let tags = SessionTags::of(&input.tags, &input.transitive_tag_keys, identity)?;
        let source_identity = source_identity(identity, input)?;
        let role = find_role(cx, &arn).await?;
        let trusting = role.record().cloned();
        let base = target(&arn.account, input, identity, trusting, &tags, source_identity.as_deref());
        let base = with_mfa(cx, input, base).await?;
        // Tags that come down the chain are passed like those sent: the role must allow that for them too.
        let also = [
            (!tags.all.is_empty()).then_some("sts:TagSession"),
            source_identity.is_some().then_some("sts:SetSourceIdentity"),
            (!input.provided_contexts.is_empty()).then_some("sts:SetContext"),
        ];
        let also: Vec<_> =
            also.into_iter().flatten().map(|action| Target { action, ..base.clone() }).collect();
        Ok(also.into_iter().fold(Targets::one(base), Targets::and).seeing(role))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: AssumeRoleRequest,
        granted: Granted<Sight<Role>>,
    ) -> Result<Reply<AssumeRoleResponse>, Error> {
        let role = granted.seen().record().ok_or_else(|| sts::not_authorized(cx.row.name))?;
        let identity = cx.identity()?;
        let duration = input.duration_seconds.unwrap_or(DEFAULT_DURATION);
        if !input.provided_contexts.is_empty() {
            return Err(sts::no_context_provider());
        }
        if duration > role.max_session_duration {
            return Err(sts::max_session_duration());
        }
        let tags = SessionTags::of(&input.tags, &input.transitive_tag_keys, identity)?;
        let policies =
            session_policy::read(cx.system, &role.account, input.policy.as_deref(), &input.policy_arns)
                .await?;
        let packed_policy_size = session_policy::packed_size(&policies, &tags)?;
        let source_identity = source_identity(identity, &input)?;
        let subject = subject(role, &input.role_session_name);
        let session = Session {
            tags: tags.all,
            transitive: tags.transitive,
            policies,
            source_identity: source_identity.clone(),
            ..session::begin(role.account.clone(), subject, cx.now, duration)?
        };
        let minted = cx.issue(session, input.minimum_session_token_size)?;
        cx.about_account(&role.account);
        Ok(AssumeRoleResponse {
            session_token_size: minted.token_size(),
            session_token_utilization: minted.token_utilization(),
            credentials: Some(minted.into()),
            assumed_role_user: Some(assumed_role_user(role, &input.role_session_name)),
            packed_policy_size,
            source_identity,
        }
        .into())
    }
}

/// A role's ARN, taken apart.
pub(super) struct RoleArn<'a> {
    text: &'a str,
    /// The account of the role.
    pub account: AccountId,
    /// The name, without its path.
    name: &'a str,
}

impl<'a> RoleArn<'a> {
    /// An ARN whose fields are all there. One that names something else than a role is well-formed, and
    /// refused like a role that does not exist.
    pub(super) fn parse(text: &'a str) -> Result<Self, Error> {
        let invalid = || sts::invalid_arn(text);
        let arn = Arn::parse(text).ok_or_else(invalid)?;
        if [arn.partition, arn.service, arn.resource].iter().any(|field| field.is_empty()) {
            return Err(invalid());
        }
        let account = arn.account.parse().map_err(|_| invalid())?;
        let path = arn.resource.strip_prefix("role/").unwrap_or_default();
        let name = path.rsplit_once('/').map_or(path, |(_, name)| name);
        Ok(Self { text, account, name })
    }
}

/// Checks that need no policy.
fn check_caller(identity: &Identity, input: &AssumeRoleRequest) -> Result<(), Error> {
    if matches!(identity.who, Who::Root) {
        return Err(sts::roles_not_for_root());
    }
    let is_chaining = matches!(identity.who, Who::Role(_));
    if is_chaining && input.duration_seconds.is_some_and(|asked| asked > CHAINED_MOST) {
        return Err(sts::chaining_limit());
    }
    Ok(())
}

/// Once set, a source identity passes to chained sessions and stays what it is.
fn source_identity(identity: &Identity, input: &AssumeRoleRequest) -> Result<Option<String>, Error> {
    let inherited = identity.claims().and_then(|session| session.source_identity.clone());
    match (&inherited, &input.source_identity) {
        (Some(old), Some(new)) if old != new => Err(sts::source_identity_fixed()),
        _ => Ok(inherited.or_else(|| input.source_identity.clone())),
    }
}

/// The role that has this very ARN, path included. What is minted is a session of the role whose trust policy
/// allowed it.
pub(super) async fn find_role(cx: &Cx<'_>, arn: &RoleArn<'_>) -> Result<Sight<Role>, Error> {
    let role = Sight::of(&cx.system.store, key::role(&arn.account, arn.name)).await?;
    Ok(role.filter(|role: &Role| role.has_arn(arn.text)))
}

/// A role that does not exist is asked about like one that does, and trusts nobody.
fn target(
    account: &AccountId,
    input: &AssumeRoleRequest,
    identity: &Identity,
    role: Option<Arc<Role>>,
    tags: &SessionTags,
    source_identity: Option<&str>,
) -> Target {
    let role_tags = role.as_ref().map(|role| seen_tags(role, identity)).unwrap_or_default();
    let mut target = Target::new("sts:AssumeRole", input.role_arn.as_str())
        .owned(account.as_str(), ResourcePolicy::Trust(role))
        .with("sts:RoleSessionName", input.role_session_name.as_str())
        .with_some("sts:ExternalId", input.external_id.as_deref())
        .with_some("sts:SourceIdentity", source_identity)
        .with_request_tags(&tags.sent)
        .with_resource_tags(Some("iam:ResourceTag"), &role_tags);
    let providers: Vec<_> = input.provided_contexts.iter().filter_map(|c| c.provider_arn.clone()).collect();
    if !providers.is_empty() {
        target = target.with_many("sts:RequestContextProviders", providers);
    }
    if !input.transitive_tag_keys.is_empty() {
        target = target.with_many("sts:TransitiveTagKeys", input.transitive_tag_keys.clone());
    }
    target
}

/// A code sent with the request counts for deciding it, and for nothing after.
async fn with_mfa(cx: &Cx<'_>, input: &AssumeRoleRequest, target: Target) -> Result<Target, Error> {
    let (device, code) = (input.serial_number.as_deref(), input.token_code.as_deref());
    Ok(match mfa::check(cx.system, cx.identity()?, device, code, cx.now).await? {
        true => target.with("aws:MultiFactorAuthPresent", "true").with("aws:MultiFactorAuthAge", "0"),
        false => target,
    })
}

/// The role's tags as its trust policy sees them: the caller's transitive tags stand in for its own.
fn seen_tags(role: &Role, identity: &Identity) -> Tags {
    let inherited = session_tags::inherited(identity);
    let kept = role.tags.iter().filter(|(key, _)| !inherited.iter().any(|(k, _)| session_tags::same(k, key)));
    kept.cloned().chain(inherited.iter().cloned()).collect()
}

pub(super) fn subject(role: &Role, session_name: &str) -> Subject {
    Subject::Role { name: role.name.clone(), id: role.id.clone(), session_name: session_name.to_owned() }
}

pub(super) fn assumed_role_user(role: &Role, session_name: &str) -> AssumedRoleUser {
    AssumedRoleUser {
        assumed_role_id: [&role.id, ":", session_name].concat(),
        arn: assumed_role_arn(role, session_name),
    }
}

/// A session lasts an hour unless asked otherwise.
pub(super) const DEFAULT_DURATION: i64 = 3_600;
/// The longest session that a session can get.
const CHAINED_MOST: i64 = 3_600;
