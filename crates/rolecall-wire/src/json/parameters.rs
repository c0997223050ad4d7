//! A JSON request body as the parameters that a form would spell: `{"Tags":[{"Key":"a"}]}` becomes
//! `Tags.member.1.Key=a`. So one reader, and one set of limits, serves both protocols.

use crate::error::{ApiError, common};
use crate::query::MAX_PARAMETERS;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use std::fmt;

/// Takes a JSON object apart. `null` is absence; an empty body is an empty object.
///
/// # Errors
/// `SerializationException` when the body is no JSON object, or has more than [`MAX_PARAMETERS`] values.
pub fn parameters(body: &[u8]) -> Result<Vec<(String, String)>, ApiError> {
    let mut out = Vec::new();
    if body.is_empty() {
        return Ok(out);
    }
    let mut parser = serde_json::Deserializer::from_slice(body);
    let whole = Place { path: String::new(), out: &mut out };
    whole.deserialize(&mut parser).and_then(|()| parser.end()).map_err(|_| malformed())?;
    Ok(out)
}

/// A place in the document; the empty path is the document itself.
struct Place<'o> {
    path: String,
    out: &'o mut Vec<(String, String)>,
}

impl Place<'_> {
    fn inner(&mut self, name: &str) -> Place<'_> {
        let path = if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) };
        Place { path, out: self.out }
    }

    fn put<E: Error>(self, value: String) -> Result<(), E> {
        if self.path.is_empty() || self.out.len() == MAX_PARAMETERS {
            return Err(E::custom("not an object, or too large a one"));
        }
        self.out.push((self.path, value));
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for Place<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Place<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<(), E> {
        self.put(value.to_string())
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<(), E> {
        self.put(value.to_string())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<(), E> {
        self.put(value.to_string())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<(), E> {
        self.put(value.to_string())
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<(), E> {
        self.put(value.to_owned())
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut items: A) -> Result<(), A::Error> {
        let mut count = 0_usize;
        while items.next_element_seed(self.inner(&format!("member.{}", count + 1)))?.is_some() {
            count += 1;
        }
        if count == 0 { self.put(String::new()) } else { Ok(()) }
    }

    /// A dot in a name would make it pass for a path.
    fn visit_map<A: MapAccess<'de>>(mut self, mut members: A) -> Result<(), A::Error> {
        while let Some(name) = members.next_key::<String>()? {
            if name.contains('.') {
                return Err(A::Error::custom("a member's name has a dot"));
            }
            members.next_value_seed(self.inner(&name))?;
        }
        Ok(())
    }
}

fn malformed() -> ApiError {
    ApiError::new(common::SERIALIZATION, "The request body is not a JSON object of the expected form.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn flat(body: &str) -> Vec<(String, String)> {
        parameters(body.as_bytes()).unwrap()
    }

    #[test]
    fn members_become_paths() {
        let body = r#"{"Name":"a\"b","N":5,"Yes":true,"None":null,"Empty":[],
            "Tags":[{"Key":"k","Value":""},{"Key":"l","Value":"v"}],"S":["x"]}"#;
        let pairs = flat(body);
        let pairs: Vec<_> = pairs.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        let expected = [
            ("Name", "a\"b"),
            ("N", "5"),
            ("Yes", "true"),
            ("Empty", ""),
            ("Tags.member.1.Key", "k"),
            ("Tags.member.1.Value", ""),
            ("Tags.member.2.Key", "l"),
            ("Tags.member.2.Value", "v"),
            ("S.member.1", "x"),
        ];
        assert_eq!(pairs, expected);
        assert_eq!((flat(""), flat("{}")), (Vec::new(), Vec::new()));
    }

    #[test]
    fn what_is_no_object_is_refused() {
        let deep = "[".repeat(100_000);
        let many = format!("{{\"a\":[{}]}}", vec!["1"; MAX_PARAMETERS + 1].join(","));
        let enough = format!("{{\"a\":[{}]}}", vec!["1"; MAX_PARAMETERS].join(","));
        assert_eq!(flat(&enough).len(), MAX_PARAMETERS);
        for bad in ["5", "\"x\"", "[]", "{", "{}x", "{\"a.b\":1}", "\u{feff}{}", &deep, &many] {
            let error = parameters(bad.as_bytes()).unwrap_err();
            assert_eq!((error.code.code, error.code.status), ("SerializationException", 400));
        }
        assert!(parameters(b"{\"a\":\"\xff\"}").is_err());
    }

    proptest! {
        #[test]
        fn never_panics(text in "\\PC*") {
            let _ = parameters(text.as_bytes());
        }
    }
}
