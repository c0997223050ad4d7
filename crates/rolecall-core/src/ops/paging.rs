//! Lists by the page: `MaxItems`, `Marker` and `IsTruncated` (IAM API Reference, List operations).
//!
//! A marker is the place of the last item given, not its number, so that removing what a page showed
//! does not make the next page skip anything.

use crate::error::{Error, iam};
use crate::records::Record;
use data_encoding::BASE64URL_NOPAD;
use rolecall_store::{Key, Range, Store, Versioned};

/// The page a caller asks for.
#[derive(Debug)]
pub(in crate::ops) struct Paging {
    after: Option<String>,
    most: usize,
}

/// A page of a list.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::ops) struct Page<T> {
    /// What it shows.
    pub items: Vec<T>,
    /// Where the next page starts; `None` on the last.
    pub marker: Option<String>,
}

impl Paging {
    /// The page that the members `Marker` and `MaxItems` ask for.
    ///
    /// # Errors
    /// When the marker is none of ours.
    pub(in crate::ops) fn of(marker: Option<&str>, max_items: Option<i64>) -> Result<Self, Error> {
        let after = marker.map(|text| place(text).ok_or_else(iam::invalid_marker)).transpose()?;
        let most = max_items.and_then(|n| usize::try_from(n).ok()).unwrap_or(USUAL).clamp(1, MOST);
        Ok(Self { after, most })
    }

    /// The page of a list at hand, in the order of `place`, which must tell every item from every other.
    pub(in crate::ops) fn list<T>(
        &self,
        items: impl IntoIterator<Item = T>,
        place: impl Fn(&T) -> String,
    ) -> Page<T> {
        let mut placed: Vec<(String, T)> = items.into_iter().map(|item| (place(&item), item)).collect();
        placed.retain(|(at, _)| self.after.as_ref().is_none_or(|after| at > after));
        placed.sort_by(|(a, _), (b, _)| a.cmp(b));
        self.cut(placed)
    }

    /// The page of the records of a range that `keep` accepts, in the order of their keys.
    ///
    /// # Errors
    /// When the store fails or a record is unreadable.
    pub(in crate::ops) async fn records<R: Record>(
        &self,
        store: &Store,
        range: &Range,
        keep: impl Fn(&R) -> bool + Send + Sync,
    ) -> Result<Page<R>, Error> {
        self.scan(store, range, |_, stored| Ok(Some(R::decode(stored)?).filter(|r| keep(r)))).await
    }

    /// The page of what `read` makes of the entries of a range; entries without a value are passed over.
    ///
    /// # Errors
    /// When the store fails, and whatever `read` reports.
    pub(in crate::ops) async fn scan<T: Send>(
        &self,
        store: &Store,
        range: &Range,
        read: impl Fn(&Key, &Versioned) -> Result<Option<T>, Error> + Send + Sync,
    ) -> Result<Page<T>, Error> {
        let mut rest = self.after.as_ref().map_or_else(|| range.clone(), |at| behind(range, at.as_bytes()));
        let mut found = Vec::new();
        while found.len() <= self.most {
            let entries = store.scan(&rest, MOST).await?;
            for (key, stored) in &entries {
                let item = read(key, stored)?.map(|item| (relative(range, key), item));
                found.extend(item);
            }
            match entries.last() {
                Some((key, _)) if entries.len() == MOST => {
                    rest = behind(range, key.get(range.start.len()..).unwrap_or_default());
                }
                _ => break,
            }
        }
        Ok(self.cut(found))
    }

    fn cut<T>(&self, mut placed: Vec<(String, T)>) -> Page<T> {
        let is_truncated = placed.len() > self.most;
        placed.truncate(self.most);
        let marker = placed.last().filter(|_| is_truncated).map(|(at, _)| marker(at));
        Page { items: placed.into_iter().map(|(_, item)| item).collect(), marker }
    }
}

impl<T> Page<T> {
    /// `IsTruncated`: always told.
    pub(in crate::ops) fn is_truncated(&self) -> Option<bool> {
        Some(self.marker.is_some())
    }

    /// The same page, each item shown another way.
    pub(in crate::ops) fn map<U>(self, show: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(show).collect(), marker: self.marker }
    }
}

fn marker(place: &str) -> String {
    BASE64URL_NOPAD.encode(format!("{SIGN}{place}").as_bytes())
}

fn place(marker: &str) -> Option<String> {
    let bytes = BASE64URL_NOPAD.decode(marker.as_bytes()).ok()?;
    String::from_utf8(bytes).ok()?.strip_prefix(SIGN).map(str::to_owned)
}

/// A key's place in its range: what follows the range's start.
fn relative(range: &Range, key: &Key) -> String {
    String::from_utf8_lossy(key.get(range.start.len()..).unwrap_or_default()).into_owned()
}

/// What comes after a place in a range.
fn behind(range: &Range, place: &[u8]) -> Range {
    let start = [range.start.as_slice(), place, &[0]].concat();
    Range { start, end: range.end.clone() }
}

/// Items on a page unless asked otherwise.
const USUAL: usize = 100;
/// The most items on a page.
const MOST: usize = 1000;
/// Tells our markers from other text.
const SIGN: &str = "1:";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::records::key;
    use proptest::prelude::*;

    fn all(items: &[String], most: i64) -> Vec<String> {
        let (mut seen, mut marker) = (Vec::new(), None::<String>);
        loop {
            let page = Paging::of(marker.as_deref(), Some(most)).unwrap().list(items.to_vec(), String::clone);
            assert!(page.items.len() <= usize::try_from(most).unwrap());
            assert_eq!(page.is_truncated(), Some(page.marker.is_some()));
            seen.extend(page.items);
            marker = page.marker;
            if marker.is_none() {
                return seen;
            }
        }
    }

    proptest! {
        #[test]
        fn the_pages_make_up_the_list(items in prop::collection::btree_set("[a-zé+]{1,6}", 0..40), most in 1_i64..12) {
            let items: Vec<String> = items.into_iter().collect();
            prop_assert_eq!(all(&items, most), items);
        }

        #[test]
        fn no_text_is_too_odd_for_a_marker(text: String) {
            let _ = Paging::of(Some(&text), None);
            prop_assert_eq!(place(&marker(&text)), Some(text));
        }
    }

    #[test]
    fn a_foreign_marker_is_refused() {
        for bad in ["", "x", "abcd", "AAAA", "not a marker", "alice", "MTphbGljZQ=="] {
            let error = Paging::of(Some(bad), None).unwrap_err();
            assert_eq!(error.to_string(), iam::invalid_marker().to_string(), "{bad}");
        }
        assert!(Paging::of(Some(&marker("alice")), None).is_ok());
    }

    #[tokio::test]
    async fn a_range_is_paged_past_what_is_filtered_out() {
        let (store, account) = (Store::memory(), "123456789012".parse().unwrap());
        let mut txn = store.begin();
        for n in 0..2500 {
            txn.put(key::user(&account, &format!("u{n:04}")), vec![u8::from(n >= 2100)]);
        }
        txn.put(key::group(&account, "u9"), vec![1]);
        txn.commit().await.unwrap();
        let names = |marker: Option<String>| {
            let store = store.clone();
            let range = key::users(&account);
            async move {
                let paging = Paging::of(marker.as_deref(), Some(300)).unwrap();
                let read =
                    |k: &Key, v: &Versioned| Ok((v.value[0] == 1).then(|| key::last_part(k).to_owned()));
                paging.scan(&store, &range, read).await.unwrap()
            }
        };
        let first = names(None).await;
        assert_eq!((first.items.len(), first.items[0].as_str()), (300, "u2100"));
        let second = names(first.marker).await;
        assert_eq!((second.items.len(), second.items[0].as_str()), (100, "u2400"));
        assert_eq!(second.marker, None);
    }
}
