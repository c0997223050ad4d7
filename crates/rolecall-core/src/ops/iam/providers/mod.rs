//! Identity providers: OpenID Connect and SAML.

mod oidc_provider_life;
mod oidc_provider_lists;
mod oidc_provider_tags;
mod oidc_providers;
mod saml_provider_life;
mod saml_provider_tags;
mod saml_providers;
