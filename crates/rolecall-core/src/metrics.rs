//! Counters of what the server did, in the Prometheus text format.

use rolecall_wire::Service;
use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering};

/// Counters since the start.
#[derive(Debug, Default)]
pub struct Metrics {
    requests: [Outcomes; Service::ALL.len()],
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

    /// Counts an audit record that could not be written.
    pub fn audit_failed(&self) {
        self.audit_failures.fetch_add(1, Ordering::Relaxed);
    }

    /// All counters as Prometheus reads them.
    pub fn text(&self) -> String {
        let mut out = String::from("# TYPE rolecall_requests_total counter\n");
        for (service, outcomes) in Service::ALL.iter().zip(&self.requests) {
            let rows = [("ok", &outcomes.ok), ("refused", &outcomes.refused), ("failed", &outcomes.failed)];
            for (outcome, counter) in rows {
                let (service, n) = (service.prefix(), counter.load(Ordering::Relaxed));
                let _ = writeln!(
                    out,
                    "rolecall_requests_total{{service=\"{service}\",outcome=\"{outcome}\"}} {n}"
                );
            }
        }
        let failures = self.audit_failures.load(Ordering::Relaxed);
        let _ = writeln!(
            out,
            "# TYPE rolecall_audit_failures_total counter\nrolecall_audit_failures_total {failures}"
        );
        out
    }
}
