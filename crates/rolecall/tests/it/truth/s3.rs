//! The scenes of S3 that play on a bucket with one object in it.

use super::{forms, s3_requests};
use rolecall_core::testing::{Seen, World};

/// Plays a situation, if it is one of these.
pub(super) async fn play(world: &World, operation: &str, situation: &str) -> Option<Seen> {
    world.s3(Some(&world.root), "PUT", "/bucket", &[], "").await.ok();
    world.s3(Some(&world.root), "PUT", "/bucket/k", &[], "0123456789").await.ok();
    if let Some((_, _, line, headers, body)) =
        CALLS.iter().find(|call| (call.0, call.1) == (operation, situation))
    {
        let (method, path) = line.split_once(' ').unwrap();
        return Some(world.s3(Some(&world.root), method, path, headers, *body).await);
    }
    match operation {
        "*" => s3_requests::play(world, situation).await,
        "PostObject" => forms::play(world, situation).await,
        "CreateBucket" => elsewhere(situation).await,
        "GetObject" => conditional(world, situation).await,
        "GetPublicAccessBlock" if situation == "none set" => {
            world.s3(Some(&world.root), "DELETE", "/bucket?publicAccessBlock", &[], "").await.ok();
            Some(world.s3(Some(&world.root), "GET", "/bucket?publicAccessBlock", &[], "").await)
        }
        _ => multipart(world, operation, situation).await,
    }
}

/// At an endpoint outside us-east-1.
async fn elsewhere(situation: &str) -> Option<Seen> {
    let body = match situation {
        "own bucket again, outside us-east-1" => constraint("eu-west-1"),
        "no constraint sent to an endpoint outside us-east-1" => String::new(),
        "constraint of another region" => constraint("eu-central-1"),
        _ => return None,
    };
    let world = World::in_region("eu-west-1").await.serving(rolecall_s3::HANDLERS);
    let own = constraint("eu-west-1");
    world.s3(Some(&world.root), "PUT", "/bucket", &[], own).await.ok();
    let path = if situation.starts_with("own") { "/bucket" } else { "/another" };
    Some(world.s3(Some(&world.root), "PUT", path, &[], body).await)
}

fn constraint(region: &str) -> String {
    format!(
        "<CreateBucketConfiguration><LocationConstraint>{region}</LocationConstraint></CreateBucketConfiguration>"
    )
}

async fn conditional(world: &World, situation: &str) -> Option<Seen> {
    if situation != "If-None-Match holds" {
        return None;
    }
    let etag = world.s3(Some(&world.root), "HEAD", "/bucket/k", &[], "").await.ok().headers["etag"].clone();
    let headers = [("if-none-match", etag.to_str().unwrap())];
    Some(world.s3(Some(&world.root), "GET", "/bucket/k", &headers, "").await)
}

/// An upload of two small parts.
async fn multipart(world: &World, operation: &str, situation: &str) -> Option<Seen> {
    let root = Some(&world.root);
    let begun = world.s3(root, "POST", "/bucket/m?uploads", &[], "").await.ok();
    let id = begun.tag("UploadId").unwrap();
    let mut parts = Vec::new();
    for number in [1, 2] {
        let path = format!("/bucket/m?partNumber={number}&uploadId={id}");
        let etag = world.s3(root, "PUT", &path, &[], "part").await.ok().headers["etag"].clone();
        parts.push(part(number, etag.to_str().unwrap()));
    }
    let path = format!("/bucket/m?uploadId={id}");
    let (method, body) = match (operation, situation) {
        ("CompleteMultipartUpload", "part list not ascending") => {
            parts.reverse();
            ("POST", parts.concat())
        }
        ("CompleteMultipartUpload", "unknown part or wrong ETag") => ("POST", part(7, "\"x\"")),
        ("CompleteMultipartUpload", "a part but the last below 5 MiB") => ("POST", parts.concat()),
        ("CompleteMultipartUpload", "no parts in the body") => ("POST", String::new()),
        ("UploadPartCopy", "range header malformed") => {
            let headers = [("x-amz-copy-source", "bucket/k"), ("x-amz-copy-source-range", "0-4")];
            let path = format!("{path}&partNumber=1");
            return Some(world.s3(root, "PUT", &path, &headers, "").await);
        }
        ("ListParts", "upload completed, aborted or never made") => {
            world.s3(root, "DELETE", &path, &[], "").await.ok();
            return Some(world.s3(root, "GET", &path, &[], "").await);
        }
        _ => return None,
    };
    let body = format!("<CompleteMultipartUpload>{body}</CompleteMultipartUpload>");
    Some(world.s3(root, method, &path, &[], body).await)
}

fn part(number: u32, etag: &str) -> String {
    format!("<Part><PartNumber>{number}</PartNumber><ETag>{etag}</ETag></Part>")
}

/// Operation, situation, method and path, headers, body.
type Call = (&'static str, &'static str, &'static str, &'static [(&'static str, &'static str)], &'static str);

const OTHER_OWNER: &[(&str, &str)] = &[("x-amz-expected-bucket-owner", "111111111111")];
const NO_OWNER: &[(&str, &str)] = &[("x-amz-expected-bucket-owner", "somebody")];
const OTHERS: &str = "x-amz-expected-bucket-owner is another account";
const NOBODYS: &str = "x-amz-expected-bucket-owner is no account id";
const POLICY: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"123456789012"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::bucket/*"}]}"#;
const NOT_THE_BODYS: &str = "CY9rzUYh03PK3k6DJie09g==";
const EMPTY_SHA256: &str = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";

const CALLS: &[Call] = &[
    ("GetBucketPolicy", OTHERS, "GET /bucket?policy", OTHER_OWNER, ""),
    ("GetBucketPolicy", NOBODYS, "GET /bucket?policy", NO_OWNER, ""),
    ("PutBucketPolicy", OTHERS, "PUT /bucket?policy", OTHER_OWNER, POLICY),
    ("PutBucketPolicy", NOBODYS, "PUT /bucket?policy", NO_OWNER, POLICY),
    ("DeleteBucketPolicy", OTHERS, "DELETE /bucket?policy", OTHER_OWNER, ""),
    ("DeleteBucketPolicy", NOBODYS, "DELETE /bucket?policy", NO_OWNER, ""),
    ("GetBucketPolicy", "none set", "GET /bucket?policy", &[], ""),
    ("PutBucketPolicy", "body empty or not starting with {", "PUT /bucket?policy", &[], "policy"),
    ("PutBucketPolicy", "{}", "PUT /bucket?policy", &[], "{}"),
    ("GetObject", "no such key (caller may list)", "GET /bucket/none", &[], ""),
    ("GetObject", "no such bucket", "GET /none/k", &[], ""),
    ("HeadBucket", "no such bucket", "HEAD /none", &[], ""),
    ("HeadObject", "If-Match fails", "HEAD /bucket/k", &[("if-match", "\"x\"")], ""),
    ("GetObject", "If-Match fails", "GET /bucket/k", &[("if-match", "\"x\"")], ""),
    ("PutObject", "If-None-Match other than *", "PUT /bucket/k", &[("if-none-match", "\"x\"")], "x"),
    ("CreateBucket", "upper-case letters in the name", "PUT /Upper", &[], ""),
    (
        "CreateBucket",
        "LocationConstraint us-east-1 sent to us-east-1",
        "PUT /fresh",
        &[],
        "<CreateBucketConfiguration><LocationConstraint>us-east-1</LocationConstraint></CreateBucketConfiguration>",
    ),
    ("DeleteBucket", "objects left", "DELETE /bucket", &[], ""),
    ("GetBucketTagging", "none set", "GET /bucket?tagging", &[], ""),
    ("GetBucketCors", "none set", "GET /bucket?cors", &[], ""),
    ("GetBucketLifecycleConfiguration", "none set", "GET /bucket?lifecycle", &[], ""),
    ("GetBucketWebsite", "none set", "GET /bucket?website", &[], ""),
    ("GetBucketReplication", "none set", "GET /bucket?replication", &[], ""),
    ("GetObjectLockConfiguration", "none set", "GET /bucket?object-lock", &[], ""),
    (
        "PutObjectRetention",
        "bucket without object lock",
        "PUT /bucket/k?retention",
        &[],
        "<Retention><Mode>GOVERNANCE</Mode></Retention>",
    ),
    (
        "ListObjectVersions",
        "version-id-marker without key-marker",
        "GET /bucket?versions&version-id-marker=null",
        &[],
        "",
    ),
    ("GetObject", "version id not well formed", "GET /bucket/k?versionId=not%20one", &[], ""),
    ("GetObject", "version gone", "GET /bucket/k?versionId=IYV3p45BT0ac8hjHg1houSdS1a.Mro8e", &[], ""),
    ("GetObject", "range past the end", "GET /bucket/k", &[("range", "bytes=10-")], ""),
    ("GetObject", "part number past the last", "GET /bucket/k?partNumber=2", &[], ""),
    (
        "GetObject",
        "Range and partNumber together",
        "GET /bucket/k?partNumber=1",
        &[("range", "bytes=0-1")],
        "",
    ),
    (
        "UploadPart",
        "part number below 1 or above 10000",
        "PUT /bucket/k?partNumber=10001&uploadId=x",
        &[],
        "x",
    ),
    ("PutObject", "Content-MD5 not base64 of 16 bytes", "PUT /bucket/k", &[("content-md5", "x")], "x"),
    ("PutObject", "Content-MD5 of another body", "PUT /bucket/k", &[("content-md5", NOT_THE_BODYS)], "x"),
    (
        "PutObject",
        "x-amz-checksum-<algo> of another body",
        "PUT /bucket/k",
        &[("x-amz-checksum-sha256", EMPTY_SHA256)],
        "x",
    ),
    (
        "PutObject",
        "x-amz-checksum-<algo> not base64 of the right length",
        "PUT /bucket/k",
        &[("x-amz-checksum-sha256", "eA==")],
        "x",
    ),
    (
        "PutObject",
        "two checksum headers",
        "PUT /bucket/k",
        &[("x-amz-checksum-sha256", EMPTY_SHA256), ("x-amz-checksum-crc32", "AAAAAA==")],
        "",
    ),
    ("PutObject", "storage class not of S3", "PUT /bucket/k", &[("x-amz-storage-class", "BEST")], "x"),
    (
        "PutObject",
        "x-amz-tagging with the same key twice",
        "PUT /bucket/k",
        &[("x-amz-tagging", "a=1&a=2")],
        "x",
    ),
    (
        "PutBucketTagging",
        "the same key twice",
        "PUT /bucket?tagging",
        &[],
        "<Tagging><TagSet><Tag><Key>a</Key><Value>1</Value></Tag><Tag><Key>a</Key><Value>2</Value></Tag></TagSet></Tagging>",
    ),
    (
        "PutBucketTagging",
        "aws: prefix",
        "PUT /bucket?tagging",
        &[],
        "<Tagging><TagSet><Tag><Key>aws:a</Key><Value>1</Value></Tag></TagSet></Tagging>",
    ),
    (
        "PutObjectTagging",
        "aws: prefix",
        "PUT /bucket/k?tagging",
        &[],
        "<Tagging><TagSet><Tag><Key>aws:a</Key><Value>1</Value></Tag></TagSet></Tagging>",
    ),
    (
        "PutBucketTagging",
        "characters not allowed in a key",
        "PUT /bucket?tagging",
        &[],
        "<Tagging><TagSet><Tag><Key>a,b</Key><Value>1</Value></Tag></TagSet></Tagging>",
    ),
    (
        "CopyObject",
        "onto itself with nothing changed",
        "PUT /bucket/k",
        &[("x-amz-copy-source", "bucket/k")],
        "",
    ),
    ("CopyObject", "source header malformed", "PUT /bucket/c", &[("x-amz-copy-source", "nothing")], ""),
    ("ListObjectsV2", "encoding-type not url", "GET /bucket?list-type=2&encoding-type=x", &[], ""),
    (
        "ListObjectsV2",
        "continuation token not made by the server",
        "GET /bucket?list-type=2&continuation-token=x",
        &[],
        "",
    ),
];
