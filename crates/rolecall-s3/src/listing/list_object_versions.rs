//! `ListObjectVersions`: buckets keep no versions, so each object has the one called `null`.

use crate::S3;
use crate::error as s3;
use crate::listing::list_objects::{asked, behind_marker, most, owner, shown, targets};
use crate::listing::pages::{self as listing, Asked, Encoding, Entry};
use crate::place::SeenBucket;
use crate::records::Object;
use rolecall_core::Error;
use rolecall_core::gate::{Cx, Granted, Reply, Serve};
use rolecall_core::target::Targets;
use rolecall_wire::s3::{ListObjectVersionsOutput, ListObjectVersionsRequest, ObjectVersion, Owner, op};

impl Serve<S3> for op::ListObjectVersions {
    type Seen = SeenBucket;

    async fn targets(cx: &Cx<'_>, _input: &ListObjectVersionsRequest) -> Result<Targets<SeenBucket>, Error> {
        targets(cx, "s3:ListBucketVersions").await
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: ListObjectVersionsRequest,
        granted: Granted<SeenBucket>,
    ) -> Result<Reply<ListObjectVersionsOutput>, Error> {
        let bucket = granted.seen();
        check_marker(&input)?;
        let most = most(input.max_keys)?;
        let plain = asked(input.prefix.as_ref(), input.delimiter.as_ref());
        let after = behind_marker(input.key_marker.as_deref(), &plain);
        let page = listing::objects(&cx.system.store, &bucket.name, &Asked { after, most, ..plain }).await?;
        let encoding = Encoding::of(input.encoding_type.as_deref());
        let owner = owner(bucket);
        let show = |object: &Object| shown_version(object, encoding, &owner);
        let (versions, common_prefixes) = shown(&page.entries, encoding, show);
        let next = page.last();
        let next_is_version = matches!(next, Some(Entry::One(..)));
        Ok(ListObjectVersionsOutput {
            is_truncated: Some(next.is_some()),
            key_marker: Some(encoding.name(&input.key_marker.unwrap_or_default())),
            version_id_marker: Some(input.version_id_marker.unwrap_or_default()),
            next_key_marker: next.map(|last| encoding.name(last.name())),
            next_version_id_marker: next_is_version.then(|| NULL.to_owned()),
            versions,
            name: Some(input.bucket),
            prefix: Some(encoding.name(&input.prefix.unwrap_or_default())),
            delimiter: input.delimiter.map(|text| encoding.name(&text)),
            max_keys: i64::try_from(most).ok(),
            common_prefixes,
            encoding_type: input.encoding_type,
            ..Default::default()
        }
        .into())
    }
}

/// A page begins behind a version of a key, and a key has no version but one.
fn check_marker(input: &ListObjectVersionsRequest) -> Result<(), Error> {
    let key = input.key_marker.as_deref().unwrap_or_default();
    match input.version_id_marker.as_deref() {
        None => Ok(()),
        Some("") => Err(s3::version_marker("A version-id marker cannot be empty.")),
        Some(_) if key.is_empty() => {
            Err(s3::version_marker("A version-id marker cannot be specified without a key marker."))
        }
        Some(NULL) => Ok(()),
        Some(_) => Err(s3::version_marker("Invalid version id specified")),
    }
}

fn shown_version(object: &Object, encoding: Encoding, owner: &Owner) -> ObjectVersion {
    let checksum = object.checksum.as_ref();
    ObjectVersion {
        etag: Some(object.quoted_etag()),
        checksum_algorithm: checksum.map(|c| c.algorithm.clone()).into_iter().collect(),
        checksum_type: checksum.map(|c| c.kind.clone()),
        size: i64::try_from(object.size).ok(),
        storage_class: Some(object.storage_class().to_owned()),
        key: Some(encoding.name(&object.key)),
        version_id: Some(NULL.to_owned()),
        is_latest: Some(true),
        last_modified: Some(object.modified()),
        owner: Some(owner.clone()),
        restore_status: None,
    }
}

/// The version of an object that was written without versioning.
const NULL: &str = "null";
