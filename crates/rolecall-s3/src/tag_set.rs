//! Tags as S3 takes them (S3 User Guide, Categorizing your storage using tags).

use crate::error as s3;
use crate::records::Tags;
use rolecall_core::Error;
use rolecall_wire::Request;
use rolecall_wire::s3::{Tag, Tagging};

/// What tags are put on: the limits and some sentences differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum On {
    Bucket,
    Object,
}

/// The tags of a `Tagging` document.
pub(crate) fn of(tagging: &Tagging, on: On) -> Result<Tags, Error> {
    let tags: Tags = tagging.tag_set.iter().map(|tag| (tag.key.clone(), tag.value.clone())).collect();
    check(&tags, on)?;
    Ok(tags)
}

/// The tags of the `x-amz-tagging` header, a query string.
pub(crate) fn of_header(request: &Request) -> Result<Tags, Error> {
    let Some(header) = request.header("x-amz-tagging") else { return Ok(Tags::new()) };
    let refused = || s3::tagging_header(header);
    let mut tags = Tags::new();
    for pair in header.split('&').filter(|pair| !pair.is_empty()) {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        let tag = (decoded(key).ok_or_else(refused)?, decoded(value).ok_or_else(refused)?);
        if tag.0.is_empty() || tags.iter().any(|(key, _)| *key == tag.0) {
            return Err(refused());
        }
        tags.push(tag);
    }
    check(&tags, On::Object)?;
    Ok(tags)
}

/// As answers show them.
pub(crate) fn shown(tags: &Tags) -> Vec<Tag> {
    tags.iter().map(|(key, value)| Tag { key: key.clone(), value: value.clone() }).collect()
}

/// `None` for a broken escape and for what is not UTF-8.
fn decoded(text: &str) -> Option<String> {
    let is_whole = |rest: &str| rest.get(..2).is_some_and(|hex| hex.bytes().all(|b| b.is_ascii_hexdigit()));
    if !text.split('%').skip(1).all(is_whole) {
        return None;
    }
    let text = text.replace('+', " ");
    percent_encoding::percent_decode_str(&text).decode_utf8().ok().map(|text| text.into_owned())
}

fn check(tags: &Tags, on: On) -> Result<(), Error> {
    let (name, most) = match on {
        On::Bucket => ("Bucket", BUCKET_TAGS),
        On::Object => ("Object", OBJECT_TAGS),
    };
    if tags.len() > most {
        return Err(s3::too_many_tags(name, most));
    }
    for (at, (key, value)) in tags.iter().enumerate() {
        check_one(key, value, on)?;
        if tags.iter().take(at).any(|(other, _)| other == key) {
            return Err(s3::invalid_tag("Cannot provide multiple Tags with the same key", key));
        }
    }
    Ok(())
}

fn check_one(key: &str, value: &str, on: On) -> Result<(), Error> {
    let refused = |message| Err(s3::invalid_tag(message, key));
    let system = key.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("aws:"));
    if system && on == On::Bucket {
        return refused("System tags cannot be added/updated by requester");
    }
    if system {
        return refused("Your TagKey cannot be prefixed with aws:");
    }
    if key.is_empty() || key.encode_utf16().count() > 128 || !key.chars().all(allowed) {
        return refused("The TagKey you have provided is invalid");
    }
    if value.encode_utf16().count() > 256 || !value.chars().all(allowed) {
        return Err(s3::invalid_tag_value(key, value));
    }
    Ok(())
}

fn allowed(c: char) -> bool {
    c.is_alphanumeric() || c == ' ' || "_.:/=+-@".contains(c)
}

const BUCKET_TAGS: usize = 50;
const OBJECT_TAGS: usize = 10;
