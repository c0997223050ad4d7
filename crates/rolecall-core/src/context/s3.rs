//! The condition keys that every S3 action has (Service Authorization Reference, Amazon S3).

use rolecall_policy::Context;
use rolecall_wire::Request;
use rolecall_wire::sigv4::{Mechanism, Verified};

/// The keys that every S3 action has.
pub(crate) fn fill<'a>(
    context: &mut Context<'a>,
    request: &'a Request,
    verified: Option<&Verified>,
    owner: &'a str,
) {
    context.set("s3:ResourceAccount", owner);
    if let Some(hash) = request.header("x-amz-content-sha256") {
        context.set("s3:x-amz-content-sha256", hash);
    }
    let Some(verified) = verified else { return };
    let (kind, version) = match verified.mechanism {
        Mechanism::Header => ("REST-HEADER", "AWS4-HMAC-SHA256"),
        Mechanism::Query { .. } => ("REST-QUERY-STRING", "AWS4-HMAC-SHA256"),
        Mechanism::V2Query { .. } => ("REST-QUERY-STRING", "AWS"),
    };
    context.set("s3:authType", kind);
    context.set("s3:signatureversion", version);
    if let Some(age) = verified.signature_age {
        context.set("s3:signatureAge", age.to_string());
    }
}
