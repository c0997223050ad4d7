//! A server of its own for each test, and ways to talk to it.

use rolecall::app::App;
use rolecall::client::{Client, Credentials};
use rolecall::config::{Config, Listen, Mode, Overrides};
use rolecall::data_dir::DataDir;
use rolecall_wire::sigv4::SecretKey;
use std::net::SocketAddr;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

pub(crate) struct House {
    pub(crate) app: App,
    pub(crate) config: Config,
    pub(crate) root: Credentials,
    pub(crate) client: Client,
    pub(crate) directory: TempDir,
}

impl House {
    pub(crate) async fn new() -> Self {
        Self::with(|_| {}).await
    }

    pub(crate) async fn with(change: impl FnOnce(&mut Config)) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let mut config = config(&directory);
        change(&mut config);
        Self::of(directory, config).await
    }

    /// A server on a directory that is there.
    pub(crate) async fn of(directory: TempDir, config: Config) -> Self {
        let app = App::start(&config).await.unwrap();
        let root = DataDir::at(&config.data_dir).read_root().unwrap();
        let secret = SecretKey::new(root.secret.to_string());
        let root = Credentials { access_key_id: root.access_key_id, secret, session_token: None };
        let endpoint = format!("http://{}", app.addresses()[0]);
        let client = Client::new(&endpoint, "us-east-1", None).unwrap();
        Self { app, config, root, client, directory }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.app.addresses()[0]
    }

    /// Sends bytes on a fresh connection and reads until the server closes it.
    pub(crate) async fn raw(&self, text: &str) -> String {
        let mut stream = TcpStream::connect(self.address()).await.unwrap();
        stream.write_all(text.as_bytes()).await.unwrap();
        read_all(&mut stream).await
    }

    /// Sends a request with these extra header lines, without credentials.
    pub(crate) async fn plain(&self, method: &str, target: &str, headers: &str) -> String {
        let host = if headers.to_ascii_lowercase().contains("host:") { "" } else { "Host: localhost\r\n" };
        self.raw(&format!("{method} {target} HTTP/1.1\r\n{host}Connection: close\r\n{headers}\r\n")).await
    }

    /// The audit records so far.
    pub(crate) fn records(&self) -> Vec<serde_json::Value> {
        records(&self.config)
    }
}

/// The audit records in a data directory.
pub(crate) fn records(config: &Config) -> Vec<serde_json::Value> {
    let Ok(files) = config.data_dir.join("audit").read_dir() else { return Vec::new() };
    let files = files.map(|file| file.unwrap().path());
    let logs = files.filter(|path| path.extension().is_some_and(|kind| kind == "jsonl"));
    let lines = logs.map(|path| std::fs::read_to_string(path).unwrap());
    lines.collect::<String>().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

pub(crate) fn config(directory: &TempDir) -> Config {
    let overrides = Overrides { data_dir: Some(directory.path().join("data")), ..Overrides::default() };
    let mut config = Config::load(Mode::Dev, overrides, None).unwrap();
    config.listen = vec![plain_listener()];
    config.drain_seconds = 5;
    config
}

pub(crate) fn plain_listener() -> Listen {
    Listen { address: ([127, 0, 0, 1], 0).into(), tls_certificate: None, tls_key: None }
}

pub(crate) async fn read_all(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let read = tokio::time::timeout(std::time::Duration::from_secs(20), stream.read_to_end(&mut bytes));
    read.await.expect("the server closes the connection").unwrap();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Reads until the text has arrived.
pub(crate) async fn read_until(stream: &mut TcpStream, text: &str) -> String {
    let mut all = String::new();
    let mut piece = [0; 4096];
    while !all.contains(text) {
        let read = tokio::time::timeout(std::time::Duration::from_secs(10), stream.read(&mut piece));
        let read = read.await.expect("an answer").unwrap();
        assert!(read > 0, "closed after: {all}");
        all.push_str(&String::from_utf8_lossy(&piece[..read]));
    }
    all
}

/// The value of a header of an answer's text.
pub(crate) fn header<'a>(answer: &'a str, name: &str) -> Option<&'a str> {
    let head = answer.split("\r\n\r\n").next()?;
    head.lines()
        .filter_map(|line| line.split_once(": "))
        .find(|(n, _)| n.eq_ignore_ascii_case(name))
        .map(|(_, v)| v)
}
