//! Removing bytes that no record refers to: left by a crash between writing them and recording them.

use crate::records::{Content, Object, Part, Record, key};
use rolecall_core::Error;
use rolecall_core::System;
use rolecall_store::{Key, Range, Versioned};
use std::collections::HashSet;

/// Removes the blobs that no object and no part refers to and says how many there were. For the time
/// before requests are served: later it would take what is being written.
///
/// # Errors
/// When a record cannot be read, in which case nothing is removed, or the disk fails.
pub async fn sweep(system: &System) -> Result<u64, Error> {
    let mut kept = HashSet::new();
    collect(system, key::all_objects(), &mut kept, |stored| Ok(Object::decode(stored)?.content)).await?;
    collect(system, key::all_parts(), &mut kept, |stored| Ok(vec![Part::decode(stored)?.content])).await?;
    let blobs = system.blobs.clone();
    let swept = tokio::task::spawn_blocking(move || blobs.sweep(|id| kept.contains(id.as_str())));
    Ok(swept.await.map_err(|error| Error::internal(error.to_string()))??)
}

async fn collect(
    system: &System,
    mut range: Range,
    kept: &mut HashSet<String>,
    content: fn(&Versioned) -> Result<Vec<Content>, Error>,
) -> Result<(), Error> {
    loop {
        let found: Vec<(Key, Versioned)> = system.store.scan(&range, BATCH).await?;
        for (_, stored) in &found {
            for piece in content(stored)? {
                if let Content::Blob { id, .. } = piece {
                    kept.insert(id);
                }
            }
        }
        match found.last() {
            Some((last, _)) if found.len() == BATCH => {
                range.start.clone_from(last);
                range.start.push(0);
            }
            _ => return Ok(()),
        }
    }
}

/// Records read at once.
const BATCH: usize = 1_000;
