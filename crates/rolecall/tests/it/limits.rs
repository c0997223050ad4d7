//! What a request may cost before anybody is known to have sent it.

use crate::house::{House, read_all, read_until};
use rolecall_core::limits;
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
async fn newcomers_wait_while_all_places_are_taken() {
    let house = House::with(|config| config.max_connections = 1).await;
    let idle = TcpStream::connect(house.address()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    let waiting = house.plain("GET", "/livez", "");
    tokio::pin!(waiting);
    assert!(tokio::time::timeout(Duration::from_millis(300), &mut waiting).await.is_err());
    drop(idle);
    assert!(waiting.await.starts_with("HTTP/1.1 200"));
}
