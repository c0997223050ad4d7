//! Rust names for the models' names.

/// `AssumeRoleWithSAML` as `assume_role_with_saml`.
pub(crate) fn snake(name: &str) -> String {
    let name = SPELLINGS.iter().fold(name.to_owned(), |n, (from, to)| n.replace(from, to));
    let letters: Vec<char> = name.chars().collect();
    let mut out = String::new();
    for (i, c) in letters.iter().enumerate() {
        let before = i.checked_sub(1).and_then(|j| letters.get(j));
        let after = letters.get(i + 1);
        let new_word = before.is_some_and(|b| b.is_lowercase() || b.is_ascii_digit())
            || before.is_some_and(|b| b.is_uppercase()) && after.is_some_and(|a| a.is_lowercase());
        if c.is_uppercase() && new_word {
            out.push('_');
        }
        out.push(if c.is_alphanumeric() { c.to_ascii_lowercase() } else { '_' });
    }
    out
}

/// A field's name: snake case, escaped when it is a keyword.
pub(crate) fn field(name: &str) -> String {
    let snake = snake(name);
    if snake == "type" { format!("r#{snake}") } else { snake }
}

/// A constant's name.
pub(crate) fn constant(name: &str) -> String {
    snake(name).to_uppercase()
}

/// A type's name.
pub(crate) fn upper(name: &str) -> String {
    let capital = |part: &str| {
        let mut letters = part.chars();
        letters.next().map(|c| c.to_ascii_uppercase()).into_iter().chain(letters).collect::<String>()
    };
    name.split('-').map(capital).collect()
}

const SPELLINGS: &[(&str, &str)] = &[
    ("OpenID", "Openid"),
    ("IDs", "Ids"),
    ("ETag", "Etag"),
    ("CRC32C", "Crc32c"),
    ("CRC64NVME", "Crc64nvme"),
    ("XXHASH", "Xxhash"),
    ("SSECustomer", "SseCustomer"),
    ("SSEKMS", "SseKms"),
    ("URLs", "Urls"),
    ("PCAs", "Pcas"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_split_where_words_begin() {
        let cases = [
            ("AssumeRoleWithSAML", "assume_role_with_saml"),
            ("OpenIDConnectProviderArn", "openid_connect_provider_arn"),
            ("MFADevices", "mfa_devices"),
            ("ETag", "etag"),
            ("SSEKMSKeyId", "sse_kms_key_id"),
            ("ChecksumCRC32C", "checksum_crc32c"),
            ("arn", "arn"),
        ];
        for (name, snake_name) in cases {
            assert_eq!(snake(name), snake_name);
        }
        assert_eq!((field("Type").as_str(), upper("accessKey").as_str()), ("r#type", "AccessKey"));
    }
}
