//! `GetObjectTagging`, `PutObjectTagging` and `DeleteObjectTagging`.

use crate::S3;
use crate::context::with_object_tags;
use crate::place::{self, Action, SeenObject};
use crate::records::{self, Object, Tags};
use crate::tag_set::{self, On};
use rolecall_core::Error;
use rolecall_core::gate::{Cx, Granted, Reply, Serve};
use rolecall_core::target::Targets;
use rolecall_wire::s3::{
    DeleteObjectTaggingOutput, DeleteObjectTaggingRequest, GetObjectTaggingOutput, GetObjectTaggingRequest,
    PutObjectTaggingOutput, PutObjectTaggingRequest, op,
};

impl Serve<S3> for op::GetObjectTagging {
    type Seen = SeenObject;

    async fn targets(cx: &Cx<'_>, input: &GetObjectTaggingRequest) -> Result<Targets<SeenObject>, Error> {
        let bucket = place::bucket(cx).await?;
        place::object_targets(cx, bucket, &input.key, &[GET], input.version_id.as_deref()).await
    }

    async fn run(
        _: &mut Cx<'_>,
        input: GetObjectTaggingRequest,
        mut granted: Granted<SeenObject>,
    ) -> Result<Reply<GetObjectTaggingOutput>, Error> {
        let object = place::decided(&mut granted, input.version_id.as_deref())?;
        let tag_set = tag_set::shown(&object.tags);
        Ok(GetObjectTaggingOutput { version_id: input.version_id, tag_set }.into())
    }
}

impl Serve<S3> for op::PutObjectTagging {
    type Seen = SeenObject;

    async fn targets(cx: &Cx<'_>, input: &PutObjectTaggingRequest) -> Result<Targets<SeenObject>, Error> {
        let bucket = place::bucket(cx).await?;
        let tags = tag_set::of(&input.tagging, On::Object)?;
        let version = input.version_id.as_deref();
        let targets = place::object_targets(cx, bucket, &input.key, &[PUT], version).await?;
        Ok(targets.map(|target| with_object_tags(target, &tags)))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: PutObjectTaggingRequest,
        granted: Granted<SeenObject>,
    ) -> Result<Reply<PutObjectTaggingOutput>, Error> {
        let tags = tag_set::of(&input.tagging, On::Object)?;
        set(cx, granted, input.version_id.as_deref(), tags).await?;
        Ok(PutObjectTaggingOutput { version_id: input.version_id }.into())
    }
}

impl Serve<S3> for op::DeleteObjectTagging {
    type Seen = SeenObject;

    async fn targets(cx: &Cx<'_>, input: &DeleteObjectTaggingRequest) -> Result<Targets<SeenObject>, Error> {
        let bucket = place::bucket(cx).await?;
        place::object_targets(cx, bucket, &input.key, &[DELETE], input.version_id.as_deref()).await
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: DeleteObjectTaggingRequest,
        granted: Granted<SeenObject>,
    ) -> Result<Reply<DeleteObjectTaggingOutput>, Error> {
        set(cx, granted, input.version_id.as_deref(), Tags::new()).await?;
        Ok(DeleteObjectTaggingOutput { version_id: input.version_id }.into())
    }
}

/// Changes the tags of the very object that permission was decided on; its bytes and times stay.
async fn set(
    cx: &Cx<'_>,
    mut granted: Granted<SeenObject>,
    version: Option<&str>,
    tags: Tags,
) -> Result<(), Error> {
    let object = Object { tags, ..Object::clone(&*place::decided(&mut granted, version)?) };
    let mut txn = granted.begin(cx);
    records::write(&mut txn, granted.seen().object.key().clone(), &object)?;
    txn.commit().await?;
    Ok(())
}

const GET: Action = Action("s3:GetObjectTagging", "s3:GetObjectVersionTagging");
const PUT: Action = Action("s3:PutObjectTagging", "s3:PutObjectVersionTagging");
const DELETE: Action = Action("s3:DeleteObjectTagging", "s3:DeleteObjectVersionTagging");
