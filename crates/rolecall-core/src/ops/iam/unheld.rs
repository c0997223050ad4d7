//! What no user can have here yet: a login profile, SSH keys, signing certificates and
//! service-specific credentials. Clients ask for them all before they delete a user, and are told the
//! truth: there are none.

use super::paging::Paging;
use super::users::Whose;
use crate::error::{Error, iam};
use crate::gate::{Cx, Granted, Reply, Serve};
use crate::target::Targets;
use rolecall_wire::iam::{
    self as wire, ListSSHPublicKeysResponse, ListServiceSpecificCredentialsResponse,
    ListSigningCertificatesResponse, op,
};
use rolecall_wire::operation::Nothing;

impl Serve for op::GetLoginProfile {
    type Seen = ();

    async fn targets(cx: &Cx<'_>, input: &wire::GetLoginProfileRequest) -> Result<Targets, Error> {
        let whose = Whose::of(cx, input.user_name.as_deref())?;
        Ok(Targets::one(whose.target(cx, "iam:GetLoginProfile").await?))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: wire::GetLoginProfileRequest,
        _: Granted<()>,
    ) -> Result<Reply<wire::GetLoginProfileResponse>, Error> {
        Err(no_login_profile(cx, input.user_name.as_deref()).await?)
    }
}

impl Serve for op::DeleteLoginProfile {
    type Seen = ();

    async fn targets(cx: &Cx<'_>, input: &wire::DeleteLoginProfileRequest) -> Result<Targets, Error> {
        let whose = Whose::of(cx, input.user_name.as_deref())?;
        Ok(Targets::one(whose.target(cx, "iam:DeleteLoginProfile").await?))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: wire::DeleteLoginProfileRequest,
        _: Granted<()>,
    ) -> Result<Reply<Nothing>, Error> {
        Err(no_login_profile(cx, input.user_name.as_deref()).await?)
    }
}

/// A listing of what a user cannot have. The listings differ in names, and in nothing else.
macro_rules! none_listed {
    ($($list:ident($request:ty) -> $response:ident;)*) => {$(
        impl Serve for op::$list {
            type Seen = ();

            async fn targets(cx: &Cx<'_>, input: &$request) -> Result<Targets, Error> {
                let whose = Whose::of(cx, input.user_name.as_deref())?;
                Ok(Targets::one(whose.target(cx, concat!("iam:", stringify!($list))).await?))
            }

            async fn run(cx: &mut Cx<'_>, input: $request, _: Granted<()>) -> Result<Reply<$response>, Error> {
                Paging::of(input.marker.as_deref(), input.max_items)?;
                Whose::of(cx, input.user_name.as_deref())?.check_exists(cx).await?;
                Ok($response { is_truncated: Some(false), ..Default::default() }.into())
            }
        }
    )*};
}

none_listed! {
    ListSSHPublicKeys(wire::ListSSHPublicKeysRequest) -> ListSSHPublicKeysResponse;
    ListSigningCertificates(wire::ListSigningCertificatesRequest) -> ListSigningCertificatesResponse;
}

impl Serve for op::ListServiceSpecificCredentials {
    type Seen = ();

    async fn targets(
        cx: &Cx<'_>,
        input: &wire::ListServiceSpecificCredentialsRequest,
    ) -> Result<Targets, Error> {
        let action = "iam:ListServiceSpecificCredentials";
        if input.all_users == Some(true) {
            return Ok(Targets::on(action, "*"));
        }
        Ok(Targets::one(Whose::of(cx, input.user_name.as_deref())?.target(cx, action).await?))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: wire::ListServiceSpecificCredentialsRequest,
        _: Granted<()>,
    ) -> Result<Reply<ListServiceSpecificCredentialsResponse>, Error> {
        Paging::of(input.marker.as_deref(), input.max_items)?;
        if input.all_users != Some(true) {
            Whose::of(cx, input.user_name.as_deref())?.check_exists(cx).await?;
        }
        match input.service_name.as_deref() {
            Some(service) if !CREDENTIAL_SERVICES.contains(&service) => {
                Err(iam::no_such_credential_service(service))
            }
            _ => {
                Ok(ListServiceSpecificCredentialsResponse { is_truncated: Some(false), ..Default::default() }
                    .into())
            }
        }
    }
}

async fn no_login_profile(cx: &Cx<'_>, user: Option<&str>) -> Result<Error, Error> {
    let whose = Whose::of(cx, user)?;
    whose.check_exists(cx).await?;
    let name = match whose {
        Whose::Root => cx.account().to_string(),
        Whose::User(name) => name,
    };
    Ok(iam::no_such_login_profile(&name))
}

/// The services that have credentials of their own (IAM User Guide, Service-specific credentials).
const CREDENTIAL_SERVICES: [&str; 3] =
    ["bedrock.amazonaws.com", "cassandra.amazonaws.com", "codecommit.amazonaws.com"];
