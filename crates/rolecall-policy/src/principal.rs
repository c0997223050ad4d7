//! Who asks: the principal of a request, as policies see it.

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
