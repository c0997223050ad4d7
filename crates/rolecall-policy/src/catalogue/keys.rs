//! The global condition keys, those of every service (IAM User Guide, AWS global condition context keys).

use super::{Key, KeyKind};

/// A global key, and who knows its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GlobalKey {
    /// Its name and what its values are.
    pub key: Key,
    /// Who knows its value.
    pub source: Source,
    /// True when every request has it; it may be absent otherwise.
    pub always: bool,
}

/// Who knows the value of a global key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The connection and the clock.
    Connection,
    /// The network path, when it leads through a VPC endpoint.
    Network,
    /// The principal that asks.
    Principal,
    /// The session, when the credentials are temporary.
    Session,
    /// The organization, when the account is a member of one.
    Organization,
    /// The resource.
    Resource,
    /// The parameters of the request.
    Request,
    /// A service that forwards a request, or asks on its own behalf.
    Service,
    /// Credentials that a service made for its own instances and functions.
    Delivered,
}

/// The global key of a name, whatever its case.
pub fn global(name: &str) -> Option<&'static GlobalKey> {
    GLOBAL_KEYS.iter().find(|global| global.key.is(name))
}

const fn one(name: &'static str, kind: KeyKind, source: Source) -> GlobalKey {
    GlobalKey { key: Key { name, kind, many: false }, source, always: false }
}

const fn many(name: &'static str, kind: KeyKind, source: Source) -> GlobalKey {
    GlobalKey { key: Key { name, kind, many: true }, source, always: false }
}

const fn always(name: &'static str, kind: KeyKind, source: Source) -> GlobalKey {
    GlobalKey { key: Key { name, kind, many: false }, source, always: true }
}

/// Every global key.
pub const GLOBAL_KEYS: &[GlobalKey] = &[
    always("aws:CurrentTime", KeyKind::Date, Source::Connection),
    always("aws:EpochTime", KeyKind::Date, Source::Connection),
    always("aws:SecureTransport", KeyKind::Bool, Source::Connection),
    one("aws:SourceIp", KeyKind::Address, Source::Connection),
    one("aws:UserAgent", KeyKind::Text, Source::Connection),
    one("aws:referer", KeyKind::Text, Source::Connection),
    always("aws:RequestedRegion", KeyKind::Text, Source::Connection),
    one("aws:VpcSourceIp", KeyKind::Address, Source::Network),
    one("aws:SourceVpc", KeyKind::Text, Source::Network),
    one("aws:SourceVpcArn", KeyKind::Arn, Source::Network),
    one("aws:SourceVpce", KeyKind::Text, Source::Network),
    one("aws:VpceAccount", KeyKind::Text, Source::Network),
    one("aws:VpceOrgID", KeyKind::Text, Source::Network),
    many("aws:VpceOrgPaths", KeyKind::Text, Source::Network),
    one("aws:PrincipalArn", KeyKind::Arn, Source::Principal),
    always("aws:PrincipalAccount", KeyKind::Text, Source::Principal),
    always("aws:PrincipalType", KeyKind::Text, Source::Principal),
    always("aws:userid", KeyKind::Text, Source::Principal),
    one("aws:username", KeyKind::Text, Source::Principal),
    one("aws:PrincipalTag/${TagKey}", KeyKind::Text, Source::Principal),
    one("aws:PrincipalIsAWSService", KeyKind::Bool, Source::Principal),
    one("aws:PrincipalServiceName", KeyKind::Text, Source::Service),
    many("aws:PrincipalServiceNamesList", KeyKind::Text, Source::Service),
    one("aws:PrincipalOrgID", KeyKind::Text, Source::Organization),
    many("aws:PrincipalOrgPaths", KeyKind::Text, Source::Organization),
    one("aws:MultiFactorAuthPresent", KeyKind::Bool, Source::Session),
    one("aws:MultiFactorAuthAge", KeyKind::Number, Source::Session),
    one("aws:TokenIssueTime", KeyKind::Date, Source::Session),
    one("aws:SourceIdentity", KeyKind::Text, Source::Session),
    one("aws:FederatedProvider", KeyKind::Text, Source::Session),
    one("aws:AssumedRoot", KeyKind::Bool, Source::Session),
    always("aws:ViaAWSService", KeyKind::Bool, Source::Connection),
    many("aws:CalledVia", KeyKind::Text, Source::Service),
    one("aws:CalledViaFirst", KeyKind::Text, Source::Service),
    one("aws:CalledViaLast", KeyKind::Text, Source::Service),
    one("aws:SourceArn", KeyKind::Arn, Source::Service),
    one("aws:SourceAccount", KeyKind::Text, Source::Service),
    one("aws:SourceOrgID", KeyKind::Text, Source::Service),
    many("aws:SourceOrgPaths", KeyKind::Text, Source::Service),
    one("aws:ResourceAccount", KeyKind::Text, Source::Resource),
    one("aws:ResourceTag/${TagKey}", KeyKind::Text, Source::Resource),
    one("aws:ResourceOrgID", KeyKind::Text, Source::Organization),
    many("aws:ResourceOrgPaths", KeyKind::Text, Source::Organization),
    one("aws:RequestTag/${TagKey}", KeyKind::Text, Source::Request),
    many("aws:TagKeys", KeyKind::Text, Source::Request),
    one("aws:Ec2InstanceSourceVpc", KeyKind::Text, Source::Delivered),
    one("aws:Ec2InstanceSourcePrivateIPv4", KeyKind::Address, Source::Delivered),
    one("aws:ChatbotSourceArn", KeyKind::Arn, Source::Delivered),
    one("ec2:SourceInstanceARN", KeyKind::Arn, Source::Delivered),
    one("ec2:RoleDelivery", KeyKind::Number, Source::Delivered),
    one("lambda:SourceFunctionArn", KeyKind::Arn, Source::Delivered),
    one("glue:RoleAssumedBy", KeyKind::Text, Source::Delivered),
    one("glue:CredentialIssuingService", KeyKind::Text, Source::Delivered),
    one("identitystore:UserId", KeyKind::Text, Source::Delivered),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_keys_in_any_case_and_with_a_tag() {
        assert_eq!(global("AWS:principaltag/Team").map(|g| g.key.name), Some("aws:PrincipalTag/${TagKey}"));
        assert!(global("aws:PrincipalTag/").is_none() && global("aws:PrincipalTags").is_none());
        let mut names: Vec<_> = GLOBAL_KEYS.iter().map(|global| global.key.name.to_lowercase()).collect();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), GLOBAL_KEYS.len());
    }
}
