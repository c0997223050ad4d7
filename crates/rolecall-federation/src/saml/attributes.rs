//! The attributes of an assertion: AWS's own, and those that become condition keys (IAM User Guide, Available
//! keys for SAML-based AWS STS federation).

use super::Refusal;
use super::SAML;
use super::claims::RolePair;
use super::xml::{self, Name};
use crate::{ConditionKey, Tags};
use rolecall_policy::Value;
use std::borrow::Cow;
use uppsala::{Document, NodeId};

/// Attributes by name, each with all its values.
pub(super) struct Attributes {
    named: Vec<(String, Vec<String>)>,
}

impl Attributes {
    /// The attributes of an assertion. One that comes in parts has the values of all of them.
    pub(super) fn read(document: &Document<'_>, assertion: NodeId) -> Result<Self, Refusal> {
        let mut named: Vec<(String, Vec<String>)> = Vec::new();
        let statements = xml::children(document, assertion, (SAML, "AttributeStatement"));
        for node in statements.iter().flat_map(|node| xml::children(document, *node, ATTRIBUTE)) {
            let name = xml::attribute(document, node, "Name").unwrap_or_default();
            let values = xml::children(document, node, (SAML, "AttributeValue"));
            let values = values.iter().map(|value| xml::text(document, *value));
            let is_full = named.len() == MOST;
            match named.iter_mut().find(|(known, _)| known == name) {
                Some((_, known)) => known.extend(values),
                None if is_full => {
                    return Err(Refusal::Malformed("the assertion has more than 256 attributes"));
                }
                None => named.push((name.to_owned(), values.collect())),
            }
        }
        Ok(Self { named })
    }

    /// `Role`: pairs of ARNs in either order. What is no such pair is passed over.
    pub(super) fn roles(&self) -> Vec<RolePair> {
        let pair = |text: &String| {
            let (one, other) = text.split_once(',').map(|(a, b)| (a.trim(), b.trim()))?;
            let (role, provider) = if one.contains(":saml-provider/") { (other, one) } else { (one, other) };
            Some(RolePair { role: role.to_owned(), provider: provider.to_owned() })
        };
        self.aws("Role").iter().filter_map(pair).collect()
    }

    /// `RoleSessionName`: one.
    pub(super) fn session_name(&self) -> Result<String, Refusal> {
        match self.aws("RoleSessionName") {
            [] => Err(Refusal::SessionNameMissing),
            [name] if is_name(name) => Ok(name.clone()),
            _ => Err(Refusal::SessionNameMalformed),
        }
    }

    /// `SourceIdentity`, at most one.
    pub(super) fn source_identity(&self) -> Result<Option<String>, Refusal> {
        match self.aws("SourceIdentity") {
            [] => Ok(None),
            [name] if is_name(name) && !name.to_lowercase().starts_with("aws:") => Ok(Some(name.clone())),
            _ => Err(Refusal::SourceIdentity),
        }
    }

    /// `SessionDuration`, at most one, in seconds.
    pub(super) fn session_duration(&self) -> Result<Option<i64>, Refusal> {
        match self.aws("SessionDuration") {
            [] => Ok(None),
            [text] => match text.parse() {
                Ok(seconds @ 900..=43_200) => Ok(Some(seconds)),
                _ => Err(Refusal::Malformed("SessionDuration is not between 900 and 43200")),
            },
            _ => Err(Refusal::Malformed("SessionDuration has several values")),
        }
    }

    /// `PrincipalTag:KEY`, each with one value.
    pub(super) fn tags(&self) -> Result<Tags, Refusal> {
        let keyed = self.named.iter().filter_map(|(name, values)| {
            Some((name.strip_prefix(AWS)?.strip_prefix("PrincipalTag:")?, values))
        });
        let tags: Result<Tags, Refusal> = keyed.map(|(key, values)| tag(key, values)).collect();
        let tags = tags?;
        if tags.len() > MOST_TAGS { Err(Refusal::Malformed("there are more than 50 tags")) } else { Ok(tags) }
    }

    /// `TransitiveTagKeys`.
    pub(super) fn transitive(&self) -> Vec<String> {
        self.aws("TransitiveTagKeys").to_vec()
    }

    /// The condition keys that attributes give.
    pub(super) fn keys(&self) -> Vec<ConditionKey> {
        let mapped = self.named.iter().flat_map(|(name, values)| {
            let oid = name.strip_prefix("urn:oid:").unwrap_or(name);
            let keys = KEYS.iter().filter(move |(known, _, _)| known == name || *known == oid);
            keys.filter_map(|(_, key, kind)| Some((*key, value(*kind, values)?)))
        });
        mapped.map(|(key, value)| (format!("saml:{key}").into(), value)).collect()
    }

    fn aws(&self, name: &str) -> &[String] {
        let found = self.named.iter().find(|(known, _)| known.strip_prefix(AWS) == Some(name));
        found.map(|(_, values)| values.as_slice()).unwrap_or_default()
    }
}

fn tag(key: &str, values: &[String]) -> Result<(String, String), Refusal> {
    let [value] = values else { return Err(Refusal::Malformed("a tag has not exactly one value")) };
    let (key_length, length) = (key.chars().count(), value.chars().count());
    let fits = (1..=128).contains(&key_length) && length <= 256 && !key.to_lowercase().starts_with("aws:");
    if !fits || !key.chars().chain(value.chars()).all(is_tag_character) {
        return Err(Refusal::Malformed("a tag is longer than AWS allows, reserved, or has other characters"));
    }
    Ok((key.to_owned(), value.clone()))
}

/// `[\p{L}\p{Z}\p{N}_.:/=+\-@]` (STS API Reference, Tag).
fn is_tag_character(c: char) -> bool {
    c.is_alphanumeric() || c == ' ' || "_.:/=+-@".contains(c)
}

/// `[a-zA-Z_0-9+=,.@-]{2,64}`.
fn is_name(text: &str) -> bool {
    let fits = |b: u8| b.is_ascii_alphanumeric() || b"_+=,.@-".contains(&b);
    (2..=64).contains(&text.len()) && text.bytes().all(fits)
}

/// A key of one value takes the first; one without a value is absent.
fn value(kind: Kind, values: &[String]) -> Option<Value<'static>> {
    match kind {
        Kind::One => values.first().map(|value| Value::One(value.clone().into())),
        Kind::Many => {
            (!values.is_empty()).then(|| Value::Many(values.iter().cloned().map(Cow::Owned).collect()))
        }
    }
}

/// Whether a key has one value or many.
#[derive(Debug, Clone, Copy)]
enum Kind {
    One,
    Many,
}

const ATTRIBUTE: Name = (SAML, "Attribute");
const AWS: &str = "https://aws.amazon.com/SAML/Attributes/";
const MOST: usize = 256;
const MOST_TAGS: usize = 50;
/// Attribute (an OID with or without `urn:oid:`), the key it gives, and how many values that has.
const KEYS: [(&str, &str, Kind); 30] = [
    ("1.3.6.1.4.1.5923.1.1.1.1", "eduPersonAffiliation", Kind::Many),
    ("1.3.6.1.4.1.5923.1.1.1.2", "eduPersonNickname", Kind::Many),
    ("1.3.6.1.4.1.5923.1.1.1.3", "eduPersonOrgDN", Kind::One),
    ("1.3.6.1.4.1.5923.1.1.1.4", "eduPersonOrgUnitDN", Kind::Many),
    ("1.3.6.1.4.1.5923.1.1.1.5", "eduPersonPrimaryAffiliation", Kind::One),
    ("1.3.6.1.4.1.5923.1.1.1.6", "eduPersonPrincipalName", Kind::One),
    ("1.3.6.1.4.1.5923.1.1.1.7", "eduPersonEntitlement", Kind::Many),
    ("1.3.6.1.4.1.5923.1.1.1.8", "eduPersonPrimaryOrgUnitDN", Kind::One),
    ("1.3.6.1.4.1.5923.1.1.1.9", "eduPersonScopedAffiliation", Kind::Many),
    ("1.3.6.1.4.1.5923.1.1.1.10", "eduPersonTargetedID", Kind::Many),
    ("1.3.6.1.4.1.5923.1.1.1.11", "eduPersonAssurance", Kind::Many),
    ("1.3.6.1.4.1.5923.1.2.1.2", "eduOrgHomePageURI", Kind::Many),
    ("1.3.6.1.4.1.5923.1.2.1.3", "eduOrgIdentityAuthNPolicyURI", Kind::Many),
    ("1.3.6.1.4.1.5923.1.2.1.4", "eduOrgLegalName", Kind::Many),
    ("1.3.6.1.4.1.5923.1.2.1.5", "eduOrgSuperiorURI", Kind::Many),
    ("1.3.6.1.4.1.5923.1.2.1.6", "eduOrgWhitePagesURI", Kind::Many),
    ("urn:oid:2.5.4.3", "cn", Kind::Many),
    ("http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name", "name", Kind::One),
    ("http://schemas.xmlsoap.org/claims/CommonName", "commonName", Kind::One),
    ("http://schemas.xmlsoap.org/ws/2005/05/identity/claims/givenname", "givenName", Kind::One),
    ("http://schemas.xmlsoap.org/ws/2005/05/identity/claims/surname", "surname", Kind::One),
    ("http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress", "mail", Kind::One),
    ("http://schemas.microsoft.com/ws/2008/06/identity/claims/primarygroupsid", "uid", Kind::One),
    ("2.5.4.3", "commonName", Kind::One),
    ("2.5.4.4", "surname", Kind::One),
    ("2.4.5.42", "givenName", Kind::One),
    ("2.5.4.45", "x500UniqueIdentifier", Kind::One),
    ("0.9.2342.19200300100.1.1", "uid", Kind::One),
    ("0.9.2342.19200300100.1.3", "mail", Kind::One),
    ("0.9.2342.19200300.100.1.45", "organizationStatus", Kind::One),
];
