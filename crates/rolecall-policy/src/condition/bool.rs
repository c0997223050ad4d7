//! `Bool`.

use super::Test;
use crate::context::Context;
use crate::variable::{Dialect, Template};

#[derive(Debug)]
struct Equals(Template);

pub(super) fn equals(text: &str, dialect: Dialect) -> Option<Box<dyn Test>> {
    Some(Box::new(Equals(Template::literal(text, dialect))))
}

impl Test for Equals {
    fn holds(&self, value: &str, context: &Context) -> bool {
        let wanted = self.0.text(context).and_then(|text| boolean(&text));
        wanted.is_some_and(|wanted| boolean(value) == Some(wanted))
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().collect()
    }
}

/// `true` or `false` in any case.
pub(super) fn boolean(text: &str) -> Option<bool> {
    text.to_ascii_lowercase().parse().ok()
}
