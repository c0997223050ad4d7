//! What a verified response says, held to what AWS asks of it (SAML 2.0 Core and Profiles, §4.1.4; IAM User
//! Guide, Configure SAML assertions for the authentication response).

use super::Refusal;
use super::attributes::Attributes;
use super::canonical;
use super::replay::Mark;
use super::response::Verified;
use super::xml::{self, Name};
use super::{SAML, SAMLP, instant};
use crate::{Assertion, ConditionKey, Voucher};
use aws_lc_rs::digest;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rolecall_policy::Value;
use uppsala::{Document, NodeId};

/// What a response is held to.
pub struct Expected<'a> {
    /// The ARN of the provider.
    pub provider: &'a str,
    /// The provider's account.
    pub account: &'a str,
    /// The provider's name.
    pub name: &'a str,
    /// The provider's unique id, which its own sign-in URL ends with.
    pub uuid: &'a str,
    /// The issuer's name in the provider's metadata.
    pub entity_id: &'a str,
    /// Sign-in URLs besides AWS's.
    pub sign_in_urls: &'a [String],
    /// Seconds since 1970.
    pub now: i64,
}

/// What it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// Whom it is about, and what it gives him.
    pub assertion: Assertion,
    /// The roles it is good for.
    pub roles: Vec<RolePair>,
    id: String,
    /// Whether it is good for one role only.
    one_time: bool,
    /// When it can be used no more, in seconds since 1970.
    usable_until: i64,
}

/// A role, and the provider through which it is to be had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RolePair {
    /// The role's ARN.
    pub role: String,
    /// The provider's ARN.
    pub provider: String,
}

impl Said {
    /// The assertion, good for this role once. Clients ask for several roles with one response, so an
    /// assertion is good for one session of each, unless it says that it is for one use.
    ///
    /// # Errors
    /// When it does not name the role with this provider.
    pub fn for_role(self, role: &str) -> Result<Assertion, Refusal> {
        let provider = self.assertion.provider.as_str();
        if !self.roles.iter().any(|pair| pair.role == role && pair.provider == provider) {
            return Err(Refusal::NotAuthorized);
        }
        let role = if self.one_time { "" } else { role };
        let once = Some(Mark::of(&[provider, &self.id, role], self.usable_until));
        Ok(Assertion { once, ..self.assertion })
    }
}

/// Reads a verified response.
///
/// # Errors
/// When it does not say what it must.
pub(super) fn read(verified: &Verified, expected: &Expected<'_>) -> Result<Said, Refusal> {
    let (response, assertion) = (parsed(&verified.response)?, parsed(&verified.assertion)?);
    check_response(&response, expected)?;
    let at = xml::root(&assertion, ASSERTION).map_err(Refusal::Malformed)?;
    let id = xml::attribute(&assertion, at, "ID").unwrap_or_default().to_owned();
    if xml::attribute(&assertion, at, "Version") != Some("2.0") || id.is_empty() {
        return Err(Refusal::Malformed("the assertion has no ID or another version than 2.0"));
    }
    check_issuer(&assertion, xml::only(&assertion, at, ISSUER).map_err(Refusal::Malformed)?, expected)?;
    check_fresh(&assertion, at, expected.now)?;
    let subject = Subject::read(&assertion, at, expected)?;
    let one_time = check_conditions(&assertion, at, expected)?;
    let attributes = Attributes::read(&assertion, at)?;
    let ends = [
        attributes.session_duration()?.map(|s| expected.now.saturating_add(s)),
        session_end(&assertion, at, expected)?,
    ];
    Ok(Said {
        roles: attributes.roles(),
        id,
        one_time,
        usable_until: expected.now.saturating_add(REDEEMABLE + SKEW),
        assertion: Assertion {
            from: Voucher::Provider,
            session_name: Some(attributes.session_name()?),
            tags: attributes.tags()?,
            transitive: attributes.transitive(),
            source_identity: attributes.source_identity()?,
            not_after: ends.into_iter().flatten().min(),
            keys: subject.keys(expected).into_iter().chain(attributes.keys()).collect(),
            carried: subject.carried(expected),
            provider: expected.provider.to_owned(),
            issuer: expected.entity_id.to_owned(),
            subject: subject.name,
            audience: subject.recipient,
            once: None,
        },
    })
}

fn parsed(text: &str) -> Result<Document<'_>, Refusal> {
    xml::parse(text, canonical::LONGEST).map_err(Refusal::Malformed)
}

/// The envelope. Where it is not signed it can only do harm to whom it refuses.
fn check_response(document: &Document<'_>, expected: &Expected<'_>) -> Result<(), Refusal> {
    let root = xml::root(document, (SAMLP, "Response")).map_err(Refusal::Malformed)?;
    if xml::attribute(document, root, "InResponseTo").is_some() {
        return Err(Refusal::Unasked);
    }
    if xml::attribute(document, root, "Destination").is_some_and(|url| !is_sign_in_url(url, expected)) {
        return Err(Refusal::Audience);
    }
    if let Some(issuer) = xml::child(document, root, ISSUER).map_err(Refusal::Malformed)? {
        check_issuer(document, issuer, expected)?;
    }
    check_fresh(document, root, expected.now)
}

fn check_issuer(document: &Document<'_>, issuer: NodeId, expected: &Expected<'_>) -> Result<(), Refusal> {
    if xml::text(document, issuer) == expected.entity_id { Ok(()) } else { Err(Refusal::Issuer) }
}

/// What is redeemed must have been issued within the last five minutes.
fn check_fresh(document: &Document<'_>, node: NodeId, now: i64) -> Result<(), Refusal> {
    let issued = xml::attribute(document, node, "IssueInstant").and_then(instant);
    match issued {
        None => Err(Refusal::Malformed("an IssueInstant is missing or no time")),
        Some(at) if now.saturating_sub(at) > REDEEMABLE => Err(Refusal::Stale),
        Some(at) if at.saturating_sub(now) > SKEW => Err(Refusal::NotYet),
        Some(_) => Ok(()),
    }
}

/// `NotBefore` and `NotOnOrAfter` of an element, as far as it has them.
fn check_times(document: &Document<'_>, node: NodeId, now: i64) -> Result<(), Refusal> {
    let time = |name| xml::attribute(document, node, name).map(|t| instant(t).ok_or(NOT_A_TIME)).transpose();
    if time("NotBefore")?.is_some_and(|at| at.saturating_sub(now) > SKEW) {
        return Err(Refusal::NotYet);
    }
    if time("NotOnOrAfter")?.is_some_and(|end| end <= now) { Err(Refusal::Expired) } else { Ok(()) }
}

/// Audience and times; every condition must be known. Tells whether the assertion is for one use.
fn check_conditions(
    document: &Document<'_>,
    assertion: NodeId,
    expected: &Expected<'_>,
) -> Result<bool, Refusal> {
    let conditions = xml::only(document, assertion, (SAML, "Conditions")).map_err(|_| Refusal::Audience)?;
    check_times(document, conditions, expected.now)?;
    let restrictions = xml::children(document, conditions, RESTRICTION);
    let meets = |restriction: &NodeId| {
        let audiences = xml::children(document, *restriction, (SAML, "Audience"));
        audiences.iter().any(|node| is_audience(&xml::text(document, *node), expected))
    };
    if restrictions.is_empty() || !restrictions.iter().all(meets) {
        return Err(Refusal::Audience);
    }
    let known = [RESTRICTION, ONE_TIME, (SAML, "ProxyRestriction")];
    if xml::elements(document, conditions)
        .any(|node| !known.iter().any(|name| xml::is(document, node, *name)))
    {
        return Err(Refusal::Malformed("the assertion has a condition that is not known"));
    }
    Ok(!xml::children(document, conditions, ONE_TIME).is_empty())
}

/// The earliest `SessionNotOnOrAfter`.
fn session_end(
    document: &Document<'_>,
    assertion: NodeId,
    expected: &Expected<'_>,
) -> Result<Option<i64>, Refusal> {
    let statements = xml::children(document, assertion, (SAML, "AuthnStatement"));
    let texts = statements.iter().filter_map(|node| xml::attribute(document, *node, "SessionNotOnOrAfter"));
    let ends: Result<Vec<i64>, Refusal> = texts.map(|text| instant(text).ok_or(NOT_A_TIME)).collect();
    let end = ends?.into_iter().min();
    if end.is_some_and(|end| end <= expected.now) { Err(Refusal::Expired) } else { Ok(end) }
}

/// Whom an assertion is about.
struct Subject {
    name: String,
    /// The format of the name, without SAML 2.0's prefix.
    format: String,
    recipient: String,
}

impl Subject {
    /// The bearer whom the assertion names.
    fn read(document: &Document<'_>, assertion: NodeId, expected: &Expected<'_>) -> Result<Self, Refusal> {
        let subject = xml::child(document, assertion, (SAML, "Subject")).map_err(Refusal::Malformed)?;
        let subject = subject.ok_or(Refusal::NotAuthorized)?;
        let recipient = recipient(document, subject, expected)?;
        let name = xml::child(document, subject, (SAML, "NameID")).map_err(Refusal::Malformed)?;
        let name = name.ok_or(Refusal::NotAuthorized)?;
        let format = xml::attribute(document, name, "Format").unwrap_or(UNSPECIFIED);
        let format = format.strip_prefix(NAME_FORMAT).unwrap_or(format).to_owned();
        let name = Some(xml::text(document, name)).filter(|name| !name.is_empty());
        Ok(Self { name: name.ok_or(Refusal::NotAuthorized)?, format, recipient })
    }

    fn keys(&self, expected: &Expected<'_>) -> Vec<ConditionKey> {
        let doc = format!("{}/{}", expected.account, expected.name);
        [
            ("saml:aud", self.recipient.clone()),
            ("saml:iss", expected.entity_id.to_owned()),
            ("saml:doc", doc),
            ("saml:sub", self.name.clone()),
            ("saml:sub_type", self.format.clone()),
            ("saml:namequalifier", name_qualifier(expected)),
        ]
        .map(|(key, value)| (key.into(), Value::One(value.into())))
        .into()
    }

    /// Keys that stay for the session's own calls of `AssumeRole`.
    fn carried(&self, expected: &Expected<'_>) -> Vec<(String, String)> {
        let pairs = [("saml:sub", self.name.clone()), ("saml:sub_type", self.format.clone())];
        let pairs = pairs.into_iter().chain([("saml:namequalifier", name_qualifier(expected))]);
        pairs.map(|(key, value)| (key.to_owned(), value)).collect()
    }
}

/// The recipient of the one confirmation, which must be the bearer's and in force.
fn recipient(document: &Document<'_>, subject: NodeId, expected: &Expected<'_>) -> Result<String, Refusal> {
    let confirmation =
        xml::only(document, subject, (SAML, "SubjectConfirmation")).map_err(Refusal::Malformed)?;
    if xml::attribute(document, confirmation, "Method") != Some(BEARER) {
        return Err(Refusal::Malformed("the subject's confirmation is not the bearer's"));
    }
    let data =
        xml::only(document, confirmation, (SAML, "SubjectConfirmationData")).map_err(Refusal::Malformed)?;
    let attribute = |name| xml::attribute(document, data, name);
    if attribute("InResponseTo").is_some() {
        return Err(Refusal::Unasked);
    }
    if attribute("NotOnOrAfter").is_none() {
        return Err(Refusal::Malformed("the subject's confirmation has no NotOnOrAfter"));
    }
    check_times(document, data, expected.now)?;
    let recipient = attribute("Recipient").filter(|url| is_sign_in_url(url, expected));
    recipient.map(str::to_owned).ok_or(Refusal::Audience)
}

/// `NameQualifier` (STS API Reference, AssumeRoleWithSAML): one provider's subjects, told from those of
/// another of the same issuer.
fn name_qualifier(expected: &Expected<'_>) -> String {
    let text = format!("{}{}/{}", expected.entity_id, expected.account, expected.name);
    STANDARD.encode(digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, text.as_bytes()))
}

fn is_audience(text: &str, expected: &Expected<'_>) -> bool {
    text == "urn:amazon:webservices" || is_sign_in_url(text, expected)
}

/// AWS's sign-in URLs, in every region and with the provider's own id, and those of this installation.
fn is_sign_in_url(url: &str, expected: &Expected<'_>) -> bool {
    if expected.sign_in_urls.iter().any(|known| known == url) {
        return true;
    }
    let Some((host, path)) = url.strip_prefix("https://").and_then(|rest| rest.split_once('/')) else {
        return false;
    };
    let region =
        host.strip_suffix("signin.aws.amazon.com").map(|region| region.strip_suffix('.').unwrap_or(region));
    let in_region =
        |region: &str| region.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    let has_dot = host == "signin.aws.amazon.com" || host.ends_with(".signin.aws.amazon.com");
    let known_path =
        path == "saml" || path == "static/saml" || path.strip_prefix("saml/acs/") == Some(expected.uuid);
    region.is_some_and(in_region) && has_dot && known_path
}

const NOT_A_TIME: Refusal = Refusal::Malformed("a time is malformed");
/// For how long a response can be redeemed, in seconds.
pub(super) const REDEEMABLE: i64 = 300;
/// How far clocks may disagree, in seconds.
const SKEW: i64 = 300;
const ASSERTION: Name = (SAML, "Assertion");
const ISSUER: Name = (SAML, "Issuer");
const RESTRICTION: Name = (SAML, "AudienceRestriction");
const ONE_TIME: Name = (SAML, "OneTimeUse");
const BEARER: &str = "urn:oasis:names:tc:SAML:2.0:cm:bearer";
const NAME_FORMAT: &str = "urn:oasis:names:tc:SAML:2.0:nameid-format:";
const UNSPECIFIED: &str = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified";
