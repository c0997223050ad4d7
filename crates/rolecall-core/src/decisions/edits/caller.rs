//! What the caller can do itself: send what a condition asks for. No policy changes then.

use super::Edit;
use super::condition::seconds;
use super::draft::{Change, Draft, Need, Standing};
use crate::clock::text::iso8601;
use rolecall_policy::{Examined, PrincipalKind, Tested, Value, catalogue};

/// Changes of the request that could end what is in the way.
pub(super) fn edits(draft: &Draft<'_>, standing: &Standing, need: &Need) -> Vec<Edit> {
    let of = |examined: &Examined, wanted: bool| -> Vec<Edit> {
        let wrong = examined.conditions.iter().filter(|test| test.holds != wanted);
        wrong.flat_map(|test| remedies(draft, examined, test)).collect()
    };
    match need {
        Need::Denial(examined) => of(examined, false),
        Need::Silence(layer, level) => {
            standing.unmet(*layer, *level).flat_map(|unmet| of(unmet, true)).collect()
        }
    }
}

/// How a key gets its value, as far as that is in somebody's hands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hand {
    /// The caller sends it.
    Sent,
    Mfa,
    Address,
    Tls,
    Clock,
    /// It is older or newer with other credentials.
    Credentials,
    CallerTag,
    ResourceTag,
}

impl Hand {
    fn of(key: &str) -> Option<Self> {
        let key = key.to_ascii_lowercase();
        let of = |names: &[&str]| {
            names.iter().any(|name| match name.strip_suffix('*') {
                Some(start) => key.starts_with(start),
                None => key == *name,
            })
        };
        let (_, hand) = HANDS.iter().find(|(names, _)| of(names))?;
        Some(*hand)
    }

    /// Whether such a caller can set such a key for such an action.
    fn is_free(self, draft: &Draft<'_>, key: &str) -> bool {
        let kind = &draft.recorded.principal.kind;
        let is_ours = matches!(
            kind,
            PrincipalKind::User { .. } | PrincipalKind::RoleSession { .. } | PrincipalKind::Root
        );
        match self {
            Self::Mfa => is_ours,
            Self::CallerTag => {
                is_ours && *kind != PrincipalKind::Root || matches!(kind, PrincipalKind::FederatedUser { .. })
            }
            Self::Sent | Self::ResourceTag => {
                EVERYWHERE.iter().any(|known| key.eq_ignore_ascii_case(known))
                    || draft.context().lookup(&key.into()).is_some()
                    || has_key(draft.asked.target.action, key)
            }
            Self::Address | Self::Tls | Self::Clock | Self::Credentials => true,
        }
    }

    fn words(self, test: &Tested, value: Option<&str>) -> String {
        let key = &test.key;
        let tag = key.split_once('/').map_or(key.as_str(), |(_, tag)| tag);
        match (self, value) {
            (Self::Mfa, Some("false") | None) => {
                "the caller asks with credentials made without MFA".to_owned()
            }
            (Self::Mfa, Some(_)) => {
                "the caller gives an MFA code: SerialNumber and TokenCode with AssumeRole, or \
                                     GetSessionToken with them first"
                    .to_owned()
            }
            (Self::Address, Some(value)) => format!("the caller asks from another address, such as {value}"),
            (Self::Tls, Some("true")) => "the caller asks over https".to_owned(),
            (Self::Tls, _) => "the caller asks without TLS".to_owned(),
            (Self::Clock, Some(value)) => format!("the caller asks at another time, such as {value}"),
            (Self::Credentials, Some(value)) => format!("the caller takes credentials made at {value}"),
            (Self::CallerTag, Some(value)) => format!("give the caller the tag {tag} = \"{value}\""),
            (Self::CallerTag, None) => format!("take the tag {tag} from the caller"),
            (Self::ResourceTag, Some(value)) => format!("give the resource the tag {tag} = \"{value}\""),
            (Self::ResourceTag, None) => format!("take the tag {tag} from the resource"),
            (_, Some(value)) => format!("the caller sends {key} = \"{value}\""),
            (_, None) => format!("the caller sends no {key}"),
        }
    }
}

/// Whether requests for an action can have a key.
fn has_key(action: &str, key: &str) -> bool {
    let found = action.split_once(':').and_then(|(prefix, name)| {
        let service = catalogue::service(&prefix.to_ascii_lowercase())?;
        Some((service, service.action(name)?))
    });
    found.is_some_and(|(service, action)| service.keys_of(action).any(|known| known.is(key)))
}

fn remedies(draft: &Draft<'_>, examined: &Examined, test: &Tested) -> Vec<Edit> {
    let hand = Hand::of(&test.key).filter(|hand| hand.is_free(draft, &test.key));
    let Some(hand) = hand else { return Vec::new() };
    let values = candidates(draft, hand, test).into_iter().map(Some);
    let remedy = |value: Option<String>| {
        let words = hand.words(test, value.as_deref());
        let change = Change::Keys(keys(hand, test, value));
        Edit { layer: examined.layer, change, words, statement: None }
    };
    let can_be_absent = !ALWAYS_THERE.iter().any(|key| test.key.eq_ignore_ascii_case(key));
    values.chain(can_be_absent.then_some(None)).map(remedy).collect()
}

/// The keys that come and go together.
fn keys(hand: Hand, test: &Tested, value: Option<String>) -> Vec<(String, Option<Value<'static>>)> {
    if hand == Hand::Mfa {
        let present = value.is_some_and(|value| value != "false");
        let age = present.then(|| "0".to_owned().into());
        let present = present.then(|| "true".to_owned().into());
        return vec![(MFA.to_owned(), present), (MFA_AGE.to_owned(), age)];
    }
    let is_set = test.operator.to_ascii_lowercase().starts_with("for");
    let value = value.map(|value| if is_set { Value::from(vec![value]) } else { Value::from(value) });
    vec![(test.key.clone(), value)]
}

/// Values at which the condition may change its mind.
fn candidates(draft: &Draft<'_>, hand: Hand, test: &Tested) -> Vec<String> {
    let expected = test.expected.iter().filter_map(|value| resolved(draft, value));
    let near = expected.flat_map(|value| match hand {
        Hand::Address => vec![value.split('/').next().unwrap_or_default().to_owned()],
        Hand::Mfa => vec!["true".to_owned(), "false".to_owned()],
        Hand::Tls => vec!["true".to_owned(), "false".to_owned()],
        Hand::Clock | Hand::Credentials => around(seconds(&value), 1).map(iso8601).collect(),
        Hand::Sent | Hand::CallerTag | Hand::ResourceTag => match test.operator.contains("Numeric") {
            true => around(value.parse().ok(), 1).map(|number: i64| number.to_string()).collect(),
            false => vec![value.replace('*', "").replace('?', "x"), value],
        },
    });
    let mut all: Vec<String> = near.collect();
    if hand == Hand::Address {
        all.extend(ELSEWHERE.map(str::to_owned));
    }
    all
}

fn around(value: Option<i64>, step: i64) -> impl Iterator<Item = i64> {
    value.into_iter().flat_map(move |value| [value, value.saturating_sub(step), value.saturating_add(step)])
}

/// A policy's value with its variables filled in; `None` when one has no value.
fn resolved(draft: &Draft<'_>, text: &str) -> Option<String> {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, inner)) = rest.split_once("${") {
        let (name, after) = inner.split_once('}')?;
        out.push_str(before);
        match name {
            "*" | "?" | "$" => out.push_str(name),
            name => out.push_str(draft.context().lookup(&name.into())?.all().first()?),
        }
        rest = after;
    }
    out.push_str(rest);
    Some(out)
}

const MFA: &str = "aws:MultiFactorAuthPresent";
const MFA_AGE: &str = "aws:MultiFactorAuthAge";
/// Keys that every action has.
const EVERYWHERE: [&str; 3] = ["aws:UserAgent", "aws:Referer", "aws:RequestedRegion"];
/// Keys without which there is no request.
const ALWAYS_THERE: [&str; 9] = [
    "aws:SourceIp",
    "aws:SecureTransport",
    "aws:CurrentTime",
    "aws:EpochTime",
    "aws:TokenIssueTime",
    "aws:RequestedRegion",
    "s3:authType",
    "s3:signatureversion",
    "sts:RoleSessionName",
];
/// Addresses that no rule is likely to name (RFC 5737, RFC 3849).
const ELSEWHERE: [&str; 2] = ["192.0.2.1", "2001:db8::1"];
/// Keys by whose hand they are in; a star stands for the rest of the name. Keys that tell who the caller is
/// are in nobody's.
const HANDS: [(&[&str], Hand); 8] = [
    (&["aws:multifactorauthpresent", "aws:multifactorauthage"], Hand::Mfa),
    (&["aws:sourceip"], Hand::Address),
    (&["aws:securetransport"], Hand::Tls),
    (&["aws:currenttime", "aws:epochtime"], Hand::Clock),
    (&["aws:tokenissuetime"], Hand::Credentials),
    (&["aws:principaltag/*"], Hand::CallerTag),
    (
        &["aws:resourcetag/*", "iam:resourcetag/*", "s3:existingobjecttag/*", "s3:buckettag/*"],
        Hand::ResourceTag,
    ),
    (
        &[
            "sts:externalid",
            "sts:rolesessionname",
            "sts:sourceidentity",
            "sts:transitivetagkeys",
            "sts:durationseconds",
            "aws:sourceidentity",
            "aws:requesttag/*",
            "aws:tagkeys",
            "aws:useragent",
            "aws:referer",
            "aws:requestedregion",
            "iam:permissionsboundary",
            "iam:passedtoservice",
            "s3:prefix",
            "s3:delimiter",
            "s3:max-keys",
            "s3:versionid",
            "s3:x-amz-*",
            "s3:if-*",
            "s3:locationconstraint",
            "s3:requestobjecttag*",
            "s3:authtype",
            "s3:signatureversion",
        ],
        Hand::Sent,
    ),
];
