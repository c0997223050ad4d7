//! Assertions that were redeemed lately, so that none is redeemed twice. Only what a provider signed gets
//! in, and it stays as long as it could be used again.

use aws_lc_rs::digest::{Context, SHA256};
use std::collections::HashMap;
use std::sync::Mutex;

/// The marks of redeemed assertions, each with the time when it can be forgotten.
#[derive(Debug, Default)]
pub struct Redeemed {
    marks: Mutex<HashMap<[u8; 32], i64>>,
}

/// What an assertion is known again by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    digest: [u8; 32],
    /// When it could be used no more anyway, in seconds since 1970.
    until: i64,
}

impl Mark {
    /// The mark of what `parts` name, which can be used until `until` (seconds since 1970).
    pub(crate) fn of(parts: &[&str], until: i64) -> Self {
        let mut context = Context::new(&SHA256);
        for part in parts {
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part.as_bytes());
        }
        let mut digest = [0; 32];
        digest.copy_from_slice(context.finish().as_ref());
        Self { digest, until }
    }
}

impl Redeemed {
    /// Redeems a mark at `now`. False when it was redeemed before, or when more is being redeemed than can
    /// be remembered: then nothing is.
    pub fn redeem(&self, mark: &Mark, now: i64) -> bool {
        let Ok(mut marks) = self.marks.lock() else { return false };
        if marks.len() >= MOST {
            marks.retain(|_, until| *until > now);
        }
        if marks.len() >= MOST || marks.get(&mark.digest).is_some_and(|until| *until > now) {
            return false;
        }
        marks.insert(mark.digest, mark.until);
        true
    }
}

/// How many are remembered: 200 a second for as long as an assertion can be used.
const MOST: usize = 1 << 17;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_assertion_is_redeemed_once_while_it_could_be_used() {
        let redeemed = Redeemed::default();
        let mark = Mark::of(&["provider", "id"], 400);
        assert!(redeemed.redeem(&mark, 100));
        assert!(!redeemed.redeem(&mark, 399));
        assert!(redeemed.redeem(&Mark::of(&["providerid", ""], 400), 100), "parts do not run together");
        assert!(redeemed.redeem(&mark, 400), "what has ended is refused elsewhere");
    }

    #[test]
    fn memory_is_bounded_and_being_full_refuses() {
        let redeemed = Redeemed::default();
        for n in 0..MOST {
            assert!(redeemed.redeem(&Mark::of(&[&n.to_string()], 10), 0));
        }
        let more = Mark::of(&["one more"], 20);
        assert!(!redeemed.redeem(&more, 9));
        assert!(redeemed.redeem(&more, 10), "the old are forgotten");
        assert_eq!(redeemed.marks.lock().unwrap().len(), 1);
    }
}
