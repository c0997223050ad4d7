//! Signatures over real HTTP: a credential is good for one service, and a token for its key.

use crate::house::House;
use http::Method;
use rolecall::client::Credentials;
use rolecall_wire::Service;

#[tokio::test(flavor = "multi_thread")]
async fn sig_20_a_signature_for_one_service_works_at_no_other() {
    let house = House::new().await;
    let form = || bytes::Bytes::from("Action=GetCallerIdentity&Version=2011-06-15");
    let ask = || {
        let mut request = house.client.request(Method::POST, "/").unwrap();
        request.headers.insert("content-type", "application/x-www-form-urlencoded".parse().unwrap());
        request
    };
    for service in [Service::S3, Service::Iam, Service::Rolecall] {
        let seen = house.client.send(Some(&house.root), service, ask(), form()).await.unwrap();
        assert!(seen.status >= 400 && seen.text("Arn").is_none(), "{service:?}: {seen:?}");
    }
    let seen = house.client.send(Some(&house.root), Service::Sts, ask(), form()).await.unwrap();
    assert_eq!(seen.status, 200, "{seen:?}");
    let list = || house.client.request(Method::GET, "/").unwrap();
    let seen = house.client.send(Some(&house.root), Service::Sts, list(), "".into()).await.unwrap();
    assert!(seen.status >= 400 && seen.text("Buckets").is_none(), "{seen:?}");
    let mut altered = list();
    altered.headers.insert("x-amz-meta-a", "1".parse().unwrap());
    assert_eq!(
        house.client.send(Some(&house.root), Service::S3, altered, "".into()).await.unwrap().status,
        200
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn sig_08_a_form_without_a_good_credential_does_nothing_anywhere() {
    let house = House::new().await;
    house.client.s3(Some(&house.root), Method::PUT, "/bucket", "".into()).await.unwrap().done().unwrap();
    let authorization = format!(
        "Authorization: AWS4-HMAC-SHA256 Credential={}/20260101/us-east-1/s3/aws4_request, \
         SignedHeaders=host, Signature={}\r\n",
        house.root.access_key_id,
        "0".repeat(64)
    );
    let field = |name: &str, text: &str| {
        format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{text}\r\n")
    };
    let body =
        [field("key", "k"), field("Action", "ListUsers"), field("Version", "2010-05-08"), field("file", "x")];
    let body = format!("{}--b--\r\n", body.concat());
    for target in
        ["/", "/bucket", "/bucket/", "/bucket/k", "/bucket?policy", "/bucket?delete", "/?Action=ListUsers"]
    {
        for credential in ["", "Authorization: Bearer x\r\n", authorization.as_str()] {
            let head =
                format!("POST {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{credential}");
            let kind =
                format!("Content-Type: multipart/form-data; boundary=b\r\nContent-Length: {}", body.len());
            let seen = house.raw(&format!("{head}{kind}\r\n\r\n{body}")).await;
            assert!(seen.starts_with("HTTP/1.1 40") && !seen.contains("<UserName>"), "{target}: {seen}");
        }
    }
    let listed = house.client.s3(Some(&house.root), Method::GET, "/bucket", "".into()).await.unwrap();
    assert!(listed.status == 200 && listed.text("Key").is_none(), "{listed:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn sig_28_temporary_keys_and_tokens_belong_together() {
    let house = House::new().await;
    let session = || async {
        let seen = house.client.query(&house.root, Service::Sts, "GetSessionToken", &[]).await.unwrap();
        seen.done().unwrap().credentials().unwrap()
    };
    let (one, other) = (session().await, session().await);
    assert_eq!(list(&house, &one).await, (200, None));
    let cases = [
        ("without its token", Credentials { session_token: None, ..one.clone() }),
        ("another's token", Credentials { session_token: other.session_token.clone(), ..one.clone() }),
        ("a stray token", Credentials { session_token: one.session_token.clone(), ..house.root.clone() }),
    ];
    for (case, credentials) in cases {
        let (status, code) = list(&house, &credentials).await;
        let code = code.unwrap_or_default();
        assert!(matches!(status, 400 | 403), "{case}: {status} {code}");
        assert!(
            ["InvalidToken", "InvalidAccessKeyId", "SignatureDoesNotMatch"].contains(&code.as_str()),
            "{case}: {code}"
        );
    }
}

async fn list(house: &House, who: &Credentials) -> (u16, Option<String>) {
    let seen = house.client.s3(Some(who), Method::GET, "/", "".into()).await.unwrap();
    (seen.status, seen.error().map(|(code, _)| code))
}
