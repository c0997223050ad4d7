//! The numeric operators: integers and decimals.

use std::cmp::Ordering;

use super::Test;
use crate::context::Context;
use crate::variable::Dialect;

#[derive(Debug)]
struct Compare {
    limit: Number,
    accepts: fn(Ordering) -> bool,
}

/// Integers are kept exactly.
#[derive(Debug, Clone, Copy)]
enum Number {
    Whole(i64),
    Decimal(f64),
}

pub(super) fn equals(text: &str, _: Dialect) -> Option<Box<dyn Test>> {
    compare(text, Ordering::is_eq)
}

pub(super) fn less(text: &str, _: Dialect) -> Option<Box<dyn Test>> {
    compare(text, Ordering::is_lt)
}

pub(super) fn less_or_equal(text: &str, _: Dialect) -> Option<Box<dyn Test>> {
    compare(text, Ordering::is_le)
}

pub(super) fn greater(text: &str, _: Dialect) -> Option<Box<dyn Test>> {
    compare(text, Ordering::is_gt)
}

pub(super) fn greater_or_equal(text: &str, _: Dialect) -> Option<Box<dyn Test>> {
    compare(text, Ordering::is_ge)
}

fn compare(text: &str, accepts: fn(Ordering) -> bool) -> Option<Box<dyn Test>> {
    Some(Box::new(Compare { limit: Number::parse(text)?, accepts }))
}

impl Test for Compare {
    fn holds(&self, value: &str, _: &Context) -> bool {
        Number::parse(value).and_then(|n| n.compare(self.limit)).is_some_and(self.accepts)
    }
}

impl Number {
    /// Digits with sign, fraction and exponent; no `inf`, `nan`, hexadecimal or blanks.
    fn parse(text: &str) -> Option<Self> {
        if !text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E')) {
            return None;
        }
        if let Ok(whole) = text.parse() {
            return Some(Self::Whole(whole));
        }
        text.parse().ok().filter(|n: &f64| n.is_finite()).map(Self::Decimal)
    }

    fn compare(self, other: Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Whole(a), Self::Whole(b)) => Some(a.cmp(&b)),
            (a, b) => a.decimal().partial_cmp(&b.decimal()),
        }
    }

    #[allow(clippy::cast_precision_loss, reason = "beside a decimal the nearest decimal is what is meant")]
    fn decimal(self) -> f64 {
        match self {
            Self::Whole(n) => n as f64,
            Self::Decimal(n) => n,
        }
    }
}
