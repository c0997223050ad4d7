use super::*;
use crate::error::{ApiError, s3 as code};
use crate::operation::{Decode, Row};
use crate::request::{Incoming, Request};
use crate::s3::{self, row};
use http::{HeaderMap, HeaderName, Method};

fn request(line: &str, headers: &[(&str, &str)]) -> Request {
    let (method, target) = line.split_once(' ').unwrap();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut map = HeaderMap::new();
    for (name, value) in [("host", "localhost")].iter().chain(headers) {
        map.append(HeaderName::try_from(*name).unwrap(), value.parse().unwrap());
    }
    Request::from_parts(Method::try_from(method).unwrap(), path, query, map, None).unwrap()
}

/// The operation that a request line means, with the bucket and key of a path-style address.
fn means(line: &str, headers: &[(&str, &str)]) -> Option<&'static str> {
    let request = request(line, headers);
    let mut parts = request.path.trim_start_matches('/').splitn(2, '/').filter(|p| !p.is_empty());
    let (bucket, key) = (parts.next(), parts.next());
    route(&request, bucket, key).map(|row| row.name)
}

fn decode<T: Decode>(line: &str, headers: &[(&str, &str)], body: &str) -> Result<T, ApiError> {
    let request = request(line, headers);
    T::decode(&Incoming {
        request: &request,
        params: &crate::Params::default(),
        bucket: Some("b"),
        key: Some("k"),
        body: body.as_bytes(),
    })
}

/// A request line, its headers, and the operation meant.
type Case = (&'static str, &'static [(&'static str, &'static str)], &'static str);

const COPY: &[(&str, &str)] = &[("x-amz-copy-source", "a/b")];

#[test]
fn requests_mean_the_operation_that_demands_most() {
    let cases: &[Case] = &[
        ("GET /", &[], "ListBuckets"),
        ("GET /?x-id=ListBuckets", &[], "ListBuckets"),
        ("PUT /b", &[], "CreateBucket"),
        ("HEAD /b", &[], "HeadBucket"),
        ("GET /b", &[], "ListObjects"),
        ("GET /b?prefix=&delimiter=/&max-keys=1", &[], "ListObjects"),
        ("GET /b?list-type=2&prefix=&encoding-type=url", &[], "ListObjectsV2"),
        ("GET /b?location", &[], "GetBucketLocation"),
        ("GET /b?location=", &[], "GetBucketLocation"),
        ("GET /b?policy", &[], "GetBucketPolicy"),
        ("GET /b?versions&prefix=", &[], "ListObjectVersions"),
        ("GET /b?analytics&id=1", &[], "GetBucketAnalyticsConfiguration"),
        ("GET /b?analytics", &[], "ListBucketAnalyticsConfigurations"),
        ("POST /b?delete", &[], "DeleteObjects"),
        ("POST /b", &[("content-type", "multipart/form-data; boundary=x")], "PostObject"),
        ("GET /b/k", &[], "GetObject"),
        (
            "GET /b/a/b/c?x-id=GetObject&X-Amz-Signature=&partNumber=2&response-content-type=a/b",
            &[],
            "GetObject",
        ),
        ("GET /b/k?unheard-of=1", &[], "GetObject"),
        ("GET /b/k?newThing", &[], "GetObject"),
        ("GET /b/k?newThing=", &[], "GetObject"),
        ("GET /b/k?1234567", &[], "GetObject"),
        ("GET /b/k?x", &[], "GetObject"),
        ("GET /b/k?Location", &[], "GetObject"),
        ("GET /b/k?Acl", &[], "GetObject"),
        ("GET /b/k?publicAccessBlock", &[], "GetObject"),
        ("HEAD /b/k?policy=x", &[], "HeadObject"),
        ("GET /b/k?acl&policy", &[], "GetObjectAcl"),
        ("PUT /b/k?newThing", &[], "PutObject"),
        ("DELETE /b/k?newThing", &[], "DeleteObject"),
        ("GET /b/k?acl", &[], "GetObjectAcl"),
        ("GET /b/k?uploadId=u", &[], "ListParts"),
        ("PUT /b/k", &[], "PutObject"),
        ("PUT /b/k", COPY, "CopyObject"),
        ("PUT /b/k?partNumber=1&uploadId=u", &[], "UploadPart"),
        ("PUT /b/k?partNumber=1&uploadId=u", COPY, "UploadPartCopy"),
        ("PUT /b/k?tagging", COPY, "PutObjectTagging"),
        ("POST /b/k?uploads", &[], "CreateMultipartUpload"),
        ("POST /b/k?uploadId=u", &[], "CompleteMultipartUpload"),
        ("DELETE /b/k?uploadId=u", &[], "AbortMultipartUpload"),
        ("DELETE /b/k?versionId=null", &[], "DeleteObject"),
        ("POST /b/k?select&select-type=2", &[], "SelectObjectContent"),
    ];
    for (line, headers, name) in cases {
        assert_eq!(means(line, headers), Some(*name), "{line}");
    }
}

#[test]
fn unknown_sub_resources_are_never_served_as_something_else() {
    let lines = [
        "PUT /b/k?publicAccessBlock",
        "DELETE /b/k?policy",
        "GET /b?newThing",
        "GET /b/k?uploads",
        "GET /b?list-type=3",
        "PUT /b/k?partNumber=1",
        "PUT /b/k?uploadId=u",
        "DELETE /b?website&policy",
        "GET /b/k?acl&tagging",
        "HEAD /b/k?acl",
        "DELETE /b?newThing",
        "POST /b",
        "POST /b/k",
        "PATCH /b/k",
        "OPTIONS /b/k",
        "PUT /",
    ];
    for line in lines {
        assert_eq!(means(line, &[]), None, "{line}");
    }
}

/// Every row can be reached by a request made from its own facts, but for the two whose address is
/// not S3's ordinary endpoint.
#[test]
fn every_row_is_meant_by_its_own_request() {
    let request_of = |row: &Row| {
        let path = row.path.replace("{Bucket}", "b").replace("{Key+}", "k");
        let query: Vec<String> = row.query.iter().map(|(n, v)| format!("{n}={}", v.unwrap_or("1"))).collect();
        format!("{} {path}?{}", row.method, query.join("&"))
    };
    for row in s3::ROWS {
        let headers: Vec<(&str, &str)> = row.header.iter().map(|h| (*h, "a/b")).collect();
        let elsewhere = ["ListDirectoryBuckets", "WriteGetObjectResponse"].contains(&row.name);
        assert_eq!(means(&request_of(row), &headers) == Some(row.name), !elsewhere, "{}", row.name);
    }
}

#[test]
fn rows_are_sorted_and_found() {
    use crate::operation::{Service, find, rows};
    for service in Service::ALL {
        for row in rows(service) {
            assert_eq!(find(service, row.name).map(|r| (r.name, r.service)), Some((row.name, service)));
        }
    }
    assert!(find(Service::Sts, "assumerole").is_none() && find(Service::Iam, "AssumeRole").is_none());
}

#[test]
fn members_are_read_from_headers_and_query() {
    let headers = [
        ("x-amz-acl", "private"),
        ("x-amz-meta-color", " blue "),
        ("content-length", "3"),
        ("if-none-match", "*"),
        ("x-amz-object-lock-retain-until-date", "2026-01-01T00:00:00Z"),
        ("x-amz-server-side-encryption-customer-key", "hush"),
    ];
    let input: s3::PutObjectRequest = decode("PUT /b/k", &headers, "").unwrap();
    assert_eq!((input.bucket.as_str(), input.key.as_str()), ("b", "k"));
    assert_eq!(input.metadata, [("color".to_owned(), "blue".to_owned())]);
    assert_eq!(input.content_length, Some(3));
    assert_eq!(input.object_lock_retain_until_date, Some(1_767_225_600));
    let shown = format!("{input:?}");
    assert!(shown.contains("***") && !shown.contains("hush"), "{shown}");
    let input: s3::ListObjectsV2Request =
        decode("GET /b?list-type=2&max-keys=7&prefix=a%2Fb", &[], "").unwrap();
    assert_eq!((input.max_keys, input.prefix.as_deref()), (Some(7), Some("a/b")));
    let when = [("if-modified-since", "Wed, 21 Oct 2015 07:28:00 GMT")];
    let input: s3::GetObjectRequest = decode("GET /b/k", &when, "").unwrap();
    assert_eq!(input.if_modified_since, Some(1_445_412_480));
    let input: s3::GetObjectRequest = decode("GET /b/k", &[("if-modified-since", "yesterday")], "").unwrap();
    assert_eq!(input.if_modified_since, None);
}

#[test]
fn members_that_cannot_be_read_are_refused_by_name() {
    let error = decode::<s3::ListObjectsV2Request>("GET /b?list-type=2&max-keys=x", &[], "").unwrap_err();
    assert_eq!(error.code, code::INVALID_ARGUMENT);
    assert_eq!(error.fields, [("ArgumentName", "max-keys".to_owned()), ("ArgumentValue", "x".to_owned())]);
    let put =
        |name, value| decode::<s3::PutObjectRequest>("PUT /b/k", &[(name, value)], "").unwrap_err().code;
    assert_eq!(put("x-amz-acl", "open"), code::INVALID_ARGUMENT);
    assert_eq!(put("x-amz-storage-class", "FAST"), code::INVALID_STORAGE_CLASS);
    let copy = decode::<s3::CopyObjectRequest>("PUT /b/k", &[], "").unwrap_err();
    assert_eq!(copy.code, code::INVALID_REQUEST);
}

#[test]
fn bodies_are_read() {
    let body =
        "<Delete><Object><Key>a</Key></Object><Object><Key> b </Key></Object><Quiet>true</Quiet></Delete>";
    let input: s3::DeleteObjectsRequest = decode("POST /b?delete", &[], body).unwrap();
    let keys: Vec<&str> = input.delete.objects.iter().map(|o| o.key.as_str()).collect();
    assert_eq!((keys, input.delete.quiet), (vec!["a", " b "], Some(true)));
    let body = "<Tagging><TagSet><Tag><Key>k</Key><Value/></Tag></TagSet></Tagging>";
    let input: s3::PutObjectTaggingRequest = decode("PUT /b/k?tagging", &[], body).unwrap();
    assert_eq!(input.tagging.tag_set, [s3::Tag { key: "k".to_owned(), value: String::new() }]);
    let input: s3::PutBucketPolicyRequest = decode("PUT /b?policy", &[], "{}").unwrap();
    assert_eq!(input.policy, "{}");
    let input: s3::CreateBucketRequest = decode("PUT /b", &[], "").unwrap();
    assert_eq!(input.create_bucket_configuration, None);
}

#[test]
fn bodies_that_do_not_fit_are_malformed() {
    let bodies = [
        "<Delete></Delete>",
        "<Delete><Object/></Delete>",
        "<Delet><Object><Key>a</Key></Object></Delet>",
        "<Delete><Object><Key>a</Key><Key>b</Key></Object></Delete>",
        "<Delete><Object><Key>a</Key></Object><Quiet>maybe</Quiet></Delete>",
        "<Delete>",
        "{}",
    ];
    for body in bodies {
        let error = decode::<s3::DeleteObjectsRequest>("POST /b?delete", &[], body).unwrap_err();
        assert_eq!(error.code, code::MALFORMED_XML, "{body}");
    }
    let none = decode::<s3::DeleteObjectsRequest>("POST /b?delete", &[], "").unwrap_err();
    assert_eq!(none.code, code::MISSING_REQUEST_BODY_ERROR);
}

fn body(answer: &Response) -> String {
    String::from_utf8(answer.body.clone()).unwrap()
}

#[test]
fn answers_are_put_together() {
    let object = s3::Object {
        key: Some("a&b".to_owned()),
        last_modified: Some(1_767_225_600),
        size: Some(3),
        ..Default::default()
    };
    let output = s3::ListObjectsV2Output {
        name: Some("b".to_owned()),
        is_truncated: Some(false),
        key_count: Some(1),
        contents: vec![object.clone(), object],
        ..Default::default()
    };
    let answer = response(&row::LIST_OBJECTS_V2, &output);
    assert_eq!(answer.headers["content-type"], "application/xml");
    insta::assert_snapshot!(body(&answer));
    let owner = s3::Owner { id: Some("id".to_owned()), display_name: None };
    let grantee =
        s3::Grantee { r#type: "CanonicalUser".to_owned(), id: Some("id".to_owned()), ..Default::default() };
    let grant = s3::Grant { grantee: Some(grantee), permission: Some("FULL_CONTROL".to_owned()) };
    let output = s3::GetBucketAclOutput { owner: Some(owner), grants: vec![grant] };
    insta::assert_snapshot!(body(&response(&row::GET_BUCKET_ACL, &output)));
    let output = s3::CopyObjectOutput {
        copy_object_result: Some(s3::CopyObjectResult {
            etag: Some("\"e\"".to_owned()),
            ..Default::default()
        }),
        version_id: Some("v".to_owned()),
        ..Default::default()
    };
    let answer = response(&row::COPY_OBJECT, &output);
    assert_eq!(answer.headers["x-amz-version-id"], "v");
    insta::assert_snapshot!(body(&answer));
}

#[test]
fn odd_answers_are_as_odd_as_s3s() {
    let output = s3::GetBucketLocationOutput { location_constraint: Some("eu-west-1".to_owned()) };
    insta::assert_snapshot!(body(&response(&row::GET_BUCKET_LOCATION, &output)));
    let nowhere = response(&row::GET_BUCKET_LOCATION, &s3::GetBucketLocationOutput::default());
    assert!(body(&nowhere).ends_with("/\"></LocationConstraint>"));
    let output = s3::GetBucketPolicyOutput { policy: Some("{}".to_owned()) };
    let answer = response(&row::GET_BUCKET_POLICY, &output);
    assert_eq!((answer.status, body(&answer).as_str()), (200, "{}"));
    assert_eq!(answer.headers["content-type"], "application/json");
    let answer = response(
        &row::DELETE_OBJECT,
        &s3::DeleteObjectOutput { delete_marker: Some(true), ..Default::default() },
    );
    assert_eq!((answer.status, answer.body.len()), (204, 0));
    assert_eq!(answer.headers["x-amz-delete-marker"], "true");
}

#[test]
fn headers_carry_times_metadata_and_nothing_forged() {
    let output = s3::HeadObjectOutput {
        last_modified: Some(1_445_412_480),
        content_length: Some(5),
        metadata: vec![
            ("color".to_owned(), "blau".to_owned()),
            ("bad".to_owned(), "a\r\nset-cookie: x".to_owned()),
        ],
        ..Default::default()
    };
    let answer = response(&row::HEAD_OBJECT, &output);
    assert_eq!(answer.headers["last-modified"], "Wed, 21 Oct 2015 07:28:00 GMT");
    assert_eq!(answer.headers["x-amz-meta-color"], "blau");
    assert_eq!(answer.headers["content-length"], "5");
    assert_eq!(answer.headers.len(), 3);
    assert!(answer.body.is_empty());
}

#[test]
fn two_sub_resources_at_once_are_refused_by_name() {
    for (line, names) in [
        ("GET /b?versioning&acl", "acl, versioning"),
        ("DELETE /b?website&policy=1&x=1", "policy, website"),
        ("POST /b/k?uploads&uploadId=u", "uploadId, uploads"),
        ("GET /b/k?tagging&acl", "acl, tagging"),
    ] {
        let (key, request) = (line.contains("/k").then_some("k"), request(line, &[]));
        assert_eq!(means(line, &[]), None, "{line}");
        let error = refusal(&request, Some("b"), key);
        assert_eq!((error.code.code, error.code.status), ("InvalidArgument", 400), "{line}");
        assert_eq!(error.message, format!("Conflicting query string parameters: {names}"));
        let first = names.split(',').next().unwrap().to_owned();
        assert_eq!(error.fields, [("ArgumentName", "ResourceType".to_owned()), ("ArgumentValue", first)]);
    }
}

#[test]
fn a_method_that_is_not_allowed_is_told_which_are() {
    for (line, allowed) in [
        ("HEAD /b?versioning", "GET, PUT"),
        ("HEAD /b/k?acl", "GET, PUT"),
        ("POST /b", "GET, HEAD, PUT, DELETE"),
        ("GET /b/k?partNumber=1&uploads", ""),
    ] {
        let (key, request) = (line.contains("/k").then_some("k"), request(line, &[]));
        let error = refusal(&request, Some("b"), key);
        assert_eq!((error.code.code, error.code.status), ("MethodNotAllowed", 405), "{line}");
        assert_eq!(error.headers, [("allow", allowed.to_owned())], "{line}");
    }
}
