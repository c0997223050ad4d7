//! `GetRequestAuthorizationPolicy`: a policy as it was when a request was denied.

use super::decision;
use crate::error::{Error, toolbox};
use crate::gate::{Cx, Granted, Reply, Serve};
use crate::target::Targets;
use rolecall_wire::iam_toolbox::{
    GetRequestAuthorizationPolicyInput, GetRequestAuthorizationPolicyOutput, op,
};

impl Serve for op::GetRequestAuthorizationPolicy {
    type Seen = ();

    async fn targets(_cx: &Cx<'_>, _input: &GetRequestAuthorizationPolicyInput) -> Result<Targets, Error> {
        Ok(Targets::on("iam:GetRequestAuthorizationPolicy", "*"))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: GetRequestAuthorizationPolicyInput,
        _: Granted<()>,
    ) -> Result<Reply<GetRequestAuthorizationPolicyOutput>, Error> {
        let recorded = decision(cx, &input.authorization_id).await?;
        let found = recorded
            .policies()
            .into_iter()
            .find(|policy| policy.uri == input.policy_uri && !policy.text.is_empty());
        let policy = found.ok_or_else(|| toolbox::no_such_policy(&input.policy_uri))?;
        Ok(GetRequestAuthorizationPolicyOutput { policy_document: policy.text }.into())
    }
}
