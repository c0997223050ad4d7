//! Walking a bucket's keys in order: what lies under a prefix, with what lies deeper rolled up.
//!
//! The work is bounded by what is shown: past a common prefix the walk goes on behind all its keys.

use crate::records::{Object, Record, key};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use rolecall_core::Error;
use rolecall_store::{Range, Store, Versioned};

/// What is asked of a listing.
#[derive(Debug, Clone, Default)]
pub(crate) struct Asked<'a> {
    pub prefix: &'a str,
    /// Keys are rolled up to its first occurrence after the prefix; empty for not at all.
    pub delimiter: &'a str,
    /// Only what comes after this.
    pub after: After<'a>,
    /// Entries on the page.
    pub most: usize,
}

/// Where a page begins.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum After<'a> {
    /// At the beginning.
    #[default]
    Nothing,
    /// Behind a key.
    Key(&'a str),
    /// Behind all keys of a common prefix.
    Prefix(&'a str),
    /// Behind a place in the store.
    Place(Vec<u8>),
}

/// One entry of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Entry<T> {
    One(String, T),
    Prefix(String),
}

/// A page, in key order.
#[derive(Debug)]
pub(crate) struct Page<T> {
    pub entries: Vec<Entry<T>>,
    /// True when more follow.
    pub more: bool,
}

/// What is listed: the range of its keys, the key of an entry, and how an entry is read.
pub(crate) struct Source<'a, T> {
    pub range: Range,
    /// The store's key that a listed key begins with.
    pub place: &'a (dyn Fn(&str) -> Vec<u8> + Sync),
    pub read: fn(&Versioned) -> Result<(String, T), Error>,
}

impl<T> Entry<T> {
    /// The key or prefix.
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::One(name, _) | Self::Prefix(name) => name,
        }
    }
}

impl<T> Page<T> {
    /// The entry after which the next page begins.
    pub(crate) fn last(&self) -> Option<&Entry<T>> {
        self.entries.last().filter(|_| self.more)
    }
}

/// A page of a bucket's objects.
pub(crate) async fn objects(store: &Store, bucket: &str, asked: &Asked<'_>) -> Result<Page<Object>, Error> {
    let place = |name: &str| key::object(bucket, name);
    let read = |stored: &Versioned| {
        let object = Object::decode(stored)?;
        Ok((object.key.clone(), object))
    };
    page(store, Source { range: key::objects(bucket), place: &place, read }, asked).await
}

/// A page of whatever is listed by keys.
pub(crate) async fn page<T>(
    store: &Store,
    source: Source<'_, T>,
    asked: &Asked<'_>,
) -> Result<Page<T>, Error> {
    let mut page = Page { entries: Vec::new(), more: false };
    let mut range = first_range(&source, asked);
    while asked.most > 0 && !page.more && !range.is_empty() {
        let batch = (asked.most + 1 - page.entries.len()).min(BATCH);
        let found = store.scan(&range, batch).await?;
        let complete = found.len() < batch;
        let Some((last, _)) = found.last() else { break };
        let mut next = last.clone();
        next.push(0);
        for (place, stored) in found {
            if place < range.start {
                continue;
            }
            let (name, value) = (source.read)(&stored)?;
            let entry = rolled_up(name, value, asked);
            if page.entries.len() == asked.most {
                page.more = true;
                break;
            }
            if let Entry::Prefix(prefix) = &entry {
                range.start = behind((source.place)(prefix)).unwrap_or_else(|| range.end.clone());
            }
            page.entries.push(entry);
        }
        range.start = range.start.max(next);
        if complete {
            break;
        }
    }
    Ok(page)
}

fn first_range<T>(source: &Source<'_, T>, asked: &Asked<'_>) -> Range {
    let mut range = source.range.clone();
    if !asked.prefix.is_empty() {
        let start = (source.place)(asked.prefix);
        range.end = behind(start.clone()).unwrap_or(range.end);
        range.start = start;
    }
    let after = match &asked.after {
        After::Nothing => return range,
        After::Key(key) => {
            let mut place = (source.place)(key);
            place.push(0);
            Some(place)
        }
        After::Prefix(prefix) => behind((source.place)(prefix)),
        After::Place(place) => Some([place.as_slice(), &[0]].concat()),
    };
    range.start = range.start.max(after.unwrap_or_else(|| range.end.clone()));
    range
}

fn rolled_up<T>(name: String, value: T, asked: &Asked<'_>) -> Entry<T> {
    let rest = name.get(asked.prefix.len()..).filter(|_| !asked.delimiter.is_empty());
    match rest.and_then(|rest| rest.find(asked.delimiter)) {
        Some(at) => {
            let end = asked.prefix.len() + at + asked.delimiter.len();
            Entry::Prefix(name.get(..end).unwrap_or_default().to_owned())
        }
        None => Entry::One(name, value),
    }
}

/// The first key behind all that begin with this one.
fn behind(mut start: Vec<u8>) -> Option<Vec<u8>> {
    while let Some(last) = start.pop() {
        if let Some(next) = last.checked_add(1) {
            start.push(next);
            return Some(start);
        }
    }
    None
}

/// How names are written: as they are, or encoded as in a form for `encoding-type=url`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Encoding(pub bool);

impl Encoding {
    pub(crate) fn of(asked: Option<&str>) -> Self {
        Self(asked == Some("url"))
    }

    pub(crate) fn name(self, text: &str) -> String {
        match self.0 {
            true => utf8_percent_encode(text, ESCAPED).to_string().replace("%20", "+"),
            false => text.to_owned(),
        }
    }
}

/// Everything but the unreserved characters of RFC 3986 and the slash.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');
/// Entries read at once.
const BATCH: usize = 251;
