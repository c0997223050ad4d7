//! The door of S3: bucket and key from host and path; the body streams on.

use rolecall_core::Message;
use rolecall_core::body::BodyStream;
use rolecall_wire::Request;

/// The request as S3 reads it: `/bucket/key`, or `/key` when the host named the bucket.
pub(super) fn message(request: &Request, virtual_bucket: Option<String>, body: BodyStream) -> Message {
    let path = request.path.strip_prefix('/').unwrap_or(&request.path);
    let virtual_host = virtual_bucket.is_some();
    let (bucket, key) = match virtual_bucket {
        Some(bucket) => (Some(bucket), path),
        None => {
            let (bucket, key) = path.split_once('/').unwrap_or((path, ""));
            (given(bucket), key)
        }
    };
    Message::Rest { bucket, key: given(key), virtual_host, body }
}

fn given(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}
