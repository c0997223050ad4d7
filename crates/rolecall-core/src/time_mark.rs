//! The latest time that an installation is known to have reached, kept over restarts: a clock that is set back
//! while the server is stopped makes no session last longer.
//!
//! The mark is written when a server starts and stops and once a minute in between, so after a crash it is a
//! minute behind at most.

use crate::error::Error;
use crate::records::key;
use crate::system::System;
use rolecall_store::Store;
use std::sync::Weak;
use std::time::Duration;

/// The mark, in milliseconds since 1970; `None` on a fresh installation.
///
/// # Errors
/// When the store fails or the mark is damaged.
pub async fn read(store: &Store) -> Result<Option<i64>, Error> {
    let Some(stored) = store.get(&key::time_mark()).await? else { return Ok(None) };
    let bytes = <[u8; 8]>::try_from(&*stored.value);
    bytes
        .map(|bytes| Some(i64::from_be_bytes(bytes)))
        .map_err(|_| Error::internal("the time mark is damaged"))
}

/// Sets the mark to what the system's clock says now.
///
/// # Errors
/// When the store fails.
pub async fn write(system: &System) -> Result<(), Error> {
    let mut txn = system.store.begin();
    txn.put(key::time_mark(), system.clock.now_ms().to_be_bytes().to_vec());
    txn.commit().await?;
    Ok(())
}

/// Moves the mark on now and once a minute, as long as there is a system.
pub async fn keep(system: Weak<System>) {
    while let Some(system) = system.upgrade() {
        if let Err(error) = write(&system).await {
            tracing::warn!(%error, "the time was not noted; a clock set back while stopped may be believed");
        }
        drop(system);
        tokio::time::sleep(EVERY).await;
    }
}

const EVERY: Duration = Duration::from_secs(60);
