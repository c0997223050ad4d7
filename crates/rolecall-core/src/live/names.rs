//! Names that many sessions share, each kept once: principals, origins, source identities, addresses.

use foldhash::fast::RandomState;
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

/// The names, by number. Number 0 is the empty name, which also stands for what did not fit.
#[derive(Default)]
pub(super) struct Names {
    known: RwLock<Known>,
}

#[derive(Default)]
struct Known {
    numbers: HashMap<Arc<str>, u32, RandomState>,
    texts: Vec<Arc<str>>,
}

impl Names {
    /// The number of a name, kept from now on. Once [`MOST`] are kept, new ones get 0.
    pub(super) fn keep(&self, name: &str) -> u32 {
        if name.is_empty() {
            return 0;
        }
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner).numbers.get(name).copied();
        known.unwrap_or_else(|| self.known.write().unwrap_or_else(PoisonError::into_inner).add(name))
    }

    /// The name of a number.
    pub(super) fn text(&self, number: u32) -> Arc<str> {
        let at = usize::try_from(number).unwrap_or(0).checked_sub(1);
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        at.and_then(|at| known.texts.get(at).cloned()).unwrap_or_default()
    }
}

impl Known {
    fn add(&mut self, name: &str) -> u32 {
        if let Some(number) = self.numbers.get(name) {
            return *number;
        }
        if self.texts.len() >= MOST {
            return 0;
        }
        let name: Arc<str> = name.into();
        self.texts.push(Arc::clone(&name));
        let number = u32::try_from(self.texts.len()).unwrap_or(0);
        self.numbers.insert(name, number);
        number
    }
}

/// How many names are kept.
const MOST: usize = 200_000;
