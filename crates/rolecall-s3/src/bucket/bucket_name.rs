//! What a bucket may be called (S3 User Guide, Bucket naming rules).

use crate::error as s3;
use rolecall_core::Error;
use std::net::Ipv4Addr;

/// Refuses names that AWS refuses, and those of the server's own pages.
pub(crate) fn check(name: &str) -> Result<(), Error> {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let ends = name.bytes().next().is_some_and(plain) && name.bytes().last().is_some_and(plain);
    let valid = (3..=63).contains(&name.len())
        && ends
        && name.bytes().all(|b| plain(b) || b == b'-' || b == b'.')
        && !name.contains("..")
        && name.parse::<Ipv4Addr>().is_err()
        && !BEGINNINGS.iter().any(|start| name.starts_with(start))
        && !ENDINGS.iter().any(|end| name.ends_with(end))
        && !PAGES.contains(&name);
    if valid { Ok(()) } else { Err(s3::invalid_bucket_name(name)) }
}

const BEGINNINGS: [&str; 3] = ["xn--", "sthree-", "amzn-s3-demo-"];
const ENDINGS: [&str; 5] = ["-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"];
/// Paths under which the server answers for itself.
const PAGES: [&str; 3] = ["livez", "readyz", "metrics"];

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn names_follow_the_rules() {
        for good in ["abc", "a-b.c", "0ab", "livez2", "my.bucket.example", &"a".repeat(63)] {
            assert!(check(good).is_ok(), "{good}");
        }
        let bad = [
            "ab",
            "Abc",
            "a_b",
            "-abc",
            "abc-",
            ".abc",
            "a..b",
            "192.168.5.4",
            "xn--abc",
            "abc-s3alias",
            "livez",
            "readyz",
            "metrics",
            "",
        ];
        for bad in bad.into_iter().chain([&*"a".repeat(64)]) {
            assert!(check(bad).is_err(), "{bad}");
        }
    }
}
