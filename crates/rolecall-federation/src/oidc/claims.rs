//! What a verified token says, held to what AWS demands of it (STS API Reference, `AssumeRoleWithWebIdentity`;
//! IAM User Guide, Passing session tags in AWS STS).

use super::json::{Json, Object};
use super::{Provider, Refusal, issuer};
use crate::{Assertion, ConditionKey, Tags, Voucher};
use rolecall_policy::Value;
use std::borrow::Cow;

/// The claims of a token whose signature holds.
pub(super) struct Claims<'a> {
    /// All of them.
    pub all: &'a Object<'a>,
    /// The provider whose key it is.
    pub provider: &'a Provider<'a>,
}

impl Claims<'_> {
    /// What the token vouches for, if it is in force and meant for us.
    ///
    /// # Errors
    /// When it is not.
    pub(super) fn assertion(&self, now: i64) -> Result<Assertion, Refusal> {
        let issuer = self.required_text("iss")?.to_owned();
        let subject = self.required_text("sub")?.to_owned();
        let (audience, original) = self.audience()?;
        self.check_times(now)?;
        let mut keys = self.keys(&audience, &subject, original);
        keys.extend(self.claimed());
        let tags = self.tags()?;
        Ok(Assertion {
            from: Voucher::Provider,
            once: None,
            provider: self.provider.source.provider.clone(),
            issuer,
            carried: if self.provider.carried { texts(&keys) } else { Vec::new() },
            keys,
            subject,
            audience,
            session_name: None,
            tags,
            transitive: self.transitive()?,
            source_identity: self.source_identity()?,
            not_after: None,
        })
    }

    fn required(&self, claim: &'static str) -> Result<&Json<'_>, Refusal> {
        self.all.get(claim).filter(|value| **value != Json::Null).ok_or(Refusal::MissingClaim(claim))
    }

    fn required_text(&self, claim: &'static str) -> Result<&str, Refusal> {
        let text = self.required(claim)?.text().filter(|text| text.len() <= LONGEST_TEXT);
        match text {
            Some("") => Err(Refusal::MissingClaim(claim)),
            Some(text) => Ok(text),
            None => Err(Refusal::MalformedClaim(claim)),
        }
    }

    /// Whom the token is for, and what `aud` says when `azp` is what counts.
    fn audience(&self) -> Result<(String, Option<Value<'static>>), Refusal> {
        let aud = self.required("aud")?;
        let all = match aud {
            Json::Text(one) => vec![one.as_ref()],
            Json::List(many) => {
                let texts: Option<Vec<&str>> = many.iter().map(Json::text).collect();
                texts.filter(|all| !all.is_empty()).ok_or(Refusal::MalformedClaim("aud"))?
            }
            _ => return Err(Refusal::MalformedClaim("aud")),
        };
        let azp = match self.all.get("azp") {
            None | Some(Json::Null) => None,
            Some(Json::Text(azp)) => Some(azp.as_ref()),
            Some(_) => return Err(Refusal::MalformedClaim("azp")),
        };
        let asked = azp.map_or_else(|| all.clone(), |azp| vec![azp]);
        let known = |audience: &&&str| {
            self.provider.client_ids.is_none_or(|ids| ids.iter().any(|id| id == **audience))
        };
        let audience = asked.iter().find(known).ok_or(Refusal::Audience)?;
        Ok(((*audience).to_owned(), azp.and_then(|_| issuer::shown(aud))))
    }

    /// Times are whole seconds. The end is the end; clocks may differ by five minutes about a beginning.
    fn check_times(&self, now: i64) -> Result<(), Refusal> {
        let exp = self.required_time("exp")?;
        let iat = self.required_time("iat")?;
        if now >= exp {
            return Err(Refusal::Expired { now, exp });
        }
        if let Some(nbf) = self.time("nbf")?.filter(|nbf| *nbf > now.saturating_add(SKEW)) {
            return Err(Refusal::NotYet { claim: "nbf", time: nbf, now });
        }
        if iat > now.saturating_add(SKEW) {
            return Err(Refusal::NotYet { claim: "iat", time: iat, now });
        }
        let age = now.saturating_sub(iat);
        if age > OLDEST { Err(Refusal::TooOld(age)) } else { Ok(()) }
    }

    fn required_time(&self, claim: &'static str) -> Result<i64, Refusal> {
        self.time(claim)?.ok_or(Refusal::MissingClaim(claim))
    }

    fn time(&self, claim: &'static str) -> Result<Option<i64>, Refusal> {
        match self.all.get(claim) {
            None | Some(Json::Null) => Ok(None),
            Some(value) => value.integer().map(Some).ok_or(Refusal::MalformedClaim(claim)),
        }
    }

    fn keys(&self, audience: &str, subject: &str, original: Option<Value<'static>>) -> Vec<ConditionKey> {
        let mut keys = vec![
            (self.named("aud"), Value::from(audience.to_owned())),
            (self.named("sub"), Value::from(subject.to_owned())),
        ];
        if let Some(original) = original {
            keys.push((self.named("azp"), Value::from(audience.to_owned())));
            keys.push((self.named("oaud"), original));
        }
        keys
    }

    fn claimed(&self) -> impl Iterator<Item = ConditionKey> {
        let names = issuer::claims(self.provider.name).into_iter();
        names.filter_map(|name| Some((self.named(name), issuer::shown(self.all.get(name)?)?)))
    }

    fn named(&self, claim: &str) -> Cow<'static, str> {
        Cow::Owned([self.provider.name, ":", claim].concat())
    }

    /// Session tags: nested, each value in a list of one, or flat, a claim for each.
    fn tags(&self) -> Result<Tags, Refusal> {
        let malformed = Refusal::MalformedClaim(TAGS);
        let nested = match self.nested("principal_tags")? {
            None => None,
            Some(value) => Some(value.object().ok_or(malformed)?),
        };
        let flat = self.all.iter().filter_map(|(name, value)| Some((name.strip_prefix(FLAT_TAG)?, value)));
        let all = nested.into_iter().flat_map(Object::iter).chain(flat);
        let tags = all.map(|(key, value)| Some((key.to_owned(), single(value)?.to_owned())));
        let tags: Tags = tags.collect::<Option<_>>().ok_or(malformed)?;
        if tags.len() <= MOST_TAGS && tags.iter().all(is_tag) { Ok(tags) } else { Err(malformed) }
    }

    fn transitive(&self) -> Result<Vec<String>, Refusal> {
        let flat = self.all.get(FLAT_TRANSITIVE);
        let Some(value) = self.nested("transitive_tag_keys")?.or(flat) else { return Ok(Vec::new()) };
        let texts = value.list().unwrap_or_else(|| std::slice::from_ref(value));
        let keys = texts.iter().map(|key| key.text().map(str::to_owned)).collect::<Option<_>>();
        keys.ok_or(Refusal::MalformedClaim(TAGS))
    }

    fn nested(&self, member: &str) -> Result<Option<&Json<'_>>, Refusal> {
        match self.all.get(TAGS) {
            None => Ok(None),
            Some(Json::Object(members)) => Ok(members.get(member)),
            Some(_) => Err(Refusal::MalformedClaim(TAGS)),
        }
    }

    fn source_identity(&self) -> Result<Option<String>, Refusal> {
        let Some(value) = self.all.get(SOURCE_IDENTITY) else { return Ok(None) };
        let text = value.text().filter(|text| is_source_identity(text));
        text.map(|text| Some(text.to_owned())).ok_or(Refusal::SourceIdentity)
    }
}

/// `[\w+=,.@-]{2,64}` that is none of AWS's own.
fn is_source_identity(text: &str) -> bool {
    let word = |b: u8| b.is_ascii_alphanumeric() || b"_+=,.@-".contains(&b);
    (2..=64).contains(&text.len()) && text.bytes().all(word)
}

/// A tag as the API takes it: `[\p{L}\p{Z}\p{N}_.:/=+\-@]`, 1 to 128 and 0 to 256 characters.
fn is_tag((key, value): &(String, String)) -> bool {
    let fits =
        |c: char| c.is_alphanumeric() || c.is_whitespace() && !c.is_control() || "_.:/=+-@".contains(c);
    let lengths = (1..=128).contains(&key.chars().count()) && value.chars().count() <= 256;
    let reserved = key.to_lowercase().starts_with("aws:");
    lengths && !reserved && key.chars().all(fits) && value.chars().all(fits)
}

fn single<'j>(value: &'j Json<'_>) -> Option<&'j str> {
    match value {
        Json::List(one) if one.len() == 1 => one.first()?.text(),
        one => one.text(),
    }
}

fn texts(keys: &[ConditionKey]) -> Vec<(String, String)> {
    let one = |(key, value): &ConditionKey| match value {
        Value::One(text) => Some((key.to_string(), text.to_string())),
        Value::Many(_) => None,
    };
    keys.iter().filter_map(one).collect()
}

const TAGS: &str = "https://aws.amazon.com/tags";
const FLAT_TAG: &str = "https://aws.amazon.com/tags/principal_tags/";
const FLAT_TRANSITIVE: &str = "https://aws.amazon.com/tags/transitive_tag_keys";
const SOURCE_IDENTITY: &str = "https://aws.amazon.com/source_identity";
/// How far an issuer's clock may be ahead of ours, in seconds.
const SKEW: i64 = 300;
/// How long ago a token may have been issued, in seconds; AWS refuses older ones whatever their `exp`.
const OLDEST: i64 = 86_400;
/// The longest issuer or subject, in bytes.
const LONGEST_TEXT: usize = 2048;
const MOST_TAGS: usize = 50;
