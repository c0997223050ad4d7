//! The string operators.

use super::Test;
use crate::context::Context;
use crate::pattern::Pattern;
use crate::variable::{Dialect, Variable};

/// `StringEquals` and `StringLike`: which of the two is in the pattern.
#[derive(Debug)]
struct Like(Pattern);

#[derive(Debug)]
struct EqualsIgnoreCase(Pattern);

/// `*` and `?` stand for themselves.
pub(super) fn equals(text: &str, dialect: Dialect) -> Option<Box<dyn Test>> {
    Some(Box::new(Like(Pattern::literal(text, dialect))))
}

pub(super) fn equals_ignore_case(text: &str, dialect: Dialect) -> Option<Box<dyn Test>> {
    Some(Box::new(EqualsIgnoreCase(Pattern::literal(text, dialect))))
}

pub(super) fn like(text: &str, dialect: Dialect) -> Option<Box<dyn Test>> {
    Some(Box::new(Like(Pattern::wild(text, dialect))))
}

impl Test for Like {
    fn holds(&self, value: &str, context: &Context<'_>) -> bool {
        self.0.matches(value, context)
    }

    fn variables(&self) -> Vec<&Variable> {
        self.0.variables().collect()
    }
}

impl Test for EqualsIgnoreCase {
    fn holds(&self, value: &str, context: &Context<'_>) -> bool {
        self.0.equals(value, context, same)
    }

    fn variables(&self) -> Vec<&Variable> {
        self.0.variables().collect()
    }
}

/// Equal in lower or in upper case. A letter of ASCII has its counterpart in ASCII and no other: the sign for kelvin
/// is no `k`, the long s no `s`, the i without a dot no `i`, so that nobody passes for a name that looks like his.
fn same(a: char, b: char) -> bool {
    match a.is_ascii() || b.is_ascii() {
        true => a.eq_ignore_ascii_case(&b),
        false => a.to_lowercase().eq(b.to_lowercase()) || a.to_uppercase().eq(b.to_uppercase()),
    }
}
