//! The ARN operators: `ArnEquals` and `ArnLike` are the same.

use super::Test;
use crate::arn::{Arn, ArnPattern};
use crate::context::Context;
use crate::variable::Dialect;

#[derive(Debug)]
struct Like(ArnPattern);

pub(super) fn like(text: &str, dialect: Dialect) -> Option<Box<dyn Test>> {
    Some(Box::new(Like(ArnPattern::condition(text, dialect)?)))
}

impl Test for Like {
    fn holds(&self, value: &str, context: &Context) -> bool {
        Arn::parse(value).is_some_and(|arn| self.0.matches(&arn, context))
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().collect()
    }
}
