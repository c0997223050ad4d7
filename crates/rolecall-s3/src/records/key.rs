//! The keys of buckets, objects, uploads and parts, made here and nowhere else.

use rolecall_core::id::AccountId;
pub(crate) use rolecall_core::records::key::last_part;
use rolecall_core::records::key::{below, join};
use rolecall_store::{Key, Range};

pub(crate) fn bucket(name: &str) -> Key {
    join(b"bucket", &[name])
}

/// All objects of all buckets.
pub(crate) fn all_objects() -> Range {
    below(b"object".to_vec())
}

/// All parts of all uploads.
pub(crate) fn all_parts() -> Range {
    below(b"part".to_vec())
}

/// The mark that an account owns a bucket, for listing.
pub(crate) fn owned_bucket(account: &AccountId, name: &str) -> Key {
    join(b"owned-bucket", &[account.as_str(), name])
}

pub(crate) fn owned_buckets(account: &AccountId) -> Range {
    below(join(b"owned-bucket", &[account.as_str()]))
}

pub(crate) fn object(bucket: &str, key: &str) -> Key {
    join(b"object", &[bucket, key])
}

pub(crate) fn objects(bucket: &str) -> Range {
    below(join(b"object", &[bucket]))
}

pub(crate) fn upload(bucket: &str, key: &str, id: &str) -> Key {
    join(b"upload", &[bucket, key, id])
}

/// What the keys of the uploads to objects whose keys begin with `start` begin with.
pub(crate) fn uploads_from(bucket: &str, start: &str) -> Key {
    join(b"upload", &[bucket, start])
}

pub(crate) fn uploads(bucket: &str) -> Range {
    below(join(b"upload", &[bucket]))
}

/// A completed upload, by the day of its completion (since 1970), so that old ones are found together.
pub(crate) fn completed(day: i64, upload_id: &str) -> Key {
    join(b"completed", &[&format!("{day:08}"), upload_id])
}

/// All uploads completed before a day.
pub(crate) fn completed_before(day: i64) -> Range {
    Range { start: join(b"completed", &[""]), end: join(b"completed", &[&format!("{day:08}")]) }
}

/// A part of a multipart upload; parts sort by number.
pub(crate) fn part(upload_id: &str, number: u32) -> Key {
    join(b"part", &[upload_id, &format!("{number:05}")])
}

pub(crate) fn parts(upload_id: &str) -> Range {
    below(join(b"part", &[upload_id]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rolecall_core::records::kind::unlisted;

    #[test]
    fn a_range_holds_its_keys_and_no_neighbours() {
        let range = objects("b");
        let inside = |key: &Key| range.start <= *key && *key < range.end;
        for key in ["", "a", "\u{0}", "\u{10ffff}", "a/b"] {
            assert!(inside(&object("b", key)), "{key:?}");
        }
        assert!(!inside(&object("b2", "a")));
        assert!(!inside(&object("a", "b")));
        assert!(!inside(&bucket("b")));
    }

    #[test]
    fn every_kind_is_listed() {
        assert_eq!(unlisted(include_str!("key.rs")), [""; 0]);
    }
}
