//! `AssumeRoleWithWebIdentity`: temporary credentials of a role, for whoever an OpenID Connect provider that the
//! role trusts vouches for. Nobody of ours signs.

use super::assume_role::RoleArn;
use super::federated::{self, Asked};
use crate::error::{Error, sts};
use crate::federation::oidc;
use crate::gate::{Cx, Reply, Serve};
use crate::target::Targets;
use rolecall_wire::sts::{AssumeRoleWithWebIdentityRequest, AssumeRoleWithWebIdentityResponse, op};

impl Serve for op::AssumeRoleWithWebIdentity {
    async fn targets(cx: &Cx<'_>, input: &AssumeRoleWithWebIdentityRequest) -> Result<Targets, Error> {
        let account = RoleArn::parse(&input.role_arn)?.account;
        if input.provider_id.is_some() {
            return Err(sts::access_tokens_not_served());
        }
        let assertion = oidc::verify(cx, &account, &input.web_identity_token).await?;
        federated::targets(cx, &asked(input), assertion).await
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: AssumeRoleWithWebIdentityRequest,
    ) -> Result<Reply<AssumeRoleWithWebIdentityResponse>, Error> {
        let granted = federated::grant(cx, &asked(&input)).await?;
        Ok(AssumeRoleWithWebIdentityResponse {
            session_token_size: granted.token_size,
            session_token_utilization: granted.token_utilization,
            credentials: Some(granted.credentials),
            subject_from_web_identity_token: Some(granted.assertion.subject),
            assumed_role_user: Some(granted.user),
            packed_policy_size: granted.packed_policy_size,
            provider: Some(granted.assertion.issuer),
            audience: Some(granted.assertion.audience),
            source_identity: granted.assertion.source_identity,
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
