//! Headers that travel in the query of a presigned URL. SDKs move the `x-amz-*` headers of what they presign
//! there, so that whoever uses the URL need not send them; Version 2 moves `Content-MD5` and `Content-Type`, too.
//!
//! They are signed as parameters and then are headers again, before anything else reads the request. A name that
//! is no header of S3 is refused: what was signed must not be passed over in silence.

use super::checksum::Algorithm;
use super::presented::{Mechanism, TOKEN, V4_PARAMETERS, is_one_of, is_presigned};
use crate::error::{ApiError, ErrorCode, s3};
use crate::request::Request;
use http::{HeaderName, HeaderValue};

/// Turns the headers that a presigned URL carries in its query into headers. Nothing is done for other requests.
///
/// # Errors
/// 501 for a parameter that begins with `x-amz-` and is no header of S3; 400 for a value that no header can have,
/// and for one that differs from the header of that name.
pub fn take_in(request: &mut Request, mechanism: Mechanism) -> Result<(), ApiError> {
    let is_v2 = match mechanism {
        Mechanism::Header => return Ok(()),
        Mechanism::Query { .. } => false,
        Mechanism::V2Query { .. } => true,
    };
    let Request { query, headers, .. } = request;
    for (name, value) in query.iter() {
        let Some(name) = header_name(name, is_v2)? else { continue };
        let value = header_value(&name, value)?;
        match headers.get(&name) {
            Some(sent) if *sent != value => return Err(differs(&name)),
            Some(_) => {}
            None => drop(headers.insert(name, value)),
        }
    }
    Ok(())
}

/// True when a header is sent, as such or in the query of a presigned URL.
pub(crate) fn is_sent(request: &Request, name: &str) -> bool {
    let moved = || request.query.iter().any(|(known, _)| known.eq_ignore_ascii_case(name));
    request.headers.contains_key(name) || (moved() && is_presigned(request))
}

/// The header that a parameter stands for, if any.
fn header_name(parameter: &str, is_v2: bool) -> Result<Option<HeaderName>, ApiError> {
    let name = parameter.to_ascii_lowercase();
    let is_amz = name.starts_with("x-amz-");
    if is_one_of(&name, &V4_PARAMETERS)
        || name == TOKEN
        || !(is_amz || is_v2 && MOVED_BY_V2.contains(&&*name))
    {
        return Ok(None);
    }
    let known = HeaderName::try_from(&*name).ok().filter(|_| !is_amz || is_known(&name));
    known.map(Some).ok_or_else(|| unknown(&name))
}

fn is_known(name: &str) -> bool {
    let algorithm = Algorithm::from_header(name).is_some();
    algorithm || KNOWN.contains(&name) || BEGINNINGS.iter().any(|start| name.starts_with(start))
}

/// Headers that decide anything are text; metadata may be any bytes.
fn header_value(name: &HeaderName, value: &str) -> Result<HeaderValue, ApiError> {
    let is_free = name.as_str().starts_with("x-amz-meta-");
    let header = HeaderValue::from_bytes(value.trim().as_bytes()).ok();
    let header = header.filter(|header| is_free || header.to_str().is_ok());
    header.ok_or_else(|| {
        ApiError::new(s3::INVALID_ARGUMENT, "Invalid Argument")
            .with("ArgumentName", name.as_str())
            .with("ArgumentValue", value)
    })
}

fn differs(name: &HeaderName) -> ApiError {
    let message = format!("The header '{name}' differs from the query parameter of the same name.");
    ApiError::new(ErrorCode::sender("InvalidRequest", 400), message)
}

fn unknown(name: &str) -> ApiError {
    let message = "A header you provided implies functionality that is not implemented";
    ApiError::new(s3::NOT_IMPLEMENTED, message).with("Header", name)
}

const MOVED_BY_V2: [&str; 2] = ["content-md5", "content-type"];

/// The beginnings of families of headers.
const BEGINNINGS: [&str; 9] = [
    "x-amz-meta-",
    "x-amz-grant-",
    "x-amz-server-side-encryption",
    "x-amz-copy-source",
    "x-amz-object-lock-",
    "x-amz-if-match-",
    "x-amz-checksum-xxhash",
    "x-amz-checksum-sha512",
    "x-amz-checksum-md5",
];

/// The other headers of S3's requests, and two that SDKs add.
const KNOWN: [&str; 32] = [
    "x-amz-acl",
    "x-amz-annotation-directive",
    "x-amz-bucket-namespace",
    "x-amz-bucket-object-lock-enabled",
    "x-amz-bypass-governance-retention",
    "x-amz-checksum-algorithm",
    "x-amz-checksum-mode",
    "x-amz-checksum-type",
    "x-amz-confirm-remove-self-bucket-access",
    "x-amz-content-sha256",
    "x-amz-decoded-content-length",
    "x-amz-expected-bucket-owner",
    "x-amz-max-parts",
    "x-amz-metadata-directive",
    "x-amz-mfa",
    "x-amz-mp-object-size",
    "x-amz-object-annotation-directive",
    "x-amz-object-attributes",
    "x-amz-object-ownership",
    "x-amz-optional-object-attributes",
    "x-amz-part-number-marker",
    "x-amz-request-payer",
    "x-amz-sdk-checksum-algorithm",
    "x-amz-source-expected-bucket-owner",
    "x-amz-storage-class",
    "x-amz-tagging",
    "x-amz-tagging-directive",
    "x-amz-trailer",
    "x-amz-transition-default-minimum-object-size",
    "x-amz-user-agent",
    "x-amz-website-redirect-location",
    "x-amz-write-offset-bytes",
];

#[cfg(test)]
mod tests {
    use super::super::tests::request;
    use super::*;

    const V4: Mechanism = Mechanism::Query { expires: 60 };
    const V2: Mechanism = Mechanism::V2Query { expires: 60 };

    fn taken(target: &str, headers: &[(&str, &str)], mechanism: Mechanism) -> Result<Request, ApiError> {
        let mut request = request("PUT", target, headers);
        take_in(&mut request, mechanism).map(|()| request)
    }

    #[test]
    fn what_a_presigned_url_carries_in_its_query_is_a_header() {
        let target = "/b/k?X-Amz-Meta-Color=r%C3%A4d&x-amz-acl=private&X-Amz-Date=d&x-id=PutObject&content-type=a/b\
                      &X-Amz-Security-Token=t&x-amz-expected-bucket-owner=1&X-Amz-Content-Sha256=UNSIGNED-PAYLOAD";
        for (mechanism, kind) in [(V4, None), (V2, Some("a/b"))] {
            let request = taken(target, &[("host", "h")], mechanism).unwrap();
            assert_eq!(request.headers["x-amz-meta-color"].as_bytes(), "r\u{e4}d".as_bytes());
            assert_eq!(request.header("x-amz-acl"), Some("private"));
            assert_eq!(request.header("x-amz-expected-bucket-owner"), Some("1"));
            assert_eq!(request.header("x-amz-content-sha256"), Some("UNSIGNED-PAYLOAD"));
            assert_eq!(request.header("content-type"), kind);
            for name in ["x-amz-date", "x-amz-security-token", "x-id"] {
                assert_eq!(request.header(name), None, "{name}");
            }
        }
        let signed_by_header = taken(target, &[("host", "h")], Mechanism::Header).unwrap();
        assert_eq!(signed_by_header.headers.len(), 1);
    }

    #[test]
    fn what_is_not_understood_or_contradicts_a_header_is_refused() {
        let code = |target: &str| taken(target, &[("host", "h")], V4).unwrap_err().code.code;
        for name in ["x-amz-aclx", "X-Amz-New-Thing", "x-amz-", "x-amz-checksum-crc16", "x-amz-a:b"] {
            assert_eq!(code(&format!("/b/k?{name}=1")), "NotImplemented", "{name}");
        }
        for target in
            ["/b/k?x-amz-acl=a%0Ab", "/b/k?x-amz-meta-a=a%0Ab", "/b/k?x-amz-expected-bucket-owner=%C3%A4"]
        {
            assert_eq!(code(target), "InvalidArgument", "{target}");
        }
        let both = |header| taken("/b/k?x-amz-acl=private", &[("host", "h"), ("x-amz-acl", header)], V4);
        assert_eq!(both("public-read").unwrap_err().code.code, "InvalidRequest");
        assert_eq!(both("private").unwrap().header("x-amz-acl"), Some("private"));
    }

    /// The list has every header that an operation reads.
    #[test]
    fn every_header_of_s3_is_known() {
        let read = include_str!("../gen/s3.rs").split("rest::header(i, \"").skip(1);
        let names: Vec<_> = read.filter_map(|rest| rest.split('"').next()).collect();
        assert!(names.len() > 50, "{}", names.len());
        for name in names.into_iter().filter(|name| name.starts_with("x-amz-")) {
            assert!(is_known(name), "{name}");
        }
    }

    #[test]
    fn a_moved_copy_source_counts_for_presigned_urls_only() {
        let sent = |target| is_sent(&request("PUT", target, &[("host", "h")]), "x-amz-copy-source");
        assert!(sent("/b/k?X-Amz-Copy-Source=a/b&X-Amz-Signature=1"));
        assert!(sent("/b/k?x-amz-copy-source=a/b&Signature=1"));
        assert!(!sent("/b/k?x-amz-copy-source=a/b") && !sent("/b/k?X-Amz-Signature=1"));
    }
}
