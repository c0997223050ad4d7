//! JSON of strangers: an object in which no member comes twice, at any depth (RFC 8725 §2.6: what one reader
//! takes the first of and another the last is a disguise). Texts are borrowed from what is read: a token is read on
//! every request, and little of it is kept.

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::Number;
use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Json<'a> {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, as it is written.
    Number(Number),
    /// A text.
    Text(Cow<'a, str>),
    /// A list.
    List(Vec<Json<'a>>),
    /// An object.
    Object(Object<'a>),
}

/// An object, each member of another name.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Object<'a> {
    /// As they came.
    members: Vec<(Cow<'a, str>, Json<'a>)>,
}

/// Reads an object. `None` for anything else, and for an object that could be read in two ways.
pub(super) fn object(text: &[u8]) -> Option<Object<'_>> {
    // Checked once as a whole, a text need not be checked piece by piece.
    match serde_json::from_str(std::str::from_utf8(text).ok()?) {
        Ok(Json::Object(object)) => Some(object),
        _ => None,
    }
}

impl<'a> Object<'a> {
    /// The member of a name.
    pub(super) fn get(&self, name: &str) -> Option<&Json<'a>> {
        self.members.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    /// The member of a name, if it is a text.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.get(name)?.text()
    }

    /// All members, as they came.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &Json<'a>)> {
        self.members.iter().map(|(name, value)| (name.as_ref(), value))
    }

    /// `None` when a name comes twice.
    fn of(members: Vec<(Cow<'a, str>, Json<'a>)>) -> Option<Self> {
        // The standard library's hasher, because strangers choose the names.
        let mut names = HashSet::with_capacity(members.len());
        let each_once = members.iter().all(|(name, _)| names.insert(name.as_ref()));
        each_once.then_some(Self { members })
    }
}

impl<'a> Json<'a> {
    /// What a text says.
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The members of a list.
    pub(super) fn list(&self) -> Option<&[Json<'a>]> {
        match self {
            Self::List(all) => Some(all),
            _ => None,
        }
    }

    /// An object.
    pub(super) fn object(&self) -> Option<&Object<'a>> {
        match self {
            Self::Object(object) => Some(object),
            _ => None,
        }
    }

    /// A number that is whole.
    pub(super) fn integer(&self) -> Option<i64> {
        match self {
            Self::Number(number) => number.as_i64(),
            _ => None,
        }
    }
}

impl<'de> Deserialize<'de> for Json<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Json<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON without repeated members")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json<'de>, E> {
        Ok(Json::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Json<'de>, E> {
        Ok(Json::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json<'de>, E> {
        Ok(Json::Number(value.into()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Json<'de>, E> {
        Number::from_f64(value).map(Json::Number).ok_or_else(|| E::custom("not a number"))
    }

    fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Json<'de>, E> {
        Ok(Json::Text(Cow::Borrowed(value)))
    }

    fn visit_str<E>(self, value: &str) -> Result<Json<'de>, E> {
        Ok(Json::Text(Cow::Owned(value.to_owned())))
    }

    fn visit_unit<E>(self) -> Result<Json<'de>, E> {
        Ok(Json::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Json<'de>, A::Error> {
        let mut all = Vec::new();
        while let Some(value) = seq.next_element()? {
            all.push(value);
        }
        Ok(Json::List(all))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Json<'de>, A::Error> {
        let mut members = Vec::with_capacity(USUAL);
        while let Some((Name(name), value)) = map.next_entry()? {
            members.push((name, value));
        }
        Object::of(members).map(Json::Object).ok_or_else(|| A::Error::custom("a member comes twice"))
    }
}

/// A member's name, borrowed where it has no escapes.
struct Name<'a>(Cow<'a, str>);

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(NameReader)
    }
}

struct NameReader;

impl<'de> Visitor<'de> for NameReader {
    type Value = Name<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Name<'de>, E> {
        Ok(Name(Cow::Borrowed(value)))
    }

    fn visit_str<E>(self, value: &str) -> Result<Name<'de>, E> {
        Ok(Name(Cow::Owned(value.to_owned())))
    }
}

/// Room for the members that most objects have.
const USUAL: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_that_comes_twice_spoils_the_object() {
        assert_eq!(object(br#"{"a":1,"b":{"c":[1.5,true,null,"x"]}}"#).unwrap().iter().count(), 2);
        let escaped = object(br#"{"\u0061\n":"\u00e9","b":"x","a":-7,"c":1e3}"#).unwrap();
        assert_eq!((escaped.text("a\n"), escaped.text("b")), (Some("é"), Some("x")));
        assert_eq!(
            (escaped.get("a").unwrap().integer(), escaped.get("c").unwrap().integer()),
            (Some(-7), None)
        );
        assert!(escaped.get("").is_none() && escaped.get("zz").is_none());
        for bad in
            [&br#"{"a":1,"a":1}"#[..], br#"{"x":[{"a":1,"\u0061":2}]}"#, b"[]", b"{} x", b"", b"\xff{}"]
        {
            assert!(object(bad).is_none(), "{}", String::from_utf8_lossy(bad));
        }
        assert!(object(format!("{}{}", "{\"a\":".repeat(500), "}".repeat(500)).as_bytes()).is_none());
    }
}
