//! `AssumeRoleWithWebIdentity`: temporary credentials of a role, for whoever an OpenID Connect provider that the
//! role trusts vouches for. Nobody of ours signs.

use super::assume_role::RoleArn;
use super::federated::{self, Asked};
use crate::error::{Error, sts};
use crate::gate::{Cx, Granted, Reply, Serve};
use crate::id::AccountId;
use crate::records::{OidcProvider, Record, Role, Sight, key, oidc_provider};
use crate::target::Targets;
use rolecall_federation::Assertion;
use rolecall_federation::oidc::{Parts, Provider, Source};
use rolecall_wire::sts::{AssumeRoleWithWebIdentityRequest, AssumeRoleWithWebIdentityResponse, op};
use std::sync::Arc;

impl Serve for op::AssumeRoleWithWebIdentity {
    type Seen = Sight<Role>;

    async fn vouched(
        cx: &Cx<'_>,
        input: &AssumeRoleWithWebIdentityRequest,
    ) -> Result<Option<(AccountId, Assertion)>, Error> {
        let account = RoleArn::parse(&input.role_arn)?.account;
        if input.provider_id.is_some() {
            return Err(sts::access_tokens_not_served());
        }
        let assertion = verify(cx, &account, &input.web_identity_token).await?;
        Ok(Some((account, federated::admitted(cx, assertion)?)))
    }

    async fn targets(
        cx: &Cx<'_>,
        input: &AssumeRoleWithWebIdentityRequest,
    ) -> Result<Targets<Sight<Role>>, Error> {
        federated::targets(cx, &asked(input)).await
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: AssumeRoleWithWebIdentityRequest,
        granted: Granted<Sight<Role>>,
    ) -> Result<Reply<AssumeRoleWithWebIdentityResponse>, Error> {
        let minted = federated::mint(cx, &asked(&input), &granted).await?;
        Ok(AssumeRoleWithWebIdentityResponse {
            session_token_size: minted.token_size,
            session_token_utilization: minted.token_utilization,
            credentials: Some(minted.credentials),
            subject_from_web_identity_token: Some(minted.assertion.subject),
            assumed_role_user: Some(minted.user),
            packed_policy_size: minted.packed_policy_size,
            provider: Some(minted.assertion.issuer),
            audience: Some(minted.assertion.audience),
            source_identity: minted.assertion.source_identity,
        }
        .into())
    }
}

fn asked(input: &AssumeRoleWithWebIdentityRequest) -> Asked<'_> {
    Asked {
        action: "sts:AssumeRoleWithWebIdentity",
        role_arn: &input.role_arn,
        session_name: &input.role_session_name,
        policy: input.policy.as_deref(),
        policy_arns: &input.policy_arns,
        duration: input.duration_seconds,
        token_size: input.minimum_session_token_size,
    }
}

/// Verifies a token for a role of `account`.
///
/// # Errors
/// In AWS's words, when nobody whom the account knows vouches for it, or not for us, or not now; `Throttling`
/// when too many tokens of late were said to be of its issuer and did not hold.
async fn verify(cx: &Cx<'_>, account: &AccountId, text: &str) -> Result<Assertion, Error> {
    let parts = Parts::of(text)?;
    let token = parts.token()?;
    let issuer = token.issuer()?;
    let registered = find_provider(cx, account, issuer).await?;
    let provider = match &registered {
        Some(record) => provider(record),
        None => Provider::well_known(issuer).ok_or_else(|| sts::no_such_issuer(issuer))?,
    };
    let (throttle, source) = (&cx.system.throttle, &provider.source);
    if !throttle.admits_issuer(&source.provider) {
        return Err(sts::throttled());
    }
    let known = &cx.system.federation.keys;
    let keys = known.find(cx.system.fetch.as_ref(), source, token.kid(), cx.now_ms).await?;
    let outcome = token.verify(&keys, &provider, cx.now);
    Ok(outcome.inspect_err(|_| throttle.charge_issuer(&source.provider))?)
}

/// The provider that an issuer is registered as, in the very same spelling.
async fn find_provider(
    cx: &Cx<'_>,
    account: &AccountId,
    issuer: &str,
) -> Result<Option<Arc<OidcProvider>>, Error> {
    let name = oidc_provider::name(issuer);
    if name.is_empty() || name.contains('\0') {
        return Err(sts::no_such_issuer(issuer));
    }
    let found = cx.system.store.cached(&key::oidc_provider(account, name), OidcProvider::decode).await?;
    Ok(found.map(|(provider, _)| provider).filter(|provider| provider.issuer == issuer))
}

fn provider(record: &OidcProvider) -> Provider<'_> {
    Provider {
        source: Source {
            provider: record.arn(),
            issuer: record.issuer.clone(),
            thumbprints: record.thumbprints.clone(),
            created: record.created,
        },
        name: record.name(),
        client_ids: Some(&record.client_ids),
        carried: false,
    }
}
