//! Multipart uploads, copies, and the bytes they leave on disk.

use crate::HANDLERS;
use rolecall_core::testing::{Seen, World};

const PART: usize = 5 << 20;

async fn world() -> World {
    let world = World::new().await.serving(HANDLERS);
    world.s3(Some(&world.root), "PUT", "/bucket", &[], "").await.ok();
    world
}

async fn begin(world: &World, headers: &[(&str, &str)]) -> String {
    let seen = world.s3(Some(&world.root), "POST", "/bucket/k?uploads", headers, "").await.ok();
    seen.tag("UploadId").unwrap().to_owned()
}

async fn part(world: &World, id: &str, number: u32, body: Vec<u8>) -> String {
    let path = format!("/bucket/k?partNumber={number}&uploadId={id}");
    let seen = world.s3(Some(&world.root), "PUT", &path, &[], body).await.ok();
    seen.headers["etag"].to_str().unwrap().to_owned()
}

async fn complete(world: &World, id: &str, parts: &[(u32, &str)], headers: &[(&str, &str)]) -> Seen {
    let parts = parts
        .iter()
        .map(|(number, etag)| format!("<Part><PartNumber>{number}</PartNumber><ETag>{etag}</ETag></Part>"));
    let body = format!("<CompleteMultipartUpload>{}</CompleteMultipartUpload>", parts.collect::<String>());
    world.s3(Some(&world.root), "POST", &format!("/bucket/k?uploadId={id}"), headers, body).await
}

fn blobs(world: &World) -> usize {
    world.gate.system().blobs.ids().count()
}

#[tokio::test]
async fn parts_become_one_object_that_ranges_cross() {
    let world = world().await;
    let root = Some(&world.root);
    let id = begin(&world, &[("content-type", "text/x")]).await;
    let first = part(&world, &id, 1, vec![b'a'; PART]).await;
    let unused = part(&world, &id, 2, vec![b'x'; 10]).await;
    let last = part(&world, &id, 7, vec![b'b'; 20]).await;
    let seen = world.s3(root, "GET", &format!("/bucket/k?uploadId={id}&max-parts=2"), &[], "").await.ok();
    assert_eq!((seen.tag("IsTruncated"), seen.tag("NextPartNumberMarker")), (Some("true"), Some("2")));
    let listed = world.s3(root, "GET", "/bucket?uploads", &[], "").await.ok();
    assert_eq!((listed.tag("Key"), listed.tag("UploadId")), (Some("k"), Some(id.as_str())));
    let busy = world.s3(root, "DELETE", "/bucket", &[], "").await;
    busy.expect(409, "BucketNotEmpty", "The bucket you tried to delete is not empty");

    let wrong = complete(&world, &id, &[(1, &unused), (7, &last)], &[]).await;
    assert_eq!((wrong.status, wrong.tag("Code")), (400, Some("InvalidPart")));
    let wrong = complete(&world, &id, &[(7, &last), (1, &first)], &[]).await;
    assert_eq!(wrong.tag("Code"), Some("InvalidPartOrder"));
    let wrong = complete(&world, &id, &[(2, &unused), (7, &last)], &[]).await;
    assert_eq!(wrong.tag("Code"), Some("EntityTooSmall"));
    world.s3(root, "GET", "/bucket/k", &[], "").await.expect(
        404,
        "NoSuchKey",
        "The specified key does not exist.",
    );

    let done = complete(&world, &id, &[(1, &first), (7, &last)], &[]).await.ok();
    assert!(done.tag("ETag").unwrap().ends_with("-2&quot;"), "{}", done.body);
    let head = world.s3(root, "HEAD", "/bucket/k", &[], "").await.ok();
    assert_eq!(head.headers["content-length"], (PART + 20).to_string());
    assert_eq!(head.headers["content-type"], "text/x");
    let range = format!("bytes={}-{}", PART - 2, PART + 1);
    let seen = world.s3(root, "GET", "/bucket/k", &[("range", &range)], "").await;
    assert_eq!((seen.status, seen.body.as_str()), (206, "aabb"));
    let seen = world.s3(root, "GET", "/bucket/k?partNumber=2", &[], "").await;
    assert_eq!((seen.status, seen.body.len()), (206, 20));
    assert_eq!(seen.headers["x-amz-mp-parts-count"], "2");
    let seen = world.s3(root, "GET", "/bucket/k?partNumber=3", &[], "").await;
    seen.expect(416, "InvalidPartNumber", "The requested partnumber is not satisfiable");
    let gone = complete(&world, &id, &[(1, &first)], &[]).await;
    assert_eq!(gone.tag("Code"), Some("NoSuchUpload"));
}

#[tokio::test]
async fn a_whole_checksum_is_that_of_all_bytes() {
    let world = world().await;
    let headers = [("x-amz-checksum-algorithm", "CRC64NVME")];
    let id = begin(&world, &headers).await;
    let (a, b) = (part(&world, &id, 1, vec![b'a'; PART]).await, part(&world, &id, 2, b"end".to_vec()).await);
    let wrong = [("x-amz-checksum-crc64nvme", "AAAAAAAAAAA=")];
    let bad = complete(&world, &id, &[(1, &a), (2, &b)], &wrong).await;
    bad.expect(400, "BadDigest", "The crc64nvme you specified did not match the calculated checksum.");
    let done = complete(&world, &id, &[(1, &a), (2, &b)], &[]).await.ok();
    assert_eq!(done.tag("ChecksumType"), Some("FULL_OBJECT"));
    let whole = done.tag("ChecksumCRC64NVME").unwrap();
    let mut bytes = vec![b'a'; PART];
    bytes.extend(b"end");
    let put = world
        .s3(Some(&world.root), "PUT", "/bucket/same", &[("x-amz-checksum-crc64nvme", whole)], bytes)
        .await;
    put.ok();
}

#[tokio::test]
async fn flt_14_what_is_aborted_or_broken_off_leaves_no_bytes() {
    let world = world().await;
    let root = Some(&world.root);
    let id = begin(&world, &[]).await;
    part(&world, &id, 1, vec![b'a'; 100_000]).await;
    assert_eq!(blobs(&world), 1);
    world.s3(root, "DELETE", &format!("/bucket/k?uploadId={id}"), &[], "").await.ok();
    assert_eq!(blobs(&world), 0);
    let path = format!("/bucket/k?partNumber=1&uploadId={id}");
    let late = world.s3(root, "PUT", &path, &[], vec![b'a'; 99_999]).await;
    assert_eq!(late.tag("Code"), Some("NoSuchUpload"));
    let digest = "rL0Y20zC+Fzt72VPzMSk2A==";
    let bad = world.s3(root, "PUT", "/bucket/k", &[("content-md5", digest)], vec![b'a'; 99_999]).await;
    assert_eq!((bad.status, bad.tag("Code")), (400, Some("BadDigest")));
    assert_eq!(blobs(&world), 0);
    assert_eq!(world.s3(root, "GET", "/bucket/k", &[], "").await.status, 404);
}

#[tokio::test]
async fn a_sweep_takes_only_what_nothing_refers_to() {
    let world = world().await;
    let root = Some(&world.root);
    let system = world.gate.system();
    world.s3(root, "PUT", "/bucket/kept", &[], vec![b'k'; 50_000]).await.ok();
    let id = begin(&world, &[]).await;
    part(&world, &id, 1, vec![b'p'; 50_000]).await;
    let before = system.blobs.create().await.unwrap();
    before.finish().await.unwrap();
    let earlier = rolecall_store::Blobs::open(world.directory()).unwrap();
    let mut orphan = earlier.create().await.unwrap();
    orphan.write("lost".into()).await.unwrap();
    orphan.finish().await.unwrap();
    assert_eq!(blobs(&world), 4);
    assert_eq!(crate::sweep(system).await.unwrap(), 1, "what is being written may be recorded yet");
    assert_eq!(blobs(&world), 3);
    assert_eq!(world.s3(root, "GET", "/bucket/kept", &[], "").await.ok().body.len(), 50_000);
}

#[tokio::test]
async fn a_copy_is_its_own() {
    let world = world().await;
    let root = Some(&world.root);
    let headers = [("content-type", "text/x"), ("x-amz-tagging", "a=1"), ("x-amz-meta-m", "v")];
    world.s3(root, "PUT", "/bucket/a%3Fb", &headers, vec![b'z'; 40_000]).await.ok();
    let source = ("x-amz-copy-source", "/bucket/a%3Fb");
    let seen = world.s3(root, "PUT", "/bucket/copy", &[source], "").await.ok();
    assert!(seen.body.contains("<CopyObjectResult"));
    world.s3(root, "DELETE", "/bucket/a%3Fb", &[], "").await.ok();
    let copy = world.s3(root, "GET", "/bucket/copy", &[], "").await.ok();
    assert_eq!(copy.body.len(), 40_000);
    assert_eq!(copy.headers["content-type"], "text/x");
    assert_eq!(copy.headers["x-amz-meta-m"], "v");
    assert_eq!(copy.headers["x-amz-tagging-count"], "1");
    let same = world.s3(root, "PUT", "/bucket/copy", &[("x-amz-copy-source", "bucket/copy")], "").await;
    assert_eq!((same.status, same.tag("Code")), (400, Some("InvalidRequest")));
    let replaced = [("x-amz-copy-source", "bucket/copy"), ("x-amz-metadata-directive", "REPLACE")];
    world.s3(root, "PUT", "/bucket/copy", &replaced, "").await.ok();
    let copy = world.s3(root, "HEAD", "/bucket/copy", &[], "").await.ok();
    assert!(!copy.headers.contains_key("x-amz-meta-m"));
    let id = begin(&world, &[]).await;
    let ranged = [("x-amz-copy-source", "bucket/copy"), ("x-amz-copy-source-range", "bytes=10-19")];
    let path = format!("/bucket/k?partNumber=1&uploadId={id}");
    let seen = world.s3(root, "PUT", &path, &ranged, "").await.ok();
    let etag = seen.tag("ETag").unwrap().replace("&quot;", "\"");
    complete(&world, &id, &[(1, &etag)], &[]).await.ok();
    assert_eq!(world.s3(root, "GET", "/bucket/k", &[], "").await.ok().body, "z".repeat(10));
}

/// A client that did not hear the answer asks again.
#[tokio::test]
async fn a_completed_upload_completed_again_answers_as_the_first_time() {
    let world = world().await;
    let root = Some(&world.root);
    let id = begin(&world, &[("x-amz-checksum-algorithm", "crc64nvme")]).await;
    let first = part(&world, &id, 1, b"body".to_vec()).await;
    let done = complete(&world, &id, &[(1, &first)], &[]).await.ok();
    world.s3(root, "PUT", "/bucket/k", &[], "newer").await.ok();
    for headers in [&[][..], &[("if-none-match", "*")]] {
        let again = complete(&world, &id, &[(1, first.trim_matches('"'))], headers).await.ok();
        assert_eq!(again.body, done.body);
    }
    assert_eq!(world.s3(root, "GET", "/bucket/k", &[], "").await.ok().body, "newer");
    let other = complete(&world, &id, &[(2, &first)], &[]).await;
    assert_eq!((other.status, other.tag("Code")), (404, Some("NoSuchUpload")));
    let nobody = world.user("nobody", None).await;
    let body = format!(
        "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{first}</ETag></Part></CompleteMultipartUpload>"
    );
    let denied = world.s3(Some(&nobody), "POST", &format!("/bucket/k?uploadId={id}"), &[], body).await;
    assert_eq!(denied.status, 403);
    world.pass(3 * 86_400);
    assert_eq!(complete(&world, &id, &[(1, &first)], &[]).await.tag("Code"), Some("NoSuchUpload"));
    let remembered = async || {
        let range = crate::records::key::completed_before(i64::from(u16::MAX));
        world.gate.system().store.scan(&range, 10).await.unwrap().len()
    };
    assert_eq!(remembered().await, 1);
    crate::sweep(world.gate.system()).await.unwrap();
    assert_eq!(remembered().await, 0);
}
