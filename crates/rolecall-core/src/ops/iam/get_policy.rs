//! `GetPolicy`.

use super::policies::{self, Counts};
use crate::error::{Error, iam};
use crate::gate::{Cx, Granted, Reply, Serve};
use crate::target::Targets;
use rolecall_wire::iam::{GetPolicyRequest, GetPolicyResponse, op};

impl Serve for op::GetPolicy {
    type Seen = ();

    async fn targets(cx: &Cx<'_>, input: &GetPolicyRequest) -> Result<Targets, Error> {
        Ok(Targets::one(policies::target(cx, "iam:GetPolicy", &input.policy_arn).await?))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: GetPolicyRequest,
        _: Granted<()>,
    ) -> Result<Reply<GetPolicyResponse>, Error> {
        let arn = &input.policy_arn;
        let found = policies::find(cx.system, cx.account(), arn).await?;
        let policy = found.ok_or_else(|| iam::policy_not_found(arn))?;
        let counts = Counts::of(cx.system, cx.account(), arn).await?;
        Ok(GetPolicyResponse { policy: Some(policy.shown(&counts)) }.into())
    }
}
