//! Policy documents in answers: percent-encoded (RFC 3986 §2.1; IAM API Reference, PolicyDocument).

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// The text with everything but RFC 3986's unreserved characters percent-encoded.
pub(super) fn encoded(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

#[cfg(test)]
mod tests {
    #[test]
    fn only_unreserved_characters_stay() {
        assert_eq!(super::encoded("aZ09-._~ {\"*\":é}\n+/"), "aZ09-._~%20%7B%22%2A%22%3A%C3%A9%7D%0A%2B%2F");
    }
}
