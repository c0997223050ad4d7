//! Servers and load on processors of their own, so that neither waits for the other's turn.

use anyhow::Result;
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

/// The processors that this process may use; when this is dropped, it may use all of them again.
#[derive(Debug)]
pub struct Processors {
    all: CpuSet,
}

impl Processors {
    /// Those it may use now.
    ///
    /// # Errors
    /// When the system does not say.
    pub fn usable() -> Result<Self> {
        Ok(Self { all: sched_getaffinity(None)? })
    }

    /// From now on only the first: a server that is started now stays there.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn for_servers(&self) -> Result<()> {
        self.only(|processors| processors.take(1).collect())
    }

    /// From now on all but the first, if there are more.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn for_load(&self) -> Result<()> {
        self.only(|processors| processors.skip(1).collect())
    }

    fn only(&self, choose: impl FnOnce(&mut dyn Iterator<Item = usize>) -> Vec<usize>) -> Result<()> {
        let chosen = choose(&mut (0..CpuSet::MAX_CPU).filter(|processor| self.all.is_set(*processor)));
        let mut set = CpuSet::new();
        chosen.iter().for_each(|processor| set.set(*processor));
        Ok(sched_setaffinity(None, if chosen.is_empty() { &self.all } else { &set })?)
    }
}

impl Drop for Processors {
    fn drop(&mut self) {
        // What was allowed before cannot be refused.
        sched_setaffinity(None, &self.all).ok();
    }
}
