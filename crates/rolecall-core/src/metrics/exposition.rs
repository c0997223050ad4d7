//! Metrics as scrapers read them: the OpenMetrics text format.

use super::latency::Times;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, MetricEncoder};
use prometheus_client::metrics::MetricType;
use prometheus_client::registry::{Registry, Unit};
use std::fmt;

/// The media type of the format.
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// A metric, and its values by label.
#[derive(Debug)]
pub(super) struct Family {
    /// Its name without the unit, and for a counter without `_total`.
    pub(super) name: &'static str,
    /// What it counts.
    pub(super) help: &'static str,
    /// The unit, which becomes a part of the name.
    pub(super) unit: Option<Unit>,
    /// What there is.
    pub(super) values: Values,
}

/// Values of a kind.
#[derive(Debug)]
pub(super) enum Values {
    /// What only grows.
    Counters(Vec<(Labels, u64)>),
    /// What is so at the moment.
    Gauges(Vec<(Labels, i64)>),
    /// How long something took.
    Histograms(Vec<(Labels, Times)>),
}

/// Names and values.
pub(super) type Labels = Vec<(&'static str, &'static str)>;

/// The text of all of them.
pub(super) fn written(families: Vec<Family>) -> String {
    let mut registry = Registry::default();
    registry.register_collector(Box::new(Families(families)));
    let mut text = String::new();
    match prometheus_client::encoding::text::encode(&mut text, &registry) {
        Ok(()) => text,
        // Only a text that cannot grow fails.
        Err(_) => String::new(),
    }
}

#[derive(Debug)]
struct Families(Vec<Family>);

impl Collector for Families {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|family| {
            let Family { name, help, unit, values } = family;
            values.encode(encoder.encode_descriptor(name, help, unit.as_ref(), values.kind())?)
        })
    }
}

impl Values {
    fn kind(&self) -> MetricType {
        match self {
            Self::Counters(_) => MetricType::Counter,
            Self::Gauges(_) => MetricType::Gauge,
            Self::Histograms(_) => MetricType::Histogram,
        }
    }

    fn encode(&self, mut encoder: MetricEncoder<'_>) -> fmt::Result {
        type NoExemplar = Labels;
        match self {
            Self::Counters(all) => each(&mut encoder, all, |encoder, value| {
                encoder.encode_counter::<NoExemplar, _, u64>(value, None)
            }),
            Self::Gauges(all) => each(&mut encoder, all, |encoder, value| encoder.encode_gauge(value)),
            Self::Histograms(all) => each(&mut encoder, all, |encoder, times| {
                encoder.encode_histogram::<NoExemplar>(times.sum, times.count, &times.buckets, None)
            }),
        }
    }
}

/// Writes values with their labels; one that has none gets no empty braces.
fn each<T>(
    encoder: &mut MetricEncoder<'_>,
    all: &[(Labels, T)],
    write: impl Fn(&mut MetricEncoder<'_>, &T) -> fmt::Result,
) -> fmt::Result {
    all.iter().try_for_each(|(labels, value)| match labels.is_empty() {
        true => write(encoder, value),
        false => write(&mut encoder.encode_family(labels)?, value),
    })
}
