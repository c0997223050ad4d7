//! Starting, stopping and starting again.

use crate::house::{House, config, plain_listener, read_until};
use rolecall::app::App;
use rolecall::client::{Client, Credentials};
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
async fn a_request_that_never_ends_is_cut_off() {
    let house = House::with(|config| config.drain_seconds = 0).await;
    let mut stream = TcpStream::connect(house.address()).await.unwrap();
    stream.write_all(b"PUT /b/k HTTP/1.1\r\nHost: localhost\r\nContent-Le").await.unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(!house.app.stop().await);
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
