//! Session policies: checked when a session is made, packed into its token, and measured.

use super::session_tags::SessionTags;
use crate::error::{Error, sts};
use crate::id::AccountId;
use crate::layers::managed_policy;
use crate::records::Document;
use crate::session::SessionPolicy;
use crate::system::System;
use flate2::{Compression, write::DeflateEncoder};
use rolecall_policy::{Kind, Policy};
use rolecall_wire::sts::PolicyDescriptorType;
use std::io::Write;

/// The session policies of a request: the inline one first.
///
/// # Errors
/// When the inline policy is malformed or too long, there are too many ARNs, or one names no policy of the role's account.
pub(super) async fn read(
    system: &System,
    account: &AccountId,
    inline: Option<&str>,
    arns: &[PolicyDescriptorType],
) -> Result<Vec<SessionPolicy>, Error> {
    if arns.len() > MOST {
        let arns: Vec<&str> = arns.iter().filter_map(|p| p.arn.as_deref()).collect();
        return Err(sts::too_many_policy_arns(&arns.join(", ")));
    }
    let mut policies = Vec::new();
    if let Some(text) = inline {
        check_inline(text)?;
        policies.push(SessionPolicy::Inline(Document::new(text)));
    }
    for arn in arns.iter().filter_map(|p| p.arn.as_deref()) {
        if managed_policy(system, account, arn).await?.is_none() {
            return Err(sts::malformed_policy(format!("Policy {arn} does not exist or is not attachable.")));
        }
        policies.push(SessionPolicy::Managed(arn.to_owned()));
    }
    Ok(policies)
}

fn check_inline(text: &str) -> Result<(), Error> {
    let length = text.chars().count();
    if length > LONGEST {
        return Err(sts::policy_too_long(length));
    }
    Policy::parse(text, Kind::Session).map(drop).map_err(|why| sts::malformed_policy(why.message))
}

/// `PackedPolicySize`: how much of the space for policies and tags is used, in whole percent, rounded up;
/// `None` when the session has neither; inherited tags take room like those sent. AWS does not publish its packing; ours is the deflated size.
///
/// # Errors
/// When either takes more than its space.
pub(super) fn packed_size(policies: &[SessionPolicy], tags: &SessionTags) -> Result<Option<i64>, Error> {
    if policies.is_empty() && tags.all.is_empty() {
        return Ok(None);
    }
    let policies = percent(policies.iter().flat_map(|p| [text(p), "\n"]));
    let tags = percent(tags.all.iter().flat_map(|(key, value)| [key.as_str(), "\n", value.as_str(), "\n"]));
    match (policies, tags) {
        (101.., _) => Err(sts::packed_policy(policies)),
        (_, 101..) => Err(sts::packed_tags(tags)),
        _ => Ok(i64::try_from(policies.max(tags)).ok()),
    }
}

fn text(policy: &SessionPolicy) -> &str {
    match policy {
        SessionPolicy::Inline(document) => &document.text,
        SessionPolicy::Managed(arn) => arn,
    }
}

fn percent<'a>(parts: impl Iterator<Item = &'a str>) -> usize {
    let mut packer = DeflateEncoder::new(Vec::new(), Compression::best());
    for part in parts {
        let _ = packer.write_all(part.as_bytes());
    }
    let empty = 2;
    let packed = packer.finish().map_or(usize::MAX, |bytes| bytes.len().saturating_sub(empty));
    packed.saturating_mul(100).div_ceil(SPACE)
}

/// The most managed session policies.
const MOST: usize = 10;
/// The longest inline session policy, in characters.
const LONGEST: usize = 2048;
/// The space for packed policies, and as much again for packed tags, in bytes.
const SPACE: usize = 2048;
