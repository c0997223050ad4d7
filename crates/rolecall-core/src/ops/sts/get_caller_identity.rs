//! `GetCallerIdentity`: needs a valid signature and nothing else; no policy can refuse it.

use crate::error::Error;
use crate::gate::{Cx, Granted, Reply, Serve};
use crate::target::Targets;
use rolecall_wire::sts::{GetCallerIdentityRequest, GetCallerIdentityResponse, op};

impl Serve for op::GetCallerIdentity {
    type Seen = ();

    async fn targets(_cx: &Cx<'_>, _input: &GetCallerIdentityRequest) -> Result<Targets, Error> {
        Ok(Targets::none())
    }

    async fn run(
        cx: &mut Cx<'_>,
        _input: GetCallerIdentityRequest,
        _: Granted<()>,
    ) -> Result<Reply<GetCallerIdentityResponse>, Error> {
        let identity = cx.identity()?;
        let response = GetCallerIdentityResponse {
            user_id: Some(identity.user_id().into_owned()),
            account: Some(identity.account.as_str().to_owned()),
            arn: Some(identity.principal.arn.clone()),
        };
        Ok(response.into())
    }
}
