//! Live sessions: which temporary credentials this server has issued or seen that are still in force, who
//! stands behind them, and what they did last.
//!
//! A view for operators. No decision reads it: what ends a session is its expiry, its parent's end or a
//! [`crate::records::Revocations`] record. It lives in bounded memory, takes at most 100 bytes a session
//! and writes no file; after a restart a session shows up again when it is used.

mod names;
mod table;

use crate::id::AccountId;
use crate::records::{Revocable, Scope};
use crate::session::{Issuer, Session, Subject};
use data_encoding::BASE32;
use names::Names;
use rolecall_wire::Row;
use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};
use table::{Entry, Table, Times};

/// The sessions in force, as far as this server knows them.
pub struct Live {
    shards: Vec<Mutex<Table>>,
    names: Names,
    /// How many sessions a shard keeps at most.
    most: usize,
}

/// A session as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveSession {
    /// Its access key id, `ASIA…`.
    pub access_key_id: String,
    /// The ARN of whoever acts in it.
    pub arn: String,
    /// The ARN of who began the chain that led to it: a user, a root user, or `PROVIDER:SUBJECT`.
    pub origin: String,
    /// The access key id of the session it was made with.
    pub parent: Option<String>,
    /// Its source identity.
    pub source_identity: Option<String>,
    /// Whose session it is; `None` for a root user's.
    pub subject: Option<LiveSubject>,
    /// The unique id of the user who began the chain.
    pub origin_id: Option<String>,
    /// When it was issued, in milliseconds since 1970.
    pub issued_ms: i64,
    /// When it ends, in seconds since 1970.
    pub expires: i64,
    /// What it did last, if it did anything yet.
    pub last: Option<LastAction>,
}

/// Whose session it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LiveSubject {
    /// A role's.
    Role {
        /// Its name when assumed.
        name: String,
        /// Its unique id.
        id: String,
    },
    /// A user's, or a federated user's who has its credentials from a user.
    User {
        /// Its name when issued.
        name: String,
        /// Its unique id.
        id: String,
    },
}

/// What a session did last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastAction {
    /// When, in seconds since 1970.
    pub at: i64,
    /// `service:Operation`.
    pub operation: String,
    /// From which address.
    pub address: String,
}

/// Which sessions are asked for. Everything given must hold.
#[derive(Debug, Clone, Default)]
pub struct Wanted<'a> {
    /// Sessions of the role of this name.
    pub role: Option<&'a str>,
    /// Sessions of this user's ARN, or begun by it.
    pub user_arn: Option<&'a str>,
    /// Sessions with this source identity.
    pub source_identity: Option<&'a str>,
}

impl Live {
    /// A view of at most `most` sessions; 0 keeps none.
    pub fn new(most: usize) -> Self {
        let shards = (0..SHARDS).map(|_| Mutex::default()).collect();
        Self { shards, names: Names::default(), most: most.div_ceil(SHARDS) }
    }

    /// Takes in a session that was just issued.
    pub fn issued(&self, session: &Session, now: i64) {
        self.keep(session, now, |_| {});
    }

    /// Notes what a session does.
    pub fn used(&self, session: &Session, now: i64, row: &'static Row, address: &str) {
        let Some(id) = raw(&session.access_key_id) else { return };
        let at = seconds(now);
        let note = |entry: &mut Entry| {
            let is_news = entry.used != at || entry.row.is_none_or(|last| !std::ptr::eq(last, row));
            if is_news {
                entry.act(at, row, self.names.keep(address));
            }
        };
        if !self.shard(&id).is_some_and(|mut table| table.with(&id, note)) {
            self.keep(session, now, |entry| entry.act(at, row, self.names.keep(address)));
        }
    }

    /// The sessions of an account after the marker, in the order of their access key ids, at most `limit`;
    /// and whether there are more.
    pub fn list(
        &self,
        account: &AccountId,
        wanted: &Wanted<'_>,
        after: Option<&str>,
        limit: usize,
        now: i64,
    ) -> (Vec<LiveSession>, bool) {
        let after = after.and_then(raw);
        let fits = |entry: &Entry| {
            entry.expires() > seconds(now)
                && after.is_none_or(|after| entry.id > after)
                && self.is_wanted(entry, account, wanted)
        };
        let mut found = Vec::new();
        for shard in &self.shards {
            found.extend(lock(shard).first(limit.saturating_add(1), fits));
        }
        found.sort_unstable_by_key(|entry| entry.id);
        let more = found.len() > limit;
        found.truncate(limit);
        (found.iter().map(|entry| self.show(entry)).collect(), more)
    }

    /// A session in force, by its access key id.
    pub fn find(&self, access_key_id: &str, now: i64) -> Option<LiveSession> {
        let id = raw(access_key_id)?;
        let entry = self.shard(&id)?.find(&id)?;
        (entry.expires() > seconds(now)).then(|| self.show(&entry))
    }

    /// Every session that a revocation by this account would name.
    pub fn named_by(&self, account: &AccountId, scope: &Scope, now: i64) -> Vec<LiveSession> {
        let all = self.all(|entry| entry.expires() > seconds(now)).into_iter().map(|entry| self.show(&entry));
        all.filter(|session| {
            let own = session.account();
            own.is_some_and(|own| scope.names(&session.revocable(&own), own != *account))
        })
        .collect()
    }

    /// Every session that was made with one of these, by the access key ids of both.
    pub fn made_with(&self, parents: &HashSet<String>, now: i64) -> Vec<LiveSession> {
        let parents: HashSet<Id> = parents.iter().filter_map(|id| raw(id)).collect();
        let found = self.all(|entry| entry.expires() > seconds(now) && parents.contains(&entry.parent));
        found.iter().map(|entry| self.show(entry)).collect()
    }

    fn all(&self, wanted: impl Fn(&Entry) -> bool) -> Vec<Entry> {
        self.shards.iter().flat_map(|shard| lock(shard).all(&wanted)).collect()
    }

    /// How many sessions are kept that have not expired.
    pub fn in_force(&self, now: i64) -> usize {
        self.shards.iter().map(|shard| lock(shard).count(|entry| entry.expires() > seconds(now))).sum()
    }

    /// How many sessions are kept, some of them perhaps over.
    pub fn count(&self) -> usize {
        self.shards.iter().map(|shard| lock(shard).len()).sum()
    }

    fn keep(&self, session: &Session, now: i64, then: impl FnOnce(&mut Entry)) {
        let Some(id) = raw(&session.access_key_id) else { return };
        let (principal, name) = principal(session);
        let origin = with_id(&session.origin.arn, session.origin.user_id.as_deref());
        let times = Times { issued_ms: session.issued_ms, expires: session.expires };
        let mut entry = Entry {
            parent: session.parent.as_deref().and_then(raw).unwrap_or_default(),
            name,
            principal: self.names.keep(&principal),
            origin: self.names.keep(&origin),
            source_identity: self.names.keep(session.source_identity.as_deref().unwrap_or_default()),
            ..Entry::new(id, &times)
        };
        then(&mut entry);
        if let Some(mut table) = self.shard(&id) {
            table.insert(entry, self.most, seconds(now));
        }
    }

    fn shard(&self, id: &Id) -> Option<MutexGuard<'_, Table>> {
        let at = usize::from(id.last().copied().unwrap_or(0)) % SHARDS;
        self.shards.get(at).map(lock)
    }

    fn is_wanted(&self, entry: &Entry, account: &AccountId, wanted: &Wanted<'_>) -> bool {
        let (principal, origin) = (self.names.text(entry.principal), self.names.text(entry.origin));
        let (principal, origin) = (without_id(&principal).0, without_id(&origin).0);
        let is_own = principal.split(':').nth(4) == Some(account.as_str());
        let of_role = |role: &str| principal.rsplit_once(":assumed-role/").is_some_and(|(_, r)| r == role);
        let of_user = |arn: &str| principal == arn || origin == arn;
        let of_source = |who: &str| *self.names.text(entry.source_identity) == *who;
        is_own
            && wanted.role.is_none_or(of_role)
            && wanted.user_arn.is_none_or(of_user)
            && wanted.source_identity.is_none_or(of_source)
    }

    fn show(&self, entry: &Entry) -> LiveSession {
        let (principal, origin) = (self.names.text(entry.principal), self.names.text(entry.origin));
        let ((principal, id), (origin, origin_id)) = (without_id(&principal), without_id(&origin));
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        LiveSession {
            access_key_id: printed(&entry.id),
            arn: match entry.name.is_empty() {
                true => principal.to_owned(),
                false => format!("{principal}/{}", entry.name),
            },
            origin: origin.to_owned(),
            parent: (entry.parent != Id::default()).then(|| printed(&entry.parent)),
            source_identity: some(&self.names.text(entry.source_identity)),
            subject: id.map(|id| LiveSubject::of(principal, origin, id)),
            origin_id: origin_id.map(str::to_owned),
            issued_ms: entry.issued_ms(),
            expires: entry.expires().into(),
            last: entry.row.map(|row| LastAction {
                at: entry.used.into(),
                operation: format!("{}:{}", row.service.prefix(), row.name),
                address: self.names.text(entry.address).to_string(),
            }),
        }
    }
}

impl LiveSubject {
    /// A federated user is its issuer's, who began the chain.
    fn of(principal: &str, origin: &str, id: &str) -> Self {
        let id = id.to_owned();
        let last = |arn: &str| arn.rsplit('/').next().unwrap_or_default().to_owned();
        match principal.rsplit_once(":assumed-role/") {
            Some((_, name)) => Self::Role { name: name.to_owned(), id },
            None if principal.ends_with(":federated-user") => Self::User { name: last(origin), id },
            None => Self::User { name: last(principal), id },
        }
    }
}

impl LiveSession {
    /// The account it belongs to.
    pub fn account(&self) -> Option<AccountId> {
        self.arn.split(':').nth(4)?.parse().ok()
    }

    /// What of it a revocation can name.
    pub fn revocable<'a>(&'a self, account: &'a AccountId) -> Revocable<'a> {
        let (role_id, user_id) = match &self.subject {
            Some(LiveSubject::Role { id, .. }) => (Some(id.as_str()), None),
            Some(LiveSubject::User { id, .. }) => (None, Some(id.as_str())),
            None => (None, None),
        };
        Revocable {
            account,
            access_key_id: &self.access_key_id,
            issued_ms: self.issued_ms,
            role_id,
            user_id,
            origin: &self.origin,
            origin_id: self.origin_id.as_deref(),
            source_identity: self.source_identity.as_deref(),
        }
    }
}

/// The ten bytes that an access key id spells after its prefix.
type Id = [u8; 10];

fn raw(access_key_id: &str) -> Option<Id> {
    let text = access_key_id.strip_prefix("ASIA")?;
    BASE32.decode(text.as_bytes()).ok()?.try_into().ok()
}

fn printed(id: &Id) -> String {
    format!("ASIA{}", BASE32.encode(id))
}

/// Seconds since 1970, which fit until the year 2106.
fn seconds(time: i64) -> u32 {
    u32::try_from(time.max(0)).unwrap_or(u32::MAX)
}

/// What many sessions have in common, the ARN of their principal and its unique id, and what is a session's own.
fn principal(session: &Session) -> (String, Box<str>) {
    let account = &session.account;
    match &session.subject {
        Subject::Role { name, id, session_name } => {
            let arn = ["arn:aws:sts::", account.as_str(), ":assumed-role/", name].concat();
            (with_id(&arn, Some(id)), session_name.as_str().into())
        }
        Subject::FederatedUser { name, issuer } => {
            let id = match issuer {
                Issuer::User { id, .. } => Some(id.as_str()),
                Issuer::Root => None,
            };
            let arn = format!("arn:aws:sts::{account}:federated-user");
            (with_id(&arn, id), name.as_str().into())
        }
        Subject::User { id, .. } => (with_id(&session.origin.arn, Some(id)), Box::default()),
        Subject::Root => (account.root_arn(), Box::default()),
    }
}

/// An ARN and a unique id as one name, so that they are kept once for many sessions.
fn with_id(arn: &str, id: Option<&str>) -> String {
    id.map_or_else(|| arn.to_owned(), |id| [arn, "\0", id].concat())
}

fn without_id(name: &str) -> (&str, Option<&str>) {
    name.split_once('\0').map_or((name, None), |(arn, id)| (arn, Some(id)))
}

fn lock(shard: &Mutex<Table>) -> MutexGuard<'_, Table> {
    shard.lock().unwrap_or_else(PoisonError::into_inner)
}

const SHARDS: usize = 16;

#[cfg(test)]
mod tests;
