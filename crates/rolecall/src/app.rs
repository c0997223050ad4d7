//! The whole server, put together from its configuration.

use crate::config::{Config, Listen, Mode};
use crate::data_dir::{self, DataDir};
use crate::doors::{Doors, Hosts};
use crate::operations;
use crate::places::Places;
use crate::serve::{Behind, Listener, Server};
use crate::tls::{self, Certificate};
use anyhow::{Context, Result};
use rolecall_core::id::AccountId;
use rolecall_core::{Gate, Retention, System, Task, time_mark};
use std::net::SocketAddr;
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio::net::TcpListener;

/// A running server.
pub struct App {
    server: Server,
    gate: Arc<Gate>,
    addresses: Vec<SocketAddr>,
    metadata: Vec<SocketAddr>,
    metrics: Option<SocketAddr>,
    endpoint: String,
    /// What it runs with.
    config: Config,
    /// By listener; those of plain HTTP have none.
    certificates: Vec<Option<Arc<Certificate>>>,
}

/// What came of reading the configuration again.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Reloaded {
    /// What is in force now, by name.
    pub taken: Vec<String>,
    /// What differs and needs a restart, by name.
    pub left: Vec<String>,
    /// What could not be taken over, and why; what was before goes on.
    pub failed: Vec<String>,
}

impl App {
    /// Opens the data directory and starts to serve. When this returns, connections are accepted.
    ///
    /// # Errors
    /// When the configuration is refused, the data directory cannot be used, or an address is taken.
    pub async fn start(config: &Config) -> Result<Self> {
        config.check()?;
        config.check_files()?;
        let (mut listeners, certificates) = bind(&config.listen).await?;
        let addresses = addresses(&listeners)?;
        let endpoint = endpoint(&listeners, &addresses);
        let instances = bind_instances(config).await?;
        let scraped = bind_metrics(config).await?;
        let public_url = Some(config.public_url.clone().unwrap_or_else(|| endpoint.clone()));
        let system = data_dir::open(&Config { public_url, ..config.clone() }).await?;
        let machines = machines(config, &system.settings.account, instances);
        let metadata = self::addresses(&machines)?;
        let metrics = self::addresses(scraped.as_slice())?.pop();
        listeners.extend(machines.into_iter().chain(scraped));
        let system = Arc::new(system);
        start_tasks(&system, config, &certificates);
        let gate = Arc::new(Gate::new(system, operations::all()));
        let doors = Arc::new(Doors::new(Arc::clone(&gate), hosts(config)));
        let places = Places::new(config.max_connections, config.share_of_an_address());
        let server = Server::start(listeners, doors, places).context("starting threads")?;
        let config = config.clone();
        Ok(Self { server, gate, addresses, metadata, metrics, endpoint, config, certificates })
    }

    /// Takes over what can change while it runs: certificates, their files, and how long a stop waits. Connections and
    /// requests are not touched.
    pub async fn reload(&mut self, wanted: &Config) -> Reloaded {
        let mut reloaded = Reloaded { left: self.config.differs_from(wanted), ..Reloaded::default() };
        self.config.drain_seconds = wanted.drain_seconds;
        if is_same_place(&self.config.listen, &wanted.listen) {
            reloaded.left.retain(|name| name != "listen");
            self.config.listen.clone_from(&wanted.listen);
        }
        if let Some(at) = reloaded.left.iter().position(|name| name == "drain_seconds") {
            reloaded.taken.push(reloaded.left.remove(at));
        }
        for (listen, certificate) in self.config.listen.iter().zip(&self.certificates) {
            let (Some(certificate), Some(chain), Some(key)) =
                (certificate, &listen.tls_certificate, &listen.tls_key)
            else {
                continue;
            };
            let (certificate, files) = (Arc::clone(certificate), (chain.clone(), key.clone()));
            let moved = tokio::task::spawn_blocking(move || certificate.move_to(&files.0, &files.1)).await;
            match moved.map_err(anyhow::Error::from).flatten() {
                Ok(()) => reloaded.taken.push(format!("the certificate of {}", listen.address)),
                Err(error) => {
                    reloaded.failed.push(format!("the certificate of {}: {error:#}", listen.address))
                }
            }
        }
        reloaded
    }

    /// The addresses it listens on, in the order of the configuration.
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// The addresses of the instances' metadata, in the order of the configuration.
    pub fn metadata(&self) -> &[SocketAddr] {
        &self.metadata
    }

    /// The address at which scrapers read the counters.
    pub fn metrics(&self) -> Option<SocketAddr> {
        self.metrics
    }

    /// The URL of the first listener.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// The gate behind the sockets.
    pub fn gate(&self) -> &Arc<Gate> {
        &self.gate
    }

    /// Stops accepting and lets requests under way finish; tells whether all did in time.
    pub async fn stop(self) -> bool {
        let patience = Duration::from_secs(self.config.drain_seconds);
        let finished = self.server.stop(patience).await;
        self.gate.system().store.settled().await;
        if let Err(error) = time_mark::write(self.gate.system()).await {
            tracing::warn!(%error, "the time was not noted");
        }
        finished
    }
}

/// What goes on beside requests from the start.
fn start_tasks(system: &Arc<System>, config: &Config, certificates: &[Option<Arc<Certificate>>]) {
    let this = || Arc::downgrade(system);
    system.background.start_until_stopped(Task::TimeMark, time_mark::keep(this()));
    system.background.start_until_stopped(Task::Sweep, sweep(this()));
    let followed = certificates.iter().flatten().cloned().collect();
    system.background.start_until_stopped(Task::Certificates, tls::watch(followed));
    let retention = Retention {
        directory: DataDir::at(&config.data_dir).audit(),
        days: config.audit_kept_days,
        bytes: config.audit_kept_bytes,
    };
    system.background.start_until_stopped(Task::Retention, retention.keep(this()));
}

/// Removes what a crash has left. Until then it only takes room.
async fn sweep(system: Weak<System>) {
    let Some(system) = system.upgrade() else { return };
    match rolecall_s3::sweep(&system).await {
        Ok(0) => {}
        Ok(swept) => tracing::info!(swept, "removed blobs of uploads that were cut off"),
        Err(error) => tracing::error!(%error, "blobs that no object uses are not removed"),
    }
}

async fn bind(listen: &[Listen]) -> Result<(Vec<Listener>, Vec<Option<Arc<Certificate>>>)> {
    let (mut listeners, mut certificates) = (Vec::new(), Vec::new());
    for listen in listen {
        let certificate = Certificate::load(listen)?;
        let socket = TcpListener::bind(listen.address).await.with_context(|| {
            format!("cannot listen on {}; choose another address with --listen", listen.address)
        })?;
        let behind = Behind::Services(certificate.as_ref().map(Certificate::acceptor));
        listeners.push(Listener { socket, behind });
        certificates.push(certificate);
    }
    Ok((listeners, certificates))
}

/// The sockets of the instances' metadata.
async fn bind_instances(config: &Config) -> Result<Vec<TcpListener>> {
    let mut sockets = Vec::new();
    for instance in &config.instances {
        let at = instance.listen;
        let socket = TcpListener::bind(at).await.with_context(|| {
            format!(
                "cannot serve the metadata of instance '{}' on {at}; give it another address",
                instance.profile
            )
        })?;
        sockets.push(socket);
    }
    Ok(sockets)
}

/// The socket that scrapers ask.
async fn bind_metrics(config: &Config) -> Result<Option<Listener>> {
    let Some(at) = config.metrics_listen else { return Ok(None) };
    let socket = TcpListener::bind(at).await;
    let socket = socket.with_context(|| {
        format!("cannot serve metrics on {at}; choose another address with --metrics-listen")
    })?;
    Ok(Some(Listener { socket, behind: Behind::Metrics }))
}

fn machines(config: &Config, account: &AccountId, sockets: Vec<TcpListener>) -> Vec<Listener> {
    let machines = config.instances.iter().zip(sockets);
    machines
        .map(|(instance, socket)| Listener { socket, behind: Behind::Metadata(instance.machine(account)) })
        .collect()
}

fn addresses(listeners: &[Listener]) -> Result<Vec<SocketAddr>> {
    listeners.iter().map(|l| l.socket.local_addr()).collect::<Result<_, _>>().context("listening")
}

fn hosts(config: &Config) -> Hosts {
    Hosts {
        s3: config.s3_hosts.iter().map(|host| host.to_ascii_lowercase()).collect(),
        only_known: config.mode == Mode::Dev && config.is_loopback(),
    }
}

/// Whether listeners are on the same addresses, with TLS where there was.
fn is_same_place(one: &[Listen], other: &[Listen]) -> bool {
    let place = |listen: &Listen| (listen.address, listen.tls_key.is_some());
    one.iter().map(place).eq(other.iter().map(place))
}

fn endpoint(listeners: &[Listener], addresses: &[SocketAddr]) -> String {
    let secure = listeners.first().is_some_and(|l| matches!(l.behind, Behind::Services(Some(_))));
    let scheme = if secure { "https" } else { "http" };
    match addresses.first() {
        Some(address) if address.ip().is_unspecified() => format!("{scheme}://127.0.0.1:{}", address.port()),
        Some(address) => format!("{scheme}://{address}"),
        None => String::new(),
    }
}
