//! `ListServiceSpecificCredentials`: no user can have one here yet. Clients ask before they delete a user, and are
//! told the truth.

use crate::error::{Error, iam};
use crate::gate::{Cx, Granted, Reply, Serve};
use crate::ops::iam::users::{SeenHolder, Whose};
use crate::ops::paging::Paging;
use crate::target::Targets;
use rolecall_wire::iam::{self as wire, ListServiceSpecificCredentialsResponse, op};

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

/// The services that have credentials of their own (IAM User Guide, Service-specific credentials).
const CREDENTIAL_SERVICES: [&str; 3] =
    ["bedrock.amazonaws.com", "cassandra.amazonaws.com", "codecommit.amazonaws.com"];
