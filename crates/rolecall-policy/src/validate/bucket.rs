//! Bucket policies, as S3 checks them.

use super::resource::PARTITIONS;
use super::{
    Checked, Clause, Draft, Finding, Kind, Offence, Text, action, each, has_actions, has_resources, legacy,
};
use super::{is_vendor, principal};
use crate::arn::Arn;
use crate::pattern::Pattern;

/// Checks a draft. That the resources are the bucket's own is the caller's to check, who knows it.
pub(super) fn check(draft: &Draft) -> Checked {
    each(draft, legacy)?;
    each(draft, |clause| principal::check(clause, Kind::Bucket))?;
    each(draft, has_actions)?;
    each(draft, has_resources)?;
    each(draft, actions)?;
    each(draft, resources)?;
    each(draft, combination)
}

fn actions(clause: &Clause) -> Checked {
    for text in clause.action.iter().flat_map(|list| &list.items) {
        action(text)?;
        if let Some((vendor, _)) = text.value.split_once(':')
            && !(is_vendor(vendor) && vendor.eq_ignore_ascii_case("s3"))
        {
            let offence = Offence::Action("UNSUPPORTED_ACTION_IN_POLICY", String::new());
            return Err(Finding::new(offence, text.at, "not an action of S3"));
        }
    }
    Ok(())
}

fn resources(clause: &Clause) -> Checked {
    clause.resource.iter().flat_map(|list| &list.items).try_for_each(resource)
}

fn resource(text: &Text) -> Checked {
    let valid = text.value == "*" || Arn::parse(&text.value).is_some_and(|arn| is_bucket_arn(&arn));
    if valid {
        return Ok(());
    }
    let detail =
        format!("{:?} is not of the form arn:aws:s3:::bucket or arn:aws:s3:::bucket/key", text.value);
    Err(Finding::new(Offence::Resource("UNSUPPORTED_RESOURCE_ARN_IN_POLICY", String::new()), text.at, detail))
}

fn is_bucket_arn(arn: &Arn<'_>) -> bool {
    let partition = Pattern::glob(arn.partition);
    let known = PARTITIONS.iter().any(|name| partition.fits(name));
    let place = arn.region.is_empty() && arn.account.is_empty();
    known
        && arn.service == "s3"
        && !arn.resource.is_empty()
        && (place || arn.resource.starts_with("accesspoint/"))
}

/// An action of objects with buckets only, or the reverse, could never apply. Actions that are not
/// in the two lists are not judged, nor are `NotAction` and `NotResource`.
fn combination(clause: &Clause) -> Checked {
    let (Some(actions), Some(resources)) = (&clause.action, &clause.resource) else { return Ok(()) };
    if actions.negated || resources.negated {
        return Ok(());
    }
    let objects = resources.items.iter().any(|text| may_be_object(&text.value));
    let buckets = resources.items.iter().any(|text| may_be_bucket(&text.value));
    let lost = |text: &&Text| {
        (!objects && among(&text.value, &OBJECT_ACTIONS)) || (!buckets && among(&text.value, &BUCKET_ACTIONS))
    };
    match actions.items.iter().find(lost) {
        None => Ok(()),
        Some(text) => {
            let detail = format!("{:?} does not act on any resource named here", text.value);
            Err(Finding::new(Offence::Combination, text.at, detail))
        }
    }
}

fn among(action: &str, names: &[&str]) -> bool {
    action.split_once(':').is_some_and(|(_, name)| names.iter().any(|known| known.eq_ignore_ascii_case(name)))
}

fn may_be_object(resource: &str) -> bool {
    resource.contains(['/', '*', '?', '$'])
}

fn may_be_bucket(resource: &str) -> bool {
    let fixed = resource.split(['*', '$']).next().unwrap_or_default();
    !fixed.contains('/') || resource.contains("accesspoint/")
}

/// The commonest actions on objects.
const OBJECT_ACTIONS: [&str; 15] = [
    "GetObject",
    "GetObjectVersion",
    "PutObject",
    "DeleteObject",
    "DeleteObjectVersion",
    "GetObjectAcl",
    "PutObjectAcl",
    "GetObjectTagging",
    "PutObjectTagging",
    "DeleteObjectTagging",
    "AbortMultipartUpload",
    "ListMultipartUploadParts",
    "RestoreObject",
    "PutObjectRetention",
    "PutObjectLegalHold",
];
/// The commonest actions on buckets.
const BUCKET_ACTIONS: [&str; 14] = [
    "ListBucket",
    "ListBucketVersions",
    "ListBucketMultipartUploads",
    "CreateBucket",
    "DeleteBucket",
    "GetBucketLocation",
    "GetBucketPolicy",
    "PutBucketPolicy",
    "DeleteBucketPolicy",
    "GetBucketAcl",
    "PutBucketAcl",
    "GetBucketVersioning",
    "PutBucketVersioning",
    "GetBucketTagging",
];
