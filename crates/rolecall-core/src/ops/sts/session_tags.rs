//! Session tags: which the new session gets, and what the request may not do with them (IAM User Guide,
//! Passing session tags in AWS STS).

use crate::caller::Identity;
use crate::error::{Error, sts};
use crate::records::Tags;
use rolecall_federation::Assertion;
use rolecall_wire::sts::Tag;

/// The tags of a session about to be made.
#[derive(Debug, Default)]
pub(super) struct SessionTags {
    /// Those in the request.
    pub sent: Tags,
    /// Those inherited from the calling session and those sent; what the session will have.
    pub all: Tags,
    /// The keys that pass on to further sessions.
    pub transitive: Vec<String>,
}

impl SessionTags {
    /// The tags that a caller's request leads to.
    ///
    /// # Errors
    /// When keys repeat in any case, one is AWS's own, a transitive key is not among the tags sent, or a tag sent would
    /// replace one inherited.
    pub(super) fn of(sent: &[Tag], transitive: &[String], caller: &Identity) -> Result<Self, Error> {
        let sent: Tags = sent.iter().map(|tag| (tag.key.clone(), tag.value.clone())).collect();
        Self::with(sent, transitive, inherited(caller))
    }

    /// The tags of a federated user, which pass on to nobody.
    ///
    /// # Errors
    /// When keys repeat in any case, or one is AWS's own.
    pub(super) fn plain(sent: &[Tag]) -> Result<Self, Error> {
        Self::with(sent.iter().map(|tag| (tag.key.clone(), tag.value.clone())).collect(), &[], Vec::new())
    }

    /// The tags that a provider's assertion leads to.
    ///
    /// # Errors
    /// As [`SessionTags::of`].
    pub(super) fn asserted(assertion: &Assertion) -> Result<Self, Error> {
        Self::with(assertion.tags.clone(), &assertion.transitive, Vec::new())
    }

    fn with(sent: Tags, transitive: &[String], inherited: Tags) -> Result<Self, Error> {
        check_unique(&sent)?;
        if sent.iter().any(|(key, _)| key.to_lowercase().starts_with("aws:")) {
            return Err(sts::reserved_tag());
        }
        if transitive.iter().any(|key| !has(&sent, key)) {
            return Err(sts::transitive_not_among_tags());
        }
        if inherited.iter().any(|(key, _)| has(&sent, key)) {
            return Err(sts::transitive_conflict());
        }
        let keys = inherited.iter().map(|(key, _)| key.clone()).chain(transitive.iter().cloned()).collect();
        let all = inherited.into_iter().chain(sent.iter().cloned()).collect();
        Ok(Self { sent, all, transitive: keys })
    }
}

/// The calling session's transitive tags.
pub(super) fn inherited(caller: &Identity) -> Tags {
    let Some(session) = caller.claims() else { return Vec::new() };
    let passes = |key: &str| session.transitive.iter().any(|t| same(t, key));
    session.tags.iter().filter(|(key, _)| passes(key)).cloned().collect()
}

/// The tags of a request, each key once.
///
/// # Errors
/// When keys repeat in any case.
pub(super) fn sent(tags: &[Tag]) -> Result<Tags, Error> {
    let sent: Tags = tags.iter().map(|tag| (tag.key.clone(), tag.value.clone())).collect();
    check_unique(&sent)?;
    Ok(sent)
}

fn check_unique(tags: &Tags) -> Result<(), Error> {
    let repeated =
        tags.iter().enumerate().any(|(at, (key, _))| tags.iter().take(at).any(|(k, _)| same(k, key)));
    if repeated { Err(sts::duplicate_tags()) } else { Ok(()) }
}

fn has(tags: &Tags, key: &str) -> bool {
    tags.iter().any(|(k, _)| same(k, key))
}

/// Tag keys compare without regard to case.
pub(super) fn same(a: &str, b: &str) -> bool {
    a.to_lowercase() == b.to_lowercase()
}
