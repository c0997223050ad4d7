//! The form of `Resource` entries, as IAM checks it.

use super::{Checked, Finding, Offence, Text};
use crate::pattern::Pattern;

/// Checks one entry.
pub(super) fn check(text: &Text) -> Checked {
    let value = text.value.as_str();
    if value == "*" {
        return Ok(());
    }
    match offence(value) {
        None => Ok(()),
        Some(offence) => {
            let detail =
                format!("{value:?} is not of the form arn:partition:service:region:account:resource");
            Err(Finding::new(offence, text.at, detail))
        }
    }
}

fn offence(value: &str) -> Option<Offence> {
    let mut parts = value.splitn(6, ':').skip(1);
    let Some(partition) = parts.next() else {
        let text = format!("Resource {value} must be in ARN format or \"*\".");
        return Some(Offence::Resource("INVALID_ARN_PREFIX", text));
    };
    if !is_partition(partition) || !value.starts_with("arn:") {
        let rest: Vec<&str> = (0..4).map(|_| parts.next().unwrap_or("*")).collect();
        let arn = format!("arn:{partition}:{}", rest.join(":"));
        let text = format!("Partition \"{partition}\" is not valid for resource \"{arn}\".");
        return Some(Offence::Resource("INVALID_PARTITION", text));
    }
    let vendor = parts.next().unwrap_or_default();
    if vendor.is_empty() || vendor.contains(['*', '?']) {
        let text = "Resource vendor must be fully qualified and cannot contain regexes.".to_owned();
        return Some(Offence::Resource("INVALID_SERVICE", text));
    }
    let region = parts.next().unwrap_or_default();
    let resource = parts.nth(1);
    match (region, resource) {
        (region, resource) if !region.is_empty() => with_region(value, vendor, resource),
        (_, None) => Some(Offence::ShortArn),
        (_, Some(path)) if vendor == "iam" && !is_iam_path(path) => {
            Some(Offence::Resource("INVALID_ARN_RESOURCE", IAM_PATH.to_owned()))
        }
        _ => None,
    }
}

fn with_region(value: &str, vendor: &str, resource: Option<&str>) -> Option<Offence> {
    let regional = || resource.is_some_and(|path| S3_REGIONAL.iter().any(|start| path.starts_with(start)));
    match vendor {
        "iam" => Some(not_allowed(format!("IAM resource {value} cannot contain region information."))),
        "s3" if !regional() => {
            Some(not_allowed(format!("Resource {value} can not contain region information.")))
        }
        _ if resource.is_none() => Some(Offence::ShortArn),
        _ => None,
    }
}

fn not_allowed(text: String) -> Offence {
    Offence::Resource("ARN_REGION_NOT_ALLOWED", text)
}

fn is_partition(text: &str) -> bool {
    let pattern = Pattern::glob(text);
    PARTITIONS.iter().any(|name| pattern.fits(name))
}

fn is_iam_path(path: &str) -> bool {
    path == "*" || path == "root" || IAM_PATHS.iter().any(|start| path.starts_with(start))
}

/// The partitions of AWS.
pub(super) const PARTITIONS: [&str; 8] =
    ["aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f", "aws-eusc"];

/// S3's resources that are not buckets or objects and live in a region.
const S3_REGIONAL: [&str; 5] =
    ["accesspoint/", "job/", "storage-lens/", "storage-lens-group/", "access-grants/"];

/// Those of AWS's sentence, and one that came after it was written.
const IAM_PATHS: [&str; 14] = [
    "user/",
    "federated-user/",
    "role/",
    "role-template/",
    "group/",
    "instance-profile/",
    "mfa/",
    "server-certificate/",
    "policy/",
    "sms-mfa/",
    "saml-provider/",
    "oidc-provider/",
    "report/",
    "access-report/",
];
const IAM_PATH: &str = "IAM resource path must either be \"*\", root, or start with user/, federated-user/, role/, \
    group/, instance-profile/, mfa/, server-certificate/, policy/, sms-mfa/, saml-provider/, oidc-provider/, \
    report/, access-report/.";
