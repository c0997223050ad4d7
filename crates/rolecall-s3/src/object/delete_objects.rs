//! `DeleteObjects`: every key is decided by itself; what is refused is told in the answer.

use crate::S3;
use crate::content::stored::{Conditions, forget_later};
use crate::error as s3;
use crate::object::delete_object::DELETE;
use crate::place::{self, SeenBucket};
use crate::records::{self, Content, Object, key};
use rolecall_core::Error;
use rolecall_core::gate::{Cx, Granted, Reply, Serve};
use rolecall_core::target::Targets;
use rolecall_store::Txn;
use rolecall_wire::ApiError;
use rolecall_wire::s3::{
    self as shape, DeleteObjectsOutput, DeleteObjectsRequest, DeletedObject, ObjectIdentifier, op,
};
use rolecall_wire::sigv4::checksum;

impl Serve<S3> for op::DeleteObjects {
    type Seen = SeenBucket;

    async fn targets(cx: &Cx<'_>, input: &DeleteObjectsRequest) -> Result<Targets<SeenBucket>, Error> {
        let bucket = place::bucket(cx).await?;
        // A list of what to delete must not arrive altered.
        if !checksum::is_checked(&cx.request) {
            return Err(s3::invalid_request(UNCHECKED));
        }
        if input.delete.objects.is_empty() || input.delete.objects.len() > MOST {
            return Err(s3::malformed_xml());
        }
        let mut targets = Targets::none();
        for asked in &input.delete.objects {
            let version = asked.version_id.as_deref();
            let target = place::on_object(DELETE.named(version), &bucket, &asked.key);
            targets = targets.ask(target.with_some("s3:versionid", version));
        }
        if input.bypass_governance_retention == Some(true) {
            let keys = input.delete.objects.iter().map(|asked| asked.key.as_str());
            let bypass = |key| place::on_object("s3:BypassGovernanceRetention", &bucket, key);
            targets.all.extend(keys.map(bypass));
        }
        Ok(targets.seeing(bucket))
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: DeleteObjectsRequest,
        mut granted: Granted<SeenBucket>,
    ) -> Result<Reply<DeleteObjectsOutput>, Error> {
        let allowed = granted.each();
        let asked: Vec<_> = input.delete.objects.iter().zip(allowed.iter().map(Result::is_ok)).collect();
        let mut txn = granted.begin(cx);
        let (done, content) = delete_all(&mut txn, &input.bucket, &asked).await?;
        txn.commit().await?;
        forget_later(cx.system, content);
        Ok(report(&asked, done, input.delete.quiet == Some(true)).into())
    }
}

type Asked<'a> = (&'a ObjectIdentifier, bool);
type Outcomes = Vec<Result<(), ApiError>>;

async fn delete_all(
    txn: &mut Txn<'_>,
    bucket: &str,
    asked: &[Asked<'_>],
) -> Result<(Outcomes, Vec<Content>), Error> {
    let (mut outcomes, mut content) = (Vec::with_capacity(asked.len()), Vec::new());
    for (object, allowed) in asked {
        let outcome = match allowed {
            true => delete_one(txn, bucket, object).await,
            false => Err(s3::access_denied()),
        };
        outcomes.push(match outcome {
            Ok(freed) => {
                content.extend(freed);
                Ok(())
            }
            Err(Error::Api(error)) => Err(error),
            Err(failure) => return Err(failure),
        });
    }
    Ok((outcomes, content))
}

async fn delete_one(
    txn: &mut Txn<'_>,
    bucket: &str,
    asked: &ObjectIdentifier,
) -> Result<Vec<Content>, Error> {
    place::check_key(&asked.key)?;
    place::check_version(&asked.key, asked.version_id.as_deref())?;
    if asked.size.is_some() || asked.last_modified_time.is_some() {
        return Err(s3::not_implemented("Size"));
    }
    let place = key::object(bucket, &asked.key);
    let there = records::read::<Object>(txn, &place).await?.map(|(object, _)| object);
    let conditions = Conditions { if_match: asked.etag.clone(), if_absent: false };
    conditions.check(&asked.key, there.as_ref())?;
    txn.delete(place);
    Ok(there.map(|object| object.content).unwrap_or_default())
}

fn report(asked: &[Asked<'_>], outcomes: Outcomes, quiet: bool) -> DeleteObjectsOutput {
    let mut output = DeleteObjectsOutput::default();
    for ((object, _), outcome) in asked.iter().zip(outcomes) {
        let (key, version_id) = (Some(object.key.clone()), object.version_id.clone());
        match outcome {
            Ok(()) if quiet => {}
            Ok(()) => output.deleted.push(DeletedObject { key, version_id, ..Default::default() }),
            Err(error) => output.errors.push(shape::Error {
                key,
                version_id,
                code: Some(error.code.code.to_owned()),
                message: Some(error.message.into_owned()),
            }),
        }
    }
    output
}

const UNCHECKED: &str = "Missing required header for this request: Content-MD5 OR x-amz-checksum-*";
/// Keys a request can name.
const MOST: usize = 1_000;
