//! Paths of entities (IAM User Guide, IAM identifiers: Friendly names and paths).
//!
//! The model lets a path hold any printable character; IAM itself takes letters, digits and a few more,
//! which keeps wildcards, variables and colons out of ARNs.

use crate::error::{Error, iam};

/// The path of a new entity: the one asked for, or `/`.
///
/// # Errors
/// When it is not `/` and not `/part/…/`.
pub(super) fn or_root(path: Option<&str>) -> Result<String, Error> {
    path.map_or_else(|| Ok(ROOT.to_owned()), |path| checked(path).map(str::to_owned))
}

/// A path that an entity may have.
///
/// # Errors
/// As [`or_root`].
pub(super) fn checked(path: &str) -> Result<&str, Error> {
    let is_part = |part: &str| !part.is_empty() && part.bytes().all(is_allowed);
    let inner = path.strip_prefix('/').and_then(|rest| rest.strip_suffix('/'));
    let is_good = path == ROOT || inner.is_some_and(|inner| inner.split('/').all(is_part));
    if is_good { Ok(path) } else { Err(iam::invalid_path()) }
}

/// True when a listing with this `PathPrefix` shows an entity with this path.
pub(super) fn has_prefix(path: &str, prefix: Option<&str>) -> bool {
    prefix.is_none_or(|prefix| path.starts_with(prefix))
}

fn is_allowed(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b".,+@=_-".contains(&byte)
}

/// The path of entities without one.
pub(super) const ROOT: &str = "/";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_begin_and_end_with_a_slash_and_hold_nothing_odd() {
        for good in ["/", "/a/", "/a/b/", "/division_abc/sub-1/", "/aws-service-role/x.amazonaws.com/"] {
            assert_eq!(or_root(Some(good)).unwrap(), good);
        }
        assert_eq!(or_root(None).unwrap(), "/");
        for bad in
            ["", "//", "a/", "/a", "/a//b/", "/a*/", "/a?/", "/a:b/", "/${x}/", "/a b/", "/a\r\n/", "/é/"]
        {
            assert!(checked(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_prefix_is_a_prefix_of_the_text() {
        for (prefix, shown) in [(None, true), (Some("/"), true), (Some("/a"), true), (Some("/b/"), false)] {
            assert_eq!(has_prefix("/ab/", prefix), shown, "{prefix:?}");
        }
    }
}
