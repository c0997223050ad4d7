//! The request as statements look at it: cut and lower-cased once, compared often.

use smallvec::SmallVec;

use crate::action::Action;
use crate::arn::{Subject, halves};
use crate::context::Context;
use crate::decide::{Layers, Request};
use crate::principal::Principal;

/// A request, cut into what policies compare.
#[derive(Debug)]
pub(crate) struct Question<'a> {
    pub(crate) principal: &'a Principal,
    pub(crate) action: Action<'a>,
    /// `None` when the resource is `*` or not an ARN.
    pub(crate) resource: Option<Subject<'a>>,
    pub(crate) context: &'a Context<'a>,
    /// The principal has a permissions boundary.
    pub(crate) bounded: bool,
}

/// A request, with the parts that compare without regard to case in lower case.
#[derive(Debug)]
pub(crate) struct Lower<'a> {
    action: Text,
    /// Of the resource's ARN: up to the fifth colon.
    head: Text,
    /// What follows it.
    resource: Option<&'a str>,
}

type Text = SmallVec<[u8; 96]>;

impl<'a> Lower<'a> {
    pub(crate) fn of(request: &Request<'a>) -> Self {
        let is_arn = |head: &str| head.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("arn:"));
        let arn = halves(request.resource).filter(|(head, _)| is_arn(head));
        let head = arn.map_or("", |(head, _)| head);
        Self { action: lower(request.action), head: lower(head), resource: arn.map(|(_, resource)| resource) }
    }

    pub(crate) fn question(&'a self, request: &Request<'a>, layers: &Layers<'_>) -> Question<'a> {
        Question {
            principal: request.principal,
            action: Action::parse(text(&self.action)),
            resource: self.resource.and_then(|resource| Subject::of(text(&self.head), resource)),
            context: request.context,
            bounded: layers.boundary.is_some(),
        }
    }
}

/// On the stack, unless it is longer than any name of AWS's.
fn lower(text: &str) -> Text {
    let mut lower = Text::from_slice(text.as_bytes());
    lower.make_ascii_lowercase();
    lower
}

fn text(lower: &Text) -> &str {
    str::from_utf8(lower).unwrap_or_default()
}
