//! Removing bytes that no record refers to: left by a crash between writing them and recording them.

use crate::multipart::completed;
use crate::records::{Content, Object, Part, Record, key};
use foldhash::fast::FixedState;
use rolecall_core::Error;
use rolecall_core::System;
use rolecall_store::{Key, Range, Versioned};
use std::collections::HashSet;
use std::hash::BuildHasher;

/// The blobs that something refers to, eight bytes each: two that look the same are both kept.
#[derive(Default)]
struct Kept {
    ids: HashSet<u64, FixedState>,
    hash: FixedState,
}

/// Removes the blobs that no object and no part refers to, and that were there when the process began; says how many
/// there were. Uploads completed long ago are forgotten. Runs beside requests, a batch of records at a time.
///
/// # Errors
/// When a record cannot be read, in which case nothing is removed, or the disk fails.
pub async fn sweep(system: &System) -> Result<u64, Error> {
    while completed::forget(system, system.clock.now()).await? {}
    let mut kept = Kept::default();
    // What parts have goes to objects, never back: in this order nothing slips through.
    collect(system, key::all_parts(), &mut kept, |stored| Ok(vec![Part::decode(stored)?.content])).await?;
    collect(system, key::all_objects(), &mut kept, |stored| Ok(Object::decode(stored)?.content)).await?;
    let blobs = system.blobs.clone();
    let swept = tokio::task::spawn_blocking(move || blobs.sweep(|id| kept.has(id.as_str())));
    Ok(swept.await.map_err(|error| Error::internal(error.to_string()))??)
}

async fn collect(
    system: &System,
    mut range: Range,
    kept: &mut Kept,
    content: fn(&Versioned) -> Result<Vec<Content>, Error>,
) -> Result<(), Error> {
    loop {
        let found: Vec<(Key, Versioned)> = system.store.scan(&range, BATCH).await?;
        for (_, stored) in &found {
            kept.add(content(stored)?);
        }
        match found.last() {
            Some((last, _)) if found.len() == BATCH => {
                range.start.clone_from(last);
                range.start.push(0);
            }
            _ => return Ok(()),
        }
        tokio::task::yield_now().await;
    }
}

impl Kept {
    fn add(&mut self, content: Vec<Content>) {
        for piece in content {
            if let Content::Blob { id, .. } = piece {
                self.ids.insert(self.hash.hash_one(id.as_str()));
            }
        }
    }

    fn has(&self, id: &str) -> bool {
        self.ids.contains(&self.hash.hash_one(id))
    }
}

/// Records read at once.
const BATCH: usize = 512;
