//! The principal that an ARN (or a word) names, and the condition keys that follow from it.

use anyhow::{Result, bail};
use rolecall_policy::{Arn, Principal, PrincipalKind};

/// Reads a principal: the ARN of a user, role, role session, federated user or account root, the name of
/// a service such as `ec2.amazonaws.com`, or `anonymous`.
///
/// # Errors
/// When the text is none of these.
pub(super) fn read(text: &str) -> Result<Principal> {
    if text == "anonymous" {
        return Ok(Principal { kind: PrincipalKind::Anonymous, account: String::new(), arn: String::new() });
    }
    if text.ends_with(".amazonaws.com") {
        let kind = PrincipalKind::Service { name: text.to_owned() };
        return Ok(Principal { kind, account: String::new(), arn: text.to_owned() });
    }
    let Some((kind, account)) =
        Arn::parse(text).and_then(|arn| Some((kind(text, &arn)?, arn.account.to_owned())))
    else {
        bail!(
            "'{text}' is no principal: give the ARN of a user, role, role session, federated user or account \
             root, a service such as ec2.amazonaws.com, or the word anonymous"
        );
    };
    Ok(Principal { kind, account, arn: text.to_owned() })
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

/// The condition keys that every request of the principal has (IAM User Guide, global condition keys).
pub(super) fn keys(principal: &Principal) -> Vec<(String, String)> {
    let (kind, arn) = match &principal.kind {
        PrincipalKind::Anonymous => ("Anonymous", ""),
        PrincipalKind::Root => ("Account", principal.arn.as_str()),
        PrincipalKind::User { .. } => ("User", principal.arn.as_str()),
        PrincipalKind::RoleSession { role_arn, .. } => ("AssumedRole", role_arn.as_str()),
        PrincipalKind::FederatedUser { .. } => ("FederatedUser", principal.arn.as_str()),
        PrincipalKind::Federated { .. } | PrincipalKind::Service { .. } => return Vec::new(),
    };
    let account = if principal.account.is_empty() { "anonymous" } else { &principal.account };
    let mut keys = vec![("aws:PrincipalType", kind), ("aws:PrincipalAccount", account)];
    keys.extend((!arn.is_empty()).then_some(("aws:PrincipalArn", arn)));
    let user = matches!(principal.kind, PrincipalKind::User { .. });
    let name = principal.arn.rsplit('/').next().filter(|_| user);
    keys.extend(name.map(|name| ("aws:username", name)));
    keys.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
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
            let read = read(text).ok().map(|principal| format!("{:?}", principal.kind));
            let name = read.as_deref().map(|shown| shown.split([' ', '{']).next().unwrap());
            assert_eq!(name, kind, "{text}");
        }
        let ann = read("arn:aws:iam::123456789012:user/path/ann").unwrap();
        assert!(keys(&ann).contains(&("aws:username".into(), "ann".into())));
    }
}
