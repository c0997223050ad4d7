//! Who asks: the principal of a request, as policies see it.

use crate::arn::Arn;

/// The principal of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// What kind of principal it is.
    pub kind: PrincipalKind,
    /// The account it belongs to, 12 digits; empty for anonymous callers and service principals.
    pub account: String,
    /// The ARN that AWS prints in messages: user, `assumed-role` session, federated user, root.
    pub arn: String,
}

/// What kind of principal asks, with the identifiers its kind is matched by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PrincipalKind {
    /// Nobody: the request carries no credentials.
    Anonymous,
    /// An account's root user.
    Root,
    /// An IAM user (also with `GetSessionToken` credentials).
    User {
        /// The unique id, `AIDA…`.
        id: String,
    },
    /// A session of a role.
    RoleSession {
        /// The role's IAM ARN, path included.
        role_arn: String,
        /// The role's unique id, `AROA…`.
        role_id: String,
    },
    /// A `GetFederationToken` session.
    FederatedUser {
        /// The IAM user (or root) that asked for the token.
        user_arn: String,
        /// That user's unique id.
        user_id: String,
    },
    /// A web-identity or SAML caller that assumes a role: matches `Federated` principals.
    Federated {
        /// The provider's ARN or well-known name.
        provider: String,
    },
    /// An AWS service.
    Service {
        /// Its name, such as `ec2.amazonaws.com`.
        name: String,
    },
}

impl Principal {
    /// Reads a principal: the ARN of a user, role, role session, federated user or account root, the name
    /// of a service such as `ec2.amazonaws.com`, or the word `anonymous`. `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        if text == "anonymous" {
            return Some(Self { kind: PrincipalKind::Anonymous, account: String::new(), arn: String::new() });
        }
        if text.ends_with(".amazonaws.com") {
            let kind = PrincipalKind::Service { name: text.to_owned() };
            return Some(Self { kind, account: String::new(), arn: text.to_owned() });
        }
        let arn = Arn::parse(text)?;
        Some(Self { kind: kind(text, &arn)?, account: arn.account.to_owned(), arn: text.to_owned() })
    }

    /// The partition it belongs to, such as `aws`; `None` for a principal without an ARN.
    pub(crate) fn partition(&self) -> Option<&str> {
        Arn::parse(&self.arn).map(|arn| arn.partition)
    }

    /// The condition keys that every request of the principal has (IAM User Guide, global condition keys).
    pub fn keys(&self) -> Vec<(String, String)> {
        let (kind, arn) = match &self.kind {
            PrincipalKind::Anonymous => ("Anonymous", ""),
            PrincipalKind::Root => ("Account", self.arn.as_str()),
            PrincipalKind::User { .. } => ("User", self.arn.as_str()),
            PrincipalKind::RoleSession { role_arn, .. } => ("AssumedRole", role_arn.as_str()),
            PrincipalKind::FederatedUser { .. } => ("FederatedUser", self.arn.as_str()),
            PrincipalKind::Federated { .. } | PrincipalKind::Service { .. } => return Vec::new(),
        };
        let account = if self.account.is_empty() { "anonymous" } else { &self.account };
        let mut keys = vec![("aws:PrincipalType", kind), ("aws:PrincipalAccount", account)];
        keys.extend((!arn.is_empty()).then_some(("aws:PrincipalArn", arn)));
        let user = matches!(self.kind, PrincipalKind::User { .. });
        let name = self.arn.rsplit('/').next().filter(|_| user);
        keys.extend(name.map(|name| ("aws:username", name)));
        keys.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
    }
}

fn kind(text: &str, arn: &Arn<'_>) -> Option<PrincipalKind> {
    if arn.account.len() != 12 || !arn.account.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let (kind, name) = arn.resource.split_once('/').unwrap_or((arn.resource, ""));
    match (arn.service, kind, name) {
        ("iam", "root", "") => Some(PrincipalKind::Root),
        ("iam", "user", name) if !name.is_empty() => Some(PrincipalKind::User { id: String::new() }),
        ("iam", "role", name) if !name.is_empty() => {
            Some(PrincipalKind::RoleSession { role_arn: text.to_owned(), role_id: String::new() })
        }
        ("sts", "assumed-role", name) => {
            let (role, _) = name.split_once('/')?;
            let role_arn = format!("arn:{}:iam::{}:role/{role}", arn.partition, arn.account);
            Some(PrincipalKind::RoleSession { role_arn, role_id: String::new() })
        }
        ("sts", "federated-user", name) if !name.is_empty() => {
            let user_arn = format!("arn:{}:iam::{}:root", arn.partition, arn.account);
            Some(PrincipalKind::FederatedUser { user_arn, user_id: String::new() })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn principals_are_read_by_arn_service_or_word() {
        for (text, kind) in [
            ("anonymous", Some("Anonymous")),
            ("ec2.amazonaws.com", Some("Service")),
            ("arn:aws:iam::123456789012:root", Some("Root")),
            ("arn:aws:iam::123456789012:user/path/ann", Some("User")),
            ("arn:aws:iam::123456789012:role/r", Some("RoleSession")),
            ("arn:aws:sts::123456789012:assumed-role/r/s", Some("RoleSession")),
            ("arn:aws:sts::123456789012:federated-user/f", Some("FederatedUser")),
            ("arn:aws:iam::123456789012:group/g", None),
            ("arn:aws:iam::1234:user/ann", None),
            ("arn:aws:sts::123456789012:assumed-role/r", None),
            ("ann", None),
        ] {
            let read = Principal::parse(text).map(|principal| format!("{:?}", principal.kind));
            let name = read.as_deref().map(|shown| shown.split([' ', '{']).next().unwrap());
            assert_eq!(name, kind, "{text}");
        }
        let ann = Principal::parse("arn:aws:iam::123456789012:user/path/ann").unwrap();
        assert!(ann.keys().contains(&("aws:username".into(), "ann".into())));
    }
}
