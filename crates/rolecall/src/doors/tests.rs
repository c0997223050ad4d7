use super::*;
use http::{HeaderMap, HeaderName, HeaderValue};

#[test]
fn the_door_is_told_from_scope_host_path_and_content_type() {
    let form = ("content-type", "application/x-www-form-urlencoded; charset=utf-8");
    let scope =
        |service| format!("AWS4-HMAC-SHA256 Credential=AKIA/20260101/us-east-1/{service}/aws4_request, x=y");
    let (sts, s3, ddb, iam) = (scope("sts"), scope("s3"), scope("dynamodb"), scope("iam"));
    let foo = scope("foo");
    // The verifier takes blanks of both kinds, and the parts in any order.
    let (tabbed, turned) = (iam.replace(' ', "\t"), "AWS4-HMAC-SHA256 x=y,Credential=A/2/r/iam/aws4_request");
    let query = |service| Some(Door::Query(service));
    let bucket = |name: &str| Some(Door::S3(Some(name.to_owned())));
    let rows: &[Case<'_>] = &[
        ("POST", "127.0.0.1", "/", &[("authorization", &sts), form], query(Some(Service::Sts))),
        ("GET", "127.0.0.1", "/b/k", &[("authorization", &s3)], Some(Door::S3(None))),
        ("POST", "127.0.0.1", "/", &[("authorization", &tabbed), form], query(Some(Service::Iam))),
        ("POST", "127.0.0.1", "/", &[("authorization", turned), form], query(Some(Service::Iam))),
        ("POST", "127.0.0.1", "/", &[("authorization", &s3), form], query(None)),
        ("POST", "127.0.0.1", "/", &[("authorization", &ddb)], None),
        ("POST", "127.0.0.1", "/", &[form], query(None)),
        // Nobody's scope: as if there were none, and who is reached refuses it.
        ("POST", "127.0.0.1", "/", &[("authorization", &foo), form], query(None)),
        ("GET", "127.0.0.1", "/?Action=GetCallerIdentity", &[("authorization", &foo)], query(None)),
        ("GET", "sts.amazonaws.com", "/", &[("authorization", &foo)], query(Some(Service::Sts))),
        ("GET", "127.0.0.1", "/b/k", &[("authorization", &foo)], Some(Door::S3(None))),
        ("GET", "b.localhost", "/k", &[("authorization", &foo)], bucket("b")),
        ("POST", "b.localhost", "/", &[form], bucket("b")),
        ("POST", "b.localhost", "/", &[("content-type", "multipart/form-data; boundary=x")], bucket("b")),
        ("POST", "127.0.0.1", "/b", &[form], Some(Door::S3(None))),
        ("GET", "127.0.0.1", "/?Action=GetCallerIdentity", &[], query(None)),
        ("GET", "127.0.0.1", "/", &[], Some(Door::S3(None))),
        ("GET", "sts.amazonaws.com", "/", &[], query(Some(Service::Sts))),
        (
            "GET",
            "127.0.0.1",
            "/?X-Amz-Credential=A/20260101/r/iam/aws4_request",
            &[],
            query(Some(Service::Iam)),
        ),
        (
            "GET",
            "127.0.0.1",
            "/authorization-details/a",
            &[("authorization", &iam)],
            Some(Door::Rest(Service::IamToolbox)),
        ),
        ("GET", "127.0.0.1", "/authorization-details/a", &[("authorization", &s3)], Some(Door::S3(None))),
        ("GET", "127.0.0.1", "/b/k?X-Amz-Credential=broken", &[], Some(Door::S3(None))),
    ];
    for (method, host, target, headers, door) in rows {
        let request = request(method, host, target, headers);
        let place = Hosts::default().place(&request.host).unwrap();
        assert_eq!(choose(&request, place).ok(), *door, "{method} {host} {target}");
    }
}

/// Method, host, target, headers, and the door they lead to.
type Case<'a> = (&'a str, &'a str, &'a str, &'a [(&'a str, &'a str)], Option<Door>);

fn request(method: &str, host: &str, target: &str, headers: &[(&str, &str)]) -> Request {
    let mut map = HeaderMap::new();
    map.insert("host", HeaderValue::from_str(host).unwrap());
    for (name, value) in headers {
        map.insert(HeaderName::from_bytes(name.as_bytes()).unwrap(), HeaderValue::from_str(value).unwrap());
    }
    Request::parse(method.parse().unwrap(), &target.parse().unwrap(), map).unwrap()
}
