//! `Bool`.

use super::Test;
use crate::context::Context;
use crate::pattern::Pattern;
use crate::variable::{Dialect, Variable};

#[derive(Debug)]
struct Equals(Pattern);

pub(super) fn equals(text: &str, dialect: Dialect) -> Option<Box<dyn Test>> {
    Some(Box::new(Equals(Pattern::literal(text, dialect))))
}

impl Test for Equals {
    fn holds(&self, value: &str, context: &Context<'_>) -> bool {
        boolean(value).is_some_and(|b| self.0.equals(if b { TRUE } else { FALSE }, context, same))
    }

    fn variables(&self) -> Vec<&Variable> {
        self.0.variables().collect()
    }
}

/// `true` or `false` in any case.
pub(super) fn boolean(text: &str) -> Option<bool> {
    let is = |name| text.eq_ignore_ascii_case(name);
    if is(TRUE) { Some(true) } else { is(FALSE).then_some(false) }
}

fn same(a: char, b: char) -> bool {
    a.eq_ignore_ascii_case(&b)
}

const TRUE: &str = "true";
const FALSE: &str = "false";
