//! What a request is about: the bucket and object it addresses, as permission is decided on them.

use crate::error as s3;
use crate::limits::OBJECT_KEY;
use crate::records::{Bucket, Object, Record, Sight, key};
use crate::unsupported_headers;
use rolecall_core::Error;
use rolecall_core::gate::{Cx, Depend, Granted};
use rolecall_core::target::{Target, Targets};
use rolecall_policy::Key;
use rolecall_store::{Txn, Version};
use std::ops::Deref;
use std::sync::Arc;

/// A bucket as permission was decided on it.
#[derive(Debug, Clone)]
pub struct SeenBucket {
    record: Arc<Bucket>,
    version: Version,
}

/// A bucket and what stood under a key in it when permission was decided.
#[derive(Debug)]
pub struct SeenObject {
    /// The bucket.
    pub bucket: SeenBucket,
    /// The key.
    pub key: String,
    /// The object, if there was one.
    pub object: Sight<Object>,
}

impl Deref for SeenBucket {
    type Target = Arc<Bucket>;

    fn deref(&self) -> &Arc<Bucket> {
        &self.record
    }
}

impl Depend for SeenBucket {
    fn depend(&self, txn: &mut Txn<'_>) {
        txn.saw(key::bucket(&self.record.name), Some(self.version));
    }
}

impl Depend for SeenObject {
    fn depend(&self, txn: &mut Txn<'_>) {
        self.bucket.depend(txn);
        self.object.depend(txn);
    }
}

/// The bucket addressed. Whoever signs validly is told when it does not exist.
pub(crate) async fn bucket(cx: &Cx<'_>) -> Result<SeenBucket, Error> {
    unsupported_headers::refuse(&cx.request)?;
    let found = find_bucket(cx, cx.bucket.as_deref().unwrap_or_default()).await?;
    check_owner(&found, cx.request.header("x-amz-expected-bucket-owner"))?;
    Ok(found)
}

/// A bucket by name.
pub(crate) async fn find_bucket(cx: &Cx<'_>, name: &str) -> Result<SeenBucket, Error> {
    let found = cx.system.store.cached(&key::bucket(name), Bucket::decode).await?;
    found.map(|(record, version)| SeenBucket { record, version }).ok_or_else(|| s3::no_such_bucket(name))
}

/// Holds a bucket to the owner that the caller expects it to have.
pub(crate) fn check_owner(bucket: &Bucket, expected: Option<&str>) -> Result<(), Error> {
    let Some(expected) = expected else { return Ok(()) };
    let digits = expected.len() == 12 && expected.bytes().all(|b| b.is_ascii_digit());
    match digits {
        false => Err(s3::invalid_bucket_owner(expected)),
        true if expected != bucket.owner.as_str() => Err(s3::access_denied()),
        true => Ok(()),
    }
}

/// An action on a bucket.
pub(crate) fn on_bucket(action: &'static str, bucket: &Arc<Bucket>) -> Target {
    Target::new(action, bucket.arn()).owned(bucket.owner.as_str(), bucket.resource_policy())
}

/// An action on an object of a bucket, by its key as stored.
pub(crate) fn on_object(action: &'static str, bucket: &Arc<Bucket>, key: &str) -> Target {
    let resource = format!("{}/{key}", bucket.arn());
    Target::new(action, resource).owned(bucket.owner.as_str(), bucket.resource_policy())
}

/// What an operation on the addressed bucket alone needs.
pub(crate) async fn bucket_targets(cx: &Cx<'_>, action: &'static str) -> Result<Targets<SeenBucket>, Error> {
    let bucket = bucket(cx).await?;
    Ok(Targets::one(on_bucket(action, &bucket)).seeing(bucket))
}

/// The two names that an action has: on the object as it is, and on a version of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Action(pub &'static str, pub &'static str);

impl Action {
    pub(crate) fn named(self, version: Option<&str>) -> &'static str {
        if version.is_some() { self.1 } else { self.0 }
    }
}

/// What an operation on an existing object needs: the action and, when there is no such object, to
/// know whether the caller may learn that.
pub(crate) async fn object_targets(
    cx: &Cx<'_>,
    bucket: SeenBucket,
    key: &str,
    actions: &[Action],
    version: Option<&str>,
) -> Result<Targets<SeenObject>, Error> {
    let object = find_object(cx, &bucket.name, key).await?;
    let mut targets = Targets::none();
    for action in actions {
        let target = on_object(action.named(version), &bucket, key).with_some("s3:versionid", version);
        targets = targets.and(with_existing_tags(target, object.record()));
    }
    if object.record().is_none() {
        targets = targets.ask(on_bucket("s3:ListBucket", &bucket));
    }
    Ok(targets.seeing(SeenObject { bucket, key: key.to_owned(), object }))
}

pub(crate) fn with_existing_tags(mut target: Target, object: Option<&Arc<Object>>) -> Target {
    for (key, value) in object.map(|object| object.tags.as_slice()).unwrap_or_default() {
        target = target.with(Key::tag("s3:ExistingObjectTag/", key.clone()), value.as_str());
    }
    target
}

/// The object that permission was decided on.
pub(crate) fn decided(
    granted: &mut Granted<SeenObject>,
    version: Option<&str>,
) -> Result<Arc<Object>, Error> {
    let may_learn = granted.each().pop();
    granted.seen().found(may_learn, version)
}

impl SeenObject {
    /// The object. Without one, callers who may not list the bucket are not told that it is missing.
    pub(crate) fn found(
        &self,
        may_learn: Option<Result<(), Error>>,
        version: Option<&str>,
    ) -> Result<Arc<Object>, Error> {
        check_version(&self.key, version)?;
        match self.object.record() {
            Some(object) => Ok(Arc::clone(object)),
            None => {
                may_learn.unwrap_or(Ok(()))?;
                Err(s3::no_such_key(&self.key))
            }
        }
    }
}

/// Objects of buckets without versioning have the version `null` and no other.
pub(crate) fn check_version(key: &str, version: Option<&str>) -> Result<(), Error> {
    match version {
        None | Some("null") => Ok(()),
        Some("") => Err(s3::invalid_argument("Version id cannot be the empty string", "versionId", "")),
        Some(id) if looks_like_version(id) => Err(s3::no_such_version(key, id)),
        Some(id) => Err(s3::invalid_version_id(id)),
    }
}

/// S3's version ids have 32 characters.
fn looks_like_version(id: &str) -> bool {
    id.len() == 32 && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.' || b == b'_')
}

/// What stands under a key of a bucket.
pub(crate) async fn find_object(cx: &Cx<'_>, bucket: &str, key: &str) -> Result<Sight<Object>, Error> {
    check_key(key)?;
    Sight::of(&cx.system.store, key::object(bucket, key)).await
}

/// A key is at most 1,024 bytes long. One with a NUL could not be listed.
pub(crate) fn check_key(key: &str) -> Result<(), Error> {
    if key.len() > OBJECT_KEY {
        return Err(s3::key_too_long(key.len(), OBJECT_KEY));
    }
    if key.contains('\0') { Err(s3::invalid_uri()) } else { Ok(()) }
}
