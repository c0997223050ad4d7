//! What of STS is tested beside the parts that it is put together from.

mod forms;
mod saml;
mod web_identity;
