//! `BinaryEquals`: base64 on both sides, compared as bytes.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::Test;
use crate::context::Context;
use crate::variable::Dialect;

/// Base64 of the bytes. With padding and without stray bits there is one such text for given bytes.
#[derive(Debug)]
struct Equals(Box<str>);

pub(super) fn equals(text: &str, _: Dialect) -> Option<Box<dyn Test>> {
    STANDARD.decode(text).ok().map(|_| Box::new(Equals(text.into())) as Box<dyn Test>)
}

impl Test for Equals {
    fn holds(&self, value: &str, _: &Context<'_>) -> bool {
        *self.0 == *value
    }
}
