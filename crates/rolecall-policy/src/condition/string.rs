//! The string operators.

use super::Test;
use crate::context::Context;
use crate::variable::{Dialect, Template};

#[derive(Debug)]
struct Equals(Template);

#[derive(Debug)]
struct EqualsIgnoreCase(Template);

#[derive(Debug)]
struct Like(Template);

/// `*` and `?` stand for themselves.
pub(super) fn equals(text: &str, dialect: Dialect) -> Option<Box<dyn Test>> {
    Some(Box::new(Equals(Template::literal(text, dialect))))
}

pub(super) fn equals_ignore_case(text: &str, dialect: Dialect) -> Option<Box<dyn Test>> {
    Some(Box::new(EqualsIgnoreCase(Template::literal(text, dialect))))
}

pub(super) fn like(text: &str, dialect: Dialect) -> Option<Box<dyn Test>> {
    Some(Box::new(Like(Template::wild(text, dialect))))
}

impl Test for Equals {
    fn holds(&self, value: &str, context: &Context) -> bool {
        self.0.text(context).is_some_and(|text| text == value)
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().collect()
    }
}

impl Test for EqualsIgnoreCase {
    fn holds(&self, value: &str, context: &Context) -> bool {
        let lower = |text: &str| text.to_lowercase();
        self.0.text(context).is_some_and(|text| lower(&text) == lower(value))
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().collect()
    }
}

impl Test for Like {
    fn holds(&self, value: &str, context: &Context) -> bool {
        self.0.matches(value, context)
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().collect()
    }
}
