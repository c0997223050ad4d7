//! Checksums of multipart uploads, in the words S3 was seen to use.

use rolecall_core::testing::{Seen, World};
use rolecall_wire::sigv4::checksum::{Algorithm, Hasher};

async fn world() -> World {
    let world = World::new().await.serving(crate::HANDLERS);
    world.s3(Some(&world.root), "PUT", "/bucket", &[], "").await.ok();
    world
}

async fn begin(world: &World, headers: &[(&str, &str)]) -> Seen {
    world.s3(Some(&world.root), "POST", "/bucket/k?uploads", headers, "").await
}

async fn part(world: &World, id: &str, number: u32, body: &[u8], headers: &[(&str, &str)]) -> Seen {
    let path = format!("/bucket/k?partNumber={number}&uploadId={id}");
    world.s3(Some(&world.root), "PUT", &path, headers, body.to_vec()).await
}

/// Completes an upload of parts given by the members of their elements.
async fn complete(world: &World, id: &str, parts: &[String], headers: &[(&str, &str)]) -> Seen {
    let parts: Vec<_> = parts.iter().map(|members| format!("<Part>{members}</Part>")).collect();
    let body = format!("<CompleteMultipartUpload>{}</CompleteMultipartUpload>", parts.concat());
    world.s3(Some(&world.root), "POST", &format!("/bucket/k?uploadId={id}"), headers, body).await
}

fn hash(algorithm: Algorithm, bytes: &[u8]) -> String {
    let mut hasher = Hasher::new(algorithm);
    hasher.update(bytes);
    hasher.finish()
}

const BODY: &[u8] = b"123456789";
const CRC32: &str = "y/Q5Jg==";
/// The CRC-32 of that one, as S3 answered for it.
const COMPOSITE: &str = "7kxlUA==";
const BIG: usize = 5 << 20;

/// An upload with CRC32 and one part of nine digits: its id, and the element of the part without a checksum.
async fn uploaded(world: &World) -> (String, String) {
    let id =
        begin(world, &[("x-amz-checksum-algorithm", "CRC32")]).await.ok().tag("UploadId").unwrap().to_owned();
    let seen = part(world, &id, 1, BODY, &[("x-amz-checksum-crc32", CRC32)]).await.ok();
    let etag = seen.headers["etag"].to_str().unwrap().to_owned();
    (id, format!("<PartNumber>1</PartNumber><ETag>{etag}</ETag>"))
}

fn with(element: &str, name: &str, value: &str) -> Vec<String> {
    vec![format!("{element}<{name}>{value}</{name}>")]
}

#[tokio::test]
async fn how_an_upload_is_checked_is_told_when_it_is_created() {
    let world = world().await;
    for (headers, kind) in [
        (&[("x-amz-checksum-algorithm", "crc32")][..], "COMPOSITE"),
        (&[("x-amz-checksum-algorithm", "Sha256"), ("x-amz-checksum-type", "composite")], "COMPOSITE"),
        (&[("x-amz-checksum-algorithm", "CRC32C"), ("x-amz-checksum-type", "full_object")], "FULL_OBJECT"),
        (&[("x-amz-checksum-algorithm", "CRC64NVME")], "FULL_OBJECT"),
    ] {
        let seen = begin(&world, headers).await.ok();
        assert_eq!(seen.headers["x-amz-checksum-type"], kind, "{headers:?}");
        assert_eq!(seen.headers["x-amz-checksum-algorithm"], headers[0].1.to_uppercase());
    }
    for (headers, message) in [
        (
            &[("x-amz-checksum-algorithm", "INVALIDALGO")][..],
            "Checksum algorithm provided is unsupported. Please try again with any of the valid types: [CRC32, \
             CRC32C, SHA1, SHA256]",
        ),
        (
            &[("x-amz-checksum-algorithm", "CRC32"), ("x-amz-checksum-type", "BADCHECKSUM")],
            "Value for x-amz-checksum-type header is invalid.",
        ),
        (
            &[("x-amz-checksum-type", "COMPOSITE")],
            "The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.",
        ),
        (
            &[("x-amz-checksum-algorithm", "SHA1"), ("x-amz-checksum-type", "FULL_OBJECT")],
            "The FULL_OBJECT checksum type cannot be used with the sha1 checksum algorithm.",
        ),
    ] {
        begin(&world, headers).await.expect(400, "InvalidRequest", message);
    }
}

#[tokio::test]
async fn a_parts_checksum_is_by_the_algorithm_of_its_upload() {
    let world = world().await;
    let (id, _) = uploaded(&world).await;
    let mismatch = |actual: &str| {
        format!(
            "Checksum Type mismatch occurred, expected checksum Type: crc32, actual checksum Type: {actual}"
        )
    };
    let sha1 = hash(Algorithm::Sha1, BODY);
    let seen = part(&world, &id, 2, BODY, &[("x-amz-checksum-sha1", &sha1)]).await;
    seen.expect(400, "InvalidRequest", &mismatch("sha1"));
    part(&world, &id, 2, BODY, &[]).await.expect(400, "InvalidRequest", &mismatch("null"));
    part(&world, &id, 2, BODY, &[("x-amz-checksum-crc32", "z/Q5Jg==")]).await.expect(
        400,
        "BadDigest",
        "The CRC32 you specified did not match the calculated checksum.",
    );
    let listed = world.s3(Some(&world.root), "GET", &format!("/bucket/k?uploadId={id}"), &[], "").await.ok();
    assert_eq!(listed.body.matches("<Part>").count(), 1);
    // A checksum of all bytes is computed where none is sent.
    let whole = begin(&world, &[("x-amz-checksum-algorithm", "CRC64NVME")]).await.ok();
    let seen = part(&world, whole.tag("UploadId").unwrap(), 1, BODY, &[]).await.ok();
    assert_eq!(seen.headers["x-amz-checksum-crc64nvme"], "rosUhgp5mIg=");
}

#[tokio::test]
async fn a_checksum_of_checksums_needs_that_of_every_part() {
    let world = world().await;
    let (id, element) = uploaded(&world).await;
    let ask = async |parts: &[String], headers: &[(&str, &str)]| complete(&world, &id, parts, headers).await;
    ask(std::slice::from_ref(&element), &[]).await.expect(
        400,
        "InvalidRequest",
        "The upload was created using a crc32 checksum. The complete request must include the checksum for each \
         part. It was missing for part 1 in the request.",
    );
    ask(&with(&element, "ChecksumCRC32C", CRC32), &[]).await.expect(
        400,
        "BadDigest",
        "The crc32c you specified for part 1 did not match what we received.",
    );
    let invalid = ask(&with(&element, "ChecksumCRC32", "y/Q5Jh=="), &[]).await;
    invalid.expect(400, "InvalidArgument", "Invalid Base64 or multiple checksums present in request");
    assert_eq!(invalid.tag("ArgumentValue"), Some("CRC32:y/Q5Jh==;"));
    let bad = ask(&with(&element, "ChecksumCRC32", "z/Q5Jg=="), &[]).await;
    assert_eq!((bad.status, bad.tag("Code")), (400, Some("InvalidPart")));
    let good = with(&element, "ChecksumCRC32", CRC32);
    ask(&good, &[("x-amz-checksum-type", "FULL_OBJECT")]).await.expect(
        400,
        "InvalidRequest",
        "The upload was created using the COMPOSITE checksum mode. The complete request must use the same checksum \
         mode.",
    );
    for value in ["y/Q5Jh==", "7kxlUA==-a"] {
        let seen = ask(&good, &[("x-amz-checksum-crc32", value)]).await;
        seen.expect(400, "InvalidRequest", "Value for x-amz-checksum-crc32 header is invalid.");
    }
    for value in ["z/Q5Jg==", "7kxlUA==-2"] {
        let seen = ask(&good, &[("x-amz-checksum-crc32", value)]).await;
        seen.expect(400, "BadDigest", "The crc32 you specified did not match the calculated checksum.");
    }
    let headers = [("x-amz-checksum-crc32", COMPOSITE), ("x-amz-checksum-type", "composite")];
    let done = ask(&good, &headers).await.ok();
    assert_eq!(done.tag("ChecksumCRC32"), Some(format!("{COMPOSITE}-1").as_str()));
    assert_eq!(done.tag("ChecksumType"), Some("COMPOSITE"));
}

#[tokio::test]
async fn an_upload_without_checksums_takes_no_kind_of_them() {
    let world = world().await;
    let id = begin(&world, &[]).await.ok().tag("UploadId").unwrap().to_owned();
    let etag = part(&world, &id, 1, BODY, &[]).await.ok().headers["etag"].to_str().unwrap().to_owned();
    let element = [format!("<PartNumber>1</PartNumber><ETag>{etag}</ETag>")];
    complete(&world, &id, &element, &[("x-amz-checksum-type", "FULL_OBJECT")]).await.expect(
        400,
        "InvalidRequest",
        "The upload was created using the null checksum mode. The complete request must use the same checksum mode.",
    );
    complete(&world, &id, &element, &[]).await.ok();
}

#[tokio::test]
async fn the_checksum_of_a_part_can_be_asked_for() {
    let world = world().await;
    let root = Some(&world.root);
    let (id, last) = uploaded(&world).await;
    let big = vec![b'a'; BIG];
    let sum = hash(Algorithm::Crc32, &big);
    let etag = part(&world, &id, 2, BODY, &[("x-amz-checksum-crc32", CRC32)]).await.ok();
    assert_eq!(etag.headers["x-amz-checksum-crc32"], CRC32);
    let first = part(&world, &id, 1, &big, &[("x-amz-checksum-crc32", &sum)]).await.ok();
    let first = first.headers["etag"].to_str().unwrap().to_owned();
    let parts = [
        with(&format!("<PartNumber>1</PartNumber><ETag>{first}</ETag>"), "ChecksumCRC32", &sum),
        with(&last.replace(">1<", ">2<"), "ChecksumCRC32", CRC32),
    ];
    complete(&world, &id, &parts.concat(), &[]).await.ok();
    for (number, value) in [("1", sum.as_str()), ("2", CRC32)] {
        for method in ["GET", "HEAD"] {
            let path = format!("/bucket/k?partNumber={number}");
            let seen = world.s3(root, method, &path, &[("x-amz-checksum-mode", "enabled")], "").await.ok();
            assert_eq!((seen.status, &seen.headers["x-amz-checksum-crc32"]), (206, &value.parse().unwrap()));
            assert_eq!(seen.headers["x-amz-checksum-type"], "COMPOSITE");
            let plain = world.s3(root, method, &path, &[], "").await.ok();
            assert!(!plain.headers.contains_key("x-amz-checksum-crc32"));
        }
    }
    let asked = ("x-amz-object-attributes", "ObjectParts");
    let seen = world.s3(root, "GET", "/bucket/k?attributes", &[asked], "").await.ok();
    for wanted in [
        format!("<PartNumber>1</PartNumber><Size>{BIG}</Size><ChecksumCRC32>{sum}</ChecksumCRC32>"),
        format!("<PartNumber>2</PartNumber><Size>9</Size><ChecksumCRC32>{CRC32}</ChecksumCRC32>"),
    ] {
        assert!(seen.body.contains(&wanted), "{wanted}: {}", seen.body);
    }
    assert_eq!((seen.tag("IsTruncated"), seen.tag("MaxParts")), (Some("false"), Some("1000")));
    let paged = [asked, ("x-amz-max-parts", "1"), ("x-amz-part-number-marker", "1")];
    let seen = world.s3(root, "GET", "/bucket/k?attributes", &paged, "").await.ok();
    assert!(seen.body.contains("<PartNumber>2<") && !seen.body.contains("<PartNumber>1<"), "{}", seen.body);
    let first = [asked, ("x-amz-max-parts", "1")];
    let seen = world.s3(root, "GET", "/bucket/k?attributes", &first, "").await.ok();
    assert_eq!((seen.tag("IsTruncated"), seen.tag("NextPartNumberMarker")), (Some("true"), Some("1")));
}

#[tokio::test]
async fn the_checksum_mode_is_enabled_in_any_case_and_nothing_else() {
    let world = world().await;
    let root = Some(&world.root);
    world.s3(root, "PUT", "/bucket/k", &[("x-amz-checksum-crc32", CRC32)], BODY).await.ok();
    for mode in ["ENABLED", "enabled", "Enabled"] {
        let seen = world.s3(root, "GET", "/bucket/k", &[("x-amz-checksum-mode", mode)], "").await.ok();
        assert_eq!(seen.headers["x-amz-checksum-crc32"], CRC32, "{mode}");
    }
    let seen = world.s3(root, "GET", "/bucket/k", &[("x-amz-checksum-mode", "INVALID")], "").await;
    seen.expect(400, "InvalidRequest", "Value for x-amz-checksum-mode header is invalid.");
    assert_eq!(seen.tag("ArgumentName"), None);
}
