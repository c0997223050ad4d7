//! What is refused, in AWS's words: conditions, ranges, names, and what is not done here.

use crate::HANDLERS;
use rolecall_core::testing::World;

async fn world() -> World {
    let world = World::new().await.serving(HANDLERS);
    world.s3(Some(&world.root), "PUT", "/bucket", &[], "").await.ok();
    world.s3(Some(&world.root), "PUT", "/bucket/k", &[], "0123456789").await.ok();
    world
}

const NOT_HELD: &str = "At least one of the pre-conditions you specified did not hold";
const NOT_DONE: &str = "A header you provided implies functionality that is not implemented";

/// Method, path, headers, body, then status, code and message.
type Row<'a> = (&'a str, &'a str, &'a [(&'a str, &'a str)], &'a str, u16, &'a str, &'a str);

#[tokio::test]
async fn every_refusal_has_awss_words() {
    let world = world().await;
    for (method, path, headers, body, status, code, message) in ROWS {
        let seen = world.s3(Some(&world.root), method, path, headers, (*body).to_owned()).await;
        assert_eq!(seen.status, *status, "{method} {path} {headers:?}: {}", seen.body);
        seen.expect(*status, code, message);
    }
    let kept = world.s3(Some(&world.root), "GET", "/bucket/k", &[], "").await.ok();
    assert_eq!(kept.body, "0123456789");
    assert_eq!(world.s3(Some(&world.root), "GET", "/bucket/new", &[], "").await.status, 404);
}

#[tokio::test]
async fn what_the_client_has_is_not_sent_again() {
    let world = world().await;
    let root = Some(&world.root);
    let etag = world.s3(root, "HEAD", "/bucket/k", &[], "").await.ok().headers["etag"].clone();
    let etag = etag.to_str().unwrap();
    let seen = world.s3(root, "GET", "/bucket/k", &[("if-none-match", etag)], "").await;
    assert_eq!((seen.status, seen.body.as_str(), seen.headers["etag"].to_str().unwrap()), (304, "", etag));
    let seen = world.s3(root, "GET", "/bucket/k", &[("if-match", etag), ("range", "bytes=-3")], "").await;
    assert_eq!((seen.status, seen.body.as_str()), (206, "789"));
    assert_eq!(seen.headers["content-range"], "bytes 7-9/10");
    // Only what brings bytes must bring the checksum it announces.
    let announced = [("x-amz-sdk-checksum-algorithm", "CRC32")];
    world.s3(root, "POST", "/bucket/up?uploads", &announced, "").await.ok();
    world.s3(root, "GET", "/bucket/k", &announced, "").await.ok();
    // A time that is still to come says nothing.
    for (since, status) in [("Mon, 01 Jan 2035 00:00:00 GMT", 200), ("Mon, 01 Jan 2001 00:00:00 GMT", 200)] {
        let seen = world.s3(root, "GET", "/bucket/k", &[("if-modified-since", since)], "").await;
        assert_eq!(seen.status, status, "{since}");
    }
    let modified = world.s3(root, "HEAD", "/bucket/k", &[], "").await.ok().headers["last-modified"].clone();
    let since = [("if-modified-since", modified.to_str().unwrap())];
    assert_eq!(world.s3(root, "GET", "/bucket/k", &since, "").await.status, 304);
    let copy = [("x-amz-copy-source", "bucket/k")];
    let later = [copy[0], ("x-amz-copy-source-if-modified-since", "Mon, 01 Jan 2035 00:00:00 GMT")];
    world.s3(root, "PUT", "/bucket/copied", &later, "").await.ok();
    let onto_itself = world.s3(root, "PUT", "/bucket/k", &copy, "").await;
    assert_eq!(onto_itself.tag("Code"), Some("InvalidRequest"));
    world.s3(root, "PUT", "/bucket/k", &[copy[0], ("x-amz-storage-class", "STANDARD")], "").await.ok();
    let held = [("if-match", etag)];
    world.s3(root, "PUT", "/bucket/k", &held, "new").await.ok();
    assert_eq!(world.s3(root, "PUT", "/bucket/k", &held, "newer").await.status, 412);
}

#[tokio::test]
async fn obj_01_keys_are_stored_and_given_back_as_they_are() {
    let world = world().await;
    let root = Some(&world.root);
    let long = "x".repeat(1024);
    let keys = ["..", "a/../../b", "%252e%252e%252f", "%5C", "/lead", ".", "trail/", "a//b", long.as_str()];
    for key in keys {
        world.s3(root, "PUT", &format!("/bucket/{key}"), &[], key.to_owned()).await.ok();
    }
    for key in keys {
        let seen = world.s3(root, "GET", &format!("/bucket/{key}"), &[], "").await.ok();
        assert_eq!(seen.body, key);
    }
    let listed = world.s3(root, "GET", "/bucket?list-type=2", &[], "").await.ok();
    assert_eq!(listed.tag("KeyCount"), Some((keys.len() + 1).to_string().as_str()));
    let nul = world.s3(root, "PUT", "/bucket/a%00b", &[], "x").await;
    assert_eq!(nul.status, 400);
    let longer = world.s3(root, "PUT", &format!("/bucket/{long}x"), &[], "x").await;
    longer.expect(400, "KeyTooLongError", "Your key is too long");
}

#[tokio::test]
async fn sig_09_another_body_than_the_signed_one_is_never_seen() {
    let world = world().await;
    let root = Some(&world.root);
    let wrong = rolecall_wire::sigv4::key::sha256(b"other");
    let headers = [("x-amz-checksum-sha256", base64_of(&wrong))];
    let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let seen = world.s3(root, "PUT", "/bucket/k", &headers, "body").await;
    seen.expect(400, "BadDigest", "The SHA256 you specified did not match the calculated checksum.");
    assert_eq!(world.s3(root, "GET", "/bucket/k", &[], "").await.ok().body, "0123456789");
}

fn base64_of(bytes: &[u8]) -> String {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

#[tokio::test]
async fn sig_04_05_06_a_false_signature_stores_nothing_however_the_body_travels() {
    let world = world().await;
    let now = rolecall_core::clock::text::iso8601(world.gate.system().clock.now()).replace(['-', ':'], "");
    let scope = format!("{}/{}/us-east-1/s3/aws4_request", world.root.access_key_id, now.get(..8).unwrap());
    let signed = "host;x-amz-content-sha256;x-amz-date";
    let zeros = "0".repeat(64);
    let header = format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders={signed}, Signature={zeros}");
    let query = format!(
        "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={}&X-Amz-Date={now}&X-Amz-Expires=60\
         &X-Amz-SignedHeaders=host&X-Amz-Signature={zeros}",
        scope.replace('/', "%2F")
    );
    let streamed = "1\r\nx\r\n0\r\nx-amz-checksum-crc32:jN0ZZQ==\r\n\r\n";
    let travels = [
        ("x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"),
        ("x-amz-trailer", "x-amz-checksum-crc32"),
        ("x-amz-decoded-content-length", "1"),
    ];
    let extract = ("x-amz-meta-snowball-auto-extract", "true");
    let by_header = [("authorization", header.as_str()), ("x-amz-date", now.as_str())];
    let with_header: Vec<_> = travels.into_iter().chain(by_header).collect();
    let extracting: Vec<_> = with_header.iter().copied().chain([extract]).collect();
    let in_query = format!("/bucket/new?{query}");
    for (path, headers) in
        [("/bucket/new", &with_header), ("/bucket/new", &extracting), (in_query.as_str(), &travels.to_vec())]
    {
        let seen = world.s3(None, "PUT", path, headers, streamed).await;
        assert_eq!(seen.status, 403, "{path}: {}", seen.body);
        assert_eq!(world.s3(Some(&world.root), "GET", "/bucket/new", &[], "").await.status, 404);
    }
}

/// What an anonymous caller streams is decoded, not stored with its framing.
#[tokio::test]
async fn an_unsigned_stream_is_stored_without_its_framing() {
    let world = world().await;
    let root = Some(&world.root);
    world.s3(root, "DELETE", "/bucket?publicAccessBlock", &[], "").await.ok();
    let policy = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*",
        "Action":"s3:PutObject","Resource":"arn:aws:s3:::bucket/*"}]}"#;
    world.s3(root, "PUT", "/bucket?policy", &[], policy).await.ok();
    let headers = [
        ("x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"),
        ("x-amz-decoded-content-length", "1"),
        ("content-encoding", "aws-chunked"),
    ];
    let streamed = "1\r\nx\r\n0\r\n\r\n";
    world.s3(None, "PUT", "/bucket/streamed", &headers, streamed).await.ok();
    let seen = world.s3(root, "GET", "/bucket/streamed", &[], "").await.ok();
    assert_eq!(seen.body, "x");
    assert!(!seen.headers.contains_key("content-encoding"));
}

/// What need not be read to be refused is not.
#[tokio::test]
async fn a_length_that_no_object_can_have_is_refused_from_the_head() {
    let world = world().await;
    let root = Some(&world.root);
    let plain = [("content-length", "6597069766656")];
    let streamed = [
        ("x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"),
        ("x-amz-decoded-content-length", "6597069766656"),
    ];
    let seen = world.s3(root, "PUT", "/bucket/new", &plain, "x").await;
    seen.expect(400, "EntityTooLarge", "Your proposed upload exceeds the maximum allowed size");
    assert_eq!(seen.tag("ProposedSize"), Some("6597069766656"));
    open_to_all(&world).await;
    let seen = world.s3(None, "PUT", "/bucket/new", &streamed, "1\r\nx\r\n0\r\n\r\n").await;
    assert_eq!((seen.status, seen.tag("Code")), (400, Some("EntityTooLarge")), "{}", seen.body);
    world.s3(root, "PUT", "/bucket/new", &[("content-length", "1")], "x").await.ok();
}

async fn open_to_all(world: &World) {
    let root = Some(&world.root);
    world.s3(root, "DELETE", "/bucket?publicAccessBlock", &[], "").await.ok();
    let policy = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*",
        "Action":"s3:*","Resource":["arn:aws:s3:::bucket","arn:aws:s3:::bucket/*"]}]}"#;
    world.s3(root, "PUT", "/bucket?policy", &[], policy).await.ok();
}

/// A body in chunks says so where the signature covers it, and only where an object or a part is sent.
#[tokio::test]
async fn chunks_are_for_objects_and_parts_and_are_declared() {
    let world = world().await;
    let root = Some(&world.root);
    let framed = "1\r\nx\r\n0\r\n\r\n";
    let announced = [("content-encoding", "gzip, aws-chunked"), ("x-amz-decoded-content-length", "1")];
    let seen = world.s3(root, "PUT", "/bucket/new", &announced, framed).await;
    assert_eq!((seen.status, seen.tag("Code")), (400, Some("InvalidRequest")), "{}", seen.body);
    assert_eq!(world.s3(root, "GET", "/bucket/new", &[], "").await.status, 404);
    world.s3(root, "PUT", "/bucket/new", &[("content-encoding", "gzip")], framed).await.ok();
    open_to_all(&world).await;
    let unsigned = [
        ("x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"),
        ("x-amz-decoded-content-length", "66"),
        ("content-md5", "AAAAAAAAAAAAAAAAAAAAAA=="),
    ];
    let tagging = "<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>";
    let body = format!("{:x}\r\n{tagging}\r\n0\r\n\r\n", tagging.len());
    let seen = world.s3(None, "PUT", "/bucket/new?tagging", &unsigned[..2], body).await;
    seen.expect(400, "InvalidRequest", "The value of x-amz-content-sha256 header is invalid.");
    let seen = world.s3(None, "POST", "/bucket?delete", &unsigned, framed).await;
    seen.expect(400, "InvalidRequest", "The value of x-amz-content-sha256 header is invalid.");
    world.s3(None, "PUT", "/bucket/new?tagging", &[], tagging).await.ok();
}

const TAGGING: &str = "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without \
                       tag name duplicates.";

/// What S3 says beside code and message.
#[tokio::test]
async fn refusals_name_what_they_are_about() {
    let world = world().await;
    let root = Some(&world.root);
    let list = world.s3(root, "GET", "/bucket?list-type=2&max-keys=-1", &[], "").await;
    assert_eq!((list.tag("ArgumentName"), list.tag("ArgumentValue")), (Some("maxKeys"), Some("-1")));
    let tagging = "<Tagging><TagSet><Tag><Key>a</Key><Value>&lt;</Value></Tag></TagSet></Tagging>";
    let tag = world.s3(root, "PUT", "/bucket/k?tagging", &[], tagging).await;
    tag.expect(400, "InvalidTag", "The TagValue you have provided is invalid");
    assert_eq!((tag.tag("TagKey"), tag.tag("TagValue")), (Some("a"), Some("&lt;")));
    let head = world.s3(root, "HEAD", "/bucket?versioning", &[], "").await;
    assert_eq!((head.status, &head.headers["allow"]), (405, &"GET, PUT".parse().unwrap()));
    let conflict = world.s3(root, "GET", "/bucket?policy&acl", &[], "").await;
    assert_eq!(
        (conflict.tag("ArgumentName"), conflict.tag("ArgumentValue")),
        (Some("ResourceType"), Some("acl"))
    );
}

const ROWS: &[Row<'_>] = &[
    ("GET", "/bucket/k", &[("if-match", "\"x\"")], "", 412, "PreconditionFailed", NOT_HELD),
    (
        "GET",
        "/bucket/k",
        &[("range", "bytes=10-")],
        "",
        416,
        "InvalidRange",
        "The requested range is not satisfiable",
    ),
    (
        "GET",
        "/bucket/k?partNumber=1",
        &[("range", "bytes=0-1")],
        "",
        400,
        "InvalidRequest",
        "Cannot specify both Range header and partNumber query parameter",
    ),
    ("PUT", "/bucket/k", &[("if-none-match", "*")], "x", 412, "PreconditionFailed", NOT_HELD),
    ("PUT", "/bucket/k", &[("if-match", "\"x\"")], "x", 412, "PreconditionFailed", NOT_HELD),
    (
        "PUT",
        "/bucket/new",
        &[("if-match", "\"x\"")],
        "x",
        404,
        "NoSuchKey",
        "The specified key does not exist.",
    ),
    ("PUT", "/bucket/k", &[("if-none-match", "\"x\"")], "x", 501, "NotImplemented", NOT_DONE),
    ("PUT", "/bucket/k", &[("if-match", "*")], "x", 501, "NotImplemented", NOT_DONE),
    (
        "PUT",
        "/bucket/k",
        &[("if-match", "\"x\""), ("if-none-match", "*")],
        "x",
        501,
        "NotImplemented",
        NOT_DONE,
    ),
    (
        "PUT",
        "/bucket/k",
        &[("x-amz-sdk-checksum-algorithm", "CRC32")],
        "x",
        400,
        "InvalidRequest",
        "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers \
         were found.",
    ),
    (
        "PUT",
        "/bucket/k",
        &[("x-amz-sdk-checksum-algorithm", "SHA256"), ("x-amz-checksum-crc32", "jNxDIw==")],
        "x",
        400,
        "InvalidRequest",
        "Value for x-amz-sdk-checksum-algorithm header is invalid.",
    ),
    (
        "POST",
        "/bucket?delete",
        &[("x-amz-checksum-mode", "ENABLED")],
        "<Delete><Object><Key>k</Key></Object></Delete>",
        400,
        "InvalidRequest",
        "Missing required header for this request: Content-MD5 OR x-amz-checksum-*",
    ),
    (
        "POST",
        "/bucket?delete",
        &[("x-amz-trailer", "x-foo")],
        "<Delete><Object><Key>k</Key></Object></Delete>",
        400,
        "InvalidRequest",
        "The value specified in the x-amz-trailer header is not supported",
    ),
    (
        "PUT",
        "/bucket/k",
        &[("x-amz-server-side-encryption", "AES256")],
        "x",
        501,
        "NotImplemented",
        "A header you provided implies functionality that is not implemented: x-amz-server-side-encryption. Objects are \
         not encrypted at rest here: leave it out (`encrypt` of Terraform's S3 backend, `--sse` of the AWS CLI)",
    ),
    ("PUT", "/bucket/k", &[("x-amz-object-lock-mode", "GOVERNANCE")], "x", 501, "NotImplemented", NOT_DONE),
    (
        "PUT",
        "/bucket/k",
        &[("x-amz-acl", "public-read")],
        "x",
        400,
        "AccessControlListNotSupported",
        "The bucket does not allow ACLs",
    ),
    (
        "PUT",
        "/bucket/k",
        &[("x-amz-tagging", "a=1&a=2")],
        "x",
        400,
        "InvalidArgument",
        "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag name duplicates.",
    ),
    ("PUT", "/bucket/k", &[("x-amz-tagging", "=")], "x", 400, "InvalidArgument", TAGGING),
    ("PUT", "/bucket/k", &[("x-amz-tagging", "a=%zz")], "x", 400, "InvalidArgument", TAGGING),
    ("PUT", "/bucket/k", &[("x-amz-tagging", "a=%4")], "x", 400, "InvalidArgument", TAGGING),
    ("PUT", "/bucket/k", &[("x-amz-tagging", "%ff=a")], "x", 400, "InvalidArgument", TAGGING),
    (
        "GET",
        "/bucket?policy&acl",
        &[],
        "",
        400,
        "InvalidArgument",
        "Conflicting query string parameters: acl, policy",
    ),
    (
        "GET",
        "/bucket?list-type=2&max-keys=-1",
        &[],
        "",
        400,
        "InvalidArgument",
        "Argument maxKeys must be an integer between 0 and 2147483647",
    ),
    (
        "PUT",
        "/bucket/k",
        &[("content-md5", "x")],
        "x",
        400,
        "InvalidDigest",
        "The Content-MD5 you specified was invalid.",
    ),
    ("PUT", "/Upper", &[], "", 400, "InvalidBucketName", "The specified bucket is not valid."),
    ("PUT", "/livez", &[], "", 400, "InvalidBucketName", "The specified bucket is not valid."),
    (
        "PUT",
        "/fresh",
        &[],
        "<CreateBucketConfiguration><LocationConstraint>us-east-1</LocationConstraint></CreateBucketConfiguration>",
        400,
        "InvalidLocationConstraint",
        "The specified location-constraint is not valid",
    ),
    ("DELETE", "/bucket", &[], "", 409, "BucketNotEmpty", "The bucket you tried to delete is not empty"),
    ("GET", "/bucket?tagging", &[], "", 404, "NoSuchTagSet", "The TagSet does not exist"),
    (
        "GET",
        "/bucket?policy",
        &[("x-amz-expected-bucket-owner", "111111111111")],
        "",
        403,
        "AccessDenied",
        "Access Denied",
    ),
    (
        "GET",
        "/bucket?policy",
        &[("x-amz-expected-bucket-owner", "x")],
        "",
        400,
        "InvalidBucketOwnerAWSAccountID",
        "The value of the expected bucket owner parameter must be an AWS Account ID... [x]",
    ),
    (
        "GET",
        "/bucket?list-type=2&continuation-token=x",
        &[],
        "",
        400,
        "InvalidArgument",
        "The continuation token provided is incorrect",
    ),
    (
        "GET",
        "/bucket?list-type=2&encoding-type=x",
        &[],
        "",
        400,
        "InvalidArgument",
        "Invalid Encoding Method specified in Request",
    ),
    (
        "PUT",
        "/bucket/k?partNumber=10001&uploadId=x",
        &[],
        "x",
        400,
        "InvalidArgument",
        "Part number must be an integer between 1 and 10000, inclusive",
    ),
    (
        "PUT",
        "/bucket/c",
        &[("x-amz-copy-source", "nothing")],
        "",
        400,
        "InvalidArgument",
        "Invalid copy source object key",
    ),
    (
        "PUT",
        "/bucket/c",
        &[("x-amz-copy-source", "bucket/k"), ("x-amz-metadata-directive", "copy")],
        "",
        400,
        "InvalidArgument",
        "Unknown metadata directive.",
    ),
    (
        "PUT",
        "/bucket/k",
        &[("x-amz-storage-class", "standard_ia")],
        "x",
        400,
        "InvalidStorageClass",
        "The storage class you specified is not valid",
    ),
    (
        "PUT",
        "/bucket?versioning",
        &[],
        "",
        501,
        "NotImplemented",
        "Rolecall does not serve s3:PutBucketVersioning.",
    ),
];
