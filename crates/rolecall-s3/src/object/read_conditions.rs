//! Conditional reads (RFC 9110 §13.2.2, in the order given there).

use crate::content::stored::names;
use crate::error as s3;
use crate::records::Object;
use rolecall_core::Error;

/// The conditional headers of a read; times in seconds since 1970.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct ReadConditions<'a> {
    pub if_match: Option<&'a str>,
    pub if_none_match: Option<&'a str>,
    pub if_modified_since: Option<i64>,
    pub if_unmodified_since: Option<i64>,
}

/// Whether the client needs the object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It does.
    Give,
    /// It has it already.
    NotModified,
}

impl ReadConditions<'_> {
    /// Holds an object to them; an entity tag speaks before a time. `If-Modified-Since` with a time that is
    /// still to come says nothing (RFC 9110 §13.1.3).
    pub(crate) fn check(&self, object: &Object, now: i64) -> Result<Outcome, Error> {
        match self.if_match {
            Some(tags) if !names(tags, &object.etag) => return Err(s3::precondition_failed("If-Match")),
            None if self.if_unmodified_since.is_some_and(|time| object.modified() > time) => {
                return Err(s3::precondition_failed("If-Unmodified-Since"));
            }
            _ => {}
        }
        let has_it = match self.if_none_match {
            Some(tags) => names(tags, &object.etag),
            None => self.if_modified_since.is_some_and(|time| time <= now && object.modified() <= time),
        };
        Ok(if has_it { Outcome::NotModified } else { Outcome::Give })
    }
}
