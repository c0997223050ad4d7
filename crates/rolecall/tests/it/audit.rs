//! Every call leaves one record, with the id its answer carries.

use crate::house::{House, header};
use rolecall_wire::Service;

#[tokio::test(flavor = "multi_thread")]
async fn aud_02_every_call_leaves_one_record_with_the_id_of_its_answer() {
    let house = House::new().await;
    let form = "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 0\r\n";
    let unknown = "Authorization: AWS4-HMAC-SHA256 Credential=A/20260101/r/nothing/aws4_request\r\n";
    let calls = [
        ("GET", "/bucket/key", ""),
        ("POST", "/", form),
        ("GET", "/%zz", ""),
        ("GET", "/?a=1&a=2", ""),
        ("GET", "/", "Host: evil.example\r\n"),
        ("GET", "/", unknown),
        ("PATCH", "/", ""),
        ("POST", "/", "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 99999999\r\n"),
    ];
    for (number, (method, target, headers)) in calls.into_iter().enumerate() {
        let seen = house.plain(method, target, headers).await;
        let id = header(&seen, "x-amz-request-id").or_else(|| header(&seen, "x-amzn-requestid"));
        let id = id.unwrap_or_else(|| panic!("{method} {target}: no request id in {seen}"));
        let records = house.records();
        assert_eq!(records.len(), number + 1, "{method} {target}");
        assert_eq!(records[number]["requestID"], id, "{method} {target}");
        assert!(records[number]["errorCode"].is_string(), "{method} {target}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn aud_02_a_client_that_hangs_up_is_recorded_all_the_same() {
    use tokio::io::AsyncWriteExt;
    let house = House::new().await;
    let mut stream = tokio::net::TcpStream::connect(house.address()).await.unwrap();
    let head = "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n\
                Content-Length: 50\r\n\r\nAction=Get";
    stream.write_all(head.as_bytes()).await.unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    drop(stream);
    for _ in 0..100 {
        if !house.records().is_empty() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert_eq!(house.records().len(), 1);
    assert_eq!(house.records()[0]["errorCode"], "IncompleteBody");
}

#[tokio::test(flavor = "multi_thread")]
async fn sig_13_headers_that_claim_something_change_nothing() {
    let house = House::new().await;
    let mut request = house.client.request(http::Method::POST, "/?Action=GetCallerIdentity").unwrap();
    for (name, value) in [
        ("x-forwarded-for", "10.0.0.5"),
        ("forwarded", "for=10.0.0.5;proto=https"),
        ("x-real-ip", "10.0.0.5"),
        ("x-rolecall-principal", "arn:aws:iam::123456789012:user/admin"),
        ("x-amz-source-ip", "10.0.0.5"),
        ("x-amzn-requestid", "chosen"),
    ] {
        request.headers.insert(name, value.parse().unwrap());
    }
    let seen = house.client.send(Some(&house.root), Service::Sts, request, "".into()).await.unwrap();
    assert_eq!(seen.text("Arn").as_deref(), Some("arn:aws:iam::123456789012:root"));
    let record = &house.records()[0];
    assert_eq!(record["sourceIPAddress"], "127.0.0.1");
    assert_eq!(record["requestID"], seen.header("x-amzn-requestid").unwrap());
    assert_ne!(record["requestID"], "chosen");
}
