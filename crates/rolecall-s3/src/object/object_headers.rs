//! The headers that a client gives an object and gets back with it.

use crate::error as s3;
use crate::limits::USER_METADATA;
use crate::records::ObjectHeaders;
use rolecall_core::Error;
use rolecall_wire::Request;

/// What a request that creates an object says of it.
pub(crate) fn of(request: &Request) -> Result<ObjectHeaders, Error> {
    let text = |name: &str| {
        let value = request.headers.get(name).and_then(|value| std::str::from_utf8(value.as_bytes()).ok());
        value.map(|value| value.trim().to_owned())
    };
    Ok(ObjectHeaders {
        content_type: text("content-type"),
        cache_control: text("cache-control"),
        content_disposition: text("content-disposition"),
        content_encoding: text("content-encoding").and_then(|value| without_framing(&value)),
        content_language: text("content-language"),
        expires: text("expires"),
        website_redirect_location: text("x-amz-website-redirect-location"),
        storage_class: text("x-amz-storage-class").filter(|class| class != "STANDARD"),
        metadata: metadata(request)?,
    })
}

/// `aws-chunked` says how the body travelled, not what it is.
fn without_framing(encoding: &str) -> Option<String> {
    let kept: Vec<&str> =
        encoding.split(',').map(str::trim).filter(|one| !one.eq_ignore_ascii_case("aws-chunked")).collect();
    let kept = kept.join(",");
    (!kept.is_empty()).then_some(kept)
}

/// The `x-amz-meta-` headers; a header sent twice is one list, as HTTP has it.
fn metadata(request: &Request) -> Result<Vec<(String, String)>, Error> {
    let mut found: Vec<(String, String)> = Vec::new();
    for name in request.headers.keys() {
        let Some(rest) = name.as_str().strip_prefix(PREFIX) else { continue };
        let values = request.headers.get_all(name).iter().map(|value| std::str::from_utf8(value.as_bytes()));
        let values: Vec<&str> = values
            .collect::<Result<_, _>>()
            .map_err(|_| s3::invalid_argument("Invalid Argument", name.as_str(), ""))?;
        found.push((rest.to_owned(), values.join(",").trim().to_owned()));
    }
    let size = found.iter().map(|(name, value)| name.len() + value.len()).sum();
    if size > USER_METADATA {
        return Err(s3::metadata_too_large(size, USER_METADATA));
    }
    found.sort();
    Ok(found)
}

const PREFIX: &str = "x-amz-meta-";
