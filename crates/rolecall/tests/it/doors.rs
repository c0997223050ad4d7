//! Which door a request takes, and the hosts a development server answers for.

use crate::house::{House, header, read_until};
use http::Method;
use http::header::CONTENT_TYPE;
use rolecall_core::clock::{Clock, SystemClock};
use rolecall_wire::Service;
use rolecall_wire::sigv4::PayloadHash;
use rolecall_wire::sigv4::canonical::PathRule;
use rolecall_wire::sigv4::key::sha256;
use rolecall_wire::sigv4::sign::Signer;
use tokio::io::AsyncWriteExt;

#[tokio::test(flavor = "multi_thread")]
async fn signed_requests_reach_their_services() {
    let house = House::new().await;
    let seen = house.client.query(&house.root, Service::Sts, "GetCallerIdentity", &[]).await.unwrap();
    assert_eq!(seen.text("Arn").as_deref(), Some("arn:aws:iam::123456789012:root"));
    let seen = house.client.query(&house.root, Service::Rolecall, "GetServerInfo", &[]).await.unwrap();
    assert_eq!(seen.text("AccountId").as_deref(), Some("123456789012"));
    let seen = house.client.s3(Some(&house.root), Method::GET, "/", "".into()).await.unwrap();
    assert_eq!(seen.status, 200);
    assert!(seen.text("ListAllMyBucketsResult").is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn unsigned_requests_are_answered_in_the_form_of_their_service() {
    let house = House::new().await;
    let form = "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 0\r\n";
    let seen = house.plain("POST", "/", form).await;
    assert!(seen.starts_with("HTTP/1.1 400") && seen.contains("<Code>MissingAction</Code>"), "{seen}");
    let seen = house.plain("GET", "/?Action=GetCallerIdentity&Version=2011-06-15", "").await;
    assert!(seen.contains("<Code>MissingAuthenticationToken</Code>"), "{seen}");
    let seen = house.plain("GET", "/bucket/key", "").await;
    assert!(seen.starts_with("HTTP/1.1 40") && header(&seen, "x-amz-request-id").is_some(), "{seen}");
    let posted = format!("Host: bucket.localhost\r\n{form}");
    let seen = house.plain("POST", "/", &posted).await;
    assert!(header(&seen, "x-amz-request-id").is_some(), "a form to a bucket is S3's: {seen}");
}

/// A request for a service of AWS that is not here, as its clients send it.
#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_is_not_served_says_so_in_the_form_of_its_clients() {
    let house = House::new().await;
    let form = "Content-Type: application/x-www-form-urlencoded\r\n";
    let target = "Content-Type: application/x-amz-json-1.0\r\nX-Amz-Target: DynamoDB_20120810.ListTables\r\n";
    let xml =
        |name: &str| format!("<Code>NotImplemented</Code><Message>The service '{name}' is not served here.");
    for (service, method, path, headers, status, kind, told) in [
        ("ec2", "POST", "/", form, 501, "text/xml", xml("ec2")),
        ("ses", "GET", "/?Action=ListIdentities", "", 501, "text/xml", xml("ses")),
        ("route53", "GET", "/2013-04-01/hostedzone", "", 501, "text/xml", xml("route53")),
        (
            "dynamodb",
            "POST",
            "/",
            target,
            400,
            "application/x-amz-json-1.1",
            "{\"__type\":\"UnknownOperationException\",\"Message\":\"The target 'DynamoDB_20120810.ListTables' is \
             not served here.\"}"
                .to_owned(),
        ),
        (
            "lambda",
            "GET",
            "/2015-03-31/functions/",
            "",
            501,
            "application/json",
            "{\"message\":\"The service 'lambda' is not served here. Rolecall serves sts, iam, s3 and \
             organizations.\"}"
                .to_owned(),
        ),
    ] {
        let seen = house.plain(method, path, &format!("{}{headers}", scoped_to(service))).await;
        assert!(seen.starts_with(&format!("HTTP/1.1 {status} ")), "{service}: {seen}");
        assert_eq!(header(&seen, "content-type"), Some(kind), "{service}: {seen}");
        assert!(seen.contains(&told), "{service}: {seen}");
        let code = (kind == "application/json").then_some("NotImplemented");
        assert_eq!(header(&seen, "x-amzn-errortype"), code, "{service}: {seen}");
    }
}

/// A scope that no service has, refused by whoever the request reaches, as AWS does; the key is known.
#[tokio::test(flavor = "multi_thread")]
async fn a_scope_of_nobody_is_refused_in_awss_words() {
    let house = House::new().await;
    let send = async |service, method, target: &str, kind: Option<&str>| {
        let mut request = house.client.request(method, target).unwrap();
        request.headers.extend(kind.map(|kind| (CONTENT_TYPE, kind.parse().unwrap())));
        let signer = Signer {
            access_key_id: &house.root.access_key_id,
            secret: &house.root.secret,
            session_token: None,
            region: "us-east-1",
            service,
            path: PathRule::Once,
            now: SystemClock::default().now(),
        };
        signer.sign(&mut request, PayloadHash::Hex(sha256(b""))).unwrap();
        house.client.send(None, Service::Sts, request, "".into()).await.unwrap()
    };
    let form = Some("application/x-www-form-urlencoded");
    let identity = "/?Action=GetCallerIdentity&Version=2011-06-15";
    let seen = send("foo", Method::POST, identity, form).await;
    assert_eq!((seen.status, seen.text("Code").as_deref()), (403, Some("SignatureDoesNotMatch")), "{seen:?}");
    let message = seen.text("Message").unwrap();
    assert!(message.starts_with("Credential should be scoped to correct service: 'sts'."), "{message}");
    let seen = send("sts", Method::POST, identity, form).await;
    assert_eq!(seen.status, 200, "{seen:?}");
    let seen = send("foo", Method::GET, "/bucket/key", None).await;
    assert_eq!((seen.status, seen.text("Code").as_deref()), (400, Some("AuthorizationHeaderMalformed")));
    let message =
        "The authorization header is malformed; incorrect service \"foo\". This endpoint belongs to \"s3\".";
    assert_eq!(seen.text("Message").as_deref(), Some(message));
}

/// RFC 9112 §6.3: who reads one length and who reads the other see two bodies.
#[tokio::test(flavor = "multi_thread")]
async fn a_request_with_two_lengths_is_refused_and_does_nothing() {
    let house = House::new().await;
    let form = "Content-Type: application/x-www-form-urlencoded\r\n";
    let body = "2b\r\nAction=GetCallerIdentity&Version=2011-06-15\r\n0\r\n\r\n";
    let (one, other) = ("Content-Length: 4\r\n", "Transfer-Encoding: chunked\r\n");
    for (lengths, code) in [
        (format!("{one}{other}"), "InvalidRequest"),
        (format!("{other}{one}"), "InvalidRequest"),
        (format!("{other}content-length:0\r\n"), "InvalidRequest"),
        (other.to_owned(), "MissingAuthenticationToken"),
    ] {
        let seen = house
            .raw(&format!(
                "POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{form}{lengths}\r\n{body}"
            ))
            .await;
        assert!(seen.contains(&format!("<Code>{code}</Code>")), "{lengths}: {seen}");
        assert_eq!(seen.matches("HTTP/1.1 ").count(), 1, "{lengths}: {seen}");
    }
    let seen =
        house.raw(&format!("PUT /bucket/key HTTP/1.1\r\nHost: localhost\r\n{one}{other}\r\n{body}")).await;
    assert!(seen.starts_with("HTTP/1.1 400") && seen.contains("<Code>InvalidRequest</Code>"), "{seen}");
    assert!(header(&seen, "x-amz-id-2").is_some(), "in S3's form: {seen}");
    assert_eq!(house.records().len(), 5);
}

/// What follows on the same connection is heard for itself.
#[tokio::test(flavor = "multi_thread")]
async fn a_length_of_an_earlier_request_is_not_held_against_a_later_one() {
    let house = House::new().await;
    let mut stream = tokio::net::TcpStream::connect(house.address()).await.unwrap();
    let head = "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n";
    let action = "Action=GetCallerIdentity&Version=2011-06-15";
    let sized = format!("{head}Content-Length: 43\r\n\r\n{action}");
    let chunked = format!("{head}Transfer-Encoding: chunked\r\n\r\n2b\r\n{action}\r\n0\r\n\r\n");
    for text in [&sized, &chunked, &sized, &chunked] {
        stream.write_all(text.as_bytes()).await.unwrap();
        let seen = read_until(&mut stream, "</ErrorResponse>").await;
        assert!(seen.contains("<Code>MissingAuthenticationToken</Code>"), "{seen}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_target_with_a_fragment_is_refused() {
    let house = House::new().await;
    for (target, status, code) in [
        ("/bucket/key#part", 400, "InvalidURI"),
        ("/bucket/key?acl#part", 400, "InvalidURI"),
        ("/bucket/key%23part", 404, "NoSuchBucket"),
    ] {
        let seen = house.plain("GET", target, "").await;
        assert!(seen.starts_with(&format!("HTTP/1.1 {status} ")), "{target}: {seen}");
        assert!(seen.contains(&format!("<Code>{code}</Code>")), "{target}: {seen}");
    }
    assert!(house.plain("GET", "/livez#x", "").await.starts_with("HTTP/1.1 400"));
}

fn scoped_to(service: &str) -> String {
    format!("Authorization: AWS4-HMAC-SHA256 Credential=AKIA/20260101/us-east-1/{service}/aws4_request\r\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn web_09_a_development_server_refuses_names_that_are_not_its_own() {
    let house = House::new().await;
    for host in ["evil.example", "localhost.evil.example", "10.1.2.3", "127.0.0.1.nip.io"] {
        let seen = house.plain("GET", "/livez", &format!("Host: {host}\r\n")).await;
        assert!(seen.starts_with("HTTP/1.1 421"), "{host}: {seen}");
    }
    for host in ["localhost", "127.0.0.1:4566", "[::1]", "sts.amazonaws.com", "sts.localhost"] {
        let seen = house.plain("GET", "/livez", &format!("Host: {host}\r\n")).await;
        assert!(seen.starts_with("HTTP/1.1 200"), "{host}: {seen}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn probes_need_no_signature_and_say_nothing_else() {
    let house = House::new().await;
    for path in ["/livez", "/readyz"] {
        let seen = house.plain("GET", path, "").await;
        assert!(seen.starts_with("HTTP/1.1 200") && seen.ends_with("\r\n\r\nok\n"), "{seen}");
        assert!(header(&seen, "date").is_some() && header(&seen, "server").is_none(), "{seen}");
    }
    assert!(house.plain("POST", "/livez", "").await.starts_with("HTTP/1.1 4"), "only GET and HEAD probe");
    let house = House::new().await;
    std::fs::remove_dir_all(house.config.data_dir.join("audit")).unwrap();
    let seen = house.plain("GET", "/readyz", "").await;
    assert!(seen.starts_with("HTTP/1.1 503") && seen.ends_with("\r\n\r\nnot ready\n"), "{seen}");
    assert!(house.plain("GET", "/livez", "").await.starts_with("HTTP/1.1 200"));
}

#[tokio::test(flavor = "multi_thread")]
async fn ops_01_what_a_peer_says_of_itself_counts_for_nothing() {
    let house = House::new().await;
    let proxy = "PROXY TCP4 10.0.0.5 127.0.0.1 1 80\r\nGET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n";
    assert!(house.raw(proxy).await.starts_with("HTTP/1.1 400"));
    let claims = "Forwarded: for=10.0.0.5\r\nX-Forwarded-For: 10.0.0.5\r\nX-Forwarded-Proto: https\r\n\
                  X-Forwarded-Host: evil.example\r\nX-Real-IP: 10.0.0.5\r\n";
    assert!(house.plain("GET", "/bucket/key", claims).await.starts_with("HTTP/1.1 40"));
    assert_eq!(house.records()[0]["sourceIPAddress"], "127.0.0.1");
}

#[tokio::test(flavor = "multi_thread")]
async fn ops_05_nothing_about_the_server_is_told_to_strangers() {
    let house = House::new().await;
    for path in
        ["/metrics", "/debug/pprof", "/version", "/minio/health/live", "/health?verbose=1", "/livez?x=1"]
    {
        let seen = house.plain("GET", path, "").await;
        assert!(seen.starts_with("HTTP/1.1 40"), "{path}: {seen}");
        assert!(!seen.contains(env!("CARGO_PKG_VERSION")) && !seen.contains("rolecall"), "{path}: {seen}");
    }
    for action in ["GetMetrics", "GetServerInfo", "AdvanceClock"] {
        let seen = house.plain("GET", &format!("/?Action={action}&Version=2026-11-22"), "").await;
        assert!(seen.contains("<Code>MissingAuthenticationToken</Code>"), "{action}: {seen}");
    }
    let known = house.client.query(&house.root, Service::Rolecall, "GetServerInfo", &[]).await.unwrap();
    assert_eq!(known.status, 200, "{known:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn buckets_are_reached_by_path_and_by_host() {
    let house = House::with(|config| config.s3_hosts = vec!["S3.Example.org".into()]).await;
    let put = house.client.s3(Some(&house.root), Method::PUT, "/photos", "".into()).await.unwrap();
    assert_eq!(put.status, 200, "{put:?}");
    house
        .client
        .s3(Some(&house.root), Method::PUT, "/photos/a/b", "one".into())
        .await
        .unwrap()
        .done()
        .unwrap();
    for host in ["photos.s3.example.org", "photos.localhost", "photos.s3.localhost:4566"] {
        let mut request = house.client.request(Method::GET, "/a/b").unwrap();
        request.host = host.to_owned();
        request.headers.insert("host", host.parse().unwrap());
        let seen = house.client.send(Some(&house.root), Service::S3, request, "".into()).await.unwrap();
        assert_eq!((seen.status, &seen.body[..]), (200, &b"one"[..]), "{host}: {seen:?}");
    }
    let seen = house.client.s3(Some(&house.root), Method::HEAD, "/photos/a/b", "".into()).await.unwrap();
    assert_eq!((seen.status, seen.header("content-length"), seen.body.len()), (200, Some("3"), 0));
    let seen = house.client.s3(Some(&house.root), Method::HEAD, "/photos/none", "".into()).await.unwrap();
    assert_eq!((seen.status, seen.body.len()), (404, 0));
}
