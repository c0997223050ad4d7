//! The operations of STS.

mod assume_role;
mod assume_role_for_instance;
mod assume_role_with_saml;
mod assume_role_with_web_identity;
mod assume_root;
mod decode_authorization_message;
mod federated;
mod get_access_key_info;
mod get_caller_identity;
mod get_delegated_access_token;
mod get_federation_token;
mod get_session_token;
mod get_web_identity_token;
mod session_policy;
mod session_tags;

use crate::gate::Handler;
use rolecall_wire::sts::op;

pub(super) static HANDLERS: &[Handler] = &[
    Handler::of::<op::AssumeRole>(),
    Handler::of::<assume_role_for_instance::AssumeRoleForInstance>(),
    Handler::of::<op::AssumeRoleWithSAML>(),
    Handler::of::<op::AssumeRoleWithWebIdentity>(),
    Handler::of::<op::AssumeRoot>(),
    Handler::of::<op::DecodeAuthorizationMessage>(),
    Handler::of::<op::GetAccessKeyInfo>(),
    Handler::of::<op::GetCallerIdentity>(),
    Handler::of::<op::GetDelegatedAccessToken>(),
    Handler::of::<op::GetFederationToken>(),
    Handler::of::<op::GetSessionToken>(),
    Handler::of::<op::GetWebIdentityToken>(),
];

#[cfg(test)]
mod tests;
