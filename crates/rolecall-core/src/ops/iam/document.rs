//! Policy documents as IAM takes them.

use crate::error::{Error, iam};
use crate::records::Document;
use rolecall_policy::{Kind, Policy};

/// A permissions policy sent by a caller, held to IAM's grammar.
///
/// # Errors
/// `MalformedPolicyDocument` in AWS's words.
pub(super) fn identity(text: String) -> Result<Document, Error> {
    Policy::parse(&text, Kind::Identity).map_err(|why| iam::malformed_document(why.message))?;
    Ok(Document::new(text))
}
