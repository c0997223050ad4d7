//! The whole server, put together from its configuration.

use crate::config::{Config, Listen, Mode};
use crate::data_dir;
use crate::doors::{Doors, Hosts};
use crate::operations;
use crate::outbound::Outbound;
use crate::serve::{Behind, Listener, Server};
use crate::tls;
use anyhow::{Context, Result};
use rolecall_core::{Gate, time_mark};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

/// A running server.
pub struct App {
    server: Server,
    gate: Arc<Gate>,
    addresses: Vec<SocketAddr>,
    metadata: Vec<SocketAddr>,
    endpoint: String,
    patience: Duration,
    /// Notes the time; ends with the server.
    keeper: JoinSet<()>,
}

impl App {
    /// Opens the data directory and starts to serve. When this returns, connections are accepted.
    ///
    /// # Errors
    /// When the configuration is refused, the data directory cannot be used, or an address is taken.
    pub async fn start(config: &Config) -> Result<Self> {
        config.check()?;
        Outbound::new(config)?;
        let mut listeners = bind(&config.listen).await?;
        let addresses = listeners
            .iter()
            .map(|l| l.socket.local_addr())
            .collect::<Result<Vec<_>, _>>()
            .context("listening")?;
        let endpoint = endpoint(&listeners, &addresses);
        let machines = machines(config).await?;
        let metadata = machines.iter().map(|l| l.socket.local_addr()).collect::<Result<Vec<_>, _>>()?;
        listeners.extend(machines);
        let public_url = Some(config.public_url.clone().unwrap_or_else(|| endpoint.clone()));
        let system = data_dir::open(&Config { public_url, ..config.clone() }).await?;
        let swept = rolecall_s3::sweep(&system).await.context("removing blobs that no object uses")?;
        if swept > 0 {
            tracing::info!(swept, "removed blobs of uploads that were cut off");
        }
        let system = Arc::new(system);
        let mut keeper = JoinSet::new();
        keeper.spawn(time_mark::keep(Arc::downgrade(&system)));
        let gate = Arc::new(Gate::new(system, operations::all()));
        let hosts = Hosts {
            s3: config.s3_hosts.iter().map(|host| host.to_ascii_lowercase()).collect(),
            only_known: config.mode == Mode::Dev && config.is_loopback(),
        };
        let doors = Arc::new(Doors::new(Arc::clone(&gate), hosts));
        let server = Server::start(listeners, doors, config.max_connections).context("starting threads")?;
        let patience = Duration::from_secs(config.drain_seconds);
        Ok(Self { server, gate, addresses, metadata, endpoint, patience, keeper })
    }

    /// The addresses it listens on, in the order of the configuration.
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// The addresses of the instances' metadata, in the order of the configuration.
    pub fn metadata(&self) -> &[SocketAddr] {
        &self.metadata
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
    pub async fn stop(mut self) -> bool {
        let finished = self.server.stop(self.patience).await;
        self.keeper.shutdown().await;
        if let Err(error) = time_mark::write(self.gate.system()).await {
            tracing::warn!(%error, "the time was not noted");
        }
        finished
    }
}

async fn bind(listen: &[Listen]) -> Result<Vec<Listener>> {
    let mut listeners = Vec::new();
    for listen in listen {
        let tls = tls::acceptor(listen)?;
        let socket = TcpListener::bind(listen.address).await.with_context(|| {
            format!("cannot listen on {}; choose another address with --listen", listen.address)
        })?;
        listeners.push(Listener { socket, behind: Behind::Services(tls) });
    }
    Ok(listeners)
}

/// The listeners of the instances' metadata.
async fn machines(config: &Config) -> Result<Vec<Listener>> {
    let account = config.account.parse()?;
    let mut listeners = Vec::new();
    for instance in &config.instances {
        let at = instance.listen;
        let socket = TcpListener::bind(at).await.with_context(|| {
            format!(
                "cannot serve the metadata of instance '{}' on {at}; give it another address",
                instance.profile
            )
        })?;
        listeners.push(Listener { socket, behind: Behind::Metadata(instance.machine(&account)) });
    }
    Ok(listeners)
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
