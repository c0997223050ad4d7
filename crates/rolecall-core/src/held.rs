//! A policy that applies to a caller, and where it comes from. It is shared with the record that holds
//! it, so that keeping one costs nothing and shows what was in force then, whatever is changed later.

use crate::managed::AwsPolicy;
use crate::records::{ControlPolicy, Document, Group, ManagedPolicy, Role, User};
use crate::session::{OpenSession, SessionPolicy};
use rolecall_policy::{Kind, Named, Policy};
use std::borrow::Cow;
use std::sync::Arc;

/// A policy with the name it goes by.
#[derive(Clone)]
pub(crate) struct Held {
    /// The managed policy's ARN, or the inline policy's name, or `""`.
    pub id: String,
    /// To whom it is attached.
    pub holder: Holder,
    /// Where its text is.
    pub source: Source,
}

/// To whom a policy is attached.
#[derive(Clone)]
pub(crate) enum Holder {
    /// A user.
    User(Arc<User>),
    /// A group of the caller.
    Group(Arc<Group>),
    /// A role.
    Role(Arc<Role>),
    /// A session.
    Session(Arc<OpenSession>),
    /// A place in an organization, by its id: the root, a unit, or an account.
    Place(String),
    /// Nobody in particular: what the root user has by nature.
    Nature,
}

/// Where a policy's text is.
#[derive(Clone)]
pub(crate) enum Source {
    /// Inline in its holder, by its place there.
    Inline(usize),
    /// A managed policy of the account, in the version in force.
    Managed(Arc<ManagedPolicy>),
    /// A managed policy of AWS.
    Aws(&'static AwsPolicy),
    /// A control policy of an organization, or of AWS.
    Control(Arc<ControlPolicy>),
}

impl Held {
    /// The compiled policy; `None` when it is unreadable, and whoever asks must then deny.
    pub(crate) fn policy(&self) -> Option<&Policy> {
        match &self.source {
            Source::Inline(_) => self.document()?.policy(self.holder.kind()),
            Source::Managed(record) => record.default()?.document.policy(Kind::Identity),
            Source::Aws(policy) => policy.policy(),
            Source::Control(record) => record.document.policy(record.kind.document()),
        }
    }

    /// The policy as deciding takes it.
    pub(crate) fn named(&self) -> Option<Named<'_>> {
        let managed = !matches!(self.source, Source::Inline(_));
        Some(Named { id: Cow::Borrowed(&self.id), managed, policy: self.policy()?.clone() })
    }

    /// The policy's text.
    pub(crate) fn text(&self) -> Option<Cow<'_, str>> {
        match &self.source {
            Source::Inline(_) => self.document().map(|document| Cow::Borrowed(document.text.as_str())),
            Source::Managed(record) => Some(Cow::Borrowed(&record.default()?.document.text)),
            Source::Aws(policy) => policy.text().map(Cow::Owned),
            Source::Control(record) => Some(Cow::Borrowed(&record.document.text)),
        }
    }

    /// What keeping it takes: nothing for a policy of AWS.
    pub(crate) fn room(&self) -> usize {
        match &self.source {
            Source::Inline(_) => self.document().map_or(0, |document| document.text.len()),
            Source::Managed(record) => record.default().map_or(0, |version| version.document.text.len()),
            Source::Aws(_) => 0,
            Source::Control(record) => record.document.text.len(),
        }
    }

    fn document(&self) -> Option<&Document> {
        let Source::Inline(at) = self.source else { return None };
        match &self.holder {
            Holder::User(user) => user.inline.get(at).map(|(_, document)| document),
            Holder::Group(group) => group.inline.get(at).map(|(_, document)| document),
            Holder::Role(role) => role.inline.get(at).map(|(_, document)| document),
            Holder::Session(open) => match open.session.policies.get(at)? {
                SessionPolicy::Inline(document) => Some(document),
                SessionPolicy::Managed(_) => None,
            },
            Holder::Place(_) | Holder::Nature => None,
        }
    }
}

impl Holder {
    /// The names and places of the inline policies, in their order. (A session's are read by `layers`.)
    pub(crate) fn inline(&self) -> &[(String, Document)] {
        match self {
            Self::User(user) => &user.inline,
            Self::Group(group) => &group.inline,
            Self::Role(role) => &role.inline,
            Self::Session(_) | Self::Place(_) | Self::Nature => &[],
        }
    }

    /// The ARNs of the managed policies attached.
    pub(crate) fn attached(&self) -> &[String] {
        match self {
            Self::User(user) => &user.attached,
            Self::Group(group) => &group.attached,
            Self::Role(role) => &role.attached,
            Self::Session(_) | Self::Place(_) | Self::Nature => &[],
        }
    }

    fn kind(&self) -> Kind {
        match self {
            Self::Session(_) => Kind::Session,
            _ => Kind::Identity,
        }
    }
}
