//! The encoded authorization message: one denial, sealed for whoever may call
//! `DecodeAuthorizationMessage` (STS API Reference).

use super::{Asked, Recorded};
use crate::error::Error;
use crate::keyring::{KeyRing, Purpose};
use crate::seal;
use data_encoding::BASE64URL_NOPAD;
use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use rolecall_policy::{Decision, Examined, Verdict};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use std::io::{Read, Write};

#[derive(Serialize, Deserialize)]
struct Message {
    /// The account of whoever was denied.
    account: String,
    /// When it was decided, in seconds since 1970.
    at: i64,
    /// What is decoded.
    text: String,
}

impl Recorded {
    /// The first denial of the decision, encoded; `None` when nothing was denied, or it would be longer
    /// than an encoded message may be.
    ///
    /// # Errors
    /// When the key ring cannot seal.
    pub(crate) fn encoded(&self, ring: &KeyRing) -> Result<Option<String>, Error> {
        // A ring from before there were encoded messages has no key for them.
        let asked =
            if ring.active(Purpose::AuthorizationMessage).is_some() { self.asked.as_slice() } else { &[] };
        for asked in asked {
            let verdict = self.verdict(asked)?;
            if !verdict.is_allowed() {
                let text = self.decoded(asked, &verdict).to_string();
                let encoded = encode(ring, &self.principal.account, self.at, text)?;
                return Ok(Some(encoded).filter(|encoded| encoded.len() <= LONGEST));
            }
        }
        Ok(None)
    }

    /// The document in AWS's form.
    fn decoded(&self, asked: &Asked, verdict: &Verdict) -> Json {
        let context = self.full_context(asked);
        let one = |key: &'static str| {
            let found = context.iter().find(|(name, _)| name.text().eq_ignore_ascii_case(key));
            found.and_then(|(_, value)| value.all().first().map(ToString::to_string)).unwrap_or_default()
        };
        let conditions = context.iter().map(|(key, value)| {
            json!({ "key": key.to_string(), "values": items(value.all().iter().map(|v| json!({ "value": v }))) })
        });
        let matched = verdict.deciding().filter(|_| verdict.decision == Decision::ExplicitDeny);
        json!({
            "allowed": false,
            "explicitDeny": verdict.decision == Decision::ExplicitDeny,
            "matchedStatements": items(matched.map(|examined| self.matched(asked, examined))),
            "failures": items(std::iter::empty()),
            "context": {
                "principal": { "id": one("aws:userid"), "name": name(&self.principal.arn), "arn": self.principal.arn },
                "action": asked.target.action,
                "resource": asked.target.resource,
                "conditions": items(conditions),
            },
        })
    }

    fn matched(&self, asked: &Asked, examined: &Examined) -> Json {
        let uri = self.uri_of(asked, examined);
        let policy = self.policies().into_iter().find(|policy| policy.uri == uri);
        let written = policy.and_then(|policy| policy.statement(examined)).unwrap_or_default();
        let values = |names: [&str; 2]| {
            let found = names.iter().find_map(|name| written.get(*name));
            let list = match found {
                Some(Json::Array(list)) => list.clone(),
                Some(one) => vec![one.clone()],
                None => Vec::new(),
            };
            items(list.into_iter().map(|value| json!({ "value": value })))
        };
        json!({
            "statementId": examined.sid.clone().unwrap_or_default(),
            "effect": if examined.deny { "DENY" } else { "ALLOW" },
            "actions": values(["Action", "NotAction"]),
            "resources": values(["Resource", "NotResource"]),
        })
    }
}

/// Decodes a message for a caller of the account that was denied. `None` for anything else: a text that
/// this installation did not encode, somebody else's denial, and one that is too old are not told apart.
pub(crate) fn decode(ring: &KeyRing, text: &str, account: &str, now: i64) -> Option<String> {
    let sealed = BASE64URL_NOPAD.decode(text.as_bytes()).ok()?;
    let packed = seal::open(ring, Purpose::AuthorizationMessage, BOUND, &sealed)?;
    let mut plain = Vec::new();
    DeflateDecoder::new(packed.as_slice()).take(MOST).read_to_end(&mut plain).ok()?;
    let message: Message = postcard::from_bytes(&plain).ok()?;
    let fresh = now.saturating_sub(message.at) <= LIFE;
    (fresh && message.account == account).then_some(message.text)
}

fn encode(ring: &KeyRing, account: &str, at: i64, text: String) -> Result<String, Error> {
    let message = Message { account: account.to_owned(), at, text };
    let plain = postcard::to_stdvec(&message).map_err(|e| Error::internal(e.to_string()))?;
    let mut packer = DeflateEncoder::new(Vec::new(), Compression::best());
    packer.write_all(&plain)?;
    let sealed = seal::seal(ring, Purpose::AuthorizationMessage, BOUND, &packer.finish()?)?;
    Ok(BASE64URL_NOPAD.encode(&sealed))
}

fn items(items: impl Iterator<Item = Json>) -> Json {
    json!({ "items": items.collect::<Vec<_>>() })
}

fn name(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}

const BOUND: &[u8] = b"rolecall authorization message";
/// How long a message can be decoded, in seconds.
const LIFE: i64 = 86_400;
/// The longest encoded message (STS API Reference, DecodeAuthorizationMessage).
const LONGEST: usize = 10_240;
/// The longest message that is unpacked, in bytes.
const MOST: u64 = 1 << 20;
