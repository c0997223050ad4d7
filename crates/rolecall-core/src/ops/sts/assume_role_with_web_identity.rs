//! `AssumeRoleWithWebIdentity`: temporary credentials of a role, for whoever an OpenID Connect provider that the
//! role trusts vouches for. Nobody of ours signs.

use super::assume_role::RoleArn;
use super::federated::{self, Asked};
use crate::error::{Error, sts};
use crate::federation::{Assertion, oidc};
use crate::gate::{Cx, Granted, Reply, Serve};
use crate::id::AccountId;
use crate::records::{Role, Sight};
use crate::target::Targets;
use rolecall_wire::sts::{AssumeRoleWithWebIdentityRequest, AssumeRoleWithWebIdentityResponse, op};

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
        let assertion = oidc::verify(cx, &account, &input.web_identity_token).await?;
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
