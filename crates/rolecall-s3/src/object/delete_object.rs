//! `DeleteObject`: succeeds as well when there is nothing to delete.

use crate::S3;
use crate::content::stored::{Conditions, forget_later};
use crate::place::{self, Action, SeenBucket};
use crate::records::{self, Object, key};
use rolecall_core::Error;
use rolecall_core::gate::{Cx, Granted, Reply, Serve};
use rolecall_core::target::Targets;
use rolecall_wire::s3::{DeleteObjectOutput, DeleteObjectRequest, op};

impl Serve<S3> for op::DeleteObject {
    type Seen = SeenBucket;

    async fn targets(cx: &Cx<'_>, input: &DeleteObjectRequest) -> Result<Targets<SeenBucket>, Error> {
        let bucket = place::bucket(cx).await?;
        place::check_key(&input.key)?;
        let version = input.version_id.as_deref();
        let target = place::on_object(DELETE.named(version), &bucket, &input.key)
            .with_some("s3:versionid", version)
            .with_some("s3:if-match", input.if_match.as_deref());
        let mut targets = Targets::one(target);
        if input.bypass_governance_retention == Some(true) {
            targets = targets.and(place::on_object("s3:BypassGovernanceRetention", &bucket, &input.key));
        }
        Ok(targets.seeing(bucket))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: DeleteObjectRequest,
        granted: Granted<SeenBucket>,
    ) -> Result<Reply<DeleteObjectOutput>, Error> {
        place::check_version(&input.key, input.version_id.as_deref())?;
        let conditions = Conditions { if_match: input.if_match, if_absent: false };
        let mut txn = granted.begin(cx);
        let place = key::object(&input.bucket, &input.key);
        let there = records::read::<Object>(&mut txn, &place).await?.map(|(object, _)| object);
        conditions.check(&input.key, there.as_ref())?;
        txn.delete(place);
        txn.commit().await?;
        forget_later(cx.system, there.map(|object| object.content).unwrap_or_default());
        Ok(DeleteObjectOutput { version_id: input.version_id, ..Default::default() }.into())
    }
}

/// The permission to delete.
pub(crate) const DELETE: Action = Action("s3:DeleteObject", "s3:DeleteObjectVersion");
