//! `BinaryEquals`: base64 on both sides, compared as bytes.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::Test;
use crate::context::Context;
use crate::variable::Dialect;

#[derive(Debug)]
struct Equals(Vec<u8>);

pub(super) fn equals(text: &str, _: Dialect) -> Option<Box<dyn Test>> {
    Some(Box::new(Equals(STANDARD.decode(text).ok()?)))
}

impl Test for Equals {
    fn holds(&self, value: &str, _: &Context) -> bool {
        STANDARD.decode(value).is_ok_and(|bytes| bytes == self.0)
    }
}
