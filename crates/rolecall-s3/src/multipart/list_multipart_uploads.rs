//! `ListMultipartUploads`: by key, and of one key by upload id.

use crate::S3;
use crate::error as s3;
use crate::listing::list_objects::owner;
use crate::listing::pages::{self as listing, After, Asked, Encoding, Entry, Page, Source};
use crate::multipart::list_parts::initiator;
use crate::place::{self, SeenBucket};
use crate::records::{Bucket, Record, Upload, key};
use rolecall_core::Error;
use rolecall_core::gate::{Cx, Granted, Reply, Serve};
use rolecall_core::target::Targets;
use rolecall_wire::s3::{
    CommonPrefix, ListMultipartUploadsOutput, ListMultipartUploadsRequest, MultipartUpload, op,
};

impl Serve<S3> for op::ListMultipartUploads {
    type Seen = SeenBucket;

    async fn targets(
        cx: &Cx<'_>,
        _input: &ListMultipartUploadsRequest,
    ) -> Result<Targets<SeenBucket>, Error> {
        place::bucket_targets(cx, "s3:ListBucketMultipartUploads").await
    }

    async fn run(
        cx: &mut Cx<'_>,
        input: ListMultipartUploadsRequest,
        granted: Granted<SeenBucket>,
    ) -> Result<Reply<ListMultipartUploadsOutput>, Error> {
        let bucket = granted.seen();
        let page = page(cx, bucket, &input).await?;
        let encoding = Encoding::of(input.encoding_type.as_deref());
        let next = next(&page).map(|last| (encoding.name(last.name()), last_id(last)));
        let (next_key_marker, next_upload_id_marker) = next.unwrap_or_default();
        let mut output = ListMultipartUploadsOutput {
            key_marker: Some(encoding.name(&input.key_marker.unwrap_or_default())),
            upload_id_marker: Some(input.upload_id_marker.unwrap_or_default()),
            next_key_marker: Some(next_key_marker),
            next_upload_id_marker: Some(next_upload_id_marker),
            prefix: input.prefix.filter(|text| !text.is_empty()).map(|text| encoding.name(&text)),
            delimiter: input.delimiter.map(|text| encoding.name(&text)),
            max_uploads: Some(input.max_uploads.unwrap_or(PAGE).min(PAGE)),
            is_truncated: Some(page.more),
            encoding_type: input.encoding_type,
            bucket: Some(input.bucket),
            ..Default::default()
        };
        for entry in page.entries {
            match entry {
                Entry::One(_, upload) => output.uploads.push(shown(bucket, upload, encoding)),
                Entry::Prefix(name) => {
                    output.common_prefixes.push(CommonPrefix { prefix: Some(encoding.name(&name)) });
                }
            }
        }
        Ok(output.into())
    }
}

async fn page(
    cx: &Cx<'_>,
    bucket: &Bucket,
    input: &ListMultipartUploadsRequest,
) -> Result<Page<Upload>, Error> {
    let most = input.max_uploads.unwrap_or(PAGE).min(PAGE);
    let most = usize::try_from(most).map_err(|_| s3::negative("max-uploads", "maxUploads", most))?;
    let asked = Asked {
        prefix: input.prefix.as_deref().unwrap_or_default(),
        delimiter: input.delimiter.as_deref().unwrap_or_default(),
        after: after(&bucket.name, input),
        most,
    };
    let place = |name: &str| key::uploads_from(&bucket.name, name);
    let read = |stored: &_| {
        let upload = Upload::decode(stored)?;
        Ok((upload.key.clone(), upload))
    };
    let source = Source { range: key::uploads(&bucket.name), place: &place, read };
    listing::page(&cx.system.store, source, &asked).await
}

/// Without an upload id, behind all uploads of the key.
fn after<'a>(bucket: &str, input: &'a ListMultipartUploadsRequest) -> After<'a> {
    let Some(marker) = input.key_marker.as_deref().filter(|marker| !marker.is_empty()) else {
        return After::Nothing;
    };
    let rest = input.delimiter.as_deref().filter(|delimiter| !delimiter.is_empty());
    match (input.upload_id_marker.as_deref().filter(|id| !id.is_empty()), rest) {
        (Some(id), _) => After::Place(key::upload(bucket, marker, id)),
        (None, Some(delimiter)) if marker.ends_with(delimiter) => After::Prefix(marker),
        (None, _) => After::Place([key::uploads_from(bucket, marker).as_slice(), &[0, 0xff]].concat()),
    }
}

/// What the next page begins after. Where there is none, the last upload shown is told all the same, as recorded.
fn next(page: &Page<Upload>) -> Option<&Entry<Upload>> {
    let last_upload = || page.entries.iter().rev().find(|entry| matches!(entry, Entry::One(..)));
    page.last().or_else(last_upload)
}

fn last_id(last: &Entry<Upload>) -> String {
    match last {
        Entry::One(_, upload) => upload.id.clone(),
        Entry::Prefix(_) => String::new(),
    }
}

fn shown(bucket: &Bucket, upload: Upload, encoding: Encoding) -> MultipartUpload {
    MultipartUpload {
        initiator: Some(initiator(&upload)),
        key: Some(encoding.name(&upload.key)),
        upload_id: Some(upload.id),
        initiated: Some(upload.created_ms.div_euclid(1000)),
        storage_class: Some(upload.headers.storage_class.unwrap_or_else(|| "STANDARD".to_owned())),
        owner: Some(owner(bucket)),
        checksum_algorithm: upload.checksum_algorithm,
        checksum_type: upload.checksum_type,
        version_id: None,
    }
}

/// Entries a page has at most.
const PAGE: i64 = 1_000;
