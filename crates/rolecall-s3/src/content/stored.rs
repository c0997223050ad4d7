//! Putting objects in their place and taking them away, together with the bytes they leave behind.

use crate::error as s3;
use crate::records::{self, Bucket, Content, Object, Record, key};
use rolecall_core::{Error, System, Task};
use rolecall_store::{Blobs, Txn};
use std::time::Duration;

/// What must hold of the object that is there for a write to happen (S3 User Guide, Conditional
/// requests).
#[derive(Debug, Clone, Default)]
pub(crate) struct Conditions {
    /// `If-Match`: it has this entity tag.
    pub if_match: Option<String>,
    /// `If-None-Match: *`: there is none.
    pub if_absent: bool,
}

impl Conditions {
    /// The conditions of a write, from its headers.
    pub(crate) fn of(if_match: Option<&str>, if_none_match: Option<&str>) -> Result<Self, Error> {
        match (if_match, if_none_match) {
            (Some(_), Some(_)) => return Err(s3::both_write_conditions()),
            (_, Some(value)) if value != "*" => return Err(s3::write_condition("If-None-Match")),
            (Some("*"), _) => return Err(s3::write_condition("If-Match")),
            _ => {}
        }
        Ok(Self { if_match: if_match.map(str::to_owned), if_absent: if_none_match.is_some() })
    }

    /// Holds them against what is there.
    pub(crate) fn check(&self, key: &str, there: Option<&Object>) -> Result<(), Error> {
        if self.if_absent && there.is_some() {
            return Err(s3::precondition_failed("If-None-Match"));
        }
        match (&self.if_match, there) {
            (Some(_), None) => Err(s3::no_such_key(key)),
            (Some(tag), Some(object)) if !names(tag, &object.etag) => {
                Err(s3::precondition_failed("If-Match"))
            }
            _ => Ok(()),
        }
    }
}

/// True when a header's list of entity tags names this one.
pub(crate) fn names(list: &str, etag: &str) -> bool {
    let bare = |tag: &str| tag.trim().trim_start_matches("W/").trim_matches('"').to_owned();
    list.split(',').map(bare).any(|tag| tag == "*" || tag == etag)
}

/// Puts an object in its place. The bytes of the one that was there go when readers are done; those
/// of one that is not taken go at once.
pub(crate) async fn put(
    system: &System,
    bucket: &Bucket,
    object: &Object,
    conditions: &Conditions,
) -> Result<(), Error> {
    match try_put(system, bucket, object, conditions).await {
        Ok(replaced) => {
            forget_later(system, replaced);
            Ok(())
        }
        Err(error) => {
            forget(&system.blobs, &object.content).await;
            Err(error)
        }
    }
}

async fn try_put(
    system: &System,
    bucket: &Bucket,
    object: &Object,
    conditions: &Conditions,
) -> Result<Vec<Content>, Error> {
    let placed = |mut txn| async move {
        let replaced = place(&mut txn, bucket, object, conditions).await?;
        Ok((txn, replaced))
    };
    system.store.transact(placed).await
}

/// Writes an object within a transaction and gives the content it replaces.
pub(crate) async fn place(
    txn: &mut Txn<'_>,
    bucket: &Bucket,
    object: &Object,
    conditions: &Conditions,
) -> Result<Vec<Content>, Error> {
    require_same(txn, bucket).await?;
    let place = key::object(&bucket.name, &object.key);
    let there = records::read::<Object>(txn, &place).await?.map(|(object, _)| object);
    conditions.check(&object.key, there.as_ref())?;
    records::write(txn, place, object)?;
    Ok(there.map(|object| object.content).unwrap_or_default())
}

/// The bucket that permission was decided on must still be there.
pub(crate) async fn require_same(txn: &mut Txn<'_>, bucket: &Bucket) -> Result<(), Error> {
    let found = txn.cached(&key::bucket(&bucket.name), Bucket::decode).await?;
    match found {
        Some((found, _)) if found.owner == bucket.owner && found.created_ms == bucket.created_ms => Ok(()),
        _ => Err(s3::no_such_bucket(&bucket.name)),
    }
}

/// Removes bytes that nothing refers to any more, when those who began to read them had time to end.
pub(crate) fn forget_later(system: &System, content: Vec<Content>) {
    if content.iter().any(|piece| matches!(piece, Content::Blob { .. })) {
        let (blobs, background) = (system.blobs.clone(), system.background.clone());
        system.background.start(Task::UnusedBytes, async move {
            background.pause(GRACE).await;
            forget(&blobs, &content).await;
        });
    }
}

/// Removes bytes that nothing refers to. What cannot be removed goes when the server starts again.
pub(crate) async fn forget(blobs: &Blobs, content: &[Content]) {
    for piece in content {
        let Content::Blob { id, .. } = piece else { continue };
        let Ok(id) = id.parse() else { continue };
        if let Err(error) = blobs.remove(&id).await {
            tracing::warn!(%error, %id, "a blob that is not needed any more stays");
        }
    }
}

/// How long replaced bytes can still be read by answers under way.
const GRACE: Duration = Duration::from_secs(60);
