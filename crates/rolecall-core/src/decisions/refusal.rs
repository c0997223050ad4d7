//! Refusals: every request that was answered with an error, how far it came, and why.
//!
//! Those of callers who proved who they are, and among them what they may not do, are kept apart from each other
//! and from strangers': whoever guesses keys or asks for what is not there pushes nothing else out.

use super::kept::Kept;
use super::{Keeping, authorization_id};
use crate::clock::text::iso8601;
use crate::id::RequestId;
use rolecall_wire::{Service, error::common};
use serde_json::{Value as Json, json};
use std::sync::Arc;

/// A request that was refused.
#[derive(Debug, Clone)]
pub(crate) struct Refusal {
    /// Its number among all refusals since the start, from 1; given when it is kept.
    pub sequence: u64,
    /// The id of the request.
    pub request_id: RequestId,
    /// When it was refused, in seconds since 1970.
    pub at: i64,
    /// The service asked.
    pub service: Service,
    /// The operation asked, as far as it could be told.
    pub operation: String,
    /// The HTTP status of the answer.
    pub status: u16,
    /// The error's code.
    pub code: &'static str,
    /// The sentence that the caller was told.
    pub message: String,
    /// What is behind it, where the sentence does not say so.
    pub cause: Option<String>,
    /// How far the request came.
    pub stage: Stage,
    /// Who asked; `None` when nobody was proved.
    pub caller: Option<String>,
    /// The access key id that was presented, known or not.
    pub access_key_id: Option<String>,
    /// The address of the other side.
    pub address: String,
}

/// How far a request came.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Stage {
    /// It never became a request to an operation.
    #[default]
    Reading,
    /// Who asks was not proved.
    Authentication,
    /// It came too often.
    Limits,
    /// Nothing here serves the operation.
    Service,
    /// Such credentials cannot ask for it, whatever policies say.
    Credentials,
    /// The operation itself, with its checks before and after the decision.
    Operation,
    /// Policies.
    Permission,
}

/// Which refusals are asked for. Everything given must hold.
#[derive(Debug, Clone, Default)]
pub(crate) struct Wanted<'a> {
    /// Those after this number.
    pub after: u64,
    /// Those since a time, in seconds since 1970.
    pub since: Option<i64>,
    /// Those of callers of this ARN, or of this name: a user's, a role's or a session's.
    pub caller: Option<&'a str>,
    /// Those of this operation; `*` stands for any text.
    pub operation: Option<&'a str>,
    /// Also those that were not refused for want of a right, such as requests for what is not there.
    pub all: bool,
    /// Only the last so many.
    pub last: Option<usize>,
    /// The most at a time.
    pub most: usize,
}

/// The refusals kept.
#[derive(Default)]
pub(super) struct Refusals {
    denied: Kept<Refusal>,
    failed: Kept<Refusal>,
    strangers: Kept<Refusal>,
    sequence: u64,
}

impl Refusals {
    pub(super) fn keep(&mut self, keeping: &Keeping, refusal: Refusal) {
        self.sequence += 1;
        let refusal = Refusal { sequence: self.sequence, ..refusal };
        let (id, at, room) = (authorization_id(&refusal.request_id), refusal.at, refusal.room());
        let kept = match refusal.caller {
            None => &mut self.strangers,
            Some(_) if refusal.is_denial() => &mut self.denied,
            Some(_) => &mut self.failed,
        };
        kept.keep(keeping, ROOM, id, at, room, refusal);
    }

    pub(super) fn find(&self, id: &str) -> Option<Arc<Refusal>> {
        [&self.denied, &self.failed, &self.strangers].into_iter().find_map(|kept| kept.find(id))
    }

    /// Those wanted that are not older than `oldest`, and the number after which to go on: that of the last one
    /// told, or of the last there was when all were.
    pub(super) fn list(&self, wanted: &Wanted<'_>, oldest: i64) -> (Vec<Arc<Refusal>>, u64) {
        let since = wanted.since.unwrap_or(oldest).max(oldest);
        let mut found = Vec::new();
        for kept in [&self.denied, &self.failed, &self.strangers] {
            let fresh =
                kept.newest().take_while(|refusal| refusal.sequence > wanted.after && refusal.at >= since);
            found.extend(fresh.filter(|refusal| wanted.holds(refusal)).cloned());
        }
        found.sort_unstable_by_key(|refusal| refusal.sequence);
        if let Some(last) = wanted.last {
            found.drain(..found.len().saturating_sub(last));
        }
        let next = match found.get(wanted.most) {
            Some(beyond) => beyond.sequence - 1,
            None => self.sequence,
        };
        found.truncate(wanted.most);
        (found, next)
    }
}

impl Wanted<'_> {
    fn holds(&self, refusal: &Refusal) -> bool {
        let operation = format!("{}:{}", refusal.service.prefix(), refusal.operation);
        (self.all || refusal.is_denial())
            && self.caller.is_none_or(|caller| refusal.is_by(caller))
            && self.operation.is_none_or(|wanted| is_like(wanted, &operation))
    }
}

impl Refusal {
    /// True when a right or a proof was wanting, not when a request was wrong or in vain.
    pub(crate) fn is_denial(&self) -> bool {
        let by_stage = matches!(
            self.stage,
            Stage::Authentication | Stage::Limits | Stage::Credentials | Stage::Permission
        );
        by_stage || matches!(self.status, 401 | 403) || self.code == common::ACCESS_DENIED.code
    }

    /// True when this caller asked, by ARN or by name.
    fn is_by(&self, wanted: &str) -> bool {
        let Some(caller) = &self.caller else { return false };
        let resource = caller.splitn(6, ':').nth(5).unwrap_or_default();
        caller == wanted || resource == wanted || resource.split('/').skip(1).any(|part| part == wanted)
    }

    /// `service:Operation`.
    pub(crate) fn asked(&self) -> String {
        format!("{}:{}", self.service.prefix(), self.operation)
    }

    /// What is known of it, for programs.
    pub(crate) fn told(&self) -> Json {
        json!({
            "code": self.code,
            "status": self.status,
            "message": self.message,
            "stage": self.stage.words(),
            "cause": self.cause,
            "accessKeyId": self.access_key_id,
            "address": self.address,
        })
    }

    /// The explanation of a refusal that no decision led to.
    pub(crate) fn explanation(&self) -> Json {
        json!({
            "requestId": self.request_id,
            "authorizationId": authorization_id(&self.request_id),
            "time": iso8601(self.at),
            "operation": self.asked(),
            "principal": { "arn": self.caller },
            "evaluations": [],
            "policies": [],
            "refusal": self.told(),
        })
    }

    fn room(&self) -> usize {
        let some = |text: &Option<String>| text.as_ref().map_or(0, String::len);
        let texts = self.operation.len() + self.message.len() + self.address.len();
        ENTRY + texts + some(&self.cause) + some(&self.caller) + some(&self.access_key_id)
    }
}

impl Stage {
    /// In words.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Reading => "the request could not be read, or names no operation",
            Self::Authentication => "before a decision: who asks was not proved",
            Self::Limits => "before a decision: too many requests",
            Self::Service => "before a decision: the operation is not served here",
            Self::Credentials => {
                "before a decision: such credentials cannot ask for it, whatever policies say"
            }
            Self::Operation => "by the operation's own rules, not by a policy",
            Self::Permission => "by policies",
        }
    }
}

/// Whether an operation is like a text with `*` in it, whatever the case. Without a colon the text is of the name
/// alone.
fn is_like(wanted: &str, operation: &str) -> bool {
    let name = operation.split_once(':').map_or(operation, |(_, name)| name);
    let text = if wanted.contains(':') { operation } else { name };
    let (wanted, text) = (wanted.to_ascii_lowercase(), text.to_ascii_lowercase());
    let mut parts = wanted.split('*');
    let Some(mut rest) = parts.next().and_then(|first| text.strip_prefix(first)) else { return false };
    let Some(last) = parts.next_back() else { return rest.is_empty() };
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = rest.get(at + part.len()..).unwrap_or_default(),
            None => return false,
        }
    }
    rest.ends_with(last)
}

/// The room for each kind of refusals, in bytes of the texts they hold.
const ROOM: usize = 16 << 20;
/// What an entry takes beside its texts, about.
const ENTRY: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(caller: Option<&str>, operation: &str, stage: Stage, status: u16) -> Refusal {
        Refusal {
            sequence: 0,
            request_id: crate::entropy::uuid(),
            at: 1_000,
            service: Service::S3,
            operation: operation.to_owned(),
            status,
            code: "X",
            message: String::new(),
            cause: None,
            stage,
            caller: caller.map(str::to_owned),
            access_key_id: None,
            address: String::new(),
        }
    }

    fn names(refusals: &Refusals, wanted: &Wanted<'_>) -> Vec<String> {
        refusals.list(wanted, 0).0.iter().map(|refusal| refusal.operation.clone()).collect()
    }

    const ALL: Wanted<'_> =
        Wanted { after: 0, since: None, caller: None, operation: None, all: true, last: None, most: 100 };

    #[test]
    fn lists_are_filtered_and_go_on_where_they_ended() {
        let mut refusals = Refusals::default();
        let ann = Some("arn:aws:iam::123456789012:user/team/ann");
        let worker = Some("arn:aws:sts::123456789012:assumed-role/worker/one");
        for (caller, operation, stage, status) in [
            (ann, "GetObject", Stage::Permission, 403),
            (worker, "PutObject", Stage::Permission, 403),
            (ann, "HeadObject", Stage::Operation, 404),
            (None, "ListBuckets", Stage::Authentication, 403),
        ] {
            refusals.keep(&Keeping::default(), refusal(caller, operation, stage, status));
        }
        let by = |wanted: Wanted<'_>| names(&refusals, &wanted);
        assert_eq!(by(ALL), ["GetObject", "PutObject", "HeadObject", "ListBuckets"]);
        assert_eq!(by(Wanted { all: false, ..ALL }), ["GetObject", "PutObject", "ListBuckets"]);
        assert_eq!(by(Wanted { caller: Some("ann"), ..ALL }), ["GetObject", "HeadObject"]);
        assert_eq!(by(Wanted { caller: Some("worker"), ..ALL }), ["PutObject"]);
        assert_eq!(by(Wanted { caller: worker, ..ALL }), ["PutObject"]);
        assert_eq!(by(Wanted { caller: Some("an"), ..ALL }), [""; 0]);
        assert_eq!(
            by(Wanted { operation: Some("s3:*object"), ..ALL }),
            ["GetObject", "PutObject", "HeadObject"]
        );
        assert_eq!(by(Wanted { operation: Some("getobject"), ..ALL }), ["GetObject"]);
        assert_eq!(by(Wanted { operation: Some("iam:*"), ..ALL }), [""; 0]);
        assert_eq!(by(Wanted { last: Some(1), ..ALL }), ["ListBuckets"]);
        assert_eq!(by(Wanted { since: Some(1_001), ..ALL }), [""; 0]);
        let (first, next) = refusals.list(&Wanted { most: 3, ..ALL }, 0);
        assert_eq!((first.len(), next), (3, 3));
        let (rest, next) = refusals.list(&Wanted { after: next, most: 3, ..ALL }, 0);
        assert_eq!((rest.len(), next), (1, 4));
    }

    #[test]
    fn strangers_and_requests_in_vain_push_no_denial_out() {
        let few = Keeping { most: 2, ..Keeping::default() };
        let mut refusals = Refusals::default();
        let ann = Some("arn:aws:iam::123456789012:user/ann");
        refusals.keep(&few, refusal(ann, "Denied", Stage::Permission, 403));
        for _ in 0..10 {
            refusals.keep(&few, refusal(None, "Guess", Stage::Authentication, 403));
            refusals.keep(&few, refusal(ann, "NotThere", Stage::Operation, 404));
        }
        assert_eq!(names(&refusals, &ALL), ["Denied", "Guess", "NotThere", "Guess", "NotThere"]);
        refusals.keep(&few, refusal(ann, "Denied2", Stage::Permission, 403));
        refusals.keep(&few, refusal(ann, "Denied3", Stage::Permission, 403));
        assert_eq!(
            names(&refusals, &Wanted { all: false, caller: Some("ann"), ..ALL }),
            ["Denied2", "Denied3"]
        );
    }
}
