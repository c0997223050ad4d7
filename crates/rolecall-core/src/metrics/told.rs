//! What is told of a running system: its counters, and what is so at the moment.

use super::exposition::{Family, Labels, Values, written};
use super::{EFFECTS, LAYERS, Metrics};
use crate::system::System;
use prometheus_client::registry::Unit;
use rolecall_wire::{Service, operation};
use std::sync::atomic::{AtomicU64, Ordering};

/// Everything that is counted, in the OpenMetrics text format. It reads what is in memory, and the size of one file.
pub fn text(system: &System) -> String {
    let Metrics { requests, latencies, denials, audit_failures } = &system.metrics;
    let by_service = || Service::ALL.into_iter().map(name);
    let requests = by_service().zip(requests).flat_map(|(service, outcomes)| {
        let rows = [("ok", &outcomes.ok), ("refused", &outcomes.refused), ("failed", &outcomes.failed)];
        rows.map(|(outcome, counter)| (vec![("service", service), ("outcome", outcome)], read(counter)))
    });
    let latencies = Service::ALL.into_iter().zip(latencies).flat_map(|(service, by_effect)| {
        let there_are = move |effect| operation::rows(service).iter().any(|row| row.effect == effect);
        let by_effect = EFFECTS.iter().zip(by_effect).filter(move |((effect, _), _)| there_are(*effect));
        by_effect.map(move |((_, effect), latency)| {
            (vec![("service", name(service)), ("effect", *effect)], latency.times())
        })
    });
    let denials = by_service().zip(denials).flat_map(|(service, layers)| {
        let layers = LAYERS.iter().zip(layers);
        layers.map(move |((_, layer), n)| (vec![("service", service), ("layer", *layer)], read(n)))
    });
    let mut all = vec![
        counters(REQUESTS, requests.collect()),
        Family { unit: Some(Unit::Seconds), ..family(DURATION, Values::Histograms(latencies.collect())) },
        counters(DENIALS, denials.collect()),
        counters(AUDIT_FAILURES, vec![(Vec::new(), read(audit_failures))]),
    ];
    all.extend(moment(system));
    written(all)
}

/// What is so at the moment.
fn moment(system: &System) -> Vec<Family> {
    let one = |value: i64| vec![(Vec::new(), value)];
    let tasks = system.background.running();
    let tasks = tasks.map(|(task, running)| (vec![("task", task)], signed(running)));
    let store = system.store.size().map(signed);
    vec![
        gauges(SESSIONS, one(signed(system.live.in_force(system.clock.now())))),
        gauges(TASKS, tasks.collect()),
        Family { unit: Some(Unit::Bytes), ..gauges(STORE, store.map(one).unwrap_or_default()) },
        Family { unit: Some(Unit::Seconds), ..gauges(START, one(system.started)) },
        gauges(BUILD, vec![(vec![("version", env!("CARGO_PKG_VERSION"))], 1)]),
    ]
}

fn family((name, help): (&'static str, &'static str), values: Values) -> Family {
    Family { name, help, unit: None, values }
}

fn counters(named: (&'static str, &'static str), values: Vec<(Labels, u64)>) -> Family {
    family(named, Values::Counters(values))
}

fn gauges(named: (&'static str, &'static str), values: Vec<(Labels, i64)>) -> Family {
    family(named, Values::Gauges(values))
}

fn read(counter: &AtomicU64) -> u64 {
    counter.load(Ordering::Relaxed)
}

fn signed(number: impl TryInto<i64>) -> i64 {
    number.try_into().unwrap_or(i64::MAX)
}

/// The service as a label. The toolbox has IAM's prefix, and no other service's name.
fn name(service: Service) -> &'static str {
    match service {
        Service::IamToolbox => "iam-toolbox",
        other => other.prefix(),
    }
}

/// Names and what they mean, without the point that the format adds.
const REQUESTS: (&str, &str) =
    ("rolecall_requests", "Requests answered, by service, and as ok, refused (4xx) or failed (5xx)");
const DURATION: (&str, &str) = (
    "rolecall_request_duration",
    "From the head of a request until its answer begins, by service and by whether the operation reads, writes or \
     mints credentials",
);
const DENIALS: (&str, &str) = (
    "rolecall_denials",
    "Decisions that denied, by service and by the kind of policy that is named as the reason",
);
const AUDIT_FAILURES: (&str, &str) =
    ("rolecall_audit_failures", "Answers withheld because their audit record could not be written");
const SESSIONS: (&str, &str) =
    ("rolecall_sessions_in_force", "Sessions that have not expired, as far as this server knows them");
const TASKS: (&str, &str) = ("rolecall_background_tasks", "Tasks running beside requests, by what they do");
const STORE: (&str, &str) =
    ("rolecall_store_size", "The file of records; objects above 16 KiB are not in it");
const START: (&str, &str) = ("rolecall_start_time", "When the server started, since 1970");
const BUILD: (&str, &str) = ("rolecall_build_info", "The version that runs; the value is always 1");
