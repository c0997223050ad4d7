//! `ContextEntries`: condition keys that the caller of a simulation makes up, held to their types.

use super::invalid;
use crate::error::Error;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rolecall_wire::iam::ContextEntry;
use std::net::IpAddr;

/// A key with its values, single or multiple.
pub(super) struct Entry<'a> {
    /// The key.
    pub key: &'a str,
    /// Its values.
    pub values: &'a [String],
    /// Whether the key is multivalued.
    pub is_list: bool,
}

/// Reads an entry.
///
/// # Errors
/// `InvalidInput` when it has no key, a type that does not exist, several values of a single-valued type,
/// or a value that is not of its type.
pub(super) fn read(entry: &ContextEntry) -> Result<Entry<'_>, Error> {
    let key =
        entry.context_key_name.as_deref().ok_or_else(|| invalid("A context entry has no ContextKeyName."))?;
    let kind = entry.context_key_type.as_deref().unwrap_or("string");
    let (base, is_list) = kind.strip_suffix("List").map_or((kind, false), |base| (base, true));
    let values = entry.context_key_values.as_slice();
    if !is_list && values.len() > 1 {
        return Err(invalid(format!("The context key {key} has several values, but its type is {kind}.")));
    }
    match values.iter().find(|value| !fits(base, value)) {
        Some(value) => {
            Err(invalid(format!("The value {value} of the context key {key} is not of type {base}.")))
        }
        None => Ok(Entry { key, values, is_list }),
    }
}

fn fits(base: &str, value: &str) -> bool {
    match base {
        "string" => true,
        "numeric" => value.parse::<f64>().is_ok_and(f64::is_finite),
        "boolean" => value.eq_ignore_ascii_case("true") || value.eq_ignore_ascii_case("false"),
        "ip" => is_address(value),
        "binary" => STANDARD.decode(value).is_ok(),
        "date" => is_date(value),
        _ => false,
    }
}

fn is_address(value: &str) -> bool {
    let (address, length) = value.split_once('/').unwrap_or((value, "0"));
    address.parse::<IpAddr>().is_ok() && length.parse::<u8>().is_ok_and(|bits| bits <= 128)
}

fn is_date(value: &str) -> bool {
    value.parse::<i64>().is_ok()
        || value.parse::<jiff::Timestamp>().is_ok()
        || value.parse::<jiff::civil::Date>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_held_to_their_types() {
        for (kind, values, good) in [
            ("string", &["a"][..], true),
            ("string", &["a", "b"], false),
            ("stringList", &["a", "b"], true),
            ("stringList", &[], true),
            ("numeric", &["1.5"], true),
            ("numeric", &["one"], false),
            ("numericList", &["1", "x"], false),
            ("boolean", &["True"], true),
            ("boolean", &["yes"], false),
            ("ip", &["10.0.0.1"], true),
            ("ip", &["10.0.0.0/8"], true),
            ("ip", &["10.0.0"], false),
            ("binary", &["YQ=="], true),
            ("binary", &["!"], false),
            ("date", &["2026-11-22T00:00:00Z"], true),
            ("date", &["2026-11-22"], true),
            ("date", &["1700000000"], true),
            ("dateList", &["soon"], false),
        ] {
            let entry = ContextEntry {
                context_key_name: Some("aws:x".into()),
                context_key_values: values.iter().map(ToString::to_string).collect(),
                context_key_type: Some(kind.into()),
            };
            assert_eq!(read(&entry).is_ok(), good, "{kind} {values:?}");
        }
        assert!(read(&ContextEntry::default()).is_err());
    }
}
