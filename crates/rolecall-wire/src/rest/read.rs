//! Members read from headers, query, labels and XML bodies.

use crate::error::{ApiError, ErrorCode, s3};
use crate::request::Incoming;
use crate::xml::{Node, parse};
use jiff::fmt::rfc2822;

/// What a request has under the name of a header or query parameter.
#[derive(Debug, Clone, Copy)]
pub struct Found<'a> {
    name: &'static str,
    value: Option<&'a str>,
}

/// The bucket addressed.
///
/// # Errors
/// `InvalidBucketName` when there is none.
pub fn bucket(incoming: &Incoming<'_>) -> Result<String, ApiError> {
    let refused = || ApiError::new(s3::INVALID_BUCKET_NAME, "The specified bucket is not valid.");
    incoming.bucket.map(str::to_owned).ok_or_else(refused)
}

/// The object addressed.
///
/// # Errors
/// `UserKeyMustBeSpecified` when there is none.
pub fn key(incoming: &Incoming<'_>) -> Result<String, ApiError> {
    let refused = || ApiError::new(s3::USER_KEY_MUST_BE_SPECIFIED, "The request names no object key.");
    incoming.key.map(str::to_owned).ok_or_else(refused)
}

/// A header.
///
/// # Errors
/// `InvalidArgument` when its value is not UTF-8.
pub fn header<'a>(incoming: &Incoming<'a>, name: &'static str) -> Result<Found<'a>, ApiError> {
    let value = incoming.request.headers.get(name).map(|v| std::str::from_utf8(v.as_bytes()));
    let value = value.transpose().map_err(|_| refused(name, ""))?;
    Ok(Found { name, value: value.map(str::trim) })
}

/// A query parameter.
pub fn query<'a>(incoming: &Incoming<'a>, name: &'static str) -> Found<'a> {
    Found { name, value: incoming.request.query(name) }
}

/// The headers whose names begin with a prefix, by the rest of their names.
///
/// # Errors
/// `InvalidArgument` when a value is not UTF-8.
pub fn prefixed(incoming: &Incoming<'_>, prefix: &'static str) -> Result<Vec<(String, String)>, ApiError> {
    let mut found = Vec::new();
    for (name, value) in &incoming.request.headers {
        if let Some(rest) = name.as_str().strip_prefix(prefix) {
            let value = std::str::from_utf8(value.as_bytes()).map_err(|_| refused(prefix, ""))?;
            found.push((rest.to_owned(), value.trim().to_owned()));
        }
    }
    Ok(found)
}

/// The XML body under the root element it must have; `None` when there is no body.
///
/// # Errors
/// `MalformedXML` when it is not that.
pub fn payload<T>(
    incoming: &Incoming<'_>,
    root: &str,
    read: fn(&Node) -> Result<T, ApiError>,
) -> Result<Option<T>, ApiError> {
    if incoming.body.is_empty() {
        return Ok(None);
    }
    let node = parse(incoming.body).filter(|n| n.name == root && is_ours(n)).ok_or_else(malformed)?;
    read(&node).map(Some)
}

/// True for a document of S3's, or of no namespace, which S3 takes as well.
fn is_ours(root: &Node) -> bool {
    root.namespace.as_deref().is_none_or(|namespace| NAMESPACES.contains(&namespace))
}

/// S3's namespace, and the one that its first documents had.
const NAMESPACES: [&str; 2] =
    ["http://s3.amazonaws.com/doc/2006-03-01/", "http://doc.s3.amazonaws.com/2006-03-01"];

/// The body as text; `None` when there is no body.
///
/// # Errors
/// `MalformedPolicy` when it is not UTF-8 (bucket policies are the only such bodies).
pub fn body_text(incoming: &Incoming<'_>) -> Result<Option<String>, ApiError> {
    let text = std::str::from_utf8(incoming.body);
    let text = text.map_err(|_| ApiError::new(s3::MALFORMED_POLICY, "Policies must be UTF-8 text"))?;
    Ok((!text.is_empty()).then(|| text.to_owned()))
}

/// A member that must be there.
///
/// # Errors
/// `InvalidRequest` naming it otherwise; `MissingRequestBodyError` for the body (an empty name).
pub fn required<T>(name: &'static str, value: Option<T>) -> Result<T, ApiError> {
    value.ok_or_else(|| match name {
        "" => ApiError::new(s3::MISSING_REQUEST_BODY_ERROR, "Request Body is empty"),
        _ => ApiError::new(s3::INVALID_REQUEST, format!("Missing required header for this request: {name}")),
    })
}

impl Found<'_> {
    /// As text.
    pub fn text(self) -> Option<String> {
        self.value.map(str::to_owned)
    }

    /// As one of these, as it is spelled there; the case counts, but for those headers where S3 lets it not count.
    ///
    /// # Errors
    /// `InvalidArgument`, or the member's own code, for anything else.
    pub fn one_of(self, values: &[&str]) -> Result<Option<String>, ApiError> {
        let is_free = CASELESS.contains(&self.name);
        let same = |known: &str, v: &str| known == v || is_free && known.eq_ignore_ascii_case(v);
        self.parsed(|v| values.iter().find(|known| same(known, v)).map(|known| (*known).to_owned()))
    }

    /// As a whole number.
    ///
    /// # Errors
    /// `InvalidArgument` for anything else.
    pub fn integer(self) -> Result<Option<i64>, ApiError> {
        self.parsed(|v| v.parse().ok())
    }

    /// As `true` or `false`, in any case.
    ///
    /// # Errors
    /// `InvalidArgument` for anything else.
    pub fn boolean(self) -> Result<Option<bool>, ApiError> {
        self.parsed(|v| v.to_ascii_lowercase().parse().ok())
    }

    /// As a point in time in seconds, in the form of HTTP or ISO 8601. Of the conditional headers of
    /// HTTP an unreadable one counts as absent (RFC 9110 §13.1.3).
    ///
    /// # Errors
    /// `InvalidArgument` for anything else.
    pub fn timestamp(self) -> Result<Option<i64>, ApiError> {
        match self.parsed(timestamp) {
            Err(_) if self.name.starts_with("If-") => Ok(None),
            other => other,
        }
    }

    /// As a list parted by commas, of these values.
    ///
    /// # Errors
    /// `InvalidArgument` when one is none of them.
    pub fn list_of(self, values: &[&str]) -> Result<Vec<String>, ApiError> {
        let items = self.value.unwrap_or_default().split(',').map(str::trim).filter(|v| !v.is_empty());
        let one = |v| Found { name: self.name, value: Some(v) }.one_of(values);
        items.map(one).filter_map(Result::transpose).collect()
    }

    fn parsed<T>(self, parse: impl FnOnce(&str) -> Option<T>) -> Result<Option<T>, ApiError> {
        let Some(value) = self.value else { return Ok(None) };
        parse(value).map(Some).ok_or_else(|| refused(self.name, value))
    }
}

/// Members of an XML structure. A scalar that comes twice, or a value of the wrong type, is
/// `MalformedXML`.
impl Node {
    /// A text.
    ///
    /// # Errors
    /// `MalformedXML`.
    pub fn text(&self, name: &str) -> Result<Option<String>, ApiError> {
        Ok(self.only(name)?.map(|n| n.text.clone()))
    }

    /// One of these values.
    ///
    /// # Errors
    /// `MalformedXML`.
    pub fn one_of(&self, name: &str, values: &[&str]) -> Result<Option<String>, ApiError> {
        self.parsed(name, |v| values.contains(&v).then(|| v.to_owned()))
    }

    /// One of these values, in an attribute of this local name.
    ///
    /// # Errors
    /// `MalformedXML`.
    pub fn attribute_one_of(&self, name: &str, values: &[&str]) -> Result<Option<String>, ApiError> {
        let found = self.attributes.iter().find(|(attribute, _)| attribute == name).map(|(_, value)| value);
        found.map(|v| values.contains(&v.as_str()).then(|| v.clone()).ok_or_else(malformed)).transpose()
    }

    /// A whole number.
    ///
    /// # Errors
    /// `MalformedXML`.
    pub fn integer(&self, name: &str) -> Result<Option<i64>, ApiError> {
        self.parsed(name, |v| v.parse().ok())
    }

    /// `true` or `false`.
    ///
    /// # Errors
    /// `MalformedXML`.
    pub fn boolean(&self, name: &str) -> Result<Option<bool>, ApiError> {
        self.parsed(name, |v| v.to_ascii_lowercase().parse().ok())
    }

    /// A point in time in seconds.
    ///
    /// # Errors
    /// `MalformedXML`.
    pub fn timestamp(&self, name: &str) -> Result<Option<i64>, ApiError> {
        self.parsed(name, timestamp)
    }

    /// A structure.
    ///
    /// # Errors
    /// What `read` refuses.
    pub fn structure<T>(
        &self,
        name: &str,
        read: fn(&Node) -> Result<T, ApiError>,
    ) -> Result<Option<T>, ApiError> {
        self.only(name)?.map(read).transpose()
    }

    /// A list: members wrapped in an element of the list's name. `None` when that is absent.
    ///
    /// # Errors
    /// What `read` refuses, and `MalformedXML` when something else stands between the members.
    pub fn list<T>(
        &self,
        name: &str,
        member: &str,
        read: fn(&Node) -> Result<T, ApiError>,
    ) -> Result<Option<Vec<T>>, ApiError> {
        let Some(list) = self.only(name)? else { return Ok(None) };
        if list.children.iter().any(|c| c.name != member) {
            return Err(malformed());
        }
        list.children.iter().map(read).collect::<Result<_, _>>().map(Some)
    }

    /// A list whose members stand side by side. `None` when there are none.
    ///
    /// # Errors
    /// What `read` refuses.
    pub fn flat_list<T>(
        &self,
        name: &str,
        read: fn(&Node) -> Result<T, ApiError>,
    ) -> Result<Option<Vec<T>>, ApiError> {
        let members = self.children.iter().filter(|c| c.name == name);
        let items: Vec<T> = members.map(read).collect::<Result<_, _>>()?;
        Ok((!items.is_empty()).then_some(items))
    }

    /// A member that must be there.
    ///
    /// # Errors
    /// `MalformedXML` otherwise.
    pub fn required<T>(value: Option<T>) -> Result<T, ApiError> {
        value.ok_or_else(malformed)
    }

    fn only(&self, name: &str) -> Result<Option<&Node>, ApiError> {
        let mut found = self.children.iter().filter(|c| c.name == name);
        match (found.next(), found.next()) {
            (first, None) => Ok(first),
            _ => Err(malformed()),
        }
    }

    fn parsed<T>(&self, name: &str, parse: impl FnOnce(&str) -> Option<T>) -> Result<Option<T>, ApiError> {
        let Some(node) = self.only(name)? else { return Ok(None) };
        parse(node.text.trim()).map(Some).ok_or_else(malformed)
    }
}

fn timestamp(value: &str) -> Option<i64> {
    let http = rfc2822::parse(value).ok().map(|z| z.timestamp());
    http.or_else(|| value.parse().ok()).map(|t: jiff::Timestamp| t.as_second())
}

fn malformed() -> ApiError {
    const TEXT: &str =
        "The XML you provided was not well-formed or did not validate against our published schema";
    ApiError::new(s3::MALFORMED_XML, TEXT)
}

fn refused(name: &'static str, value: &str) -> ApiError {
    let known = REFUSALS.iter().find(|(n, ..)| *n == name);
    let (code, message) = known.map_or((s3::INVALID_ARGUMENT, "Invalid Argument"), |(_, c, m)| (*c, *m));
    let error = ApiError::new(code, message);
    match name {
        "x-amz-storage-class" => error.with("StorageClassRequested", value),
        _ if CASELESS.contains(&name) => error,
        _ => error.with("ArgumentName", name).with("ArgumentValue", value),
    }
}

/// Headers whose values S3 compares without regard to case; SDKs send them in small letters. Of the others those of
/// the directives of a copy are known to be refused (public reports of `copy`), and none is known not to be.
const CASELESS: [&str; 2] = ["x-amz-checksum-mode", "x-amz-checksum-type"];

/// The members whose refusal has its own code or sentence.
const REFUSALS: &[(&str, ErrorCode, &str)] = &[
    ("max-keys", s3::INVALID_ARGUMENT, "Provided max-keys not an integer or within integer range"),
    ("max-uploads", s3::INVALID_ARGUMENT, "Provided max-uploads not an integer or within integer range"),
    ("max-parts", s3::INVALID_ARGUMENT, "Provided max-parts not an integer or within integer range"),
    ("max-buckets", s3::INVALID_ARGUMENT, "Provided max-buckets not an integer or within integer range"),
    ("partNumber", s3::INVALID_ARGUMENT, "Part number must be an integer between 1 and 10000, inclusive"),
    ("encoding-type", s3::INVALID_ARGUMENT, "Invalid Encoding Method specified in Request"),
    ("x-amz-metadata-directive", s3::INVALID_ARGUMENT, "Unknown metadata directive."),
    ("x-amz-tagging-directive", s3::INVALID_ARGUMENT, "Unknown tagging directive."),
    ("x-amz-object-attributes", s3::INVALID_ARGUMENT, "Invalid attribute name specified."),
    (
        "x-amz-server-side-encryption",
        s3::INVALID_ARGUMENT,
        "The encryption method specified is not supported",
    ),
    ("x-amz-checksum-mode", s3::INVALID_REQUEST, "Value for x-amz-checksum-mode header is invalid."),
    ("x-amz-checksum-type", s3::INVALID_REQUEST, "Value for x-amz-checksum-type header is invalid."),
    ("x-amz-storage-class", s3::INVALID_STORAGE_CLASS, "The storage class you specified is not valid"),
];
