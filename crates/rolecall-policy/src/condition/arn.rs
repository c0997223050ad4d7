//! The ARN operators: `ArnEquals` and `ArnLike` are the same.

use super::Test;
use crate::arn::{ArnPattern, Subject};
use crate::context::Context;
use crate::variable::{Dialect, Variable};

#[derive(Debug)]
struct Like(ArnPattern);

pub(super) fn like(text: &str, dialect: Dialect) -> Option<Box<dyn Test>> {
    Some(Box::new(Like(ArnPattern::condition(text, dialect)?)))
}

impl Test for Like {
    fn holds(&self, value: &str, context: &Context<'_>) -> bool {
        Subject::parse(value).is_some_and(|arn| self.0.matches(&arn, context))
    }

    fn variables(&self) -> Vec<&Variable> {
        self.0.variables().collect()
    }
}
