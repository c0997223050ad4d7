//! `PolicyExclusionList`: policies that a simulation does as if they were not there.

use super::invalid;
use crate::error::Error;
use crate::held::{Held, Holder, Source};
use crate::layers::Gathered;
use rolecall_policy::Arn;
use rolecall_wire::iam::{InlinePolicyIdentifierType, PolicyIdentifier};

/// Takes out what the list names. What names nothing is passed over.
///
/// # Errors
/// `InvalidInput` when an entry is not exactly one of type, ARN and inline policy, or its ARN is malformed.
pub(super) fn apply(gathered: &mut Gathered, list: &[PolicyIdentifier]) -> Result<(), Error> {
    let excluded: Vec<Excluded<'_>> = list.iter().map(Excluded::read).collect::<Result<_, _>>()?;
    let is_out = |held: &Held| excluded.iter().any(|excluded| excluded.covers(held));
    gathered.identity.retain(|held| !is_out(held));
    let no_boundary =
        excluded.iter().any(|excluded| matches!(excluded, Excluded::Type("permission-boundary")));
    let by_arn = |held: &Held| excluded.iter().any(|e| matches!(e, Excluded::Arn(..)) && e.covers(held));
    gathered.boundary = gathered.boundary.take().filter(|held| !no_boundary && !by_arn(held));
    if excluded.iter().any(|excluded| matches!(excluded, Excluded::Type("scp"))) {
        gathered.service_control.clear();
    }
    for level in &mut gathered.service_control {
        level.retain(|held| !by_arn(held));
    }
    Ok(())
}

enum Excluded<'a> {
    Type(&'a str),
    /// What stands before the wildcard and, with one, what stands after it.
    Arn(&'a str, Option<&'a str>),
    Inline(&'a InlinePolicyIdentifierType),
}

impl<'a> Excluded<'a> {
    fn read(entry: &'a PolicyIdentifier) -> Result<Self, Error> {
        match (entry.policy_type.as_deref(), entry.policy_arn.as_deref(), &entry.inline_policy_identifier) {
            (Some(kind), None, None) => Ok(Self::Type(kind)),
            (None, Some(arn), None) => Self::arn(arn),
            (None, None, Some(inline)) => Ok(Self::Inline(inline)),
            _ => Err(invalid(
                "A policy identifier must have exactly one of PolicyType, PolicyArn and InlinePolicyIdentifier.",
            )),
        }
    }

    /// One wildcard, and only in the part after the fifth colon.
    fn arn(text: &'a str) -> Result<Self, Error> {
        let malformed = || invalid(format!("The policy ARN {text} is malformed."));
        let arn = Arn::parse(text).ok_or_else(malformed)?;
        let head = [arn.partition, arn.service, arn.region, arn.account];
        if head.iter().any(|part| part.contains('*')) || arn.resource.matches('*').count() > 1 {
            return Err(malformed());
        }
        Ok(match text.split_once('*') {
            Some((before, after)) => Self::Arn(before, Some(after)),
            None => Self::Arn(text, None),
        })
    }

    fn covers(&self, held: &Held) -> bool {
        let is_inline = matches!(held.source, Source::Inline(_));
        match self {
            Self::Type("inline") => is_inline,
            Self::Type("aws-managed") => matches!(held.source, Source::Aws(_)),
            Self::Type("user-managed") => matches!(held.source, Source::Managed(_)),
            Self::Type(_) => false,
            Self::Arn(arn, None) => !is_inline && held.id == *arn,
            Self::Arn(before, Some(after)) => !is_inline && fits(&held.id, before, after),
            Self::Inline(named) => is_inline && is_named(held, named),
        }
    }
}

fn fits(arn: &str, before: &str, after: &str) -> bool {
    arn.strip_prefix(before).is_some_and(|rest| rest.ends_with(after))
}

fn is_named(held: &Held, named: &InlinePolicyIdentifierType) -> bool {
    let (kind, name) = match &held.holder {
        Holder::User(user) => ("user", &user.name),
        Holder::Group(group) => ("group", &group.name),
        Holder::Role(role) => ("role", &role.name),
        Holder::Session(_) | Holder::Place(_) | Holder::Nature => return false,
    };
    let same = named.attachment_type.eq_ignore_ascii_case(kind) && named.attachment_name == *name;
    same && held.id == named.policy_name
}
