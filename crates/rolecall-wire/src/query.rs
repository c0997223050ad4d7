//! The query protocol's requests: form bodies, and parameters such as `Tags.member.1.Key` read as a
//! tree.

use crate::error::{ApiError, common};
use crate::limits::{Number, Size, Style, Text, Violations};
use crate::params::Params;
use crate::plain::split;
use crate::request::{Incoming, push_decoded};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use memchr::memchr;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// A place in the tree that the dots of parameter names spell.
#[derive(Debug, Default)]
pub struct Node<'a> {
    value: Option<&'a str>,
    children: BTreeMap<&'a str, Node<'a>>,
}

/// Reads a message's members from the tree and collects the limits they break.
#[derive(Debug)]
pub struct Reader {
    path: Vec<Cow<'static, str>>,
    violations: Violations,
}

/// Reads one value at a place.
pub type Read<T> = fn(&mut Reader, &Node<'_>) -> Result<T, ApiError>;

/// Parses an `application/x-www-form-urlencoded` body; `+` is a space.
///
/// # Errors
/// `MalformedQueryString` for broken percent-encoding, text that is not UTF-8, or more than
/// [`MAX_PARAMETERS`] parameters.
pub fn parse_form(body: &[u8]) -> Result<Params, ApiError> {
    let (mut text, mut ends) = (Vec::with_capacity(body.len()), Vec::with_capacity(FEW));
    for piece in between(b'&', body).filter(|piece| !piece.is_empty()) {
        if ends.len() == MAX_PARAMETERS {
            return Err(malformed("The query string has too many parameters."));
        }
        let equals = memchr(b'=', piece).unwrap_or(piece.len());
        let (name, value) = piece.split_at_checked(equals).unwrap_or_default();
        push_decoded(&mut text, name, true).ok_or_else(broken_escape)?;
        let end = text.len();
        push_decoded(&mut text, value.get(1..).unwrap_or_default(), true).ok_or_else(broken_escape)?;
        ends.push((end, text.len()));
    }
    let text = String::from_utf8(text).ok();
    text.and_then(|text| Params::new(text, ends)).ok_or_else(not_utf8)
}

/// The pieces between separators.
fn between(separator: u8, bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(bytes);
    std::iter::from_fn(move || {
        let bytes = rest?;
        let (piece, after) = bytes.split_at_checked(memchr(separator, bytes).unwrap_or(bytes.len()))?;
        rest = after.get(1..);
        Some(piece)
    })
}

/// Reads a whole message.
///
/// # Errors
/// What [`Node::tree`] and `read` refuse, and `ValidationError` when limits are broken.
pub fn decode<T>(incoming: &Incoming<'_>, style: Style, read: Read<T>) -> Result<T, ApiError> {
    let tree = Node::tree(incoming.params)?;
    let mut reader = Reader { path: Vec::new(), violations: Violations::new(style) };
    let value = read(&mut reader, &tree)?;
    reader.violations.finish(value)
}

impl<'a> Node<'a> {
    /// Builds the tree.
    ///
    /// # Errors
    /// `MalformedQueryString` when a parameter comes twice, or there are more than
    /// [`MAX_PARAMETERS`] or [`MAX_DEPTH`] levels.
    pub fn tree(params: &'a Params) -> Result<Self, ApiError> {
        if params.len() > MAX_PARAMETERS {
            return Err(malformed("The query string has too many parameters."));
        }
        let mut root = Node::default();
        for (name, value) in params.iter() {
            root.insert(name, value)?;
        }
        Ok(root)
    }

    fn insert(&mut self, name: &'a str, value: &'a str) -> Result<(), ApiError> {
        let mut place = self;
        for (depth, step) in split(name, b'.').enumerate() {
            if depth == MAX_DEPTH {
                return Err(malformed("A parameter name has too many parts."));
            }
            place = place.children.entry(step).or_default();
        }
        match place.value.replace(value) {
            None => Ok(()),
            Some(_) => Err(malformed(format!("The parameter {name} is given more than once."))),
        }
    }

    /// The children `1`, `2`, … in order.
    fn numbered(&self) -> Result<Vec<&Node<'a>>, ApiError> {
        (1..=self.children.len())
            .map(|n| self.children.get(n.to_string().as_str()))
            .collect::<Option<_>>()
            .ok_or_else(|| invalid("The members of a list must be numbered 1, 2, 3 and so on."))
    }

    /// The members of a list or the entries of a map; `X=` is an empty one.
    fn items(&self, wrapper: &str) -> Result<Vec<&Node<'a>>, ApiError> {
        match (self.children.get(wrapper), self.value) {
            (Some(members), None) => members.numbered(),
            (None, Some("")) => Ok(Vec::new()),
            _ => Err(invalid(format!("A list is written as its name, .{wrapper}. and a number."))),
        }
    }
}

impl Reader {
    /// A member that may be absent.
    ///
    /// # Errors
    /// What `read` refuses.
    pub fn optional<T>(
        &mut self,
        at: &Node<'_>,
        name: &'static str,
        read: impl FnOnce(&mut Self, &Node<'_>) -> Result<T, ApiError>,
    ) -> Result<Option<T>, ApiError> {
        let Some(node) = at.children.get(name) else { return Ok(None) };
        self.path.push(Cow::Borrowed(name));
        let value = read(self, node);
        self.path.pop();
        value.map(Some)
    }

    /// A member that must be there. When it is not, that is noted and a default stands in until
    /// the whole message is refused.
    ///
    /// # Errors
    /// What `read` refuses.
    pub fn required<T: Default>(
        &mut self,
        at: &Node<'_>,
        name: &'static str,
        read: impl FnOnce(&mut Self, &Node<'_>) -> Result<T, ApiError>,
    ) -> Result<T, ApiError> {
        let value = self.optional(at, name, read)?;
        if value.is_none() {
            self.path.push(Cow::Borrowed(name));
            let field = self.field();
            self.violations.add_missing(&field);
            self.path.pop();
        }
        Ok(value.unwrap_or_default())
    }

    /// A text.
    ///
    /// # Errors
    /// `InvalidParameterValue` when there is no scalar here.
    pub fn text(&mut self, node: &Node<'_>, rule: &Text) -> Result<String, ApiError> {
        let value = self.scalar(node)?;
        let broken = rule.broken(value, self.violations.style());
        self.note((!rule.secret).then_some(value), &broken);
        Ok(value.to_owned())
    }

    /// A whole number.
    ///
    /// # Errors
    /// `InvalidParameterValue` when it is none.
    pub fn integer(&mut self, node: &Node<'_>, rule: &Number) -> Result<i64, ApiError> {
        let value = self.scalar(node)?;
        // A plus sign belongs to no number, although it can be parsed with one.
        let number = value.parse().ok().filter(|_| !value.starts_with('+'));
        let number = number.ok_or_else(|| self.unreadable("a whole number"))?;
        self.note(Some(value), &rule.broken(number));
        Ok(number)
    }

    /// `true` or `false`, in any case.
    ///
    /// # Errors
    /// `InvalidParameterValue` for anything else.
    pub fn boolean(&mut self, node: &Node<'_>) -> Result<bool, ApiError> {
        let value = self.scalar(node)?;
        match value.to_ascii_lowercase().as_str() {
            "true" => Ok(true),
            "false" => Ok(false),
            _ => Err(self.unreadable("true or false")),
        }
    }

    /// A point in time, ISO 8601 with an offset or `Z`; seconds since 1970, fractions dropped.
    ///
    /// # Errors
    /// `InvalidParameterValue` for anything else.
    pub fn timestamp(&mut self, node: &Node<'_>) -> Result<i64, ApiError> {
        let value = self.scalar(node)?;
        let time: jiff::Timestamp = value.parse().map_err(|_| self.unreadable("an ISO 8601 time"))?;
        Ok(time.as_second())
    }

    /// Bytes in base64.
    ///
    /// # Errors
    /// `InvalidParameterValue` when they are not.
    pub fn blob(&mut self, node: &Node<'_>) -> Result<Vec<u8>, ApiError> {
        let value = self.scalar(node)?;
        STANDARD.decode(value).map_err(|_| self.unreadable("base64"))
    }

    /// A list; absent means empty.
    ///
    /// # Errors
    /// `InvalidParameterValue` when its members are not numbered 1, 2, 3 …, and what `read` refuses.
    pub fn list<T>(&mut self, node: &Node<'_>, size: &Size, read: Read<T>) -> Result<Vec<T>, ApiError> {
        let items = node.items("member")?;
        self.note(None, &size.broken(items.len()));
        let read_one = |(n, item): (usize, &&Node<'_>)| {
            self.path.extend([Cow::Owned((n + 1).to_string()), Cow::Borrowed("member")]);
            let value = read(self, item);
            self.path.truncate(self.path.len().saturating_sub(2));
            value
        };
        items.iter().enumerate().map(read_one).collect()
    }

    /// A list of texts. Members out of bounds are one broken limit of the list, as AWS words it.
    ///
    /// # Errors
    /// As [`list`](Self::list).
    pub fn texts(&mut self, node: &Node<'_>, size: &Size, rule: &Text) -> Result<Vec<String>, ApiError> {
        let items = node.items("member")?;
        let values: Vec<String> =
            items.into_iter().map(|i| self.scalar(i).map(str::to_owned)).collect::<Result<_, _>>()?;
        let style = self.violations.style();
        let mut broken = size.broken(values.len());
        if values.iter().any(|v| !rule.broken(v, style).is_empty()) {
            broken.push(rule.all(style));
        }
        let echo = format!("[{}]", values.join(", "));
        self.note((!rule.secret).then_some(echo.as_str()), &broken);
        Ok(values)
    }

    /// A map, written `X.entry.1.key` and `X.entry.1.value`.
    ///
    /// # Errors
    /// As [`list`](Self::list).
    pub fn map<T: Default>(
        &mut self,
        node: &Node<'_>,
        size: &Size,
        key: &Text,
        read: Read<T>,
    ) -> Result<Vec<(String, T)>, ApiError> {
        let entries = node.items("entry")?;
        self.note(None, &size.broken(entries.len()));
        let read_one = |entry: &Node<'_>| {
            let key = self.required(entry, "key", |r, n| r.text(n, key))?;
            Ok((key, self.required(entry, "value", read)?))
        };
        entries.into_iter().map(read_one).collect()
    }

    fn scalar<'n>(&self, node: &Node<'n>) -> Result<&'n str, ApiError> {
        match node.value {
            Some(value) if node.children.is_empty() => Ok(value),
            _ => Err(self.unreadable("a single value")),
        }
    }

    fn note(&mut self, value: Option<&str>, broken: &[String]) {
        let field = if broken.is_empty() { String::new() } else { self.field() };
        for limit in broken {
            self.violations.add(&field, value, limit);
        }
    }

    fn unreadable(&self, wanted: &str) -> ApiError {
        invalid(format!("The value of {} must be {wanted}.", self.field()))
    }

    /// The place in AWS's spelling: every part begins small.
    fn field(&self) -> String {
        let parts: Vec<_> = self.path.iter().map(|part| lower_camel(part)).collect();
        parts.join(".")
    }
}

fn broken_escape() -> ApiError {
    malformed("The query string has a broken escape.")
}

fn not_utf8() -> ApiError {
    malformed("The query string is not valid UTF-8.")
}

fn lower_camel(name: &str) -> String {
    let mut name = name.to_owned();
    if let Some(first) = name.get_mut(..1) {
        first.make_ascii_lowercase();
    }
    name
}

fn malformed(message: impl Into<Cow<'static, str>>) -> ApiError {
    ApiError::new(common::MALFORMED_QUERY_STRING, message)
}

fn invalid(message: impl Into<Cow<'static, str>>) -> ApiError {
    ApiError::new(common::INVALID_PARAMETER_VALUE, message)
}

/// The most parameters a request may have.
pub const MAX_PARAMETERS: usize = 4096;

/// Room for the parameters of most requests.
const FEW: usize = 8;

/// The most parts a parameter's name may have.
pub const MAX_DEPTH: usize = 16;

#[cfg(test)]
mod tests;
