//! `Null`: is the key absent?

use super::Test;
use super::bool::boolean;
use crate::context::{Context, Value};
use crate::variable::Dialect;

#[derive(Debug)]
struct Equals(bool);

pub(super) fn equals(text: &str, _: Dialect) -> Option<Box<dyn Test>> {
    boolean(text).map(|wanted| Box::new(Equals(wanted)) as Box<dyn Test>)
}

/// What the operator compares with: `true` for a key without value.
pub(super) fn of(value: Option<&Value<'_>>) -> &'static str {
    if value.is_none() { "true" } else { "false" }
}

impl Test for Equals {
    fn holds(&self, value: &str, _: &Context<'_>) -> bool {
        boolean(value) == Some(self.0)
    }
}
