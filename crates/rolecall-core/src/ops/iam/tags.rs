//! Tags of IAM's entities (IAM User Guide, Rules for tagging in IAM and AWS STS): keys compare without
//! regard to case and keep the case they are given in.

use crate::error::{Error, iam};
use crate::records::Tags;
use crate::target::{Target, Targets};
use rolecall_wire::iam::Tag;

/// The tags of a request.
///
/// # Errors
/// When a key comes twice in any case, or is of the kind that is AWS's own.
pub(super) fn sent(tags: &[Tag]) -> Result<Tags, Error> {
    sent_or(tags, iam::duplicate_tags)
}

/// The same with another sentence for a key that comes twice.
///
/// # Errors
/// As [`sent`].
pub(super) fn sent_or(tags: &[Tag], duplicate: fn() -> Error) -> Result<Tags, Error> {
    let tags: Tags = tags.iter().map(|tag| (tag.key.clone(), tag.value.clone())).collect();
    let comes_again = |at: usize, key: &str| tags.iter().skip(at + 1).any(|(k, _)| same(k, key));
    if tags.iter().enumerate().any(|(at, (key, _))| comes_again(at, key)) {
        return Err(duplicate());
    }
    if tags.iter().any(|(key, _)| key.to_lowercase().starts_with("aws:")) {
        return Err(iam::reserved_tag());
    }
    Ok(tags)
}

/// What creating something needs: to create it and, when it gets tags, to tag it as well.
pub(super) fn creation(create: Target, tag: &'static str, sent: &Tags) -> Targets {
    let create = create.with_request_tags(sent);
    let tag = Target { action: tag, ..create.clone() };
    let targets = Targets::one(create);
    if sent.is_empty() { targets } else { targets.and(tag) }
}

/// Adds tags. A key that is there already, in any case, gets the new case and value.
///
/// # Errors
/// When more than 50 would be there.
pub(super) fn add(tags: &mut Tags, more: Tags) -> Result<(), Error> {
    tags.retain(|(key, _)| !more.iter().any(|(k, _)| same(k, key)));
    tags.extend(more);
    if tags.len() > MOST { Err(iam::too_many_tags()) } else { Ok(()) }
}

/// Removes tags; keys that are not there are passed over.
pub(super) fn remove(tags: &mut Tags, keys: &[String]) {
    tags.retain(|(key, _)| !keys.iter().any(|k| same(k, key)));
}

/// Tags as answers show them.
pub(super) fn shown(tags: &[(String, String)]) -> Vec<Tag> {
    tags.iter().map(|(key, value)| Tag { key: key.clone(), value: value.clone() }).collect()
}

/// The same where AWS leaves the list out when there are none: in answers of what creates an entity.
pub(super) fn shown_if_any(tags: &[(String, String)]) -> Option<Vec<Tag>> {
    Some(shown(tags)).filter(|shown| !shown.is_empty())
}

fn same(a: &str, b: &str) -> bool {
    a.to_lowercase() == b.to_lowercase()
}

/// The most tags of an entity (IAM User Guide, IAM quotas).
const MOST: usize = 50;

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(pairs: &[(&str, &str)]) -> Tags {
        pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
    }

    #[test]
    fn keys_are_the_same_in_any_case() {
        let twice = shown(&tags(&[("Team", "a"), ("tEAM", "b")]));
        assert_eq!(sent(&twice).unwrap_err().to_string(), iam::duplicate_tags().to_string());
        assert_eq!(sent(&twice[..1]).unwrap(), tags(&[("Team", "a")]));
        let mut held = tags(&[("Team", "a"), ("x", "1")]);
        add(&mut held, tags(&[("TEAM", "b")])).unwrap();
        assert_eq!(held, tags(&[("x", "1"), ("TEAM", "b")]));
        remove(&mut held, &["team".to_owned(), "absent".to_owned()]);
        assert_eq!(held, tags(&[("x", "1")]));
    }

    #[test]
    fn fifty_tags_and_no_more() {
        let mut held = (0..49).map(|n| (n.to_string(), String::new())).collect();
        add(&mut held, tags(&[("a", "")])).unwrap();
        assert_eq!(held.len(), 50);
        add(&mut held, tags(&[("A", "again")])).unwrap();
        assert_eq!(
            add(&mut held, tags(&[("b", "")])).unwrap_err().to_string(),
            iam::too_many_tags().to_string()
        );
    }
}
