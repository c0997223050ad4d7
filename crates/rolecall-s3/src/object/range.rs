//! Which bytes of an object are asked: a `Range` header (RFC 9110 §14.1.2) or a part number.

use crate::error as s3;
use crate::records::{Content, Object};
use rolecall_core::Error;
use std::ops::Range;

/// A run of an object's bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Part {
    pub bytes: Range<u64>,
    /// True when the answer is a partial one.
    pub is_partial: bool,
}

impl Part {
    pub(crate) fn empty() -> Self {
        Self { bytes: 0..0, is_partial: false }
    }

    /// The `Content-Range` of a partial answer.
    pub(crate) fn content_range(&self, size: u64) -> Option<String> {
        let last = self.bytes.end.checked_sub(1)?;
        self.is_partial.then(|| format!("bytes {}-{last}/{size}", self.bytes.start))
    }
}

/// The bytes asked of an object: all of them when nothing is said, or in a form that is not known.
pub(crate) fn of(range: Option<&str>, part: Option<i64>, object: &Object) -> Result<Part, Error> {
    match (range, part) {
        (Some(_), Some(_)) => Err(s3::range_and_part()),
        (None, Some(number)) => part_of(number, object),
        (Some(range), None) => match bytes_of(range, object.size) {
            None => Ok(whole(object.size)),
            Some(Ok(bytes)) => Ok(Part { bytes, is_partial: true }),
            Some(Err(())) => Err(s3::invalid_range(range, object.size)),
        },
        (None, None) => Ok(whole(object.size)),
    }
}

fn whole(size: u64) -> Part {
    Part { bytes: 0..size, is_partial: false }
}

/// `None` for what is no single range of bytes, an error for one that the object does not reach.
fn bytes_of(range: &str, size: u64) -> Option<Result<Range<u64>, ()>> {
    let (first, last) = range.trim().strip_prefix("bytes=")?.split_once('-')?;
    let number = |text: &str| -> Option<u64> {
        text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().unwrap_or(u64::MAX))
    };
    let bytes = match (first.trim(), last.trim()) {
        ("", "") => return None,
        ("", last) => size.saturating_sub(number(last)?)..size,
        (first, "") => number(first)?..size,
        (first, last) => {
            let (first, last) = (number(first)?, number(last)?);
            if last < first {
                return None;
            }
            first..last.saturating_add(1).min(size)
        }
    };
    Some(if bytes.start < bytes.end { Ok(bytes) } else { Err(()) })
}

/// An object that was not uploaded in parts is its own first part.
fn part_of(number: i64, object: &Object) -> Result<Part, Error> {
    if !(1..=10_000).contains(&number) {
        return Err(s3::part_number(number));
    }
    let count = object.parts().map_or(1, |parts| usize::try_from(parts).unwrap_or(1));
    let index = usize::try_from(number - 1).ok().filter(|index| *index < count);
    let index = index.ok_or_else(|| s3::part_not_satisfiable(number, count))?;
    let start: u64 = object.content.iter().take(index).map(Content::size).sum();
    let size = object.content.get(index).map_or(0, Content::size);
    Ok(Part { bytes: start..start + size, is_partial: size > 0 })
}

#[cfg(test)]
mod tests {
    use super::bytes_of;

    #[test]
    fn ranges_are_those_of_http() {
        for (range, size, expected) in [
            ("bytes=0-0", 10, Some(Ok(0..1))),
            ("bytes=2-", 10, Some(Ok(2..10))),
            ("bytes=-3", 10, Some(Ok(7..10))),
            ("bytes=-30", 10, Some(Ok(0..10))),
            ("bytes=5-99999999999999999999999", 10, Some(Ok(5..10))),
            ("bytes=10-", 10, Some(Err(()))),
            ("bytes=-0", 10, Some(Err(()))),
            ("bytes=0-", 0, Some(Err(()))),
            ("bytes=3-2", 10, None),
            ("bytes=-", 10, None),
            ("bytes=0-1,3-4", 10, None),
            ("bytes=+1-2", 10, None),
            ("items=0-1", 10, None),
        ] {
            assert_eq!(bytes_of(range, size), expected, "{range}");
        }
    }
}
