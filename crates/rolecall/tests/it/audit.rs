//! Every call leaves one record, with the id its answer carries.

use crate::house::{House, header};
use rolecall_core::limits::{AUDIT_PATIENCE, AUDIT_PROVED};
use rolecall_wire::Service;
use std::time::{Duration, Instant};

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
    let target = "/?Action=GetCallerIdentity&Version=2011-06-15";
    let mut request = house.client.request(http::Method::POST, target).unwrap();
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

/// The log of the day is a pipe that nobody reads: opening it hangs.
#[tokio::test(flavor = "multi_thread")]
async fn aud_01_a_log_that_hangs_lets_nothing_be_done_and_stops_nobody_else() {
    let house = House::new().await;
    let user = |name: &'static str| {
        let house = &house;
        async move { house.client.query(&house.root, Service::Iam, "CreateUser", &[("UserName", name)]).await }
    };
    assert_eq!(user("before").await.unwrap().status, 200);
    let file = log_file(&house);
    std::fs::remove_file(&file).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(&file).status().unwrap().success());
    tokio::time::sleep(AUDIT_PROVED * 2).await;
    let begun = Instant::now();
    // On every thread: connections are spread over them.
    let changes: Vec<_> = (0..12).map(|n| user(["d0", "d1", "d2", "d3"][n % 4])).collect();
    let probes = async {
        for _ in 0..30 {
            let begun = Instant::now();
            assert!(house.plain("GET", "/livez", "").await.starts_with("HTTP/1.1 200"));
            assert!(begun.elapsed() < AUDIT_PATIENCE, "{:?}", begun.elapsed());
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    let (seen, ()) = tokio::join!(futures_util::future::join_all(changes), probes);
    assert!(seen.iter().all(|seen| seen.as_ref().unwrap().status >= 500), "{seen:?}");
    // One wait before the effect; that there is no record either is known by then.
    assert!(begun.elapsed() < AUDIT_PATIENCE * 2 + Duration::from_secs(3), "{:?}", begun.elapsed());
    // Somebody reads the pipe at last, and it is taken away.
    let reader = std::thread::spawn(move || {
        let pipe = std::fs::File::open(&file).unwrap();
        std::fs::remove_file(&file).unwrap();
        drop(pipe);
    });
    reader.join().unwrap();
    for _ in 0..50 {
        let seen = house
            .client
            .query(&house.root, Service::Iam, "GetUser", &[("UserName", "before")])
            .await
            .unwrap();
        if seen.status == 200 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    for name in ["d0", "d1", "d2", "d3"] {
        let seen =
            house.client.query(&house.root, Service::Iam, "GetUser", &[("UserName", name)]).await.unwrap();
        assert_eq!(seen.status, 404, "{name} was made without a record");
    }
}

/// A small file system that holds the log, and another's file that fills it.
#[tokio::test(flavor = "multi_thread")]
async fn aud_01_on_a_full_disk_nothing_is_done_unseen() {
    let directory = tempfile::tempdir().unwrap();
    let mut config = crate::house::config(&directory);
    config.drain_seconds = 1;
    let at = config.data_dir.join("audit");
    std::fs::create_dir_all(&at).unwrap();
    let Some(_mounted) = Mounted::small(&at) else {
        return eprintln!("skipped: this machine does not let the test mount a small file system");
    };
    let house = House::of(directory, config).await;
    let tag = |n: usize| {
        let (name, value) = (format!("n{n}"), "v".repeat(200));
        let client = house.client.clone();
        let root = house.root.clone();
        async move {
            let tags = [
                ("UserName", "tagged"),
                ("Tags.member.1.Key", name.as_str()),
                ("Tags.member.1.Value", &value),
            ];
            client.query(&root, Service::Iam, "TagUser", &tags).await.unwrap().status
        }
    };
    let ask = |action, user| house.client.query(&house.root, Service::Iam, action, user);
    assert_eq!(ask("CreateUser", &[("UserName", "tagged")]).await.unwrap().status, 200);
    let filler = at.join("filler");
    let mut full = std::fs::File::create(&filler).unwrap();
    while std::io::Write::write_all(&mut full, &[0; 4096]).is_ok() {}
    let mut refused = 0;
    for n in 0..400 {
        let status = tag(n % 40).await;
        assert!(status == 200 || status >= 500, "{status}");
        refused += usize::from(status >= 500);
        if status >= 500 && refused == 1 {
            assert_eq!(tag(49).await, 500, "a change that there is no room for");
        }
        if refused > 20 {
            break;
        }
    }
    assert!(refused > 20, "{refused} were refused");
    drop(full);
    std::fs::remove_file(&filler).unwrap();
    let tags = ask("ListUserTags", &[("UserName", "tagged")]).await.unwrap();
    assert_eq!(tags.status, 200, "it goes on when there is room");
    let records = house.records();
    for member in tags.members("Tags") {
        let key = &member.iter().find(|(name, _)| name == "Key").unwrap().1;
        let told = records.iter().any(|record| {
            record["eventName"] == "TagUser"
                && record["errorCode"].is_null()
                && record["requestParameters"].to_string().contains(&format!("\"{key}\""))
        });
        assert!(told, "{key} was set and there is no record");
    }
    assert!(!tags.members("Tags").iter().flatten().any(|(_, value)| value == "n49"));
    house.app.stop().await;
}

/// The log of the day; the directory holds the installation's id, too.
fn log_file(house: &House) -> std::path::PathBuf {
    let files = house.config.data_dir.join("audit").read_dir().unwrap().map(|file| file.unwrap().path());
    let logs: Vec<_> = files.filter(|path| path.extension().is_some_and(|kind| kind == "jsonl")).collect();
    let [log] = logs.as_slice() else { panic!("one log is there: {logs:?}") };
    log.clone()
}

/// A file system of its own, until it is dropped.
struct Mounted(std::path::PathBuf);

impl Mounted {
    fn small(at: &std::path::Path) -> Option<Self> {
        let mount = std::process::Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=256k,mode=700", "none"])
            .arg(at)
            .stderr(std::process::Stdio::null())
            .status();
        mount.is_ok_and(|status| status.success()).then(|| Self(at.to_owned()))
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        let _ = std::process::Command::new("umount").arg("-l").arg(&self.0).status();
    }
}
