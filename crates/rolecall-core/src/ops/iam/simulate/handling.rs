//! `ResourceHandlingOption`: which resources an EC2 scenario must have.

use super::invalid;
use crate::error::Error;

/// Checks that the resources of a scenario are all there.
///
/// # Errors
/// `InvalidInput` when the scenario does not exist or lacks a resource.
pub(super) fn check(option: Option<&str>, resources: &[String]) -> Result<(), Error> {
    let Some(option) = option else { return Ok(()) };
    let (_, kinds) = SCENARIOS
        .iter()
        .find(|(name, _)| *name == option)
        .ok_or_else(|| invalid(format!("{option} is not a valid ResourceHandlingOption.")))?;
    let has = |kind: &&str| resources.iter().any(|arn| is_of(arn, kind));
    match kinds.iter().find(|kind| !has(kind)) {
        Some(kind) => Err(invalid(format!("{option} needs a resource of type {kind}."))),
        None => Ok(()),
    }
}

fn is_of(arn: &str, kind: &str) -> bool {
    let resource = arn.splitn(6, ':').nth(5).unwrap_or_default();
    arn.split(':').nth(2) == Some("ec2") && resource.split('/').next() == Some(kind)
}

/// The scenarios and their resources (IAM API Reference, SimulateCustomPolicy).
const SCENARIOS: [(&str, &[&str]); 4] = [
    ("EC2-VPC-InstanceStore", &["instance", "image", "security-group", "network-interface"]),
    ("EC2-VPC-InstanceStore-Subnet", &["instance", "image", "security-group", "network-interface", "subnet"]),
    ("EC2-VPC-EBS", &["instance", "image", "security-group", "network-interface", "volume"]),
    ("EC2-VPC-EBS-Subnet", &["instance", "image", "security-group", "network-interface", "subnet", "volume"]),
];
