//! `GetPolicy`.

use crate::error::Error;
use crate::gate::{Cx, Granted, Reply, Serve};
use crate::ops::iam::policies::{self, Counts, SeenPolicy};
use crate::target::Targets;
use rolecall_wire::iam::{GetPolicyRequest, GetPolicyResponse, op};

impl Serve for op::GetPolicy {
    type Seen = SeenPolicy;

    async fn targets(cx: &Cx<'_>, input: &GetPolicyRequest) -> Result<Targets<SeenPolicy>, Error> {
        policies::targets(cx, "iam:GetPolicy", &input.policy_arn).await
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: GetPolicyRequest,
        granted: Granted<SeenPolicy>,
    ) -> Result<Reply<GetPolicyResponse>, Error> {
        let arn = &input.policy_arn;
        let policy = granted.seen().any(arn)?;
        let counts = Counts::of(cx.system, cx.account(), arn).await?;
        Ok(GetPolicyResponse { policy: Some(policy.shown(&counts)) }.into())
    }
}
