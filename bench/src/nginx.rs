//! nginx on loopback, serving one static file from a folder of its own.

use crate::connection::Connection;
use crate::process::Process;
use anyhow::{Context, Result, bail};
use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::Duration;

/// A running nginx: one process that is its own worker.
#[derive(Debug)]
pub struct Nginx {
    /// Its process.
    pub process: Process,
    /// Where it listens.
    pub address: SocketAddr,
}

impl Nginx {
    /// Starts nginx with `folder` as its prefix and `folder/www` as the document root.
    ///
    /// # Errors
    /// When nginx is not installed or does not start listening within two seconds.
    pub fn start(folder: &Path, access_log: bool) -> Result<Self> {
        // nginx cannot tell which port it chose, so a free one is found for it.
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let log = if access_log { "access.log combined" } else { "off" };
        let name = format!("{}.conf", address.port());
        let config = CONFIG.replace("LISTEN", &address.to_string()).replace("ACCESS_LOG", log);
        fs::write(folder.join(&name), config)?;
        let mut command = Command::new("nginx");
        command.arg("-p").arg(folder).args(["-e", "error.log", "-c", &name]);
        let process = Process::start(&mut command)?;
        wait_for(address)?;
        Ok(Self { process, address })
    }
}

/// Writes the one file that is served.
///
/// # Errors
/// When the disk refuses.
pub fn write_file(folder: &Path, path: &str, bytes: &[u8]) -> Result<()> {
    let file = folder.join("www").join(path.trim_start_matches('/'));
    fs::create_dir_all(file.parent().context("no folder")?)?;
    Ok(fs::write(file, bytes)?)
}

fn wait_for(address: SocketAddr) -> Result<()> {
    for _ in 0..200 {
        if Connection::open(address).is_ok() {
            return Ok(());
        }
        thread::sleep(Duration::from_millis(10));
    }
    bail!("nginx does not listen on {address}")
}

/// As Debian ships it (sendfile, tcp_nopush), in one process; a connection may carry any number of
/// requests, as it may with the server.
const CONFIG: &str = "
daemon off;
master_process off;
pid nginx.pid;
events { worker_connections 512; }
http {
    sendfile on;
    tcp_nopush on;
    keepalive_requests 100000000;
    access_log ACCESS_LOG;
    client_body_temp_path temp;
    proxy_temp_path temp;
    fastcgi_temp_path temp;
    uwsgi_temp_path temp;
    scgi_temp_path temp;
    server {
        listen LISTEN;
        root www;
    }
}
";
