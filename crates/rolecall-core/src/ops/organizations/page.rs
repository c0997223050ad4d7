//! Lists by the page, as Organizations has them: `NextToken` and `MaxResults`, at most 20 at a time.

use crate::error::{Error, organizations as sentence};
use crate::ops::paging::{Page, Paging};

/// The page that a caller asks for.
///
/// # Errors
/// When the token is none of ours.
pub(super) fn of(token: Option<&str>, most: Option<i64>) -> Result<Paging, Error> {
    Paging::of(token, Some(most.unwrap_or(MOST))).map_err(|_| sentence::invalid_token())
}

/// The page of a list at hand, in the order of what `place` tells.
///
/// # Errors
/// When the token is none of ours.
pub(super) fn list<T>(
    token: Option<&str>,
    most: Option<i64>,
    items: Vec<T>,
    place: impl Fn(&T) -> &Option<String>,
) -> Result<Page<T>, Error> {
    Ok(of(token, most)?.list(items, |item| place(item).clone().unwrap_or_default()))
}

const MOST: i64 = 20;
