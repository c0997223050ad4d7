//! `DeletePolicy`: only of a policy that nobody uses and that has one version left.

use crate::error::{Error, iam};
use crate::gate::{Cx, Granted, Reply, Serve};
use crate::ops::iam::policies::{self, SeenPolicy};
use crate::records::key::{self, Usage};
use crate::target::Targets;
use rolecall_wire::iam::{DeletePolicyRequest, op};
use rolecall_wire::operation::Nothing;

impl Serve for op::DeletePolicy {
    type Seen = SeenPolicy;

    async fn targets(cx: &Cx<'_>, input: &DeletePolicyRequest) -> Result<Targets<SeenPolicy>, Error> {
        policies::targets(cx, "iam:DeletePolicy", &input.policy_arn).await
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: DeletePolicyRequest,
        granted: Granted<SeenPolicy>,
    ) -> Result<Reply<Nothing>, Error> {
        let arn = &input.policy_arn;
        policies::refuse_aws(arn, iam::foreign_policy_deletion)?;
        let policy = granted.seen().own(arn)?;
        let mut txn = granted.begin(cx);
        for usage in [Usage::Attached, Usage::Boundary] {
            if !txn.scan(&key::usages(usage, &policy.account, arn), 1).await?.is_empty() {
                return Err(iam::policy_attached());
            }
        }
        if policy.versions.len() > 1 {
            return Err(iam::policy_has_versions());
        }
        txn.delete(key::policy(&policy.account, &policy.name));
        txn.commit().await?;
        Ok(Nothing.into())
    }
}
