//! `DeletePolicy`: only of a policy that nobody uses and that has one version left.

use super::policies;
use crate::error::{Error, iam};
use crate::gate::{Cx, Granted, Reply, Serve};
use crate::records::key::{self, Usage};
use crate::target::Targets;
use rolecall_store::Retry;
use rolecall_wire::iam::{DeletePolicyRequest, op};
use rolecall_wire::operation::Nothing;

impl Serve for op::DeletePolicy {
    type Seen = ();

    async fn targets(cx: &Cx<'_>, input: &DeletePolicyRequest) -> Result<Targets, Error> {
        Ok(Targets::one(policies::target(cx, "iam:DeletePolicy", &input.policy_arn).await?))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: DeletePolicyRequest,
        _: Granted<()>,
    ) -> Result<Reply<Nothing>, Error> {
        let (account, arn) = (cx.account().clone(), &input.policy_arn);
        policies::refuse_aws(arn, iam::foreign_policy_deletion)?;
        let mut retry = Retry::default();
        loop {
            let mut txn = cx.system.store.begin();
            let (key, policy) = policies::own(&mut txn, &account, arn).await?;
            for usage in [Usage::Attached, Usage::Boundary] {
                if !txn.scan(&key::usages(usage, &account, arn), 1).await?.is_empty() {
                    return Err(iam::policy_attached());
                }
            }
            if policy.versions.len() > 1 {
                return Err(iam::policy_has_versions());
            }
            txn.delete(key);
            if retry.commit(txn).await? {
                return Ok(Nothing.into());
            }
        }
    }
}
