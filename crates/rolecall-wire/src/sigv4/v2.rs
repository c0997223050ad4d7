//! Signature Version 2 in the query, which some SDKs still make S3 URLs with by default
//! (S3 User Guide, "Signing and authenticating REST requests (Signature Version 2)").
//!
//! That signature covers only some query parameters; a URL that carries any other is refused, so that
//! here too a URL does exactly what was signed.

use super::fault::AuthFault;
use super::key::{SecretKey, hmac_sha1, is_same};
use super::presented::{Mechanism, Presented};
use super::verify::{Rules, Verified};
use crate::request::Request;
use base64::prelude::{BASE64_STANDARD, Engine as _};
use std::collections::BTreeMap;

impl Presented<'_> {
    pub(super) fn verify_v2(
        &self,
        request: &Request,
        secret: &SecretKey,
        rules: &Rules<'_>,
    ) -> Result<Verified, AuthFault> {
        let Mechanism::V2Query { expires } = self.mechanism else {
            return Err(AuthFault::UnsupportedMechanism);
        };
        if rules.service != "s3" {
            return Err(AuthFault::UnsupportedMechanism);
        }
        refuse_uncovered(request)?;
        if rules.now > expires {
            return Err(AuthFault::UrlExpired { expired_at: expires, now: rules.now, lifetime: None });
        }
        let text = string_to_sign(request, expires, rules.virtual_bucket);
        let computed = BASE64_STANDARD.encode(hmac_sha1(secret.expose().as_bytes(), &text));
        if !is_same(&computed, self.signature) {
            return Err(self.mismatch(String::from_utf8_lossy(&text).into_owned(), Vec::new()));
        }
        Ok(self.verified(None, None))
    }
}

/// Method, `Content-MD5`, `Content-Type`, expiry, `x-amz-*` headers and the resource, a line each.
/// Headers may have been moved into the query when the URL was made.
fn string_to_sign(request: &Request, expires: i64, virtual_bucket: Option<&str>) -> Vec<u8> {
    let mut out = format!("{}\n", request.method).into_bytes();
    for name in ["content-md5", "content-type"] {
        out.extend(values(request, name).join(&b','));
        out.push(b'\n');
    }
    out.extend_from_slice(format!("{expires}\n").as_bytes());
    out.extend(amz_headers(request));
    out.extend_from_slice(resource(request, virtual_bucket).as_bytes());
    out
}

fn amz_headers(request: &Request) -> Vec<u8> {
    let names = request.headers.keys().map(http::HeaderName::as_str);
    let moved = request.query.iter().map(|(name, _)| name.as_str());
    let sorted: BTreeMap<_, _> = names
        .chain(moved)
        .filter(|name| name.starts_with("x-amz-"))
        .map(|name| (name, values(request, name)))
        .collect();
    let lines =
        sorted.into_iter().map(|(name, values)| [name.as_bytes(), b":", &values.join(&b','), b"\n"].concat());
    lines.collect::<Vec<_>>().concat()
}

fn values(request: &Request, name: &str) -> Vec<Vec<u8>> {
    let sent = request.headers.get_all(name).iter().map(|value| value.as_bytes().trim_ascii().to_vec());
    let sent: Vec<_> = sent.collect();
    if sent.is_empty() {
        request.query(name).map(|v| v.trim().as_bytes().to_vec()).into_iter().collect()
    } else {
        sent
    }
}

fn resource(request: &Request, virtual_bucket: Option<&str>) -> String {
    let bucket = virtual_bucket.map(|bucket| format!("/{bucket}")).unwrap_or_default();
    let mut covered: Vec<_> = request.query.iter().filter(|(name, _)| is_covered(name)).collect();
    covered.sort_unstable();
    let pairs: Vec<_> = covered
        .into_iter()
        .map(|(name, value)| if value.is_empty() { name.clone() } else { format!("{name}={value}") })
        .collect();
    let query = if pairs.is_empty() { String::new() } else { format!("?{}", pairs.join("&")) };
    format!("{bucket}{}{query}", request.raw_path)
}

fn refuse_uncovered(request: &Request) -> Result<(), AuthFault> {
    let harmless = |name: &str| {
        is_covered(name)
            || name.starts_with("x-amz-")
            || ["AWSAccessKeyId", "Signature", "Expires", "content-md5", "content-type"].contains(&name)
    };
    let overrides = request.query.iter().any(|(name, _)| is_override(name));
    // Values are signed as they are, so one that holds `&tagging=1` is signed like the two parameters it looks like.
    // Neither form is served. A split into another answer header, or into a version, is no other operation.
    let is_ambiguous = |name: &str, value: &str| {
        let is_resource =
            is_covered(name) && !is_override(name) && !["partNumber", "versionId"].contains(&name);
        let hides = |part: &str| is_covered(part.split('=').next().unwrap_or_default());
        overrides && is_resource || is_covered(name) && value.split('&').skip(1).any(hides)
    };
    let refused = request.query.iter().filter(|(name, value)| !harmless(name) || is_ambiguous(name, value));
    let uncovered: Vec<_> = refused.map(|(name, _)| name.clone()).collect();
    if uncovered.is_empty() { Ok(()) } else { Err(AuthFault::ParametersNotSigned(uncovered)) }
}

fn is_override(name: &str) -> bool {
    name.starts_with("response-")
}

fn is_covered(name: &str) -> bool {
    COVERED.contains(&name)
}

/// The query parameters that are part of the canonical resource.
const COVERED: [&str; 35] = [
    "accelerate",
    "acl",
    "analytics",
    "cors",
    "defaultObjectAcl",
    "delete",
    "inventory",
    "lifecycle",
    "location",
    "logging",
    "metrics",
    "notification",
    "object-lock",
    "partNumber",
    "policy",
    "replication",
    "requestPayment",
    "response-cache-control",
    "response-content-disposition",
    "response-content-encoding",
    "response-content-language",
    "response-content-type",
    "response-expires",
    "restore",
    "select",
    "select-type",
    "storageClass",
    "tagging",
    "torrent",
    "uploadId",
    "uploads",
    "versionId",
    "versioning",
    "versions",
    "website",
];

#[cfg(test)]
mod tests {
    use super::super::tests::{ID, NOW, request, s3, secret, verify};
    use super::*;
    use crate::sigv4::{SigningKeyCache, scope::format_iso};

    /// Signs as an SDK does: headers moved into the query.
    fn signed(method: &str, target: &str, bucket: Option<&str>) -> Request {
        let mut request = request(method, target, &[("host", "h")]);
        let expires = NOW + 60;
        let text = string_to_sign(&request, expires, bucket);
        let signature = BASE64_STANDARD.encode(hmac_sha1(secret().expose().as_bytes(), &text));
        let auth = [("AWSAccessKeyId", ID), ("Signature", &signature), ("Expires", &expires.to_string())];
        request.query.extend(auth.map(|(name, value)| (name.to_owned(), value.to_owned())));
        request
    }

    #[test]
    fn the_documented_example_holds() {
        // S3 User Guide, Signature Version 2, "Query string request authentication".
        let target = "/photos/puppy.jpg?AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&\
                      Signature=NpgCjnDzrM%2BWFzoENXmpNDUsSn8%3D&Expires=1175139620";
        let request = request("GET", target, &[("host", "johnsmith.s3.amazonaws.com")]);
        let text = string_to_sign(&request, 1_175_139_620, Some("johnsmith"));
        assert_eq!(text, b"GET\n\n\n1175139620\n/johnsmith/photos/puppy.jpg");
        let secret = SecretKey::new("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".to_owned());
        let presented = Presented::find(&request).unwrap().unwrap();
        let rules = Rules::s3(1_175_139_620).with_virtual_bucket(Some("johnsmith"));
        assert!(presented.verify(&request, &secret, &SigningKeyCache::new(1), &rules).is_ok());
        let path_style = Rules::s3(1_175_139_620);
        assert!(presented.verify(&request, &secret, &SigningKeyCache::new(1), &path_style).is_err());
    }

    /// Made by boto3's `generate_presigned_url` for a temporary credential, both addressing styles.
    #[test]
    fn urls_of_the_sdk_hold() {
        let expires = 1_795_327_262;
        let token = format!("x-amz-security-token=to%2Fk%2Ben%3D&Expires={expires}");
        for (method, path, query) in [
            (
                "GET",
                "/a%20b/%C3%A4%2Bc",
                "versionId=v1&response-content-type=text%2Fplain%3B%20x&Signature=8%2Bx9v%2FIcyKcVatkarSNwZwXTFqw%3D",
            ),
            (
                "PUT",
                "/k",
                "Signature=DFzJizsJtg83cvlsNpa7Ndmna1s%3D&content-type=text%2Fplain&x-amz-acl=private&x-amz-meta-a=b%20c",
            ),
            ("PUT", "/k", "uploadId=u%2F1&partNumber=2&Signature=5vNbo7N6Mmq3CDpw3587Ghnt1oM%3D"),
        ] {
            let query = format!("{query}&AWSAccessKeyId=ASIAEXAMPLE&{token}");
            let path_style =
                request(method, &format!("/bucket{path}?{query}"), &[("host", "127.0.0.1:8080")]);
            assert!(s3(&path_style, expires).is_ok(), "{path}");
            assert_eq!(s3(&path_style, expires + 1).unwrap_err().message, "Request has expired");
            let virtual_host =
                request(method, &format!("{path}?{query}"), &[("host", "bucket.s3.example:8080")]);
            let rules = |bucket| Rules::s3(expires).with_virtual_bucket(Some(bucket));
            assert!(verify(&virtual_host, &rules("bucket")).is_ok(), "{path}");
            assert!(verify(&virtual_host, &rules("other")).is_err(), "{path}");
        }
    }

    #[test]
    fn tokens_and_moved_headers_are_signed() {
        let target = "/b/k?x-amz-security-token=tok&x-amz-acl=private&content-type=text/plain&versionId=v1";
        let good = signed("PUT", target, None);
        assert!(s3(&good, NOW).is_ok());
        let presented = Presented::find(&good).unwrap().unwrap();
        assert_eq!(presented.session_token, Some("tok"));
        assert_eq!(presented.mechanism.signature_version(), "AWS");
        for at in 0..4 {
            let mut changed = good.clone();
            changed.query[at].1.push('2');
            assert_eq!(s3(&changed, NOW).unwrap_err().code.code, "SignatureDoesNotMatch");
            let mut removed = good.clone();
            removed.query.remove(at);
            assert!(s3(&removed, NOW).is_err());
        }
        let mut header = good.clone();
        header.headers.insert("x-amz-tagging", http::HeaderValue::from_static("a=b"));
        assert_eq!(s3(&header, NOW).unwrap_err().code.code, "SignatureDoesNotMatch");
    }

    #[test]
    fn pre_03_parameters_it_does_not_cover_are_refused() {
        for name in ["retention", "legal-hold", "x-id", "prefix", "attributes"] {
            let mut bad = signed("PUT", "/b/k", None);
            assert!(s3(&bad, NOW).is_ok());
            bad.query.push((name.to_owned(), String::new()));
            assert_eq!(s3(&bad, NOW).unwrap_err().code.code, "AccessDenied", "{name}");
        }
    }

    /// Whoever signs a file name of somebody else's choice must not have signed another operation.
    #[test]
    fn a_url_that_can_be_split_into_another_operation_is_refused_in_both_forms() {
        let whole = "/b/k?response-content-disposition=a%26tagging=1";
        let split = "/b/k?response-content-disposition=a&tagging=1";
        let text = |target| string_to_sign(&request("GET", target, &[("host", "h")]), 1, None);
        assert_eq!(text(whole), text(split));
        for value in
            ["a%26tagging=1", "a&tagging=1", "a%26uploadId=", "a&uploadId=", "a%26versionId=x", "a&torrent"]
        {
            let url = signed("GET", &format!("/b/k?response-content-disposition={value}"), None);
            assert_eq!(s3(&url, NOW).unwrap_err().code.code, "AccessDenied", "{value}");
        }
        for value in ["a%26b=1", "a&versionId=null", "a&response-content-type=b", "a%26taggings"] {
            let url = signed("GET", &format!("/b/k?response-content-disposition={value}"), None);
            assert!(s3(&url, NOW).is_ok(), "{value}");
        }
    }

    #[test]
    fn it_expires_and_is_for_s3_only() {
        let good = signed("GET", "/b/k", None);
        let error = s3(&good, NOW + 61).unwrap_err();
        assert_eq!(error.message, "Request has expired");
        assert_eq!(error.fields, [("Expires", format_iso(NOW + 60)), ("ServerTime", format_iso(NOW + 61))]);
        assert!(matches!(
            verify(&good, &Rules::query("sts", NOW, [0; 32])),
            Err(AuthFault::UnsupportedMechanism)
        ));
    }
}
