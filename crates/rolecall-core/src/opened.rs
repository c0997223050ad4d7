//! Sessions opened lately, by their token, so that a busy client's token is unsealed and its policies compiled once.

use crate::keyring::KeyRing;
use crate::session::{OpenSession, open};
use foldhash::fast::RandomState;
use quick_cache::{Weighter, sync::Cache};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// At most [`CACHED`] sessions, fewer when their tokens are long. A full table gives up what came once before what came
/// again, and giving up a session costs only time.
///
/// Nothing is locked while a token is opened: that takes microseconds and is done without waiting, so of a new token
/// that many requests carry at once each thread opens one copy at most, and nobody waits for a token that is no token.
pub struct Opened {
    sessions: Cache<Name, Arc<OpenSession>, ByToken, RandomState>,
    forgotten: AtomicU64,
}

/// How often everything had been forgotten when opening began, and the token's SHA-256: a session that was being
/// opened meanwhile, with keys that are gone, is not found again.
type Name = (u64, [u8; 32]);

impl Opened {
    /// The session of a token, opened now or before.
    pub fn open(&self, ring: &KeyRing, access_key_id: &str, token: &str) -> Option<Arc<OpenSession>> {
        let name = (self.forgotten.load(Ordering::Acquire), fingerprint(token));
        if let Some(known) = self.sessions.get(&name) {
            return (known.session.access_key_id == access_key_id).then_some(known);
        }
        let opened = Arc::new(open(ring, access_key_id, token)?);
        self.sessions.insert(name, Arc::clone(&opened));
        Some(opened)
    }

    /// Forgets every session, so that each token is opened again with the keys there are.
    pub fn forget(&self) {
        self.forgotten.fetch_add(1, Ordering::AcqRel);
        self.sessions.clear();
    }
}

impl Default for Opened {
    fn default() -> Self {
        let room = CACHED as u64 * LIGHTEST;
        let sessions = Cache::with(CACHED, room, ByToken, RandomState::default(), Default::default());
        Self { sessions, forgotten: AtomicU64::new(0) }
    }
}

/// A session takes memory as its token is long: the token is the session sealed.
#[derive(Clone)]
struct ByToken;

impl Weighter<Name, Arc<OpenSession>> for ByToken {
    fn weight(&self, _: &Name, open: &Arc<OpenSession>) -> u64 {
        (open.token_size as u64).max(LIGHTEST)
    }
}

fn fingerprint(token: &str) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, token.as_bytes()).as_ref());
    out
}

/// How many opened sessions are kept at most.
const CACHED: usize = 8192;
/// What every session counts at least, in characters of its token: of those with longer ones fewer are kept, 1,024 of
/// the longest.
const LIGHTEST: u64 = 2048;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::{Session, Subject, begin, mint, mint_of_size};

    fn session() -> Session {
        let subject = Subject::Role { name: "r".into(), id: "AROA".into(), session_name: "s".into() };
        begin("123456789012".parse().unwrap(), subject, 1_000, 900).unwrap()
    }

    /// A new session, opened: its access key id, its token, and what is kept of it.
    fn opened(opened: &Opened, ring: &KeyRing) -> (String, String, Arc<OpenSession>) {
        let id = session().access_key_id;
        let token = mint(ring, &Session { access_key_id: id.clone(), ..session() }).unwrap().session_token;
        let open = opened.open(ring, &id, &token).unwrap();
        (id, token, open)
    }

    #[test]
    fn a_full_table_keeps_what_is_in_use() {
        let (ring, table) = (KeyRing::generate().unwrap(), Opened::default());
        (0..CACHED + 1000).for_each(|_| drop(opened(&table, &ring)));
        let mut busy = Vec::new();
        let is_kept = |(id, token, open): &(String, String, Arc<OpenSession>)| {
            Arc::ptr_eq(open, &table.open(&ring, id, token).unwrap())
        };
        for _ in 0..100 {
            busy.push(opened(&table, &ring));
            assert!(busy.iter().all(is_kept));
        }
        let passing = opened(&table, &ring);
        for strangers in 0..20_000 {
            assert!(strangers % 1000 > 0 || busy.iter().all(is_kept), "{strangers}");
            opened(&table, &ring);
        }
        assert!(table.sessions.len() <= CACHED && table.sessions.len() > CACHED * 9 / 10);
        assert!(!is_kept(&passing), "came once and was given up");
    }

    #[test]
    fn sts_22_many_sessions_take_bounded_memory() {
        let (ring, table) = (KeyRing::generate().unwrap(), Opened::default());
        let first = session();
        let long = mint_of_size(&ring, &first, Some(16_000)).unwrap().session_token;
        for _ in 0..2_000 {
            let session = session();
            let token = mint_of_size(&ring, &session, Some(16_000)).unwrap().session_token;
            assert!(table.open(&ring, &session.access_key_id, &token).is_some());
        }
        assert!(table.sessions.len() <= CACHED * 2048 / 16_000);
        assert!(table.open(&ring, &first.access_key_id, &long).is_some(), "nobody else is affected");
    }

    #[test]
    fn the_key_id_is_checked_again() {
        let (ring, table) = (KeyRing::generate().unwrap(), Opened::default());
        let (id, token, open) = opened(&table, &ring);
        assert!(table.open(&ring, "ASIAOTHER", &token).is_none());
        assert!(Arc::ptr_eq(&open, &table.open(&ring, &id, &token).unwrap()));
    }

    #[test]
    fn what_is_forgotten_while_it_is_opened_is_not_found_again() {
        let (ring, other) = (KeyRing::generate().unwrap(), KeyRing::generate().unwrap());
        let table = Opened::default();
        let (id, token, open) = opened(&table, &ring);
        let begun = (table.forgotten.load(Ordering::Acquire), fingerprint(&token));
        assert!(table.open(&other, &id, &token).is_some(), "known, whatever the keys");
        table.forget();
        table.sessions.insert(begun, open);
        assert!(table.open(&other, &id, &token).is_none());
        assert!(table.open(&ring, &id, &token).is_some());
    }
}
