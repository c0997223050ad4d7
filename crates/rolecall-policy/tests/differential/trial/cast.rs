//! Who asks in tables and trials.

use rolecall_policy::{Principal, PrincipalKind};

pub(crate) const OWN: &str = "111122223333";
pub(crate) const OTHER: &str = "444455556666";

/// Everybody who may ask.
pub(crate) const NAMES: [&str; 16] = [
    "user",
    "session",
    "federated-user",
    "root",
    "anonymous",
    "service",
    "web-identity",
    "user-with-path",
    "other-user",
    "other-session",
    "other-root",
    "federated-by-root",
    "saml",
    "google",
    "other-service",
    "service-linked",
];

/// The principal of a name.
pub(crate) fn principal(name: &str) -> Principal {
    let user = |id: &str| PrincipalKind::User { id: id.into() };
    let role = |role_arn: &str, role_id: &str| PrincipalKind::RoleSession {
        role_arn: role_arn.into(),
        role_id: role_id.into(),
    };
    let federated_by = |user_arn: &str, user_id: &str| PrincipalKind::FederatedUser {
        user_arn: user_arn.into(),
        user_id: user_id.into(),
    };
    let provider = |provider: &str| PrincipalKind::Federated { provider: provider.into() };
    let (kind, account, arn) = match name {
        "user" => (user("AIDAUSERUSERUSERUSER1"), OWN, "arn:aws:iam::111122223333:user/ann"),
        "user-with-path" => (user("AIDAUSERUSERUSERUSER2"), OWN, "arn:aws:iam::111122223333:user/team/eve"),
        "other-user" => (user("AIDAUSERUSERUSERUSER3"), OTHER, "arn:aws:iam::444455556666:user/ann"),
        "session" => (
            role("arn:aws:iam::111122223333:role/team/app", "AROAROLEROLEROLEROLE1"),
            OWN,
            "arn:aws:sts::111122223333:assumed-role/app/s1",
        ),
        "service-linked" => (
            role(
                "arn:aws:iam::111122223333:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS",
                "AROAROLEROLEROLEROLE3",
            ),
            OWN,
            "arn:aws:sts::111122223333:assumed-role/AWSServiceRoleForECS/s1",
        ),
        "other-session" => (
            role("arn:aws:iam::444455556666:role/app", "AROAROLEROLEROLEROLE2"),
            OTHER,
            "arn:aws:sts::444455556666:assumed-role/app/s1",
        ),
        "federated-user" => (
            federated_by("arn:aws:iam::111122223333:user/ann", "AIDAUSERUSERUSERUSER1"),
            OWN,
            "arn:aws:sts::111122223333:federated-user/bob",
        ),
        "federated-by-root" => (
            federated_by("arn:aws:iam::111122223333:root", OWN),
            OWN,
            "arn:aws:sts::111122223333:federated-user/bob",
        ),
        "root" => (PrincipalKind::Root, OWN, "arn:aws:iam::111122223333:root"),
        "other-root" => (PrincipalKind::Root, OTHER, "arn:aws:iam::444455556666:root"),
        "anonymous" => (PrincipalKind::Anonymous, "", ""),
        "service" => (PrincipalKind::Service { name: "ec2.amazonaws.com".into() }, "", ""),
        "other-service" => (PrincipalKind::Service { name: "lambda.amazonaws.com".into() }, "", ""),
        "web-identity" => (provider("arn:aws:iam::111122223333:oidc-provider/id.example"), "", ""),
        "saml" => (provider("arn:aws:iam::111122223333:saml-provider/corp"), "", ""),
        "google" => (provider("accounts.google.com"), "", ""),
        other => panic!("nobody is called {other}"),
    };
    Principal { kind, account: account.into(), arn: arn.into() }
}
