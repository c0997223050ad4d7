//! Assuming the role in an instance's profile, as EC2 does for the machines that run there. The role must
//! trust `ec2.amazonaws.com`; nobody signs, and nobody but the door of the instance's metadata can ask.

use super::federated::{self, Asked};
use crate::error::{Error, sts};
use crate::gate::{Cx, Granted, Reply, Serve};
use crate::id::AccountId;
use crate::metadata::{ASSUME_ROLE_FOR_INSTANCE, Admitted, Held};
use crate::records::{Role, Sight};
use crate::target::Targets;
use rolecall_federation::Assertion;
use rolecall_wire::error::ApiError;
use rolecall_wire::operation::{Decode, Operation, Row};
use rolecall_wire::request::Incoming;
use rolecall_wire::sts::AssumeRoleResponse;
use zeroize::Zeroizing;

/// The operation, which no model has.
pub(super) struct AssumeRoleForInstance;

/// The instance is known from where the request came in.
pub(super) struct FromInstance;

impl Operation for AssumeRoleForInstance {
    const ROW: &'static Row = &ASSUME_ROLE_FOR_INSTANCE;
    type Input = FromInstance;
    type Output = AssumeRoleResponse;
}

impl Decode for FromInstance {
    fn decode(_: &Incoming<'_>) -> Result<Self, ApiError> {
        Ok(Self)
    }
}

impl Serve for AssumeRoleForInstance {
    type Seen = Sight<Role>;

    async fn vouched(cx: &Cx<'_>, _: &FromInstance) -> Result<Option<(AccountId, Assertion)>, Error> {
        let assertion = admitted(cx)?.assertion(&cx.system.settings.region);
        Ok(Some((cx.system.settings.account.clone(), federated::admitted(cx, assertion)?)))
    }

    async fn targets(cx: &Cx<'_>, _: &FromInstance) -> Result<Targets<Sight<Role>>, Error> {
        let admitted = admitted(cx)?;
        let profile = admitted.profile(cx.system).await?;
        let role =
            profile.and_then(|profile| profile.role).ok_or_else(|| sts::not_authorized(cx.row.name))?;
        federated::targets(cx, &asked(&role.arn(), admitted)).await
    }

    async fn run(
        cx: &mut Cx<'_>,
        _: FromInstance,
        granted: Granted<Sight<Role>>,
    ) -> Result<Reply<AssumeRoleResponse>, Error> {
        let admitted = admitted(cx)?.clone();
        let minted = federated::mint(cx, &asked("", &admitted), &granted).await?;
        let credentials = minted.credentials;
        let role_id = granted.seen().record().map(|role| role.id.clone()).unwrap_or_default();
        let held = Held {
            role_id,
            access_key_id: credentials.access_key_id.clone(),
            secret_access_key: Zeroizing::new(credentials.secret_access_key.clone()),
            session_token: credentials.session_token.clone(),
            issued: cx.now,
            expires: credentials.expiration,
        };
        admitted.give(held);
        Ok(AssumeRoleResponse {
            credentials: Some(credentials),
            assumed_role_user: Some(minted.user),
            ..Default::default()
        }
        .into())
    }
}

fn admitted<'a>(cx: &'a Cx<'_>) -> Result<&'a Admitted, Error> {
    cx.instance.as_deref().ok_or_else(|| sts::not_authorized(cx.row.name))
}

fn asked<'a>(role_arn: &'a str, admitted: &'a Admitted) -> Asked<'a> {
    Asked {
        action: "sts:AssumeRole",
        role_arn,
        session_name: &admitted.instance().id,
        policy: None,
        policy_arns: &[],
        duration: None,
        token_size: None,
    }
}
