//! The counters over HTTP: a listener of their own, without signatures, with nothing else behind it.

use crate::house::{House, header, read_all};
use crate::process::program;
use http::Method;
use rolecall_core::metrics::CONTENT_TYPE;
use rolecall_wire::Service;
use std::collections::{HashMap, HashSet};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

async fn scraped() -> House {
    House::with(|config| config.metrics_listen = Some(([127, 0, 0, 1], 0).into())).await
}

/// Asks the listener of the counters on a fresh connection.
async fn ask(house: &House, method: &str, target: &str, headers: &str) -> String {
    let mut stream = TcpStream::connect(house.app.metrics().unwrap()).await.unwrap();
    let host = if headers.contains("Host:") { "" } else { "Host: localhost\r\n" };
    let text = format!("{method} {target} HTTP/1.1\r\n{host}Connection: close\r\n{headers}\r\n");
    stream.write_all(text.as_bytes()).await.unwrap();
    read_all(&mut stream).await
}

/// What was scraped: the samples by series, each once, and the families, each with its help and type.
struct Scraped {
    samples: HashMap<String, f64>,
    types: HashMap<String, String>,
}

impl Scraped {
    async fn of(house: &House) -> Self {
        let answer = ask(house, "GET", "/metrics", "").await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        assert_eq!(header(&answer, "content-type"), Some(CONTENT_TYPE));
        let (_, text) = answer.split_once("\r\n\r\n").unwrap();
        Self::parse(text)
    }

    fn parse(text: &str) -> Self {
        let (mut samples, mut types, mut helped) = (HashMap::new(), HashMap::new(), HashSet::new());
        let text = text.strip_suffix("# EOF\n").expect("the end is marked");
        for line in text.lines() {
            if let Some(said) = line.strip_prefix("# HELP ") {
                let (name, help) = said.split_once(' ').unwrap();
                assert!(!help.is_empty() && helped.insert(name), "{line}");
            } else if let Some(said) = line.strip_prefix("# TYPE ") {
                let (name, kind) = said.split_once(' ').unwrap();
                assert!(types.insert(name.to_owned(), kind.to_owned()).is_none(), "{line}");
            } else if !line.starts_with("# UNIT ") {
                let (series, value) = line.rsplit_once(' ').unwrap();
                let is_new = samples.insert(series.to_owned(), value.parse().unwrap()).is_none();
                assert!(is_new, "{series} comes twice");
            }
        }
        assert!(types.keys().all(|name| helped.contains(&**name)) && types.len() == helped.len(), "{text}");
        let family = |series: &String| {
            let name = series.split('{').next().unwrap();
            let stem = ["_total", "_bucket", "_sum", "_count"].iter().find_map(|end| name.strip_suffix(end));
            types.contains_key(name) || stem.is_some_and(|stem| types.contains_key(stem))
        };
        assert!(samples.keys().all(family), "{text}");
        Self { samples, types }
    }

    fn value(&self, series: &str) -> f64 {
        *self.samples.get(series).unwrap_or_else(|| panic!("no {series} in {:?}", self.samples))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn item_15_scrapers_read_every_series_once_with_help_and_type_and_it_counts() {
    let house = scraped().await;
    let before = Scraped::of(&house).await;
    for (name, kind) in [
        ("rolecall_requests", "counter"),
        ("rolecall_request_duration_seconds", "histogram"),
        ("rolecall_denials", "counter"),
        ("rolecall_sessions_in_force", "gauge"),
        ("rolecall_store_size_bytes", "gauge"),
    ] {
        assert_eq!(before.types.get(name).map(String::as_str), Some(kind), "{:?}", before.types);
    }
    let page = include_str!("../../../../docs/operating.md");
    let untold: Vec<_> = before.types.keys().filter(|name| !page.contains(&format!("`{name}"))).collect();
    assert!(untold.is_empty(), "docs/operating.md lacks {untold:?}");
    house.client.query(&house.root, Service::Sts, "GetSessionToken", &[]).await.unwrap().done().unwrap();
    house.client.s3(Some(&house.root), Method::PUT, "/bucket", "".into()).await.unwrap().done().unwrap();
    assert!(house.plain("GET", "/bucket", "").await.starts_with("HTTP/1.1 403"));
    let after = Scraped::of(&house).await;
    let grew = |series: &str| after.value(series) - before.value(series);
    assert_eq!(grew("rolecall_requests_total{service=\"sts\",outcome=\"ok\"}"), 1.0);
    assert_eq!(grew("rolecall_requests_total{service=\"s3\",outcome=\"refused\"}"), 1.0);
    let times = "rolecall_request_duration_seconds_count";
    assert_eq!(grew(&format!("{times}{{service=\"sts\",effect=\"mints\"}}")), 1.0);
    assert_eq!(grew(&format!("{times}{{service=\"s3\",effect=\"writes\"}}")), 1.0);
    assert_eq!(grew(&format!("{times}{{service=\"s3\",effect=\"reads\"}}")), 1.0);
    assert_eq!(grew("rolecall_sessions_in_force"), 1.0);
    assert!(after.value("rolecall_store_size_bytes") > 0.0);
    let denied = |scraped: &Scraped| -> f64 {
        let of_s3 = |series: &&String| series.starts_with("rolecall_denials_total{service=\"s3\"");
        scraped.samples.keys().filter(of_s3).map(|series| scraped.value(series)).sum()
    };
    assert_eq!(denied(&after), denied(&before) + 1.0);
    let records = house.records();
    assert!(records.iter().all(|record| record["eventName"] != "GetMetrics"), "no operation, no record");
    let principals = format!("{:?}", after.samples.keys());
    assert!(!principals.contains("123456789012") && !principals.contains(&house.root.access_key_id));
}

#[tokio::test(flavor = "multi_thread")]
async fn item_15_nothing_else_is_behind_the_listener_of_the_counters() {
    let house = scraped().await;
    let get = ask(&house, "GET", "/metrics?x=1", "").await;
    assert!(get.starts_with("HTTP/1.1 200"), "{get}");
    let head = ask(&house, "HEAD", "/metrics", "").await;
    assert!(head.starts_with("HTTP/1.1 200") && head.ends_with("\r\n\r\n"), "{head}");
    assert_eq!(header(&head, "content-type"), Some(CONTENT_TYPE));
    assert!(header(&head, "content-length").is_some_and(|length| length != "0"), "{head}");
    let action = "/?Action=GetCallerIdentity&Version=2011-06-15";
    for (method, target) in [
        ("GET", "/"),
        ("GET", "/metrics/"),
        ("GET", "/Metrics"),
        ("GET", "/livez"),
        ("GET", action),
        ("POST", "/metrics"),
        ("PUT", "/bucket"),
        ("OPTIONS", "*"),
    ] {
        let seen = ask(&house, method, target, "").await;
        assert!(seen.starts_with("HTTP/1.1 404") && seen.ends_with("404 - Not Found\n"), "{target}: {seen}");
    }
    let by_name = ask(&house, "GET", "/metrics", "Host: evil.example\r\n").await;
    assert!(by_name.starts_with("HTTP/1.1 404"), "a page that points its name here: {by_name}");
    let signed =
        rolecall::client::Client::new(&format!("http://{}", house.app.metrics().unwrap()), "us-east-1", None);
    let seen = signed.unwrap().s3(Some(&house.root), Method::PUT, "/bucket", "".into()).await.unwrap();
    assert_eq!(seen.status, 404);
    assert!(house.records().is_empty(), "and nothing was done");
}

#[tokio::test(flavor = "multi_thread")]
async fn ops_05_strangers_learn_nothing_elsewhere_and_no_listener_opens_unasked() {
    let house = scraped().await;
    for path in ["/metrics", "/?Action=GetMetrics&Version=2026-11-22"] {
        let seen = house.plain("GET", path, "").await;
        assert!(seen.starts_with("HTTP/1.1 40") && !seen.contains("rolecall_"), "{path}: {seen}");
    }
    assert!(ask(&house, "GET", "/metrics", "").await.contains("rolecall_"), "here they are told");
    assert_eq!(House::new().await.app.metrics(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn scrapers_are_bounded_and_take_nobody_elses_place() {
    let house = House::with(|config| {
        config.metrics_listen = Some(([127, 0, 0, 1], 0).into());
        config.max_connections = 2;
        config.max_connections_per_address = Some(2);
    })
    .await;
    let at = house.app.metrics().unwrap();
    let mut idle = Vec::new();
    for _ in 0..16 {
        idle.push(TcpStream::connect(at).await.unwrap());
    }
    let mut sent_away = TcpStream::connect(at).await.unwrap();
    let closed = tokio::time::timeout(std::time::Duration::from_secs(5), sent_away.read(&mut [0; 16])).await;
    assert!(matches!(closed, Ok(Ok(0) | Err(_))), "an address has its share: {closed:?}");
    let seen = house.client.query(&house.root, Service::Sts, "GetCallerIdentity", &[]).await.unwrap();
    assert_eq!(seen.status, 200, "{seen:?}");
    let mut first = idle.swap_remove(0);
    first.write_all(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").await.unwrap();
    assert!(read_all(&mut first).await.starts_with("HTTP/1.1 200"), "those within it are answered");
}

#[tokio::test(flavor = "multi_thread")]
async fn item_15_the_command_gives_objects_to_programs() {
    let house = House::new().await;
    let endpoint = format!("http://{}", house.address());
    let ask = |output: &str| {
        let data = house.config.data_dir.to_str().unwrap();
        let mut command = program();
        command.args(["metrics", "--endpoint", &endpoint, "--data-dir", data, "--output", output]);
        let done = command.output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        String::from_utf8(done.stdout).unwrap()
    };
    let text = Scraped::parse(&ask("text"));
    let read: serde_json::Value = serde_json::from_str(&ask("json")).unwrap();
    let families = read["Families"].as_array().unwrap();
    assert_eq!(families.len(), text.types.len());
    let mut samples = 0;
    for family in families {
        let kind = text.types.get(family["Name"].as_str().unwrap()).unwrap();
        assert_eq!(family["Type"], **kind);
        assert!(family["Help"].as_str().is_some_and(|help| !help.is_empty()), "{family}");
        samples += family["Samples"].as_array().unwrap().len();
    }
    assert_eq!(samples, text.samples.len());
    let requests = families.iter().find(|family| family["Name"] == "rolecall_requests").unwrap();
    let ok = requests["Samples"].as_array().unwrap().iter();
    let mut ok = ok.filter(|s| s["Labels"] == serde_json::json!({"service": "rolecall", "outcome": "ok"}));
    assert_eq!(ok.next().unwrap()["Value"], 1, "the first command's request");
}

#[test]
fn item_15_the_listener_is_told_by_flag_else_environment_else_file() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("rolecall.toml");
    let show = |text: &str, flags: &[&str], variable: Option<&str>| {
        std::fs::write(&file, text).unwrap();
        let mut command = program();
        command.args(["config", "show", "--output", "json", "--config"]).arg(&file).args(flags);
        command.envs(variable.map(|address| ("ROLECALL_METRICS_LISTEN", address)));
        let done = command.output().unwrap();
        let config: serde_json::Value = serde_json::from_slice(&done.stdout).unwrap_or_default();
        (config["metrics_listen"].as_str().map(str::to_owned), String::from_utf8(done.stderr).unwrap())
    };
    let (named, flag) = ("metrics_listen = \"0.0.0.0:1\"\n", ["--metrics-listen", "3"]);
    assert_eq!(show("", &[], None).0, None);
    assert_eq!(show(named, &[], None).0.as_deref(), Some("0.0.0.0:1"));
    assert_eq!(show(named, &[], Some(":2")).0.as_deref(), Some("127.0.0.1:2"), "loopback unless told");
    assert_eq!(show(named, &flag, Some(":2")).0.as_deref(), Some("127.0.0.1:3"));
    let (_, wrong) = show("\nmetrics_listen = \"example.org\"\n", &[], None);
    assert!(wrong.contains("rolecall.toml:2") && wrong.contains("127.0.0.1:9464"), "{wrong}");
}
