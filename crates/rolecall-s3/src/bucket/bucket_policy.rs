//! `GetBucketPolicy`, `PutBucketPolicy`, `DeleteBucketPolicy` and `GetBucketPolicyStatus`.

use crate::S3;
use crate::bucket::bucket_settings::change;
use crate::bucket::public_policy::is_public;
use crate::error as s3;
use crate::limits::BUCKET_POLICY;
use crate::place::{SeenBucket, bucket_targets};
use crate::records::{Bucket, Document};
use rolecall_core::Error;
use rolecall_core::caller::Who;
use rolecall_core::gate::{Cx, Granted, Reply, Serve};
use rolecall_core::principals;
use rolecall_core::target::ResourcePolicy;
use rolecall_core::target::{Target, Targets};
use rolecall_policy::{Kind, Policy};
use rolecall_wire::operation::Nothing;
use rolecall_wire::s3::{
    DeleteBucketPolicyRequest, GetBucketPolicyOutput, GetBucketPolicyRequest, GetBucketPolicyStatusOutput,
    GetBucketPolicyStatusRequest, PolicyStatus, PutBucketPolicyRequest, op,
};
use std::sync::Arc;

impl Serve<S3> for op::GetBucketPolicy {
    type Seen = SeenBucket;

    async fn targets(cx: &Cx<'_>, _input: &GetBucketPolicyRequest) -> Result<Targets<SeenBucket>, Error> {
        targets(cx, "s3:GetBucketPolicy").await
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: GetBucketPolicyRequest,
        granted: Granted<SeenBucket>,
    ) -> Result<Reply<GetBucketPolicyOutput>, Error> {
        let bucket = own_bucket(cx, granted.seen())?;
        let document = bucket.policy.as_ref().ok_or_else(|| s3::no_such_bucket_policy(&input.bucket))?;
        let policy = Some(principals::shown(cx.system, document).await?);
        Ok(GetBucketPolicyOutput { policy }.into())
    }
}

impl Serve<S3> for op::PutBucketPolicy {
    type Seen = SeenBucket;

    async fn targets(cx: &Cx<'_>, _input: &PutBucketPolicyRequest) -> Result<Targets<SeenBucket>, Error> {
        targets(cx, "s3:PutBucketPolicy").await
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: PutBucketPolicyRequest,
        granted: Granted<SeenBucket>,
    ) -> Result<Reply<Nothing>, Error> {
        let bucket = own_bucket(cx, granted.seen())?;
        let document = Arc::new(checked(cx, bucket, &input.policy).await?);
        change(cx, &granted, |bucket| {
            bucket.policy_is_public = is_public(&document.text);
            bucket.policy = Some(Arc::clone(&document));
        })
        .await?;
        Ok(Reply { status: Some(204), ..Nothing.into() })
    }
}

impl Serve<S3> for op::DeleteBucketPolicy {
    type Seen = SeenBucket;

    async fn targets(cx: &Cx<'_>, _input: &DeleteBucketPolicyRequest) -> Result<Targets<SeenBucket>, Error> {
        targets(cx, "s3:DeleteBucketPolicy").await
    }

    async fn run(
        cx: &mut Cx<'_>,
        _input: DeleteBucketPolicyRequest,
        granted: Granted<SeenBucket>,
    ) -> Result<Reply<Nothing>, Error> {
        own_bucket(cx, granted.seen())?;
        change(cx, &granted, |bucket| {
            bucket.policy_is_public = false;
            bucket.policy = None;
        })
        .await?;
        Ok(Nothing.into())
    }
}

impl Serve<S3> for op::GetBucketPolicyStatus {
    type Seen = SeenBucket;

    async fn targets(
        cx: &Cx<'_>,
        _input: &GetBucketPolicyStatusRequest,
    ) -> Result<Targets<SeenBucket>, Error> {
        bucket_targets(cx, "s3:GetBucketPolicyStatus").await
    }

    async fn run(
        _: &mut Cx<'_>,
        input: GetBucketPolicyStatusRequest,
        granted: Granted<SeenBucket>,
    ) -> Result<Reply<GetBucketPolicyStatusOutput>, Error> {
        let bucket = granted.seen();
        bucket.policy.as_ref().ok_or_else(|| s3::no_such_bucket_policy(&input.bucket))?;
        let policy_status = Some(PolicyStatus { is_public: Some(bucket.policy_is_public) });
        Ok(GetBucketPolicyStatusOutput { policy_status }.into())
    }
}

/// The root user of the owning account can always repair a policy: it is asked as if there were none
/// (S3 User Guide, Bucket policies).
async fn targets(cx: &Cx<'_>, action: &'static str) -> Result<Targets<SeenBucket>, Error> {
    let targets = bucket_targets(cx, action).await?;
    Ok(match repairs(cx, &targets.seen) {
        true => targets.map(|target| Target { policy: ResourcePolicy::None, ..target }),
        false => targets,
    })
}

/// The policy is the owning account's alone to read and to change, whoever else it gives permission to (S3 API
/// Reference, `PutBucketPolicy`).
fn own_bucket<'a>(cx: &Cx<'_>, bucket: &'a SeenBucket) -> Result<&'a Arc<Bucket>, Error> {
    let is_own = cx.caller.identity().is_some_and(|identity| identity.account == bucket.owner);
    if is_own { Ok(bucket) } else { Err(s3::method_not_allowed()) }
}

fn repairs(cx: &Cx<'_>, bucket: &Bucket) -> bool {
    cx.caller.identity().is_some_and(|i| matches!(i.who, Who::Root) && i.account == bucket.owner)
}

async fn checked(cx: &Cx<'_>, bucket: &Arc<Bucket>, text: &str) -> Result<Document, Error> {
    if text.len() > BUCKET_POLICY {
        return Err(s3::malformed_policy(format!("Policies must not be longer than {BUCKET_POLICY} bytes")));
    }
    let policy =
        Policy::parse(text, Kind::Bucket).map_err(|invalid| s3::malformed_policy(invalid.message))?;
    if rolecall_policy::check(text, Kind::Bucket).iter().any(|finding| finding.code == "INVALID_ACTION") {
        return Err(s3::malformed_policy("Policy has invalid action"));
    }
    let own = |resource: &str| is_own(bucket, resource);
    if !policy.resources().iter().all(|(resource, _)| own(resource)) {
        return Err(s3::malformed_policy("Policy has invalid resource"));
    }
    if policy.idle_key().is_some() {
        return Err(s3::malformed_policy(IDLE_KEY));
    }
    let unknown = |_: &str| s3::malformed_policy("Invalid principal in policy");
    let bound = principals::resolve(cx.system, &policy, unknown).await?;
    let blocks = bucket.public_access.is_some_and(|set| set.block_policy);
    if blocks && is_public(text) {
        return Err(s3::public_policy_blocked(&cx.caller.principal().arn, &bucket.arn()));
    }
    Ok(Document::with_principals(text, bound))
}

/// A bucket policy speaks of its bucket and the objects in it, nothing else.
fn is_own(bucket: &Bucket, resource: &str) -> bool {
    let name = resource.splitn(6, ':').nth(5).and_then(|name| name.split('/').next());
    name == Some(bucket.name.as_str())
}

const IDLE_KEY: &str = "Conditions do not apply to combination of actions and resources in statement";
