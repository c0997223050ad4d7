//! Assuming the role in an instance's profile, as EC2 does for the machines that run there. The role must
//! trust `ec2.amazonaws.com`; nobody signs, and nobody but the door of the instance's metadata can ask.

use super::federated::{self, Asked};
use crate::error::{Error, sts};
use crate::gate::{Cx, Reply, Serve};
use crate::metadata::{ASSUME_ROLE_FOR_INSTANCE, Admitted, Held};
use crate::target::Targets;
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
    async fn targets(cx: &Cx<'_>, _: &FromInstance) -> Result<Targets, Error> {
        let admitted = admitted(cx)?;
        let profile = admitted.profile(cx.system).await?;
        let role =
            profile.and_then(|profile| profile.role).ok_or_else(|| sts::not_authorized(cx.row.name))?;
        let arn = role.arn();
        let assertion = admitted.assertion(&cx.system.settings.region);
        federated::targets(cx, &asked(&arn, admitted), assertion).await
    }

    async fn run(cx: &mut Cx<'_>, _: FromInstance) -> Result<Reply<AssumeRoleResponse>, Error> {
        let admitted = admitted(cx)?.clone();
        let role_id = cx.role.get().map(|role| role.id.clone()).ok_or(Error::Conflict)?;
        let granted = federated::grant(cx, &asked("", &admitted)).await?;
        let credentials = granted.credentials;
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
            assumed_role_user: Some(granted.user),
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
