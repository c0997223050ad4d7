//! What no user can have here yet: a login profile, signing certificates and service-specific credentials. Clients ask for them all before they delete a user, and are told the
//! truth: there are none.

use super::paging::Paging;
use super::users::{Holder, SeenHolder, Whose};
use crate::error::{Error, iam};
use crate::gate::{Cx, Granted, Reply, Serve};
use crate::target::Targets;
use rolecall_wire::iam::{
    self as wire, ListServiceSpecificCredentialsResponse, ListSigningCertificatesResponse, op,
};
use rolecall_wire::operation::Nothing;

impl Serve for op::GetLoginProfile {
    type Seen = SeenHolder;

    async fn targets(
        cx: &Cx<'_>,
        input: &wire::GetLoginProfileRequest,
    ) -> Result<Targets<SeenHolder>, Error> {
        Whose::of(cx, input.user_name.as_deref())?.targets(cx, "iam:GetLoginProfile").await
    }

    async fn run(
        _: &mut Cx<'_>,
        _input: wire::GetLoginProfileRequest,
        granted: Granted<SeenHolder>,
    ) -> Result<Reply<wire::GetLoginProfileResponse>, Error> {
        Err(no_login_profile(granted.seen())?)
    }
}

impl Serve for op::DeleteLoginProfile {
    type Seen = SeenHolder;

    async fn targets(
        cx: &Cx<'_>,
        input: &wire::DeleteLoginProfileRequest,
    ) -> Result<Targets<SeenHolder>, Error> {
        Whose::of(cx, input.user_name.as_deref())?.targets(cx, "iam:DeleteLoginProfile").await
    }

    async fn run(
        _: &mut Cx<'_>,
        _input: wire::DeleteLoginProfileRequest,
        granted: Granted<SeenHolder>,
    ) -> Result<Reply<Nothing>, Error> {
        Err(no_login_profile(granted.seen())?)
    }
}

impl Serve for op::ListSigningCertificates {
    type Seen = SeenHolder;

    async fn targets(
        cx: &Cx<'_>,
        input: &wire::ListSigningCertificatesRequest,
    ) -> Result<Targets<SeenHolder>, Error> {
        Whose::of(cx, input.user_name.as_deref())?.targets(cx, "iam:ListSigningCertificates").await
    }

    async fn run(
        _: &mut Cx<'_>,
        input: wire::ListSigningCertificatesRequest,
        granted: Granted<SeenHolder>,
    ) -> Result<Reply<ListSigningCertificatesResponse>, Error> {
        Paging::of(input.marker.as_deref(), input.max_items)?;
        granted.seen().require()?;
        Ok(ListSigningCertificatesResponse { is_truncated: Some(false), ..Default::default() }.into())
    }
}

impl Serve for op::ListServiceSpecificCredentials {
    type Seen = Option<SeenHolder>;

    async fn targets(
        cx: &Cx<'_>,
        input: &wire::ListServiceSpecificCredentialsRequest,
    ) -> Result<Targets<Option<SeenHolder>>, Error> {
        let action = "iam:ListServiceSpecificCredentials";
        if input.all_users == Some(true) {
            return Ok(Targets::on(action, "*").seeing(None));
        }
        Ok(Whose::of(cx, input.user_name.as_deref())?.targets(cx, action).await?.seen_as(Some))
    }

    async fn run(
        _: &mut Cx<'_>,
        input: wire::ListServiceSpecificCredentialsRequest,
        granted: Granted<Option<SeenHolder>>,
    ) -> Result<Reply<ListServiceSpecificCredentialsResponse>, Error> {
        Paging::of(input.marker.as_deref(), input.max_items)?;
        if let Some(holder) = granted.seen() {
            holder.require()?;
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

fn no_login_profile(seen: &SeenHolder) -> Result<Error, Error> {
    Ok(match seen.require()? {
        Holder::Root(account) => iam::no_such_login_profile(account.id.as_str()),
        Holder::User(user) => iam::no_such_login_profile(&user.name),
    })
}

/// The services that have credentials of their own (IAM User Guide, Service-specific credentials).
const CREDENTIAL_SERVICES: [&str; 3] =
    ["bedrock.amazonaws.com", "cassandra.amazonaws.com", "codecommit.amazonaws.com"];
