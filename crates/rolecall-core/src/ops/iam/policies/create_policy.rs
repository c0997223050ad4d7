//! `CreatePolicy`.

use crate::error::{Error, iam};
use crate::gate::{Cx, Granted, Reply, Serve};
use crate::id::{Prefix, unique_id};
use crate::ops::iam::path;
use crate::ops::iam::policies::policy_versions::check_document;
use crate::ops::iam::policies::{self, Counts, Managed};
use crate::ops::iam::quota;
use crate::ops::iam::tags;
use crate::records::{self, Document, ManagedPolicy, PolicyVersion, key, policy};
use crate::target::{Target, Targets};
use rolecall_wire::iam::{CreatePolicyRequest, CreatePolicyResponse, Policy, op};
use std::sync::Arc;

impl Serve for op::CreatePolicy {
    type Seen = ();

    async fn targets(cx: &Cx<'_>, input: &CreatePolicyRequest) -> Result<Targets, Error> {
        let path = path::or_root(input.path.as_deref())?;
        let arn = policy::arn(cx.account(), &path, &input.policy_name);
        let sent = policies::sent_tags(&input.tags)?;
        Ok(tags::creation(Target::new("iam:CreatePolicy", arn), "iam:TagPolicy", &sent))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: CreatePolicyRequest,
        granted: Granted<()>,
    ) -> Result<Reply<CreatePolicyResponse>, Error> {
        check_document(&input.policy_document)?;
        let policy = created(cx, input)?;
        quota::POLICIES.check(cx.system, &key::policies(&policy.account)).await?;
        let key = key::policy(&policy.account, &policy.name);
        let mut txn = granted.begin(cx);
        if txn.get(&key).await?.is_some() {
            return Err(iam::policy_exists(&policy.name));
        }
        records::write(&mut txn, key, &policy)?;
        txn.commit().await?;
        Ok(answer(policy).into())
    }
}

fn created(cx: &Cx<'_>, input: CreatePolicyRequest) -> Result<ManagedPolicy, Error> {
    let document = Document::new(input.policy_document.as_str());
    Ok(ManagedPolicy {
        account: cx.account().clone(),
        path: path::or_root(input.path.as_deref())?,
        name: input.policy_name,
        id: unique_id(Prefix::Policy)?,
        created: cx.now,
        updated: cx.now,
        description: input.description,
        tags: policies::sent_tags(&input.tags)?,
        default_version: 1,
        versions: vec![PolicyVersion { number: 1, created: cx.now, document }],
        next_version: 2,
    })
}

fn answer(policy: ManagedPolicy) -> CreatePolicyResponse {
    let tags = tags::shown_if_any(&policy.tags);
    let listed = Managed::Own(Arc::new(policy)).listed(&Counts::default());
    CreatePolicyResponse { policy: Some(Policy { tags, ..listed }) }
}
