//! What of STS is tested beside the parts that it is put together from.

mod answers;
mod forms;
mod saml;
mod web_identity;
