//! The members and headers of S3's answers are those of the table in `docs/answers.md`.

use rolecall_core::testing::{Answers, Seen, World};

const TAGS: &str = "<Tagging><TagSet><Tag><Key>k</Key><Value>v</Value></Tag></TagSet></Tagging>";
const POLICY: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:PutBucketWebsite","Resource":"arn:aws:s3:::bucket"}]}"#;

/// Operation, situation, method, path with query, headers, body.
type Row<'r> = (&'r str, &'r str, &'r str, &'r str, &'r [(&'r str, &'r str)], &'r str);

struct Asker {
    world: World,
    answers: Answers,
}

impl Asker {
    async fn new() -> Self {
        Self { world: World::new().await.serving(crate::HANDLERS), answers: Answers::default() }
    }

    async fn ask(&mut self, (operation, situation, method, path, headers, body): Row<'_>) -> Seen {
        let Self { world, answers } = self;
        let seen = world.s3(Some(&world.root), method, path, headers, body.to_owned()).await.ok();
        if !situation.is_empty() {
            answers.keep_with_headers((operation, situation), &seen);
        }
        seen
    }

    async fn rows(&mut self, rows: &[Row<'_>]) {
        for row in rows {
            self.ask(*row).await;
        }
    }
}

#[tokio::test]
async fn the_answers_about_buckets_and_listings_are_those_of_the_table() {
    let mut asker = Asker::new().await;
    asker
        .rows(&[
            ("ListBuckets", "none", "GET", "/", &[], ""),
            ("CreateBucket", "plain", "PUT", "/bucket", &[], ""),
            ("ListBuckets", "one", "GET", "/", &[], ""),
            ("ListBuckets", "by prefix", "GET", "/?prefix=b", &[], ""),
            ("HeadBucket", "plain", "HEAD", "/bucket", &[], ""),
            ("GetBucketLocation", "us-east-1", "GET", "/bucket?location", &[], ""),
            ("GetBucketAcl", "plain", "GET", "/bucket?acl", &[], ""),
            ("GetBucketVersioning", "never set", "GET", "/bucket?versioning", &[], ""),
            ("GetPublicAccessBlock", "plain", "GET", "/bucket?publicAccessBlock", &[], ""),
            ("PutBucketPolicy", "plain", "PUT", "/bucket?policy", &[], POLICY),
            ("GetBucketPolicy", "plain", "GET", "/bucket?policy", &[], ""),
            ("GetBucketPolicyStatus", "plain", "GET", "/bucket?policyStatus", &[], ""),
            ("DeleteBucketPolicy", "plain", "DELETE", "/bucket?policy", &[], ""),
            ("ListObjects", "none", "GET", "/bucket", &[], ""),
            ("ListObjectsV2", "none", "GET", "/bucket?list-type=2", &[], ""),
            ("ListObjectVersions", "none", "GET", "/bucket?versions", &[], ""),
            ("PutObject", "", "PUT", "/bucket/a/b", &[], "x"),
            ("PutObject", "", "PUT", "/bucket/c", &[], "x"),
            ("ListObjects", "all", "GET", "/bucket", &[], ""),
            ("ListObjects", "the first by delimiter", "GET", "/bucket?delimiter=/&max-keys=1", &[], ""),
            (
                "ListObjects",
                "prefix and encoding",
                "GET",
                "/bucket?prefix=a&encoding-type=url&marker=a",
                &[],
                "",
            ),
            ("ListObjectsV2", "all", "GET", "/bucket?list-type=2", &[], ""),
            (
                "ListObjectsV2",
                "the first by delimiter",
                "GET",
                "/bucket?list-type=2&delimiter=/&max-keys=1",
                &[],
                "",
            ),
            (
                "ListObjectsV2",
                "owner and start",
                "GET",
                "/bucket?list-type=2&fetch-owner=true&start-after=a&prefix=a",
                &[],
                "",
            ),
            ("ListObjectVersions", "all", "GET", "/bucket?versions", &[], ""),
            ("DeleteObjects", "", "DELETE", "/bucket/a/b", &[], ""),
            ("DeleteObject", "plain", "DELETE", "/bucket/c", &[], ""),
            ("DeleteBucket", "plain", "DELETE", "/bucket", &[], ""),
        ])
        .await;
    asker.answers.compare("S3 buckets and listings");
}

#[tokio::test]
async fn the_answers_about_objects_are_those_of_the_table() {
    let mut asker = Asker::new().await;
    let delete = "<Delete><Object><Key>k</Key></Object><Object><Key>l</Key></Object></Delete>";
    let quiet = "<Delete><Quiet>true</Quiet><Object><Key>k</Key></Object></Delete>";
    let md5 = |body: &str| {
        use md5::{Digest, Md5};
        data_encoding::BASE64.encode(&Md5::digest(body))
    };
    let (whole, silent) = (md5(delete), md5(quiet));
    asker
        .rows(&[
            ("CreateBucket", "", "PUT", "/bucket", &[], ""),
            ("PutObject", "plain", "PUT", "/bucket/k", &[], "text"),
            ("HeadObject", "plain", "HEAD", "/bucket/k", &[], ""),
            ("HeadObject", "checksum mode", "HEAD", "/bucket/k", &[("x-amz-checksum-mode", "ENABLED")], ""),
            ("GetObject", "plain", "GET", "/bucket/k", &[], ""),
            ("GetObject", "range", "GET", "/bucket/k", &[("range", "bytes=0-1")], ""),
            ("PutObjectTagging", "plain", "PUT", "/bucket/k?tagging", &[], TAGS),
            ("GetObjectTagging", "one", "GET", "/bucket/k?tagging", &[], ""),
            ("GetObject", "tagged", "GET", "/bucket/k", &[], ""),
            ("DeleteObjectTagging", "plain", "DELETE", "/bucket/k?tagging", &[], ""),
            ("GetObjectTagging", "none", "GET", "/bucket/k?tagging", &[], ""),
            ("GetObjectAcl", "plain", "GET", "/bucket/k?acl", &[], ""),
            (
                "GetObjectAttributes",
                "everything",
                "GET",
                "/bucket/k?attributes",
                &[("x-amz-object-attributes", "ETag,Checksum,ObjectParts,StorageClass,ObjectSize")],
                "",
            ),
            ("PutObject", "a checksum", "PUT", "/bucket/m", &[("x-amz-checksum-crc32", "O4unxw==")], "text"),
            ("HeadObject", "a checksum", "HEAD", "/bucket/m", &[("x-amz-checksum-mode", "ENABLED")], ""),
            ("GetObject", "a checksum", "GET", "/bucket/m", &[("x-amz-checksum-mode", "ENABLED")], ""),
            (
                "GetObjectAttributes",
                "a checksum",
                "GET",
                "/bucket/m?attributes",
                &[("x-amz-object-attributes", "ETag,Checksum,ObjectParts,StorageClass,ObjectSize")],
                "",
            ),
            ("CopyObject", "a checksum", "PUT", "/bucket/n", &[("x-amz-copy-source", "bucket/m")], ""),
            ("ListObjects", "a checksum", "GET", "/bucket?prefix=m", &[], ""),
            ("CopyObject", "plain", "PUT", "/bucket/l", &[("x-amz-copy-source", "bucket/k")], ""),
            ("DeleteObjects", "two", "POST", "/bucket?delete", &[("content-md5", &whole)], delete),
            ("DeleteObjects", "quiet", "POST", "/bucket?delete", &[("content-md5", &silent)], quiet),
        ])
        .await;
    asker.answers.compare("S3 objects");
}

#[tokio::test]
async fn the_answers_about_multipart_uploads_are_those_of_the_table() {
    let mut asker = Asker::new().await;
    asker
        .rows(&[
            ("CreateBucket", "", "PUT", "/bucket", &[], ""),
            ("PutObject", "", "PUT", "/bucket/source", &[], "text"),
            ("ListMultipartUploads", "none", "GET", "/bucket?uploads", &[], ""),
        ])
        .await;
    let made = asker.ask(("CreateMultipartUpload", "plain", "POST", "/bucket/k?uploads", &[], "")).await;
    let id = made.tag("UploadId").unwrap();
    let (own, part) = (format!("/bucket/k?uploadId={id}"), format!("/bucket/k?partNumber=1&uploadId={id}"));
    asker
        .rows(&[
            ("ListMultipartUploads", "one", "GET", "/bucket?uploads", &[], ""),
            ("ListMultipartUploads", "prefix", "GET", "/bucket?uploads&prefix=k", &[], ""),
            ("ListParts", "none", "GET", &own, &[], ""),
            ("UploadPartCopy", "plain", "PUT", &part, &[("x-amz-copy-source", "bucket/source")], ""),
        ])
        .await;
    let sent = asker.ask(("UploadPart", "plain", "PUT", &part, &[], "part")).await;
    let etag = sent.headers["etag"].to_str().unwrap();
    let body = format!(
        "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{etag}</ETag></Part></CompleteMultipartUpload>"
    );
    asker
        .rows(&[
            ("ListParts", "one", "GET", &own, &[], ""),
            ("CompleteMultipartUpload", "plain", "POST", &own, &[], &body),
            ("CompleteMultipartUpload", "once more", "POST", &own, &[], &body),
            ("HeadObject", "of parts", "HEAD", "/bucket/k", &[], ""),
        ])
        .await;
    let made = asker.ask(("CreateMultipartUpload", "", "POST", "/bucket/k?uploads", &[], "")).await;
    let own = format!("/bucket/k?uploadId={}", made.tag("UploadId").unwrap());
    asker.rows(&[("AbortMultipartUpload", "plain", "DELETE", &own, &[], "")]).await;
    asker.answers.compare("S3 multipart uploads");
}
