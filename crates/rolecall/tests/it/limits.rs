//! What a request may cost before anybody is known to have sent it.

use crate::house::{House, read_all, read_until};
use rolecall_core::limits;
use rolecall_wire::Service;
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

#[tokio::test(flavor = "multi_thread")]
async fn dos_04_an_announced_form_that_is_too_long_is_refused_unread() {
    let house = House::new().await;
    let most = limits::QUERY_BODY;
    let head =
        |length| format!("Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n");
    let seen = house.plain("POST", "/", &head(1 << 30)).await;
    assert!(seen.starts_with("HTTP/1.1 413") && seen.contains("RequestEntityTooLarge"), "{seen}");
    let seen = house.plain("POST", "/", &head(most + 1)).await;
    assert!(seen.starts_with("HTTP/1.1 413"), "{seen}");
    let form = format!("{}\r\nAction=x&V={}", head(most), "v".repeat(most - 11));
    let text = format!("POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{form}");
    let seen = house.raw(&text).await;
    assert!(seen.contains("<Code>InvalidAction</Code>"), "at the limit it is read: {seen}");
}

#[tokio::test(flavor = "multi_thread")]
async fn dos_04_a_form_of_unknown_length_is_cut_at_the_limit() {
    let house = House::new().await;
    let mut stream = TcpStream::connect(house.address()).await.unwrap();
    let head = "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n\
                Transfer-Encoding: chunked\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    let chunk = format!("10000\r\n{}\r\n", "a".repeat(0x10000));
    for _ in 0..17 {
        stream.write_all(chunk.as_bytes()).await.unwrap();
    }
    let seen = read_until(&mut stream, "</ErrorResponse>").await;
    assert!(seen.starts_with("HTTP/1.1 413"), "{seen}");
}

#[tokio::test(flavor = "multi_thread")]
async fn heads_are_bounded() {
    let house = House::new().await;
    let many: String = (0..101).map(|n| format!("X-H{n}: 1\r\n")).collect();
    assert!(house.plain("GET", "/livez", &many).await.starts_with("HTTP/1.1 431"));
    let long = format!("X-Long: {}\r\n", "a".repeat(70 << 10));
    let seen = house.plain("GET", "/livez", &long).await;
    assert!(seen.starts_with("HTTP/1.1 431"), "{seen}");
    let fits = format!("X-Long: {}\r\n", "a".repeat(30 << 10));
    assert!(house.plain("GET", "/livez", &fits).await.starts_with("HTTP/1.1 200"));
}

#[tokio::test(flavor = "multi_thread")]
async fn expect_100_continue_is_answered_before_the_body_is_sent() {
    let house = House::new().await;
    let mut stream = TcpStream::connect(house.address()).await.unwrap();
    let head = "POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nExpect: 100-continue\r\n\
                Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 8\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    let seen = read_until(&mut stream, "\r\n\r\n").await;
    assert!(seen.starts_with("HTTP/1.1 100"), "{seen}");
    stream.write_all(b"Action=x").await.unwrap();
    assert!(read_all(&mut stream).await.contains("<Code>InvalidAction</Code>"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_upload_still_hears_its_answer() {
    let house = House::new().await;
    let mut stream = TcpStream::connect(house.address()).await.unwrap();
    let head = "PUT /b/k HTTP/1.1\r\nHost: localhost\r\nContent-Length: 8388608\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    for _ in 0..128 {
        if stream.write_all(&[0; 65536]).await.is_err() {
            break;
        }
    }
    let seen = read_until(&mut stream, "</Error>").await;
    assert!(seen.starts_with("HTTP/1.1 40"), "{seen}");
}

#[tokio::test(flavor = "multi_thread")]
async fn while_all_places_are_taken_probes_and_the_administration_are_heard_and_others_come_again() {
    let house = House::with(|config| config.max_connections = 1).await;
    let idle = TcpStream::connect(house.address()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    for probe in ["/livez", "/readyz"] {
        assert!(house.plain("GET", probe, "").await.starts_with("HTTP/1.1 200"), "{probe}");
    }
    let seen = house.plain("GET", "/bucket/key", "").await;
    assert!(seen.starts_with("HTTP/1.1 503") && seen.contains("<Code>ServiceUnavailable</Code>"), "{seen}");
    let ask = |service, action| house.client.query(&house.root, service, action, &[]);
    assert_eq!(ask(Service::Rolecall, "ListSessions").await.unwrap().status, 200);
    assert_eq!(ask(Service::Sts, "GetCallerIdentity").await.unwrap().status, 503);
    drop(idle);
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(ask(Service::Sts, "GetCallerIdentity").await.unwrap().status, 200);
}

/// DOS: forty readers of a large object that never read, with room for forty.
#[tokio::test(flavor = "multi_thread")]
async fn readers_that_stop_reading_shut_nobody_out() {
    let house = House::with(|config| config.max_connections = 40).await;
    let put = |path: &'static str, body: Vec<u8>| {
        let request = house.client.request(http::Method::PUT, path).unwrap();
        house.client.send(Some(&house.root), Service::S3, request, body.into())
    };
    assert_eq!(put("/readers", Vec::new()).await.unwrap().status, 200);
    assert_eq!(put("/readers/large", vec![7; 16 << 20]).await.unwrap().status, 200);
    let request = house.client.request(http::Method::DELETE, "/readers?publicAccessBlock").unwrap();
    let opened = house.client.send(Some(&house.root), Service::S3, request, "".into());
    assert_eq!(opened.await.unwrap().status, 204);
    let policy = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*",
        "Action":"s3:GetObject","Resource":"arn:aws:s3:::readers/*"}}"#;
    assert_eq!(put("/readers?policy", policy.into()).await.unwrap().status, 204);
    let mut readers = Vec::new();
    for _ in 0..40 {
        let mut stream = TcpStream::connect(house.address()).await.unwrap();
        let _ = stream.write_all(b"GET /readers/large HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
        readers.push(stream);
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(house.plain("GET", "/readyz", "").await.starts_with("HTTP/1.1 200"));
    let seen = house.client.query(&house.root, Service::Rolecall, "ListSessions", &[]).await.unwrap();
    assert_eq!(seen.status, 200);
    drop(readers);
}
