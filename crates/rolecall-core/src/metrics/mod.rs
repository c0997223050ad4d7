//! Counters of what the server did. Counting costs a few additions and takes no memory; reading them is for scrapers.

mod exposition;
mod latency;
mod told;

pub use exposition::CONTENT_TYPE;
pub use told::text;

use latency::Latency;
use rolecall_policy::Layer;
use rolecall_wire::{Effect, Service};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Counters since the start.
#[derive(Debug, Default)]
pub struct Metrics {
    requests: [Outcomes; Service::ALL.len()],
    latencies: [[Latency; EFFECTS.len()]; Service::ALL.len()],
    denials: [[AtomicU64; LAYERS.len()]; Service::ALL.len()],
    audit_failures: AtomicU64,
}

#[derive(Debug, Default)]
struct Outcomes {
    ok: AtomicU64,
    refused: AtomicU64,
    failed: AtomicU64,
}

impl Metrics {
    /// Counts an answer by service and HTTP status.
    pub fn answered(&self, service: Service, status: u16) {
        let Some(outcomes) = self.requests.get(service as usize) else { return };
        let counter = match status {
            ..400 => &outcomes.ok,
            400..500 => &outcomes.refused,
            500.. => &outcomes.failed,
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    /// Notes how long an answer took, from the request's head to the answer's.
    pub fn took(&self, service: Service, effect: Effect, time: Duration) {
        let latencies = self.latencies.get(service as usize);
        if let Some(latency) = latencies.and_then(|by_effect| by_effect.get(effect as usize)) {
            latency.note(time);
        }
    }

    /// Counts a decision that denied, by the layer that it is blamed on.
    pub(crate) fn denied(&self, service: Service, because: Option<Layer>) {
        let at = LAYERS.iter().position(|(layer, _)| *layer == because);
        let counter = at.and_then(|at| self.denials.get(service as usize)?.get(at));
        if let Some(counter) = counter {
            counter.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Counts an audit record that could not be written.
    pub fn audit_failed(&self) {
        self.audit_failures.fetch_add(1, Ordering::Relaxed);
    }
}

/// What times are counted by, in the order of their numbers, and its name as a label.
const EFFECTS: [(Effect, &str); 3] =
    [(Effect::Reads, "reads"), (Effect::Writes, "writes"), (Effect::Mints, "mints")];
/// What denials are counted by, and its name as a label.
const LAYERS: [(Option<Layer>, &str); 8] = [
    (Some(Layer::ServiceControl), "service-control"),
    (Some(Layer::ResourceControl), "resource-control"),
    (Some(Layer::Resource), "resource"),
    (Some(Layer::Trust), "trust"),
    (Some(Layer::Session), "session"),
    (Some(Layer::Boundary), "boundary"),
    (Some(Layer::Identity), "identity"),
    (None, "none"),
];

#[cfg(test)]
mod tests;
