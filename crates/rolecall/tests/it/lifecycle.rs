//! Starting, stopping and starting again.

use crate::house::{House, config, plain_listener, read_until};
use rolecall::app::App;
use rolecall::client::{Client, Credentials, Reply};
use rolecall::config::{AccountFlag, Config, Mode, Overrides};
use rolecall::data_dir::DataDir;
use rolecall_wire::Service;
use rolecall_wire::sigv4::SecretKey;
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

#[tokio::test(flavor = "multi_thread")]
async fn stopping_finishes_what_is_under_way_and_takes_nothing_new() {
    let house = House::new().await;
    let address = house.address();
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n\
                Content-Length: 8\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    let stopping = tokio::spawn(house.app.stop());
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(TcpStream::connect(address).await.is_err(), "nothing new");
    stream.write_all(b"Action=x").await.unwrap();
    assert!(read_until(&mut stream, "</ErrorResponse>").await.contains("InvalidAction"));
    assert!(stopping.await.unwrap(), "all finished");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_said_nothing_is_no_request_that_a_stop_cuts_off() {
    let house = House::with(|config| config.drain_seconds = 1).await;
    let idle = TcpStream::connect(house.address()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(house.app.stop().await, "nothing was under way");
    drop(idle);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_never_ends_is_cut_off() {
    let house = House::with(|config| config.drain_seconds = 0).await;
    let mut stream = TcpStream::connect(house.address()).await.unwrap();
    stream.write_all(b"PUT /b/k HTTP/1.1\r\nHost: localhost\r\nContent-Le").await.unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(!house.app.stop().await);
}

/// Clients hang up at all points of a write, before and after its effect, and then the server is told to stop.
#[tokio::test(flavor = "multi_thread")]
async fn every_effect_of_clients_that_hung_up_has_its_record_after_a_stop() {
    let house = House::with(|config| config.drain_seconds = 1).await;
    let put = house.client.request(http::Method::PUT, "/written").unwrap();
    house.client.send(Some(&house.root), Service::S3, put, "".into()).await.unwrap();
    let mut clients = tokio::task::JoinSet::new();
    let client = std::sync::Arc::new(Client::new(house.app.endpoint(), "us-east-1", None).unwrap());
    for n in 0..120u64 {
        let (client, root) = (std::sync::Arc::clone(&client), house.root.clone());
        clients.spawn(async move {
            let name = format!("n{n:03}");
            let write = async {
                if n % 2 == 0 {
                    let _ = client.query(&root, Service::Iam, "CreateUser", &[("UserName", &name)]).await;
                } else {
                    let put = client.request(http::Method::PUT, &format!("/written/{name}")).unwrap();
                    let _ = client.send(Some(&root), Service::S3, put, vec![1; 50_000].into()).await;
                }
            };
            let _ = tokio::time::timeout(Duration::from_micros(n * 400), write).await;
        });
    }
    clients.join_all().await;
    // One is still at it: the stop itself cuts it off.
    let mut half = TcpStream::connect(house.address()).await.unwrap();
    let form = "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 50\r\n\r\nAction=Get";
    half.write_all(format!("POST / HTTP/1.1\r\nHost: localhost\r\n{form}").as_bytes()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(500)).await;
    let House { app, config, root, directory, client, .. } = house;
    app.stop().await;
    drop(client);
    let records = crate::house::records(&config);
    let recorded = |name: &str, key: &str| {
        records.iter().any(|record| {
            record["eventName"] == name
                && record["requestParameters"].as_object().is_some_and(|p| p.values().any(|v| v == key))
        })
    };
    assert!(records.iter().any(|record| record["errorCode"] == "IncompleteBody"), "the one that was cut off");
    let app = App::start(&config).await.expect("nothing holds the store after a stop");
    let client = Client::new(app.endpoint(), "us-east-1", None).unwrap();
    let mut effects = 0;
    for n in 0..120u64 {
        let name = format!("n{n:03}");
        if n % 2 == 0 {
            let seen = client.query(&root, Service::Iam, "GetUser", &[("UserName", &name)]).await.unwrap();
            assert!(
                seen.status != 200 || recorded("CreateUser", &name),
                "{name} was made and there is no record"
            );
            effects += usize::from(seen.status == 200);
        } else {
            let head = client.request(http::Method::HEAD, &format!("/written/{name}")).unwrap();
            let seen = client.send(Some(&root), Service::S3, head, "".into()).await.unwrap();
            assert!(
                seen.status != 200 || recorded("PutObject", &name),
                "{name} was put and there is no record"
            );
            effects += usize::from(seen.status == 200);
        }
    }
    assert!((2..120).contains(&effects), "{effects} effects: some in time and some not");
    drop(directory);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_start_finds_what_the_first_one_made() {
    let house = House::new().await;
    let seen =
        house.client.query(&house.root, Service::Iam, "CreateUser", &[("UserName", "kept")]).await.unwrap();
    assert_eq!(seen.status, 200, "{seen:?}");
    assert!(App::start(&house.config).await.is_err(), "one process at a time");
    let House { app, config, root, directory, client, .. } = house;
    assert!(app.stop().await);
    let mode = |name: &str| config.data_dir.join(name).metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("keys.json"), mode("root-credentials"), mode("")), (0o600, 0o600, 0o700));
    drop(client);
    let app = start_when_free(&config).await;
    let client = rolecall::client::Client::new(app.endpoint(), "us-east-1", None).unwrap();
    let seen = client.query(&root, Service::Iam, "GetUser", &[("UserName", "kept")]).await.unwrap();
    assert_eq!(seen.text("UserName").as_deref(), Some("kept"), "{seen:?}");
    drop(directory);
}

/// Tasks that write usage may hold the store for a moment longer than the server.
async fn start_when_free(config: &Config) -> App {
    for _ in 0..100 {
        if let Ok(app) = App::start(config).await {
            return app;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    App::start(config).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn production_refuses_what_is_unsafe() {
    let directory = tempfile::tempdir().unwrap();
    let overrides = Overrides { data_dir: Some(directory.path().join("data")), ..Overrides::default() };
    let mut production = Config::load(Mode::Serve, overrides, None).unwrap();
    production.listen = vec![plain_listener()];
    refused(&production, "rolecall init").await;

    drop(DataDir::at(&production.data_dir).create(&production).await.unwrap());
    let app = start_when_free(&production).await;
    assert!(app.stop().await, "the positive control");

    let mut unsafe_one = production.clone();
    unsafe_one.test_clock = true;
    refused(&unsafe_one, "test clock").await;
    let mut unsafe_one = production.clone();
    unsafe_one.listen[0].address = ([0, 0, 0, 0], 0).into();
    refused(&unsafe_one, "allow_plaintext").await;
    let keys = production.data_dir.join("keys.json");
    std::fs::set_permissions(&keys, std::fs::Permissions::from_mode(0o644)).unwrap();
    refused(&production, "chmod 600").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn chosen_credentials_stay_in_development() {
    let directory = tempfile::tempdir().unwrap();
    let mut dev = config(&directory);
    dev.root_credentials = Some("test:test".parse().unwrap());
    let app = App::start(&dev).await.unwrap();
    assert!(app.stop().await);
    let mut production = dev.clone();
    production.root_credentials = None;
    production.mode = Mode::Serve;
    tokio::time::sleep(Duration::from_millis(200)).await;
    refused(&production, "'test' was chosen").await;
    dev.root_credentials = Some("other:other".parse().unwrap());
    refused(&dev, "another root key").await;
    dev.listen[0].address = ([0, 0, 0, 0], 0).into();
    refused(&dev, "loopback").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn further_accounts_are_declared_again_and_again_but_only_in_development() {
    let directory = tempfile::tempdir().unwrap();
    let mut dev = config(&directory);
    let further = |text: &str| match text.parse::<AccountFlag>() {
        Ok(AccountFlag::Further(account)) => account,
        other => panic!("{other:?}"),
    };
    dev.further_accounts = vec![further("111122223333:one:1"), further("444455556666:two:2")];
    for _ in 0..2 {
        let app = start_when_free(&dev).await;
        let client = Client::new(app.endpoint(), "us-east-1", None).unwrap();
        let key = Credentials {
            access_key_id: "two".into(),
            secret: SecretKey::new("2".into()),
            session_token: None,
        };
        let seen = client.query(&key, Service::Sts, "GetCallerIdentity", &[]).await.unwrap();
        assert_eq!(seen.text("Arn").unwrap(), "arn:aws:iam::444455556666:root");
        assert!(app.stop().await);
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    let mut production = dev.clone();
    production.mode = Mode::Serve;
    refused(&production, "refuses them").await;
    production.further_accounts.clear();
    refused(&production, "'one' was chosen").await;
    dev.further_accounts[1] = further("444455556666:three:2");
    refused(&dev, "another root key").await;
    dev.further_accounts[1] = further("444455556666:two:wrong");
    refused(&dev, "another secret").await;
    dev.listen[0].address = ([0, 0, 0, 0], 0).into();
    refused(&dev, "loopback").await;
    for bad in ["", "1", "111122223333:", "111122223333:a", "111122223333:a/b:c", "x:a:b"] {
        assert!(bad.parse::<AccountFlag>().is_err(), "{bad}");
    }
    let twice = vec!["111122223333".parse().unwrap(), "444455556666".parse().unwrap()];
    let twice = Overrides { accounts: twice, ..Overrides::default() };
    assert!(Config::load(Mode::Dev, twice, None).is_err());
}

async fn refused(config: &Config, because: &str) {
    let Err(error) = App::start(config).await else { panic!("started in spite of: {because}") };
    assert!(format!("{error:#}").contains(because), "{error:#}");
}

/// FLT-08: what a session's end is does not change with a clock that is set back while the server is stopped.
#[tokio::test(flavor = "multi_thread")]
async fn flt_08_a_clock_set_back_while_stopped_revives_no_session() {
    let directory = tempfile::tempdir().unwrap();
    let mut dev = config(&directory);
    dev.test_clock = true;
    let app = start_when_free(&dev).await;
    let client = Client::new(app.endpoint(), "us-east-1", None).unwrap();
    let root = root_of(&dev);
    let issued = client.query(&root, Service::Sts, "GetSessionToken", &[("DurationSeconds", "900")]).await;
    let session = session_of(&issued.unwrap());
    assert_eq!(ask(&app, &session).await, "");
    app.gate().system().clock.advance(901);
    assert_eq!(ask(&app, &session).await, "ExpiredToken");
    assert!(app.stop().await);

    // The test clock starts at the machine's time again, a quarter of an hour before the end of the last run.
    let app = start_when_free(&dev).await;
    assert_eq!(ask(&app, &session).await, "ExpiredToken", "time goes on from where it was");
    assert!(app.stop().await);

    dev.test_clock = false;
    refused_when_free(&dev, "--accept-clock").await;
    dev.accept_clock = true;
    let app = start_when_free(&dev).await;
    assert_eq!(ask(&app, &session).await, "", "who says that the clock is right is believed");
    assert!(app.stop().await);
    dev.accept_clock = false;
    let app = start_when_free(&dev).await;
    assert!(app.stop().await, "once is enough");
}

/// FLT-08: a little is held without a word of the operator's, also by a production server.
#[tokio::test(flavor = "multi_thread")]
async fn flt_08_a_clock_that_is_a_little_behind_is_held() {
    let directory = tempfile::tempdir().unwrap();
    let mut dev = config(&directory);
    dev.test_clock = true;
    let app = start_when_free(&dev).await;
    app.gate().system().clock.advance(240);
    let before = app.gate().system().clock.now();
    assert!(app.stop().await);
    let production = Config { mode: Mode::Serve, test_clock: false, ..dev };
    let app = start_when_free(&production).await;
    let (now, machine) = (app.gate().system().clock.now(), app.gate().system().clock.signing_now());
    assert!((before..before + 60).contains(&now), "{now} {before}");
    assert!(now - machine >= 200, "the machine's clock is behind: {machine}");
    let client = Client::new(app.endpoint(), "us-east-1", None).unwrap();
    let seen = client.query(&root_of(&production), Service::Sts, "GetCallerIdentity", &[]).await.unwrap();
    assert_eq!(seen.status, 200, "signatures go by the machine's clock: {seen:?}");
    assert!(app.stop().await);
}

/// The code of the refusal of a session's request; empty when it is let in.
async fn ask(app: &App, session: &Credentials) -> String {
    let client = Client::new(app.endpoint(), "us-east-1", None).unwrap();
    let seen = client.query(session, Service::Sts, "GetCallerIdentity", &[]).await.unwrap();
    seen.text("Code").unwrap_or_default()
}

fn root_of(config: &Config) -> Credentials {
    let root = DataDir::at(&config.data_dir).read_root().unwrap();
    let secret = SecretKey::new(root.secret.to_string());
    Credentials { access_key_id: root.access_key_id, secret, session_token: None }
}

fn session_of(seen: &Reply) -> Credentials {
    let text = |name| seen.text(name).unwrap();
    let secret = SecretKey::new(text("SecretAccessKey"));
    Credentials { access_key_id: text("AccessKeyId"), secret, session_token: Some(text("SessionToken")) }
}

/// As [`refused`], once the store is free.
async fn refused_when_free(config: &Config, because: &str) {
    tokio::time::sleep(Duration::from_millis(300)).await;
    refused(config, because).await;
}
