//! A browser's upload form (S3 API Reference, POST Object): the credential is in its fields, so they
//! are read before anything else. What comes out is an ordinary request to store an object, whose
//! headers are the form's fields.

use super::call::{Call, Message};
use crate::authenticate::{self, Authenticated};
use crate::body::BodyStream;
use crate::caller::Caller;
use crate::error::{Error, s3};
use crate::limits::MESSAGE_PATIENCE;
use crate::system::System;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};
use rolecall_wire::Params;
use rolecall_wire::Request;
use rolecall_wire::operation::Decode;
use rolecall_wire::request::Incoming;
use rolecall_wire::s3::PutObjectTaggingRequest;
use rolecall_wire::sigv4::Rules;
use rolecall_wire::sigv4::multipart::{Form, FormReader};
use rolecall_wire::sigv4::post_policy::{FormGrant, PresentedForm};
use std::io;

/// A form whose policy holds: who sent it.
pub(super) struct Admitted {
    pub known: Authenticated,
    pub access_key_id: Option<String>,
}

/// Reads a form up to its file, and verifies the credential in it. The call becomes the request that it stands for.
///
/// # Errors
/// When the form is not well-formed, or not what was signed. Nothing of the file has been kept then.
pub(super) async fn admit(system: &System, call: &mut Call) -> Result<Admitted, Error> {
    if authenticate::presented(rolecall_wire::Service::S3, &call.request)?.is_some() {
        return Err(s3::one_mechanism_only());
    }
    let Message::Rest { bucket: Some(bucket), body, virtual_host, .. } = &mut call.message else {
        return Err(s3::method_not_allowed());
    };
    let (bucket, virtual_host) = (bucket.clone(), *virtual_host);
    let body = std::mem::replace(body, BodyStream::of(Bytes::new()));
    let upload = Upload::begin(&call.request, body);
    let upload = tokio::time::timeout(MESSAGE_PATIENCE, upload).await.map_err(|_| s3::too_slow())??;
    let form = upload.reader.form().cloned().unwrap_or_default();
    let rules = Rules::s3(system.clock.now());
    let presented = PresentedForm::find(&form)?;
    let (known, grant) = match &presented {
        None => (anonymous(), FormGrant { length: (0, u64::MAX) }),
        Some(presented) => authenticate::form(system, presented, &form, &bucket, &rules).await?,
    };
    let key = form.key().filter(|key| !key.is_empty()).ok_or_else(s3::form_without_key)?;
    call.request = stored_request(&call.request, &form, presented.as_ref())?;
    call.message =
        Message::Rest { bucket: Some(bucket), key: Some(key), virtual_host, body: upload.into_body(grant) };
    Ok(Admitted { known, access_key_id: presented.map(|presented| presented.access_key_id) })
}

fn anonymous() -> Authenticated {
    Authenticated { caller: Caller::Anonymous, verified: None, region: None }
}

/// A form being read.
struct Upload {
    body: BodyStream,
    reader: FormReader,
    /// Bytes of the file that came along with the fields.
    file: Vec<u8>,
    length: u64,
}

impl Upload {
    async fn begin(request: &Request, body: BodyStream) -> Result<Self, Error> {
        let kind = request.header("content-type").unwrap_or_default();
        let reader = FormReader::new(kind).ok_or_else(s3::malformed_form)?;
        let mut upload = Self { body, reader, file: Vec::new(), length: 0 };
        while upload.reader.form().is_none() {
            let piece = upload.body.next().await.map_err(|_| s3::incomplete_body())?;
            let piece = piece.ok_or_else(s3::malformed_form)?;
            upload.reader.push(&piece, &mut upload.file)?;
        }
        Ok(upload)
    }

    /// The bytes of the file, held to the length that the policy allows.
    fn into_body(self, grant: FormGrant) -> BodyStream {
        BodyStream::new(futures_util::stream::try_unfold(Some(self), move |upload| async move {
            let Some(mut upload) = upload else { return Ok(None) };
            while upload.file.is_empty() {
                let Some(piece) = upload.body.next().await? else {
                    grant.check_length(upload.length, true).map_err(io::Error::other)?;
                    upload.reader.finish().map_err(io::Error::other)?;
                    return Ok(None);
                };
                upload.reader.push(&piece, &mut upload.file).map_err(io::Error::other)?;
            }
            upload.length += upload.file.len() as u64;
            grant.check_length(upload.length, false).map_err(io::Error::other)?;
            Ok(Some((Bytes::from(std::mem::take(&mut upload.file)), Some(upload))))
        }))
    }
}

/// The request that the form stands for. Only what the form's fields say, and who sent it from where,
/// goes over; the credential stays behind.
fn stored_request(
    request: &Request,
    form: &Form,
    presented: Option<&PresentedForm>,
) -> Result<Request, Error> {
    let mut headers = HeaderMap::new();
    for name in [http::header::HOST, http::header::USER_AGENT, http::header::REFERER] {
        headers.extend(request.headers.get(&name).map(|value| (name, value.clone())));
    }
    for (name, value) in &form.fields {
        if let Some(header) = header_of(name) {
            let name = HeaderName::try_from(header).map_err(|_| s3::malformed_form())?;
            headers.insert(name, text(value)?);
        }
    }
    if let Some(tagging) = form.field("tagging") {
        headers.insert("x-amz-tagging", text(&tags(request, tagging)?)?);
    }
    let mut query = vec![("signature-version".to_owned(), signature_version(presented).to_owned())];
    for name in ["success_action_status", "success_action_redirect"] {
        query.extend(form.field(name).map(|value| (name.to_owned(), value.to_owned())));
    }
    Ok(Request { headers, query, ..request.clone() })
}

/// The header that a field stands for, if any.
fn header_of(field: &str) -> Option<String> {
    let name = field.to_ascii_lowercase();
    match name.as_str() {
        "acl" => Some("x-amz-acl".to_owned()),
        _ if CREDENTIALS.contains(&name.as_str()) => None,
        _ if PLAIN.contains(&name.as_str()) || name.starts_with("x-amz-") => Some(name),
        _ => None,
    }
}

fn text(value: &str) -> Result<HeaderValue, Error> {
    HeaderValue::from_bytes(value.as_bytes()).map_err(|_| s3::malformed_form())
}

/// The tags of a form are an XML document; those of a header a query string.
fn tags(request: &Request, xml: &str) -> Result<String, Error> {
    let body = xml.as_bytes();
    let incoming =
        Incoming { request, params: &Params::default(), bucket: Some("form"), key: Some("form"), body };
    let tagging = PutObjectTaggingRequest::decode(&incoming)?.tagging;
    let escape = |text: &str| {
        percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
    };
    let pairs: Vec<String> =
        tagging.tag_set.iter().map(|tag| format!("{}={}", escape(&tag.key), escape(&tag.value))).collect();
    Ok(pairs.join("&"))
}

/// `s3:signatureversion`; empty for anonymous forms.
fn signature_version(presented: Option<&PresentedForm>) -> &'static str {
    match presented.map(|presented| presented.scope.is_some()) {
        None => "",
        Some(true) => "AWS4-HMAC-SHA256",
        Some(false) => "AWS",
    }
}

/// Fields that are headers of the same name.
const PLAIN: [&str; 6] = [
    "cache-control",
    "content-type",
    "content-disposition",
    "content-encoding",
    "content-language",
    "expires",
];
/// Fields that are the credential, or would speak of the form instead of the file.
const CREDENTIALS: [&str; 7] = [
    "x-amz-algorithm",
    "x-amz-credential",
    "x-amz-date",
    "x-amz-signature",
    "x-amz-security-token",
    "x-amz-content-sha256",
    "x-amz-copy-source",
];
